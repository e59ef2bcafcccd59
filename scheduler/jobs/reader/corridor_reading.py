"""Corridors at work: what a second reader is shown of one, and what its answer changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from crawler.ingest.clustering import look_up
from crawler.ingest.ingest import rejudge_stored
from crawler.judgement.judge import Rules
from crawler.reader.answer import ReadBy
from crawler.reader.corridor import (
    MOST_REPORTS,
    Corridor,
    CorridorReading,
    ShownEntry,
    ShownReport,
    checked_corridor,
    prove_corridor,
)
from scheduler.configuration.config import Configuration
from scheduler.configuration.party_names import party_meant
from scheduler.views.words.labels import labels_of
from scheduler.views.words.names import name_of
from storage.database.session import Session
from storage.documents.copies import stored_verdict
from storage.documents.second_readings import (
    ReaderCall,
    ReaderId,
    ReaderReply,
    decided_among,
    note_answer,
    text_of_id,
)
from storage.documents.texts import load_judgeable
from storage.lists.queries import agreements_of
from storage.records import SecondReading
from storage.register.agreements import load_agreements
from storage.register.blocks import reports_of
from storage.register.corridors import UnreadCorridor, taken_back, what_of
from storage.register.decisions import add_decision, given_names
from storage.register.entry import Agreement, Decision, DecisionKind, Pin, PinKind

NO_STEP = "no_step"


def corridor_of(s: Session, waiting: UnreadCorridor) -> Corridor:
    """Return what a reader is shown of a corridor: its entries, and at most MOST_REPORTS reports,
    those first that were not read, and then what shows the last step of each entry.
    """
    agreements = load_agreements(s, waiting.agreement_ids)
    agreements.sort(
        key=lambda agreement: (agreement.event_date is None, agreement.event_date), reverse=True
    )
    wanted = [
        *reversed(waiting.unread),
        *(number for agreement in agreements for number in _last_reports(agreement)),
        *(number for agreement in agreements for number in reversed(agreement.report_ids)),
    ]
    reports = reports_of(s, dict.fromkeys(wanted))
    chosen: dict[str, int] = {}  # copies of one text once
    for number in (one for one in wanted if one in reports):
        chosen.setdefault(reports[number].copy_group, number)
    shown = shown_reports(s, [*chosen.values()][:MOST_REPORTS])
    return Corridor(waiting.parties, _entries(s, agreements), shown)


def _last_reports(agreement: Agreement) -> Sequence[int]:
    listed = {*agreement.listed}
    steps = reversed(agreement.history)
    return next((own for step in steps if (own := [*{*step.document_ids} - listed])), ())[:1]


def _entries(s: Session, agreements: Sequence[Agreement]) -> tuple[ShownEntry, ...]:
    given, words = given_names(s, [agreement.id for agreement in agreements]), labels_of("en")
    return tuple(
        ShownEntry(
            f"{agreement.id} {name_of(agreement, given.get(agreement.id), words)}",
            [
                f"{step.on or 'undated'} {step.status or 'no status'}: {step.quote}"
                for step in agreement.history
            ],
            agreement.report_ids,
        )
        for agreement in agreements
    )


def shown_reports(s: Session, document_ids: Sequence[int]) -> tuple[ShownReport, ...]:
    """Return those of these documents that are reports with a text, in the order in which they were
    published.
    """
    reports = reports_of(s, document_ids)
    shown = [
        ShownReport(reports[number], document, stored_verdict(s, number)[0].evidence)
        for number, document in load_judgeable(s, list(reports))
    ]
    return tuple(sorted(shown, key=lambda it: it.report.published_on or it.report.seen_on))


class AnsweredCorridor(NamedTuple):
    corridor: Corridor
    answer: dict[str, Any]


def take_answer(
    s: Session, chosen: Configuration, answered: AnsweredCorridor, rules: Rules, by: ReadBy
) -> CorridorReading:
    """Store what is proven of an answer as a decision of the reader, and bring the register up to
    date. What a person took back of an earlier answer stays as it is. Raises AnswerError.
    """
    corridor, answer = answered
    reports = {str(it.report.document_id): it for it in corridor.reports}
    numbers = [it.report.document_id for it in corridor.reports]
    homes = agreements_of(s, numbers)
    reading = prove_corridor(checked_corridor(answer), reports, homes, rules, party_meant)
    refused = taken_back(s, numbers)
    accepted = [pin for pin in reading.pins if what_of(pin) not in refused]
    recalling = {*reading.no_step} - decided_among(s, reading.no_step)
    # Every report that was shown gets a pin: by these it is known which were read.
    doubts = dict.fromkeys(numbers, "") | dict(reading.doubts) | dict.fromkeys(recalling, NO_STEP)
    pinned = {pin.document_id for pin in accepted}
    pins = [*accepted]
    pins += [Pin(PinKind.READ_DOUBT, one, value=doubts[one]) for one in sorted({*numbers} - pinned)]
    look_up(s, numbers)
    about = homes.get(numbers[0])
    add_decision(
        s,
        Decision(
            DecisionKind.READ, tuple(pins), by.reader, "-".join(corridor.parties), by.at, about
        ),
    )
    by_number = {it.report.document_id: it for it in corridor.reports}
    for number in sorted(recalling):
        reading_of_text = SecondReading("no", *by, cause="recalled")
        who = ReaderId(by.reader, by.prompt)
        call = ReaderCall(who, number, by_number[number].report.text_hash)
        note_answer(s, call, ReaderReply({"answer": "no"}), reading_of_text)
    alerts = chosen.settings.alerts
    rejudge_stored(s, numbers, chosen.subscriptions, now=by.at, max_age_days=alerts.max_age_days)
    return reading


# --- recorded answers -----------------------------------------------------------------------------


def recorded_corridor(s: Session, answer: Mapping[str, Any]) -> AnsweredCorridor | None:
    """Return the corridor of a recorded answer, which names reports by the ids that they were
    imported with, and the answer with our numbers; None if a report of it is not in the register.
    """
    named = checked_corridor(answer)
    ids = [report for group in named.agreements for report in group.reports] + named.no_step
    found = {id_: text_of_id(s, id_) for id_ in ids}
    numbers = {one: str(stored[0]) for one, stored in found.items() if stored is not None}
    shown = shown_reports(s, [int(number) for number in numbers.values()])
    if len(shown) < len({*ids}):
        return None
    groups = [
        group.model_dump() | {"reports": [numbers[report] for report in group.reports]}
        for group in named.agreements
    ]
    renamed = {"agreements": groups, "no_step": [numbers[one] for one in named.no_step]}
    parties = answer.get("parties")
    codes = tuple(map(str, parties)) if isinstance(parties, list) else ()
    return AnsweredCorridor(Corridor(codes, (), shown), renamed)
