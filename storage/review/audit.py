"""The audit: a few documents a week on which the judge was silent, drawn at random for a person.

Of the silent documents, those that the judge read (that passed its gate) are drawn far more often
than their share, since what is missed is mostly among them. Each group is counted by itself, so
that an estimate can weigh them as they stand in the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from storage.database import sql
from storage.database.session import Session
from storage.documents.tables import Documents, Matches, Texts
from storage.register.entry import PinKind
from storage.register.list_rows import published
from storage.register.tables import Decisions, Pins
from storage.search.document_rows import (
    OF_WAITING,
    DocumentRow,
    document_row,
    rows_in_order,
    select_rows,
)
from storage.search.filtering import ruled_out

# A draw that nobody answered lapses after a month, so that no backlog deters from the next one.
WEEKS_OFFERED = 4
# Of ten documents drawn, so many are from the group that the judge read. It is about a fiftieth of
# all, so that it is drawn seventy times as often as the rest. The rest needs a share too: whatever
# nobody looks at could hide any number of reports.
_READ_IN_TEN = 6


class Group(StrEnum):
    READ = "read"  # it passed the gate, and was too improbable to be reviewed
    UNREAD = "unread"  # it did not pass the gate


# How many silent documents a group has, how many of them were answered in the audit, and how many
# of the answered ones are reports.
GroupTally = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class AuditTally:
    """What the weeks from the first to the last with an answer hold; `weeks` is empty if there is
    none. `found` counts the alerts that nobody ruled out and the reports that persons added,
    without those of the audit.
    """

    weeks: tuple[str, ...]
    documents: int
    found: int
    groups: Mapping[Group, GroupTally]


def waiting(s: Session, a_week: int, now: datetime) -> list[DocumentRow]:
    """Return the documents that were drawn from the last whole weeks and wait for an answer, the
    oldest week first. Every machine draws the same ones. A week is drawn from when it is over, for
    a document that arrives later would change the draw. A document whose text was deleted
    does not wait.
    """
    if not a_week:
        return []
    this_week = _monday(now.astimezone(UTC).date())
    mondays = [this_week - timedelta(weeks=ago) for ago in range(WEEKS_OFFERED, 0, -1)]
    chosen = [number for monday in mondays for number in _draw(s, monday, a_week)]
    return rows_in_order(_unanswered(s, chosen), chosen)


def group_of(row: DocumentRow) -> Group:
    """From which group a silent document is drawn."""
    return Group.UNREAD if row.probability is None else Group.READ


def tally(s: Session) -> AuditTally:
    """Count the answers of the audit that are in force, and what they stand for."""
    answers = s.execute(_ANSWERS).all()
    if not answers:
        return AuditTally((), 0, 0, dict.fromkeys(Group, (0, 0, 0)))
    days = [row.first_seen_at.date() for row in answers]
    first, last = _monday(min(days)), _monday(max(days))
    seen = _seen(s, first, last + timedelta(weeks=1))
    return AuditTally(
        tuple(dict.fromkeys((week_of(first), week_of(last)))),
        _count(s, seen),
        _count(s, seen, Matches.registers.is_(True), ~_ruled_out(), ~_is_audited()),
        {group: _group_tally(s, seen, group, answers) for group in Group},
    )


def week_of(day: date) -> str:
    """The week of a day: "2026-W47"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


# --- drawing -------------------------------------------------------------------------------------


def _draw(s: Session, monday: date, a_week: int) -> Iterator[int]:
    """Yield the `a_week` documents of a week that have the lowest lots of their groups."""
    # How many of a week's draw are from the group that the judge read. What is rounded off in one
    # week is made up for in the next.
    week = _number(monday)
    read = (_READ_IN_TEN * a_week * (week + 1)) // 10 - (_READ_IN_TEN * a_week * week) // 10
    whole = _seen(s, monday, monday + timedelta(weeks=1))
    for group, size in ((Group.READ, read), (Group.UNREAD, a_week - read)):
        of_group = or_(_is_unreviewed(group), _is_audited(group))
        lowest = _documents((Documents.id,)).where(whole, of_group)
        yield from s.scalars(lowest.order_by(_lot(monday), Documents.id).limit(size))


def _lot(monday: date) -> ColumnElement[str]:
    """What a week's draw is ordered by: the SHA-256 that identifies a document, read from a digit
    on that changes with the week. It is as good as a random number, the same on every machine, and
    the database can sort by it.
    """
    return func.substr(Documents.identity, 1 + _number(monday) % 32)


def _unanswered(s: Session, ids: Sequence[int]) -> dict[int, DocumentRow]:
    """Those of these documents that have no answer, and a text to read."""
    has_text = exists().where(Texts.document_id == Documents.id)
    open_ones = _whole(select_rows(*OF_WAITING)).where(has_text, ~_is_audited(), ~_ruled_out())
    rows = sql.rows_of(s, open_ones.where(Documents.id.in_(sql.IDS)), ids)
    return {row.id: document_row(row) for row in rows}


# --- counting ------------------------------------------------------------------------------------


def _group_tally(
    s: Session, seen: ColumnElement[bool], group: Group, answers: Sequence[Any]
) -> GroupTally:
    own = [row for row in answers if row.group == group]
    never_requested = _count(s, seen, _is_unreviewed(group))
    relevant = sum(row.kind == PinKind.RELEVANT for row in own)
    return never_requested + len(own), len(own), relevant


def _count(s: Session, *conditions: ColumnElement[bool]) -> int:
    return int(s.execute(_documents((func.count(),)).where(*conditions)).scalar_one())


# --- conditions ----------------------------------------------------------------------------------

_PARTS = sql.plain(Documents).alias("parts")


def _documents(columns: tuple[Any, ...]) -> Select[*tuple[Any, ...]]:
    joined = select(*columns).select_from(Matches)
    return _whole(joined.join(Documents, Documents.id == Matches.document_id))


def _whole(joined: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Documents with their verdicts, without the pages whose parts are documents themselves."""
    joined = joined.where(published(Documents.source_id))
    return joined.where(~exists().where(_PARTS.c.part_of == Documents.id))


def _seen(s: Session, first: date, end: date) -> ColumnElement[bool]:
    """The condition that a document was first seen from `first` on and before `end`."""
    return and_(Documents.id > _last_before(s, first), Documents.id <= _last_before(s, end))


def _last_before(s: Session, day: date) -> int:
    """Return the last document that was first seen before a day. Ids rise as documents arrive, so
    that only those that were first seen last before it are looked at.
    """
    before = Documents.first_seen_at < datetime.combine(day, time(), UTC)
    last_at = select(func.max(Documents.first_seen_at)).where(before).scalar_subquery()
    return s.scalar(select(func.max(Documents.id)).where(Documents.first_seen_at == last_at)) or 0


@cache  # statements are built in Python, which takes as long as they do
def _is_unreviewed(group: Group) -> ColumnElement[bool]:
    """The condition that a document is silent, is of this group, and was not answered."""
    unread = Matches.probability.is_(None)
    in_group = unread if group is Group.UNREAD else ~unread
    is_silent = (Matches.relevant.is_(False), Matches.near_miss.is_(False))
    return and_(*is_silent, in_group, ~_is_audited())


@cache
def _is_audited(*groups: Group) -> ColumnElement[bool]:
    """The condition that a document was answered, and drawn from one of the groups. Its verdict no
    longer shows which one: what is added as a report is judged anew.
    """
    answers = _ANSWERS.subquery()
    return Documents.id.in_(
        select(answers.c.document_id).where(answers.c.group.in_(groups or tuple(Group)))
    )


def _ruled_out() -> ColumnElement[bool]:
    return ruled_out(Documents.id)


_AUDIT, _ANSWER = sql.plain(Pins).alias("audit"), sql.plain(Pins).alias("answer")
_ANSWERS = (
    select(
        _AUDIT.c.document_id, _AUDIT.c.value.label("group"), _ANSWER.c.kind, Documents.first_seen_at
    )
    .join(_ANSWER, _ANSWER.c.decision_id == _AUDIT.c.decision_id)
    .join(Decisions, Decisions.id == _AUDIT.c.decision_id)
    .join(Documents, Documents.id == _AUDIT.c.document_id)
    .where(_AUDIT.c.kind == PinKind.AUDIT, Decisions.undone_at.is_(None))
    .where(_ANSWER.c.kind.in_((PinKind.RELEVANT, PinKind.IRRELEVANT)))
)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _number(monday: date) -> int:
    return monday.toordinal() // 7
