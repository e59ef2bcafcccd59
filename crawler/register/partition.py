"""Reports -> agreements. First form: the same parties, a topic family in common, no long silence between.

Pure, and independent of the order of its input: reports are looked at in a canonical order. What happens to
the reports of one set of parties does not depend on the reports of another, so a part of the register can be
partitioned alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from crawler.register.steps import canonical, day_of, steps_of, vote
from storage.records import Agreement, Card, Instrument, Pin, PinKind, Report, Status, Topic

# Ratification follows a signature by months, often by more than a year.
SILENCE = timedelta(days=500)
# Reports of one agreement stress different sides of it, but rarely cross from control to mobility.
_FAMILIES = {
    Topic.READMISSION: "control",
    Topic.BORDER: "control",
    Topic.TRAFFICKING: "control",
    Topic.LABOUR: "mobility",
    Topic.VISA: "mobility",
    Topic.ASYLUM: "protection",
    Topic.DEVELOPMENT: "development",
}
# A field takes what at least this share of its voices says: one report's aside does not become a topic.
_TOPIC_SHARE = 0.4


@dataclass(slots=True)
class _Cluster:
    """Reports in canonical order, and the topic families that they name."""

    reports: list[Report]
    families: set[str]

    def fits(self, report: Report, families: set[str], apart: set[frozenset[int | None]]) -> bool:
        return (
            day_of(report) - day_of(self.reports[-1]) <= SILENCE
            and (not families or not self.families or not families.isdisjoint(self.families))
            and not (apart and any(frozenset((report.document_id, o.document_id)) in apart for o in self.reports))
        )


def partition(reports: Sequence[Report], pins: Sequence[Pin]) -> list[Agreement]:
    """Agreements, without ids, in canonical order; each report that no pin calls irrelevant is in exactly one."""
    corrected = sorted(_corrected(reports, pins), key=canonical)
    apart = {frozenset((pin.document_id, pin.other_document_id)) for pin in pins if pin.kind is PinKind.CANNOT_LINK}
    groups: dict[tuple[str, ...], list[_Cluster]] = {}
    for report in corrected:
        _place(groups.setdefault(_parties_key(report), []), report, apart)
    clusters = _linked([cluster.reports for group in groups.values() for cluster in group], pins)
    return [_agreement(cluster) for cluster in sorted(clusters, key=lambda cluster: canonical(cluster[0]))]


def _corrected(reports: Iterable[Report], pins: Sequence[Pin]) -> Iterable[Report]:
    """The reports as the curators see them."""
    irrelevant = {pin.document_id for pin in pins if pin.kind is PinKind.IRRELEVANT}
    fields: dict[int, list[Pin]] = {}
    for pin in pins:
        if pin.kind is PinKind.FIELD:
            fields.setdefault(pin.document_id, []).append(pin)
    for report in reports:
        if report.document_id not in irrelevant:
            card = report.card
            for pin in fields.get(report.document_id, ()):
                card = _with_field(card, pin.field or "", pin.value or "")
            yield report if card is report.card else replace(report, card=card)


def _with_field(card: Card, field: str, value: str) -> Card:
    values = tuple(part.strip() for part in value.split(",") if part.strip())
    match field:
        case "parties":
            return replace(card, parties=values)
        case "topics":
            return replace(card, topics=tuple(map(Topic, values)))
        case "instrument":
            return replace(card, instrument=Instrument(value) if value else None)
        case "status":
            return replace(card, status=Status(value) if value else None)
        case "event_date":
            return replace(card, event_date=date.fromisoformat(value) if value else None)
        case "place":
            return replace(card, place=value or None, place_key=None)
    raise ValueError(f"{field!r} is not a field that can be corrected")


def _parties_key(report: Report) -> tuple[str, ...]:
    """Without parties, only copies of one text belong together."""
    return tuple(sorted(report.card.parties)) or ("", report.voice)


def _place(clusters: list[_Cluster], report: Report, apart: set[frozenset[int | None]]) -> None:
    """Append to the cluster that was in the news last, of those that fit; else begin one."""
    families = _families(report)
    fitting = [cluster for cluster in clusters if cluster.fits(report, families, apart)]
    if not fitting:
        clusters.append(fitted := _Cluster([], set()))
    else:
        fitted = max(fitting, key=lambda cluster: canonical(cluster.reports[-1]))
    fitted.reports.append(report)
    fitted.families |= families


def _families(report: Report) -> set[str]:
    return {_FAMILIES[topic] for topic in report.card.topics if topic in _FAMILIES}


def _linked(clusters: list[list[Report]], pins: Sequence[Pin]) -> list[list[Report]]:
    """Clusters joined where a curator says that they are one."""
    for pin in pins:
        if pin.kind is PinKind.MUST_LINK:
            wanted = {pin.document_id, pin.other_document_id}
            meant = [cluster for cluster in clusters if any(report.document_id in wanted for report in cluster)]
            if len(meant) > 1:
                joined = sorted((report for cluster in meant for report in cluster), key=canonical)
                clusters = [cluster for cluster in clusters if cluster not in meant] + [joined]
    return clusters


def _agreement(reports: Sequence[Report]) -> Agreement:
    history = steps_of(reports)
    told = [step for step in history if step.status is not None]
    current = told[-1] if told else history[-1]
    telling = [report for report in reports if report.document_id in current.document_ids]
    parties = vote(reports, lambda report: report.card.parties or None) or ()
    first = min(report.published_on or report.seen_on for report in reports)
    return Agreement(
        id="",
        title=reports[0].title,
        parties=tuple(sorted(parties)),
        instrument=vote(reports, lambda report: report.card.instrument),
        topics=_topics(reports),
        status=current.status,
        place=vote(telling, lambda report: report.card.place) or vote(reports, lambda report: report.card.place),
        event_date=current.on,
        history=history,
        reasons=_reasons(reports),
        first_reported_at=datetime.combine(first, time(), UTC),
    )


def _topics(reports: Sequence[Report]) -> tuple[Topic, ...]:
    voices: dict[str, set[Topic]] = {}
    for report in reports:
        if report.card.topics:
            voices.setdefault(report.voice, set()).update(report.card.topics)
    counts = {topic: sum(topic in topics for topics in voices.values()) for topic in Topic}
    least = min(max(counts.values(), default=0), _TOPIC_SHARE * len(voices))
    return tuple(topic for topic in Topic if counts[topic] and counts[topic] >= least)


def _reasons(reports: Sequence[Report]) -> tuple[str, ...]:
    if len(reports) == 1:
        return ("one report",)
    parties = "-".join(sorted(reports[0].card.parties)) or "copies of one text"
    days = (day_of(reports[-1]) - day_of(reports[0])).days
    return (f"{len(reports)} reports: {parties}", f"within {days} days", f"{len({r.voice for r in reports})} voices")
