"""Filters as SQL conditions on documents and agreements, and, for subscriptions, on a step that has
just come in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, String, and_, cast, func, or_, select, true

from storage.database import sql
from storage.database.session import Session, transaction_cache
from storage.documents.tables import Documents, MatchParties, MatchRules, MatchTopics
from storage.filter import DaysOf, Filter, Known, Reviewed
from storage.query_words import clauses_of, occur
from storage.records import Topic
from storage.register.agreements import number
from storage.register.decisions import has_pin
from storage.register.records import Agreement, PinKind, Step, published
from storage.register.tables import (
    AgreementParties,
    Agreements,
    AgreementTopics,
    Decisions,
    Pins,
    Reports,
    Steps,
)
from storage.search.hits import EVERYWHERE, Scope, among_written_ids, has_words, is_reading
from storage.search.tables import REPORTS, STORED, Condition, Expression, Rows

_MANY = 2_000  # agreements, whose 10,000 documents are looked up in 40 ms


def ruled_out(document_id: Expression) -> Condition:
    """The condition that a curator decided that a document reports nothing."""
    return has_pin(document_id, PinKind.IRRELEVANT)


def no_one_ruled_out(document_id: Expression) -> Condition:
    """The opposite of `ruled_out`, for many documents: what was ruled out is looked up once."""
    out = select(Pins.document_id).join(Decisions, Decisions.id == Pins.decision_id)
    out = out.where(Pins.kind == PinKind.IRRELEVANT, Decisions.undone_at.is_(None))
    return document_id.not_in(out)


def answered(document_id: Expression) -> Condition:
    """The condition that a person decided whether a document reports something."""
    kinds = (PinKind.RELEVANT, PinKind.CONFIRMED)
    return or_(ruled_out(document_id), *(has_pin(document_id, kind) for kind in kinds))


def document_condition(s: Session, flt: Filter, scope: Scope = EVERYWHERE) -> Condition:
    """The condition that a document of the scope matches the filter, on REPORTS or STORED."""
    if scope.reports:
        scope = replace(scope, parties=tuple(flt.parties))
    rows = REPORTS if scope.reports else STORED
    conditions = [true(), *_of_rows(flt, rows), *_decided_or_worded(s, flt, rows.id, scope)]
    if flt.by is DaysOf.LEARNT:
        conditions += _seen_within(rows.first_seen_at, flt)
    elif flt.by is None:
        conditions += _within(rows.published_on, flt)
    if flt.as_of is not None:
        conditions.append(rows.first_seen_at < end_of(flt.as_of))
    conditions += _step_reports(flt, rows.id)
    if flt.known is Known.ONLY:
        conditions.append(~published(rows.source_id))
    if scope.among is not None:
        conditions.append(rows.listed_on >= scope.among[0])
    conditions += _of_parties(flt, partial(_document_has_any, rows.id))
    if flt.agreements:
        documents = select(Reports.document_id).where(Reports.agreement_id.in_(_rows_of(flt)))
        conditions.append(rows.id.in_(documents))
    for topics in _topics_of(flt):
        topical = select(MatchTopics.document_id).where(MatchTopics.topic.in_(topics))
        conditions.append(rows.id.in_(topical))
    vouched = _vouched(flt)
    if vouched:
        conditions.append(_of_agreements(s, vouched, rows.id))
    return and_(*conditions, *_of_kind(flt, rows))


def _step_reports(flt: Filter, document_id: Expression) -> Iterator[Condition]:
    """The condition that a document reports a step of the status, or the announcement, wanted."""
    of_steps = _expected(flt) if flt.by is DaysOf.EXPECTED else []
    if flt.steps:
        of_steps.append(Steps.status.in_(flt.steps))
    if of_steps:
        of_one = and_(Steps.agreement_id == Reports.agreement_id, Steps.position == Reports.step)
        yield document_id.in_(select(Reports.document_id).join(Steps, of_one).where(*of_steps))


def needs_verdicts(flt: Filter) -> bool:
    """Whether a filter selects by what stands with the verdict, not with the document."""
    bounds = (flt.min_score, flt.probability)
    return bool(flt.instruments or flt.statuses) or any(one is not None for one in bounds)


def agreement_condition(s: Session, flt: Filter) -> Condition:
    """The condition that an agreement and one of its reports match the filter."""
    conditions: list[Condition] = [true(), *_of_parties(flt, _agreement_has_any)]
    if flt.agreements:
        conditions.append(Agreements.id.in_(_rows_of(flt)))
    if flt.known is not Known.YES:
        conditions.append(Agreements.listed_only.is_(flt.known is Known.ONLY))
    for topics in _topics_of(flt):
        topical = select(AgreementTopics.agreement_id).where(AgreementTopics.topic.in_(topics))
        conditions.append(Agreements.id.in_(topical))
    conditions += [*_vouched(flt), *_of_kind(flt, Agreements)]
    steps = step_conditions(flt)
    if flt.by is DaysOf.EXPECTED:  # what was done since is expected no more
        steps.append(Steps.status.is_not_distinct_from(status_known(flt)))
        if flt.as_of is None:
            steps.append(Steps.on.is_not_distinct_from(Agreements.event_date))
    if steps and flt.by is not None:
        matching = select(Steps.agreement_id).where(Steps.agreement_id == Agreements.id, *steps)
        conditions.append(matching.correlate(Agreements).exists())
        flt, steps = flt.but(since=None, until=None, steps=(), as_of=None), []
    if steps or _needs_reports(flt):
        conditions.append(Agreements.id.in_(_with_report(s, flt)))
    return and_(*conditions)


def _needs_reports(flt: Filter) -> bool:
    """Whether a filter selects by what stands with single reports."""
    values = (flt.min_score, flt.probability, flt.reviewed)
    has_names = any((flt.query, flt.languages, flt.sources, flt.rules))
    return has_names or any(value is not None for value in values)


def report_conditions(s: Session, flt: Filter) -> list[Condition]:
    """The conditions of a filter on a report of an agreement, on `Reports`."""
    conditions = list(_decided_or_worded(s, flt, Reports.document_id, Scope(reports=True)))
    of_rows = _of_rows(flt, REPORTS)
    if of_rows:  # not a join, or SQLite would go through all reports
        conditions.append(Reports.document_id.in_(select(REPORTS.id).where(*of_rows)))
    return conditions


def sources_and_outlets(s: Session) -> set[str]:
    """Return all names that `Filter.sources` can match."""
    found = s.execute(select(Documents.source_id, Documents.outlet).distinct())
    return {name for row in found for name in row if name}


def rules_that_found(s: Session) -> set[str]:
    """Return all names that `Filter.rules` can match."""
    return set(s.scalars(select(MatchRules.rule).distinct()))


@dataclass(frozen=True, slots=True)
class FilteredReport:
    """A report of a step, as filters look at it. `folded`: may be empty if none has words."""

    document_id: int
    language: str
    source_id: str | None
    outlet: str | None
    score: float
    dated_on: date
    folded: str = ""
    rules: tuple[str, ...] = ()


def wants(
    flt: Filter, agreement: Agreement, step: Step | None, filtered_reports: Sequence[FilteredReport]
) -> bool:
    """Whether the agreement, its step (or status) and one of the reports match the filter."""
    return _wants_agreement(flt, agreement, step) and any(
        _wants_report(flt, filtered_report) for filtered_report in filtered_reports
    )


def _of_rows(flt: Filter, rows: Rows) -> list[Condition]:
    """The conditions of a filter on a document itself, not on the agreement that it reports."""
    conditions: list[Condition] = []
    if flt.languages:
        conditions.append(rows.language.in_(flt.languages))
    if flt.sources:
        conditions.append(or_(rows.source_id.in_(flt.sources), rows.outlet.in_(flt.sources)))
    if flt.min_score is not None:
        conditions.append(rows.score >= flt.min_score)
    if flt.probability is not None:
        conditions.append(rows.probability >= flt.probability)
    return conditions


def _decided_or_worded(
    s: Session, flt: Filter, document_id: Expression, scope: Scope
) -> Iterator[Condition]:
    """The conditions on a person's decision on a document, on its rules and its words."""
    if flt.reviewed is not None:
        is_answered = answered(document_id)
        yield is_answered if flt.reviewed is Reviewed.YES else ~is_answered
    if flt.rules:
        found = select(MatchRules.document_id).where(MatchRules.rule.in_(flt.rules))
        yield document_id.in_(found)
    if flt.query:
        yield has_words(s, flt.words, document_id, scope)


def _expected(flt: Filter) -> list[Condition]:
    """The conditions that a step announces the next one for a day of the filter's window."""
    return [Steps.expected_on.is_not(None), *_within(Steps.expected_on, flt)]


def _within(day: Expression, flt: Filter) -> list[Condition]:
    """The conditions that `day` is in the filter's window. An unknown day is in no window."""
    conditions: list[Condition] = []
    if flt.since:
        conditions.append(day >= flt.since)
    if flt.until:
        conditions.append(day <= flt.until)
    return conditions


def _seen_within(moment: Expression, flt: Filter) -> list[Condition]:
    """The conditions that `moment` is on a day of the filter's window, by UTC."""
    conditions: list[Condition] = []
    if flt.since:
        conditions.append(moment >= datetime.combine(flt.since, time(), UTC))
    if flt.until:
        conditions.append(moment < end_of(flt.until))
    return conditions


def end_of(day: date) -> datetime:
    """The moment at which a day is over, by UTC."""
    last = min(day, date.max - timedelta(days=1))
    return datetime.combine(last + timedelta(days=1), time(), UTC)


def step_conditions(flt: Filter) -> list[Condition]:
    """The conditions of a filter on a step: its status, its day, and when it was learnt."""
    if flt.by is DaysOf.EXPECTED:
        days = _expected(flt)
    else:
        is_learnt = flt.by is DaysOf.LEARNT
        days = _seen_within(Steps.learnt_at, flt) if is_learnt else _within(Steps.on, flt)
    if flt.steps:
        days.append(Steps.status.in_(flt.steps))
    if flt.as_of is not None:
        days.append(Steps.learnt_at < end_of(flt.as_of))
    return days


def _document_has_any(document_id: Expression, parties: Sequence[str]) -> Condition:
    """The condition that at least one of these parties takes part in what a document reports."""
    taking_part = MatchParties.taking_part.is_(True)
    named = select(MatchParties.document_id).where(MatchParties.party.in_(parties), taking_part)
    return document_id.in_(named)


def _rows_of(flt: Filter) -> list[int]:
    return [number(agreement_id) for agreement_id in flt.agreements]


def _topics_of(flt: Filter) -> Iterator[tuple[Topic, ...]]:
    """The sets of topics of each of which something must have one."""
    if flt.topics:
        yield flt.topics
    yield from ((topic,) for topic in flt.also_topics)


def _of_parties(flt: Filter, has_any: Callable[[Sequence[str]], Condition]) -> list[Condition]:
    """The conditions of a filter on parties. `has_any` makes the condition that one takes part."""
    conditions = [has_any([party]) for party in flt.parties]
    conditions += [has_any(group) for group in flt.party_groups]
    if flt.corridors:
        pairs = (and_(has_any([one]), has_any([other])) for one, other in flt.pairs)
        conditions.append(or_(*pairs))
    return conditions


def _vouched(flt: Filter) -> list[Condition]:
    """The conditions of a filter on how sure an agreement is, and on its text."""
    wanted_values = (
        (Agreements.grade, flt.grades),
        (Agreements.grade_basis, flt.bases),
        (Agreements.text_state, flt.texts),
    )
    return [column.in_(values) for column, values in wanted_values if values]


def _of_agreements(s: Session, wanted: Sequence[Condition], document_id: Expression) -> Condition:
    """The condition that a document stands in an agreement of which all of this is true. Where few
    agreements are wanted, all of their documents are looked up. Else the newest documents are
    checked one by one, which soon finds enough of them.
    """
    reported = select(Reports.document_id).join(Agreements, Agreements.id == Reports.agreement_id)
    some = select(Agreements.id).where(*wanted).limit(_MANY).subquery()
    if sql.count(s, some) < _MANY:
        return document_id.in_(reported.where(*wanted))
    return reported.where(Reports.document_id == document_id, *wanted).exists()


def _of_kind(flt: Filter, table: Rows | type[Agreements]) -> list[Condition]:
    """The conditions of a filter on the instrument and the status."""
    status: Any = status_known(flt) if table is Agreements else table.status
    wanted_values = ((table.instrument, flt.instruments), (status, flt.statuses))
    return [column.in_(values) for column, values in wanted_values if values]


def status_known(flt: Filter) -> Any:
    """The status of an agreement, on the day of the filter's `as_of`, if it has one."""
    if flt.as_of is None:
        return Agreements.status
    known = select(Steps.status).where(Steps.agreement_id == Agreements.id)
    known = known.where(Steps.status.is_not(None), Steps.learnt_at < end_of(flt.as_of))
    last = known.order_by(Steps.position.desc()).limit(1)
    return last.correlate(Agreements).scalar_subquery()  # not with steps, where those are joined


def _with_report(s: Session, flt: Filter) -> Any:
    """A selection of the agreements with a report that matches a filter; looked up once in a
    reading transaction, since a page needs rows, counts and periods of the same.
    """
    found = _reporting(s, flt)
    if not is_reading(s):
        return found
    cached: dict[Filter, str] = transaction_cache(s).setdefault("with_report", {})
    key = flt.but(topics=(), instruments=(), statuses=(), known=None)
    if key not in cached:
        once = found.distinct().subquery()
        ids = func.aggregate_strings(cast(once.c.agreement_id, String), ",")
        cached[key] = s.scalar(select(ids)) or ""
    return among_written_ids(s, cached[key])


def _reporting(s: Session, flt: Filter) -> Select[int]:
    conditions, steps = report_conditions(s, flt), step_conditions(flt)
    if not conditions:  # steps alone: each has a report
        return select(Steps.agreement_id).where(*steps)
    reports = select(Reports.agreement_id).where(*conditions)
    if steps:
        of_step = and_(Steps.agreement_id == Reports.agreement_id, Steps.position == Reports.step)
        reports = reports.join(Steps, of_step).where(*steps)
    return reports


def _agreement_has_any(parties: Sequence[str]) -> Condition:
    """The condition that at least one of these parties takes part in an agreement."""
    return Agreements.id.in_(
        select(AgreementParties.agreement_id).where(AgreementParties.party.in_(parties))
    )


def _wants_agreement(flt: Filter, agreement: Agreement, step: Step | None) -> bool:
    status = agreement.status if step is None else step.status
    parties = set(agreement.parties)
    return (
        parties.issuperset(flt.parties)
        and not any(parties.isdisjoint(group) for group in flt.party_groups)
        and (not flt.corridors or any(parties.issuperset(corridor) for corridor in flt.pairs))
        and (not flt.topics or not set(flt.topics).isdisjoint(agreement.topics))
        and set(flt.also_topics).issubset(agreement.topics)
        and (not flt.instruments or agreement.instrument in flt.instruments)
        and (not flt.statuses or status in flt.statuses)
        and (not flt.grades or agreement.grade in flt.grades)
        and (not flt.bases or agreement.grade_basis in flt.bases)
        and (not flt.texts or agreement.text_state in flt.texts)
        and (not flt.agreements or agreement.id in flt.agreements)
    )


def _wants_report(flt: Filter, filtered_report: FilteredReport) -> bool:
    return (
        (not flt.languages or filtered_report.language in flt.languages)
        and (
            not flt.sources
            or filtered_report.source_id in flt.sources
            or filtered_report.outlet in flt.sources
        )
        and (flt.since is None or filtered_report.dated_on >= flt.since)
        and (flt.until is None or filtered_report.dated_on <= flt.until)
        and (flt.min_score is None or filtered_report.score >= flt.min_score)
        and (not flt.rules or not set(flt.rules).isdisjoint(filtered_report.rules))
        and (not flt.query or _has_words(flt.words, filtered_report.folded))
    )


def _has_words(query: str, folded: str) -> bool:
    clauses = clauses_of(query)
    return bool(clauses) and occur(clauses, folded)
