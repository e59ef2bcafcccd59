"""The fields of an agreement, as a vote of its reports. Copies of one text have one vote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time

from crawler.clues import PAPER
from crawler.register.linkage.board import Placing
from crawler.register.linkage.facts import SPECIFIC
from crawler.register.steps import dated_first, history_of, last_sure, sure_ones, vote
from storage.provision import Provision, ProvisionKind, provisions_in
from storage.records import Instrument, Status, Topic
from storage.register.entry import Agreement, Doubt, LinkageReason, PinKind, Report
from storage.register.list_rows import row_of

# An agreement has a topic if at least this share of texts names it; a single aside is not enough.
_TOPIC_SHARE = 0.4
_MOST_DOUBTS = 50
_MOST_REASONS = 12  # those of the least certain reports; a famous signature has hundreds


def agreement_of(
    reports: Sequence[Report], placings: Mapping[int, Placing], decided: Mapping[int, PinKind]
) -> Agreement:
    """Return an agreement from its ordered reports, of which persons or readers `decided` some."""
    history, mentions = history_of(reports)
    steps = [step for step in history if step.status is not None]
    naming = {
        number
        for step in steps
        for number in step.document_ids
        if number in placings and placings[number].names_it(step.status)
    }
    current = last_sure(steps, reports, naming) or history[-1]
    # Later steps that do not count: one outlet alone reports each, and the judge doubts it.
    later = steps[steps.index(current) + 1 :] if current in steps else ()
    doubted = (step for step in later if step.status is not Status.NEGOTIATING)
    alone = [LinkageReason("alone", step.document_ids[0]) for step in doubted]
    current_reports = [report for report in reports if report.document_id in current.document_ids]
    parties = vote(sure_ones(reports), _parties) or vote(reports, _parties) or ()
    place = vote(current_reports, _place) or vote(reports, _place)
    listed = {report.document_id for report in reports if row_of(report.clues) is not None}
    first = min(
        (
            report.published_on or report.seen_on
            for report in reports
            if report.document_id not in listed
        ),
        default=None,
    )
    return Agreement(
        id="",
        title=next((report.title for report in dated_first(reports) if report.title.strip()), ""),
        parties=tuple(sorted(parties)),
        instrument=_instrument(reports),
        topics=_topics(reports),
        status=current.status,
        place=place,
        event_date=current.on,
        history=history,
        mentions=mentions,
        reasons=(*_reasons(reports, placings, decided), *alone),
        doubts=tuple(_doubts(reports, placings, decided)),
        first_reported_at=datetime.combine(first, time(), UTC) if first else None,
        listed=tuple(sorted(listed)),
        provisions=_provisions(reports),
    )


def _provisions(reports: Sequence[Report]) -> tuple[Provision, ...]:
    """One of each kind: what the paper itself says, else what the latest report says of it."""
    provisions = dict[ProvisionKind, Provision]()
    papers = [report for report in reports if PAPER in report.clues]
    for report in (*papers, *reversed(reports)):
        for provision in provisions_in(report.clues):
            provisions.setdefault(provision.kind, provision)
    return tuple(provisions[kind] for kind in ProvisionKind if kind in provisions)


def _parties(report: Report) -> tuple[str, ...] | None:
    return report.card.parties or None


def _place(report: Report) -> str | None:
    return report.card.place


def _instrument(reports: Sequence[Report]) -> Instrument | None:
    """Return the kind that most texts give; of several a specific one, not "agreement"."""
    votes: dict[Instrument, set[str]] = {}
    for report in reports:
        if report.card.instrument is not None:
            votes.setdefault(report.card.instrument, set()).add(report.copy_group)
    return max(
        votes, key=lambda instrument: (len(votes[instrument]), instrument in SPECIFIC), default=None
    )


def _topics(reports: Sequence[Report]) -> tuple[Topic, ...]:
    copy_groups: dict[str, set[Topic]] = {}
    for report in reports:
        if report.card.topics:
            copy_groups.setdefault(report.copy_group, set()).update(report.card.topics)
    counts = {topic: sum(topic in topics for topics in copy_groups.values()) for topic in Topic}
    least = min(max(counts.values()), _TOPIC_SHARE * len(copy_groups))
    return tuple(topic for topic in Topic if counts[topic] and counts[topic] >= least)


def _reasons(
    reports: Sequence[Report], placings: Mapping[int, Placing], decided: Mapping[int, PinKind]
) -> tuple[LinkageReason, ...]:
    if len(reports) == 1:
        return (*_begun(placings[reports[0].document_id]), LinkageReason("one"))
    copy_groups = len({report.copy_group for report in reports})
    others = [report.document_id for report in reports[1:]]
    joined = [placings[document_id] for document_id in others if document_id in placings]
    joined.sort(key=lambda placing: (placing.score, placing.document_id))
    reasons = [_reason_of(placing, decided) for placing in joined[:_MOST_REASONS]]
    return (
        *_begun(placings[reports[0].document_id]),
        LinkageReason("several", values=(len(reports), copy_groups)),
        *reasons,
    )


def _doubts(
    reports: Sequence[Report], placings: Mapping[int, Placing], decided: Mapping[int, PinKind]
) -> Iterator[Doubt]:
    """Yield the reports that stand here by a close decision, or by a second reader's name for it
    alone, which no person has decided about.
    """
    for position, report in enumerate(reports[:_MOST_DOUBTS]):
        placing = placings.get(report.document_id)
        if placing is None or not placing.points:
            continue
        if not (placing.doubtful or placing.rests_on_names):
            continue
        if position == 0:
            yield Doubt(report.document_id, joined=False, other=placing.best)
        elif report.document_id not in decided:
            yield Doubt(report.document_id, joined=True)


def _begun(placing: Placing) -> tuple[LinkageReason, ...]:
    """Say why the first report did not join another agreement, if that was a close decision."""
    if placing.doubtful and placing.points:
        return (
            LinkageReason("apart", placing.document_id, _scores(placing.score), _points(placing)),
        )
    return ()


def _reason_of(placing: Placing, decided: Mapping[int, PinKind]) -> LinkageReason:
    if placing.document_id in decided:
        is_read = decided[placing.document_id] is PinKind.READ_TOGETHER
        return LinkageReason("read" if is_read else "decided", placing.document_id)
    kind, scores = "joined", _scores(placing.score)
    if placing.doubtful:
        kind = "doubtful"
        if placing.rival is not None:
            kind, scores = "rivalled", _scores(placing.score, placing.rival)
    return LinkageReason(kind, placing.document_id, scores, _points(placing))


def _scores(*given: float) -> tuple[float, ...]:
    """Rounded, since a sum depends on the order in which it is made."""
    return tuple(round(one, 1) for one in given)


def _points(placing: Placing) -> tuple[tuple[str, float, str], ...]:
    points = ((point.reason, round(point.value, 1), point.day) for point in placing.points)
    return tuple(point for point in points if point[1])  # zero says nothing
