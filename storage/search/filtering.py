"""Filters as SQL conditions on documents and agreements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from storage.asking import Filter, Known
from storage.documents.tables import (
    Documents,
    Matches,
    MatchParties,
    MatchRules,
    MatchTopics,
)
from storage.register.agreements import number
from storage.register.decisions import says
from storage.register.listed import published
from storage.register.records import PinKind
from storage.register.tables import AgreementParties, Agreements, AgreementTopics, Reports, Steps
from storage.search.hits import EVERYWHERE, Scope, has_words

Condition = ColumnElement[bool]
_MANY = 2_000  # agreements, whose 10,000 documents are looked up in 40 ms


def ruled_out(document_id: Any) -> Condition:
    """The condition that a curator decided that a document reports nothing."""
    return says(document_id, PinKind.IRRELEVANT)


def answered(document_id: Any) -> Condition:
    """The condition that a person said whether a document reports something."""
    kinds = (PinKind.RELEVANT, PinKind.CONFIRMED)
    return or_(ruled_out(document_id), *(says(document_id, kind) for kind in kinds))


def document_condition(s: Session, flt: Filter, scope: Scope = EVERYWHERE) -> Condition:
    """The condition that a document matches the filter, and is one of a stretch if it is given."""
    if scope.reports:
        scope = replace(scope, parties=tuple(flt.parties))
    conditions = [_kept_with(s, flt, Documents.id, scope)]
    if flt.by_learnt:
        conditions += _seen_within(Documents.first_seen_at, flt)
    else:
        conditions += _within(Documents.published_on, flt)
    if flt.known is Known.ONLY:
        conditions.append(~published(Documents.source_id))
    if scope.among is not None:
        conditions.append(Documents.listed_on >= scope.among.since)
    conditions += _of_parties(flt, _document_has)
    if flt.agreements:
        told = select(Reports.document_id).where(Reports.agreement_id.in_(_rows_of(flt)))
        conditions.append(Documents.id.in_(told))
    if flt.topics:
        topical = select(MatchTopics.document_id).where(MatchTopics.topic.in_(flt.topics))
        conditions.append(Documents.id.in_(topical))
    vouched = _vouched(flt)
    if vouched:
        conditions.append(_of_agreements(s, vouched))
    return and_(*conditions, *_of_kind(flt, Matches))


def asks_of_verdicts(flt: Filter) -> bool:
    """Whether a filter asks for something that stands with the verdict, not with the document."""
    bounds = (flt.min_score, flt.min_probability)
    return bool(flt.instruments or flt.statuses) or any(one is not None for one in bounds)


def _kept_with(s: Session, flt: Filter, document_id: Any, scope: Scope) -> Condition:
    """The part of a filter that concerns a document, not the agreement that it reports.

    `document_id` is the column that names it.
    """
    conditions: list[Condition] = [true()]
    if flt.languages:
        conditions.append(Documents.language.in_(flt.languages))
    if flt.sources:
        conditions.append(
            or_(Documents.source_id.in_(flt.sources), Documents.outlet.in_(flt.sources))
        )
    if flt.min_score is not None:
        conditions.append(Matches.score >= flt.min_score)
    if flt.min_probability is not None:
        conditions.append(Matches.probability >= flt.min_probability)
    if flt.reviewed is not None:
        is_answered = answered(document_id)
        conditions.append(is_answered if flt.reviewed else ~is_answered)
    if flt.rules:
        found = select(MatchRules.document_id).where(MatchRules.rule.in_(flt.rules))
        conditions.append(document_id.in_(found))
    if flt.query:
        conditions.append(has_words(s, flt.query, document_id, scope))
    return and_(*conditions)


def _within(day: Any, flt: Filter) -> list[Condition]:
    """The conditions that `day` is in the filter's window. An unknown day is in no window."""
    conditions: list[Condition] = []
    if flt.since:
        conditions.append(day >= flt.since)
    if flt.until:
        conditions.append(day <= flt.until)
    return conditions


def _seen_within(moment: Any, flt: Filter) -> list[Condition]:
    """The conditions that `moment` is on a day of the filter's window, by UTC."""
    first, end = _window(flt)
    conditions: list[Condition] = [] if first is None else [moment >= first]
    return conditions if end is None else [*conditions, moment < end]


def _window(flt: Filter) -> tuple[datetime | None, datetime | None]:
    """When the filter's window begins, and the moment after its end."""
    begins = datetime.combine(flt.since, time(), UTC) if flt.since else None
    last = flt.until and min(flt.until, date.max - timedelta(days=1))
    return begins, datetime.combine(last + timedelta(days=1), time(), UTC) if last else None


def _learnt_within(flt: Filter) -> Condition:
    """The condition that an agreement has a step that was learnt of in the filter's window: when
    its first report came in, or when the agreement was made out of reports that were there.
    """
    first_report = func.min(Reports.document_id).label("first")
    firsts = select(Reports.agreement_id, first_report).where(Reports.step.is_not(None))
    steps = firsts.group_by(Reports.agreement_id, Reports.step).subquery().c
    seen = Documents.first_seen_at
    begins, end = _window(flt)
    learnt = select(steps.agreement_id).join(Documents, Documents.id == steps.first)
    learnt = learnt.join(Agreements, Agreements.id == steps.agreement_id)
    if begins is not None:
        learnt = learnt.where(or_(seen >= begins, Agreements.minted_at >= begins))
    if end is not None:
        learnt = learnt.where(seen < end, Agreements.minted_at < end)
    return Agreements.id.in_(learnt.correlate(None))


def _document_has(party: str) -> Condition:
    taking_part = MatchParties.taking_part.is_(True)
    return Documents.id.in_(
        select(MatchParties.document_id).where(MatchParties.party == party, taking_part)
    )


def asks_of_documents_alone(flt: Filter) -> bool:
    """Whether a filter asks something of reports, and nothing that an index of words or rules, or
    the verdicts, would have to be asked for.
    """
    days = not flt.by_learnt and (flt.since or flt.until)
    verdicts = (flt.min_score, flt.min_probability, flt.reviewed)
    others = flt.query or flt.rules or any(value is not None for value in verdicts)
    return bool(flt.languages or flt.sources or days) and not others


def agreement_condition(s: Session, flt: Filter, *, one_by_one: bool = False) -> Condition:
    """The condition that an agreement and one of its reports match the filter. `one_by_one`: the
    reports of each agreement are looked at, which is quicker where the first ones mostly fit, or
    few agreements have the parties.
    """
    conditions: list[Condition] = [true(), *_of_parties(flt, _agreement_has)]
    if flt.agreements:
        conditions.append(Agreements.id.in_(_rows_of(flt)))
    if flt.known is not Known.YES:
        conditions.append(Agreements.listed_only.is_(flt.known is Known.ONLY))
    if flt.topics:
        topical = select(AgreementTopics.agreement_id).where(AgreementTopics.topic.in_(flt.topics))
        conditions.append(Agreements.id.in_(topical))
    conditions += [*_vouched(flt), *_of_kind(flt, Agreements)]
    if flt.by_learnt and (flt.since or flt.until):
        conditions.append(_learnt_within(flt))
        flt = replace(flt, since=None, until=None)
    asked_of_reports = (flt.query, flt.languages, flt.sources, flt.rules, flt.since, flt.until)
    with_numbers = (flt.min_score, flt.min_probability, flt.reviewed)
    if any(asked_of_reports) or any(value is not None for value in with_numbers):
        is_narrow = bool(flt.parties or flt.corridors or flt.agreements)
        few = is_narrow and asks_of_documents_alone(flt)
        told = _has_report(s, flt, one_by_one=one_by_one or few)
        if flt.named_parties:
            others = agreement_condition(s, replace(flt, query="", named_parties=()))
            told = or_(told, and_(*map(_agreement_has, flt.named_parties), others))
        conditions.append(told)
    return and_(*conditions)


def _rows_of(flt: Filter) -> list[int]:
    return [number(agreement_id) for agreement_id in flt.agreements]


def _of_parties(flt: Filter, has: Callable[[str], Condition]) -> list[Condition]:
    """The conditions of a filter on parties. `has` makes the condition that one takes part."""
    conditions = [has(party) for party in flt.parties]
    conditions += [or_(*map(has, group)) for group in flt.party_groups]
    if flt.corridors:
        conditions.append(or_(*(and_(*map(has, corridor)) for corridor in flt.corridors)))
    return conditions


def _vouched(flt: Filter) -> list[Condition]:
    """The conditions of a filter on how sure an agreement is, and on its text."""
    asked = (
        (Agreements.certainty, flt.certainties),
        (Agreements.text_state, flt.text_states),
    )
    return [column.in_(values) for column, values in asked if values]


def _of_agreements(s: Session, wanted: Sequence[Condition]) -> Condition:
    """The condition that a document stands in an agreement of which all of this is true.

    Where few agreements are wanted, all of their documents are looked up. Else the newest documents
    are asked one by one, which soon finds enough of them.
    """
    told = select(Reports.document_id).join(Agreements, Agreements.id == Reports.agreement_id)
    some = select(Agreements.id).where(*wanted).limit(_MANY).subquery()
    if s.execute(select(func.count()).select_from(some)).scalar_one() < _MANY:
        return Documents.id.in_(told.where(*wanted))
    return told.where(Reports.document_id == Documents.id, *wanted).exists()


def _of_kind(flt: Filter, table: type[Matches | Agreements]) -> list[Condition]:
    """The conditions of a filter on the instrument and the status."""
    asked = ((table.instrument, flt.instruments), (table.status, flt.statuses))
    return [column.in_(values) for column, values in asked if values]


def _has_report(s: Session, flt: Filter, *, one_by_one: bool) -> Condition:
    having = _kept_with(s, flt, Reports.document_id, Scope(reports=True))
    reports = select(Reports.agreement_id).where(having)
    if flt.languages or flt.sources:
        reports = reports.join(Documents, Documents.id == Reports.document_id)
    if flt.min_score is not None or flt.min_probability is not None:
        reports = reports.join(Matches, Matches.document_id == Reports.document_id)
    if flt.since or flt.until:
        told = and_(Steps.agreement_id == Reports.agreement_id, Steps.position == Reports.step)
        reports = reports.join(Steps, told).where(*_within(Steps.on, flt))
    if one_by_one:
        return reports.where(Reports.agreement_id == Agreements.id).exists()
    return Agreements.id.in_(reports)


def _agreement_has(party: str) -> Condition:
    return Agreements.id.in_(
        select(AgreementParties.agreement_id).where(AgreementParties.party == party)
    )


def sources_and_outlets(s: Session) -> set[str]:
    """Return all names that `Filter.sources` can match."""
    found = s.execute(select(Documents.source_id, Documents.outlet).distinct())
    return {name for row in found for name in row if name}


def rules_that_found(s: Session) -> set[str]:
    """Return all names that `Filter.rules` can match."""
    return set(s.scalars(select(MatchRules.rule).distinct()))
