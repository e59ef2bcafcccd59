"""The fields of an agreement: a vote of its reports, in which copies of one text are one voice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time

from crawler.register.linkage.clusters import Placing
from crawler.register.linkage.facts import SPECIFIC
from crawler.register.steps import dated_first, history_of, vote
from storage.records import Instrument, Topic
from storage.register.records import Agreement, Report

# A field takes what at least this share of its voices says: one report's aside does not become a topic.
_TOPIC_SHARE = 0.4
_MOST_REASONS = 12  # of the placings that are least sure; a famous signature has hundreds


def agreement_of(
    reports: Sequence[Report], placings: Mapping[int, Placing], decided: Collection[int]
) -> Agreement:
    """One agreement, without id, of its reports in canonical order."""
    history, mentions = history_of(reports)
    told = [step for step in history if step.status is not None]
    current = told[-1] if told else history[-1]
    telling = [report for report in reports if report.document_id in current.document_ids]
    parties = vote(reports, lambda report: report.card.parties or None) or ()
    first = min(report.published_on or report.seen_on for report in reports)
    return Agreement(
        id="",
        title=dated_first(reports)[0].title,
        parties=tuple(sorted(parties)),
        instrument=_instrument(reports),
        topics=_topics(reports),
        status=current.status,
        place=vote(telling, lambda report: report.card.place)
        or vote(reports, lambda report: report.card.place),
        event_date=current.on,
        history=history,
        mentions=mentions,
        reasons=_reasons(reports, placings, decided),
        first_reported_at=datetime.combine(first, time(), UTC),
    )


def _instrument(reports: Sequence[Report]) -> Instrument | None:
    """The kind that most voices give; among equals, a specific one before "agreement"."""
    votes: dict[Instrument, set[str]] = {}
    for report in reports:
        if report.card.instrument is not None:
            votes.setdefault(report.card.instrument, set()).add(report.voice)
    return max(votes, key=lambda one: (len(votes[one]), one in SPECIFIC), default=None)


def _topics(reports: Sequence[Report]) -> tuple[Topic, ...]:
    voices: dict[str, set[Topic]] = {}
    for report in reports:
        if report.card.topics:
            voices.setdefault(report.voice, set()).update(report.card.topics)
    counts = {topic: sum(topic in topics for topics in voices.values()) for topic in Topic}
    least = min(max(counts.values(), default=0), _TOPIC_SHARE * len(voices))
    return tuple(topic for topic in Topic if counts[topic] and counts[topic] >= least)


def _reasons(
    reports: Sequence[Report], placings: Mapping[int, Placing], decided: Collection[int]
) -> tuple[str, ...]:
    if len(reports) == 1:
        return (*_begun(placings[reports[0].document_id]), "one report")
    voices = len({report.voice for report in reports})
    joined = [
        placings[report.document_id] for report in reports[1:] if report.document_id in placings
    ]
    joined.sort(key=lambda placing: (placing.score, placing.document_id))
    told = [_told(placing, decided) for placing in joined[:_MOST_REASONS]]
    return (
        *_begun(placings[reports[0].document_id]),
        f"{len(reports)} reports, {voices} voices",
        *told,
    )


def _begun(placing: Placing) -> tuple[str, ...]:
    """Why its first report did not join another agreement, where that was close."""
    if placing.doubtful and placing.points:
        return (
            f"review: D{placing.document_id} stands apart at {placing.score:.1f}: {_list(placing)}",
        )
    return ()


def _told(placing: Placing, decided: Collection[int]) -> str:
    if placing.document_id in decided:
        return f"D{placing.document_id}: a curator says so"
    head = "review: " if placing.doubtful else ""
    rival = (
        f", next best {placing.rival:.1f}" if placing.rival is not None and placing.doubtful else ""
    )
    return f"{head}D{placing.document_id} at {placing.score:.1f}{rival}: {_list(placing)}"


def _list(placing: Placing) -> str:
    return ", ".join(f"{point.reason} {point.value:+.1f}" for point in placing.points)
