"""The grade of an agreement, and why: a pure function of the credits of its reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from storage.records import GRADE_OF, Grade, GradeBasis, SecondReading, Status
from storage.register.entry import Agreement, Credit, Pin, PinKind, documents_of

# Of alerts judged by weights that knew nothing of their corpus, 62 of 250 below 0.70 are true, 32
# of 80 from 0.70 to 0.90, and 89 of 113 above (docs/decisions/how-sure.md).
LEAST_SURE = 0.90
# Two outlets that report one step, each with this probability, are right in 7 of 9 on feeds that
# nobody read before; where one report of 0.90 was enough, in 9 of 14.
LEAST_TOGETHER = 0.70
_ONE_DAY = timedelta(days=1)  # outlets date one step by today and yesterday
# Decisions by which a person says that a document reports an agreement, or what it reports. Who
# keeps two reports apart, or names an agreement, need not have looked at what they report.
_CONFIRMING = frozenset({PinKind.CONFIRMED, PinKind.RELEVANT, PinKind.FIELD, PinKind.MUST_LINK})
_MOST_OUTLETS = 200  # of a famous signature; more say nothing new


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why an agreement has its grade: by which `outlets` (official, independent, or the only one),
    by the probability of the best report, or by `who` confirmed it, a person or a model.
    """

    basis: GradeBasis
    outlets: tuple[str, ...] = ()
    probability: float | None = None
    who: str = ""
    at: datetime | None = None

    @property
    def grade(self) -> Grade:
        return GRADE_OF[self.basis]


def grounds_of(agreement: Agreement, credits: Mapping[int, Credit]) -> Grounds:
    """Return why an agreement has its grade. Only reports of a step count, unless there are
    only mentions; a person may have looked at any document.
    """
    everything = [credits[one] for one in sorted(documents_of(agreement)) if one in credits]
    with_step = [credit for credit in everything if credit.document_id in agreement.document_ids]
    reports = [credit for credit in with_step or everything if not credit.listed]
    confirmed = next((credit for credit in everything if credit.confirmed_by), None)
    probabilities = [report.probability for report in reports if report.probability is not None]
    best = max(probabilities, default=None)
    official = [report.outlet for report in reports if report.official]
    outlets = independent(reports)
    if confirmed is not None:
        by, at = confirmed.confirmed_by, confirmed.confirmed_at
        return Grounds(GradeBasis.PERSON, outlets, best, by, at)
    if official:
        return Grounds(GradeBasis.OFFICIAL, tuple(dict.fromkeys(official)), best)
    if not reports:
        return Grounds(GradeBasis.LISTED if agreement.listed else GradeBasis.SINGLE)
    read = next((report for report in reports if _was_answered(report, "yes")), None)
    if read is not None and read.reading is not None:
        by, at = read.reading.reader, read.reading.read_at
        return Grounds(GradeBasis.READER, outlets, best, by, at)
    if len(outlets) > 1:
        together = any(len(independent(one)) > 1 for one in _by_step(reports))
        return Grounds(GradeBasis.OUTLETS if together else GradeBasis.SEVERAL, outlets, best)
    is_known_elsewhere = bool(agreement.listed)
    is_judged = len(probabilities) == len(reports)
    if is_judged and best is not None and best < LEAST_SURE and not is_known_elsewhere:
        return Grounds(GradeBasis.DOUBTFUL, outlets, best)
    return Grounds(GradeBasis.SINGLE, outlets, best)


def _was_answered(report: Credit, answer: str) -> bool:
    return report.reading is not None and report.reading.answer == answer


def _by_step(reports: Iterable[Credit]) -> Iterator[list[Credit]]:
    """Yield the reports of one step that can be believed together: of one status, and of one day or
    the next. What a second reader found unclear is left out.
    """
    by_status: dict[Status | None, list[Credit]] = {}
    for credit in reports:
        is_likely = credit.probability is None or credit.probability >= LEAST_TOGETHER
        if is_likely and not _was_answered(credit, "unclear"):
            by_status.setdefault(credit.status, []).append(credit)
    for alike in by_status.values():
        for day in {one.happened_on for one in alike}:
            yield [one for one in alike if _is_next(day, one.happened_on)]


def _is_next(day: date | None, other: date | None) -> bool:
    if day is None or other is None:
        return day is other
    return timedelta() <= other - day <= _ONE_DAY


def confirmed(credits: Mapping[int, Credit], pins: Iterable[Pin]) -> dict[int, Credit]:
    """Return the credits with who confirmed each, as the last of the pins in force says, and with
    the answer of the reader who read the corridor of each.
    """
    updated = dict(credits)
    for pin in pins:
        if pin.kind is PinKind.READ_FIELD and pin.document_id in updated and pin.at is not None:
            reading = SecondReading("yes", pin.who, "", pin.at)
            updated[pin.document_id] = replace(updated[pin.document_id], reading=reading)
        if pin.kind in _CONFIRMING:
            for document_id in (pin.document_id, pin.other_document_id):
                if document_id is not None and document_id in updated:
                    updated[document_id] = replace(
                        updated[document_id], confirmed_by=pin.who, confirmed_at=pin.at
                    )
    return updated


def independent(reports: Sequence[Credit]) -> tuple[str, ...]:
    """Return outlets each of which has a text of its own, in order. Copies are one text, however
    many print it. As many outlets as possible are paired with a text of their own (Kuhn's algorithm
    for bipartite matching).
    """
    named: dict[str, str] = {}
    copy_groups: dict[str, list[str]] = {}
    for report in reports:
        key = report.outlet.casefold().removeprefix("www.")
        if key and (key in copy_groups or len(copy_groups) < _MOST_OUTLETS):
            named.setdefault(key, report.outlet)
            copy_groups.setdefault(key, []).append(report.copy_group)
    holders: dict[str, str] = {}
    for outlet in copy_groups:
        _seat(outlet, copy_groups, holders, set())
    seated = set(holders.values())
    return tuple(name for key, name in named.items() if key in seated)


def _seat(
    outlet: str, copy_groups: Mapping[str, Sequence[str]], holders: dict[str, str], tried: set[str]
) -> bool:
    """Give an outlet a text, which its holder leaves only for another one."""
    for copy_group in copy_groups[outlet]:
        if copy_group in tried:
            continue
        tried.add(copy_group)
        if copy_group not in holders or _seat(holders[copy_group], copy_groups, holders, tried):
            holders[copy_group] = outlet
            return True
    return False
