"""Filters as SQL conditions on documents, agreements and reports: those that lists and counts show,
and those that subscriptions are notified of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import Select, String, and_, case, cast, func, or_, select, true

from storage.database import sql
from storage.database.session import Session, process_cache, transaction_cache
from storage.documents.tables import Documents, Matches, MatchParties, MatchRules, MatchTopics
from storage.filter import DaysOf, Filter, Known, Reviewed, Sides
from storage.records import Topic
from storage.register.agreements import number
from storage.register.decisions import has_pin
from storage.register.entry import PinKind
from storage.register.list_rows import published
from storage.register.tables import (
    AgreementParties,
    Agreements,
    AgreementTopics,
    Decisions,
    Pins,
    Reports,
    Steps,
)
from storage.search.hits import (
    EVERYWHERE,
    REGISTER,
    Scope,
    among_written_ids,
    has_words,
    is_reading,
    written_ids,
)
from storage.search.past import (
    documents_then,
    end_of,
    of_report,
    restless,
    status_known,
    steps_then,
)
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
    among = partial(_is_among, rows.id, few=scope.few)
    if flt.by is DaysOf.LEARNT:
        conditions += _seen_within(rows.first_seen_at, flt)
    elif flt.by is None:
        conditions += _within(rows.published_on, flt)
    conditions += [*documents_then(flt, rows), *_step_reports(flt, rows.id)]
    if flt.known is Known.ONLY:
        conditions.append(~published(rows.source_id))
    if scope.among is not None:
        conditions.append(rows.listed_on >= scope.among[0])
    conditions += _of_parties(flt, among, _taking_part)
    if flt.agreements:
        documents = select(Reports.document_id).where(Reports.agreement_id.in_(_rows_of(flt)))
        conditions.append(rows.id.in_(documents))
    topical = select(MatchTopics.document_id)
    conditions += _of_topics(flt, lambda some: among(topical.where(MatchTopics.topic.in_(some))))
    vouched = _vouched(s, flt)
    if vouched:
        conditions.append(_of_agreements(s, vouched, rows.id))
    return and_(*conditions, *_of_kind(flt, rows))


def _step_reports(flt: Filter, document_id: Expression) -> Iterator[Condition]:
    """The condition that a document reports a step of the status, or the announcement, wanted."""
    of_steps = _expected(flt) if flt.by is DaysOf.EXPECTED else []
    if flt.steps:
        of_steps.append(Steps.status.in_(flt.steps))
    if of_steps:
        yield document_id.in_(select(Reports.document_id).join(Steps, _OF_REPORT).where(*of_steps))


def needs_verdicts(flt: Filter) -> bool:
    """Whether a filter selects by what stands with the verdict, not with the document."""
    bounds = (flt.min_score, flt.probability)
    values = (*flt.instruments, *flt.not_instruments, *flt.statuses, *flt.not_statuses)
    return bool(values) or any(bound is not None for bound in bounds)


def agreement_condition(s: Session, flt: Filter) -> Condition:
    """The condition that an agreement and one of its reports match the filter."""
    conditions, steps = _of_entries(s, flt), _steps_wanted(flt)
    if steps and flt.by is not None:
        matching = select(Steps.agreement_id).where(Steps.agreement_id == Agreements.id, *steps)
        conditions.append(matching.correlate(Agreements).exists())
        flt, steps = flt.but(since=None, until=None, steps=(), as_of=None, clock=None), []
    if steps or _needs_reports(flt):
        conditions.append(Agreements.id.in_(_with_report(s, flt)))
    return and_(*conditions)


def _of_entries(s: Session, flt: Filter, *, few: bool = False) -> list[Condition]:
    """The conditions of a filter on an agreement itself."""
    among = partial(_is_among, Agreements.id, few=few)
    conditions = [true(), *_of_parties(flt, among, _having_any)]
    if flt.agreements:
        conditions.append(Agreements.id.in_(_rows_of(flt)))
    if flt.known is not Known.YES:
        conditions.append(Agreements.listed_only.is_(flt.known is Known.ONLY))
    topical = select(AgreementTopics.agreement_id)
    conditions += _of_topics(
        flt, lambda some: among(topical.where(AgreementTopics.topic.in_(some)))
    )
    return [*conditions, *_vouched(s, flt), *_of_kind(flt, Agreements)]


def _steps_wanted(flt: Filter) -> list[Condition]:
    """The conditions of a filter on a step of an agreement, whose row is beside it."""
    conditions = step_conditions(flt)
    if flt.by is DaysOf.EXPECTED:  # what was done since is expected no more
        conditions.append(Steps.status.is_not_distinct_from(status_known(flt)))
        if flt.as_of is None:
            conditions.append(Steps.on.is_not_distinct_from(Agreements.event_date))
    return conditions


def _is_among(key: Expression, rows: Select[int], *, few: bool = False) -> Condition:
    """The condition that `key` is in the only column of `rows`: these are looked up once, or, where
    `few` keys are compared, each key on its own.
    """
    (column,) = rows.selected_columns
    return rows.where(column == key).exists() if few else key.in_(rows)


def _needs_reports(flt: Filter) -> bool:
    """Whether a filter selects by what stands with single reports."""
    values = (flt.min_score, flt.probability, flt.reviewed)
    has_names = any((flt.query, flt.languages, flt.sources, flt.rules))
    return has_names or any(value is not None for value in values)


def report_conditions(s: Session, flt: Filter, scope: Scope = REGISTER) -> list[Condition]:
    """The conditions of a filter on a report of an agreement, on `Reports`."""
    conditions = list(_decided_or_worded(s, flt, Reports.document_id, scope))
    of_rows = _of_rows(flt, REPORTS)
    if of_rows:  # not a join, or SQLite would go through all reports
        fitting = select(REPORTS.id).where(*of_rows)
        conditions.append(_is_among(Reports.document_id, fitting, few=scope.few))
    return conditions


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
        statement = select(MatchRules.document_id).where(MatchRules.rule.in_(flt.rules))
        yield _is_among(document_id, statement, few=scope.few)
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


def step_conditions(flt: Filter) -> list[Condition]:
    """The conditions of a filter on a step: its status, its day, and when it was learnt."""
    if flt.by is DaysOf.EXPIRES:
        days = []
    elif flt.by is DaysOf.EXPECTED:
        days = _expected(flt)
    else:
        is_learnt = flt.by is DaysOf.LEARNT
        days = _seen_within(Steps.learnt_at, flt) if is_learnt else _within(Steps.on, flt)
    if flt.steps:
        days.append(Steps.status.in_(flt.steps))
    return [*days, *steps_then(flt)]


def _taking_part(parties: Sequence[str], *, others: bool = False) -> Select[int]:
    """The documents of which at least one of these parties, or of all others, takes part in what
    they report.
    """
    is_one, taking_part = MatchParties.party.in_(parties), MatchParties.taking_part.is_(True)
    return select(MatchParties.document_id).where(~is_one if others else is_one, taking_part)


def _rows_of(flt: Filter) -> list[int]:
    return [number(agreement_id) for agreement_id in flt.agreements]


def _of_topics(flt: Filter, has_any: Callable[[Sequence[Topic]], Condition]) -> list[Condition]:
    """The conditions of a filter on topics. `has_any` makes the condition that it has one."""
    several = (flt.topics, *((topic,) for topic in flt.also_topics))
    conditions = [has_any(topics) for topics in several if topics]
    return [*conditions, *([~has_any(flt.not_topics)] if flt.not_topics else [])]


def _of_parties(
    flt: Filter, among: Callable[[Select[int]], Condition], having_any: Callable[..., Select[int]]
) -> list[Condition]:
    """The conditions of a filter on parties. `having_any` selects the rows in which one of them
    takes part, or one of all `others`, and `among` makes that a condition.
    """

    def has_any(parties: Sequence[str], *, others: bool = False) -> Condition:
        return among(having_any(parties, others=others))

    conditions = [has_any([party]) for party in flt.parties]
    conditions += [has_any(group) for group in (flt.any_parties, *flt.party_groups) if group]
    if flt.excluded_parties:
        conditions.append(~has_any(flt.excluded_parties))
    for group in flt.groups_around:
        conditions += [has_any(group), ~has_any(group, others=True)]
    if flt.corridors:
        pairs = (and_(has_any([one]), has_any([other])) for one, other in flt.pairs)
        conditions.append(or_(*pairs))
    return conditions


def _vouched(s: Session, flt: Filter) -> list[Condition]:
    """The conditions of a filter on how sure an agreement is, on its text and on its history."""
    wanted_values = (
        (Agreements.grade, flt.grades),
        (Agreements.grade_basis, flt.bases),
        (Agreements.text_state, flt.texts),
    )
    conditions: list[Condition] = [column.in_(values) for column, values in wanted_values if values]
    if flt.provisions:
        stored = cast(Agreements.provisions, String)  # as JSON has it: in quotes it is escaped
        conditions.append(
            or_(*(stored.contains(f'["{kind}"', autoescape=True) for kind in flt.provisions))
        )
    if flt.sides:
        parties = select(func.count()).where(AgreementParties.agreement_id == Agreements.id)
        number = parties.correlate(Agreements).scalar_subquery()
        is_one = {Sides.BILATERAL: number == _PAIR, Sides.MULTILATERAL: number > _PAIR}
        conditions.append(or_(*(is_one[side] for side in flt.sides)))
    if flt.not_steps:
        had = select(Steps.agreement_id).where(Steps.status.in_(flt.not_steps), *steps_then(flt))
        conditions.append(Agreements.id.not_in(had))
    if flt.by is DaysOf.EXPIRES:
        conditions += [Agreements.expires_on.is_not(None), *_within(Agreements.expires_on, flt)]
    return [*conditions, *([Agreements.id.in_(restless(s, flt))] if flt.changes else [])]


_PAIR = 2  # parties


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
    conditions = [column.in_(values) for column, values in wanted_values if values]
    conditions += _but_not(table.instrument, flt.not_instruments)
    return [*conditions, *_but_not(status, flt.not_statuses)]


def _but_not(column: Any, excluded: Sequence[str]) -> list[Condition]:
    return [or_(column.is_(None), column.not_in(excluded))] if excluded else []


def _with_report(s: Session, flt: Filter) -> Any:
    """A selection of the agreements with a report that matches a filter; looked up once in a
    reading transaction, since a page needs rows, counts and periods of the same.
    """
    statement = _reporting(s, flt)
    if not is_reading(s):
        return statement
    cached: dict[Filter, str] = transaction_cache(s).setdefault("with_report", {})
    key = flt.but(topics=(), instruments=(), statuses=(), known=None)
    if key not in cached:
        once = statement.distinct().subquery()
        ids = func.aggregate_strings(cast(once.c.agreement_id, String), ",")
        cached[key] = s.scalar(select(ids)) or ""
    return among_written_ids(s, cached[key])


def _reporting(s: Session, flt: Filter) -> Select[int]:
    conditions, steps = report_conditions(s, flt), step_conditions(flt)
    if not conditions:  # steps alone: each has a report
        return select(Steps.agreement_id).where(*steps)
    reports = select(Reports.agreement_id).where(*conditions)
    if steps:
        reports = reports.join(Steps, _OF_REPORT).where(*steps)
    return reports


def _having_any(parties: Sequence[str], *, others: bool = False) -> Select[int]:
    """The agreements in which at least one of these parties, or of all others, takes part."""
    is_one = AgreementParties.party.in_(parties)
    return select(AgreementParties.agreement_id).where(~is_one if others else is_one)


# --- what subscriptions are notified of -----------------------------------------------------------


def reports_matching(
    s: Session, filters: Sequence[Filter], document_ids: Collection[int]
) -> list[set[int]]:
    """Of each filter, those of these reports that match it together with the step that they report:
    a status is that of the step, for a mere mention that of the agreement.
    """
    return _matching(s, _reports_by_filter, filters, document_ids)


def documents_matching(
    s: Session, filters: Sequence[Filter], document_ids: Collection[int]
) -> list[set[int]]:
    """Of each filter, those of these documents that match it, be they reports or not."""
    return _matching(s, _documents_by_filter, filters, document_ids)


_AT_ONCE = 100  # filters in a statement: a database takes 1,600 columns and more


_OF_REPORT = of_report(Reports)
# Makes a selection of documents with a column for each filter: whether it matches.
_ByFilter = Callable[[Session, Sequence[Filter]], Select[*tuple[Any, ...]]]


def _reports_by_filter(s: Session, filters: Sequence[Filter]) -> Select[*tuple[Any, ...]]:
    status = case((Reports.step.is_(None), Agreements.status), else_=Steps.status)
    columns = [
        and_(
            status.in_(flt.statuses) if flt.statuses else true(),
            *_but_not(status, flt.not_statuses),
            *_of_entries(s, flt.but(statuses=(), not_statuses=()), few=True),
            *_steps_wanted(flt),
            *report_conditions(s, flt, Scope(reports=True, few=True)),
        )
        for flt in filters
    ]
    rows = select(Reports.document_id, *columns).join_from(
        Reports, Agreements, Agreements.id == Reports.agreement_id
    )
    rows = rows.outerjoin(Steps, _OF_REPORT)
    return rows.where(Reports.document_id.in_(among_written_ids(s)))


def _documents_by_filter(s: Session, filters: Sequence[Filter]) -> Select[*tuple[Any, ...]]:
    columns = [document_condition(s, flt, Scope(few=True)) for flt in filters]
    rows = select(Documents.id, *columns).join_from(
        Documents, Matches, Matches.document_id == Documents.id
    )
    return rows.where(~ruled_out(Documents.id), Documents.id.in_(among_written_ids(s)))


def _matching(
    s: Session, by_filter: _ByFilter, filters: Sequence[Filter], document_ids: Collection[int]
) -> list[set[int]]:
    """All filters are columns of few statements, which are made once for all batches of a process:
    to make and execute one for each filter would take a hundred times as long.
    """
    matched: list[set[int]] = [set() for _ in filters]
    if not document_ids:
        return matched
    made, cached = process_cache(s).get(by_filter.__name__, ((), ()))
    if made != (filters := tuple(filters)):
        cached = tuple(by_filter(s, some) for some in sql.chunks(filters, _AT_ONCE))
        process_cache(s)[by_filter.__name__] = filters, cached
    for ids in sql.chunks(sorted(document_ids)):
        given = {"ids": written_ids(ids), "first": ids[0], "last": ids[-1]}
        for start, statement in zip(count(0, _AT_ONCE), cached, strict=False):
            for document_id, *matches in s.execute(statement, given):
                for at, is_matching in enumerate(matches, start):
                    if is_matching:
                        matched[at].add(document_id)
    return matched
