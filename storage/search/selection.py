"""Which documents a search lists: chosen once for lists, counts and facets; and in which order
agreements are listed.

Reports are chosen from the narrow `search_rows` alone; all that is stored, from `documents`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, tuple_

from storage.database import sql
from storage.database.columns import UNDATED
from storage.database.session import Session
from storage.documents.tables import Documents, Matches, MatchRules
from storage.filter import LAST_FIRST, Filter, Order
from storage.register.agreements import number
from storage.register.tables import Agreements, Reports, Steps
from storage.search.filtering import document_condition, needs_verdicts, no_one_ruled_out
from storage.search.hits import Scope, Stretch
from storage.search.tables import REPORTS, STORED, Rows


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """The documents for which `condition` holds, of the rows that their columns stand in."""

    rows: Rows
    condition: ColumnElement[bool]
    needs_verdicts: bool = False

    def select(self, *columns: Any, verdicts: bool = False) -> Select[*tuple[Any, ...]]:
        """Select columns of them; `verdicts`: some that stand with the verdict."""
        statement = select(*columns).where(self.condition)
        if self.rows is STORED and (verdicts or self.needs_verdicts):
            return statement.join(Matches, Matches.document_id == Documents.id)
        return statement

    @property
    def ids(self) -> Select[*tuple[Any, ...]]:
        return self.select(self.rows.id)

    @property
    def newest_first(self) -> tuple[Any, ...]:
        return self.rows.listed_on.desc(), self.rows.id.desc()

    def after(self, document_id: int) -> ChosenRows:
        """Those of them that a list, the newest first, has after a document."""
        last = select(Documents.listed_on).where(Documents.id == document_id).scalar_subquery()
        key = tuple_(self.rows.listed_on, self.rows.id)
        following = self.condition & (key < tuple_(last, document_id))
        return ChosenRows(self.rows, following, self.needs_verdicts)


def chosen(
    s: Session,
    flt: Filter,
    *,
    everything: bool,
    among: Stretch | None = None,
    last: int | None = None,
) -> ChosenRows:
    """The documents that `queries.search` lists, of a stretch, or of the `last` stored."""
    scope = Scope(not everything, among=among, last=last)
    condition = document_condition(s, flt, scope)
    if everything:
        return ChosenRows(STORED, condition, needs_verdicts(flt))
    return ChosenRows(REPORTS, condition & no_one_ruled_out(REPORTS.id))


# --- the order of agreements ----------------------------------------------------------------------

_BEHIND_ALL = 100_000_000  # a rank behind those of two parties
_FIRST_PARTY = 10_000  # what the rank of the first one counts against that of the second


def in_order(
    s: Session, ids: Select[int], order: Order, after: str | None
) -> tuple[Select[int], bool]:
    """The ids of agreements in an order, from that behind the agreement `after` on; and whether
    there is such an agreement. What has no value in the column comes last in either direction.
    """
    falls = (order.column in LAST_FIRST) is not order.is_reversed
    key = _key(s, order, falls=falls)
    if after is not None:
        last = s.execute(select(key).where(Agreements.id == number(after))).scalar_one_or_none()
        if last is None:
            return ids, False
        behind, row = literal(last, key.type), number(after)
        if falls:  # as one comparison, the index on both columns serves it
            ids = ids.where(tuple_(key, Agreements.id) < tuple_(behind, row))
        else:
            ids = ids.where(or_(key > behind, and_(key == behind, Agreements.id < row)))
    return ids.order_by(key.desc() if falls else key, Agreements.id.desc()), True


def _key(s: Session, order: Order, *, falls: bool) -> Any:
    """What agreements are sorted by; never NULL, which the databases sort differently."""
    column, last = order.column, -1 if falls else _BEHIND_ALL
    if column in ("parties", "name"):
        one, other = (_rank(s, Agreements.parties[at].as_string(), order.ranks) for at in (0, 1))
        return func.coalesce(one * _FIRST_PARTY + func.coalesce(other, 0), last)
    if column == "topics":
        return func.coalesce(_rank(s, Agreements.topics[0].as_string(), order.ranks), last)
    if column in ("instrument", "status", "grade", "text"):
        stored = Agreements.text_state if column == "text" else getattr(Agreements, column)
        return func.coalesce(_rank(s, stored, order.ranks), last)
    if column == "reports":
        reports = select(func.count()).select_from(Reports)
        return reports.where(
            Reports.agreement_id == Agreements.id, Reports.listed.is_(False)
        ).scalar_subquery()
    if column == "steps":
        steps = select(func.count()).select_from(Steps)
        return steps.where(Steps.agreement_id == Agreements.id).scalar_subquery()
    if column == "pending_since":
        since, is_undated = Agreements.pending_since, Agreements.pending_since == UNDATED
        return since if falls else case((is_undated, date.max), else_=since)
    if column in ("event_date", "expires_on"):
        return func.coalesce(getattr(Agreements, column), UNDATED if falls else date.max)
    if column == "first_reported_at":
        never = datetime.min if falls else datetime.max
        return func.coalesce(Agreements.first_reported_at, never.replace(tzinfo=UTC))
    if column in ("place", "title"):
        return func.coalesce(getattr(Agreements, column), "" if falls else "\uffff")
    return Agreements.id if column == "id" else Agreements.last_reported_on


def _rank(s: Session, value: Any, ranks: Sequence[str]) -> Any:
    """Where a value stands among `ranks`: both databases look that up in one string faster than in
    a CASE with a branch for each of 250 states. NULL for what stands nowhere.
    """
    place = func.instr if sql.is_sqlite(s) else func.strpos
    function = place(f" {' '.join(ranks)} ", literal(" ") + value + literal(" "))
    return func.nullif(function, 0)


def sources_and_outlets(s: Session) -> set[str]:
    """Return all names that `Filter.sources` can match."""
    result = s.execute(select(Documents.source_id, Documents.outlet).distinct())
    return {name for row in result for name in row if name}


def rules_that_found(s: Session) -> set[str]:
    """Return all names that `Filter.rules` can match."""
    return set(s.scalars(select(MatchRules.rule).distinct()))
