"""Calls of a second reader, its answers, and the documents that still wait for it.

Answers are stored by text, model and version of the prompt, so that no text is sent twice. A call
is noted before it is made: it counts towards the day's budget even if the process is killed before
the answer comes, and meanwhile no other process sends the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, or_, select

from storage.database import sql
from storage.database.session import Session
from storage.documents.tables import Documents, Matches, Readers, SecondReadings, Texts
from storage.documents.verdicts import reading_json, reading_of
from storage.records import SecondReading
from storage.register.decisions import has_pin
from storage.register.entry import PinKind
from storage.register.list_rows import published

MOST_ATTEMPTS = 5  # then a text is given up: it stays as the rules judged it
_DECIDED = (PinKind.CONFIRMED, PinKind.RELEVANT, PinKind.FIELD, PinKind.IRRELEVANT)

_PARTS = sql.plain(Documents).alias("parts")


@dataclass(frozen=True, slots=True)
class ReaderId:
    """Who reads: a model, a version of the prompt, and whether what waits for review is read."""

    reader: str
    prompt: str
    with_review: bool = True


def unread(
    s: Session, who: ReaderId, since: datetime, now: datetime, limit: int | None = None
) -> list[tuple[int, str]]:
    """Return (id, text hash) of documents that wait to be read: alerts first, the newest first.
    These came in since `since`, are reports or (with `who.with_review`) wait for review, nobody
    decided about them, and the reader has neither answered nor been called just now.
    """
    waits = _waiting(who, since, tried_before=now)
    ordered = waits.order_by(Matches.relevant.desc(), Documents.id.desc()).limit(limit)
    found: dict[str, int] = {}
    for row in s.execute(ordered):
        found.setdefault(row.text_hash, row.id)
    return [(document_id, text_hash) for text_hash, document_id in found.items()]


def unread_alerts(s: Session, who: ReaderId, since: datetime) -> frozenset[int]:
    waits = _waiting(who, since).where(Matches.registers.is_(True))
    return frozenset(row.id for row in s.execute(waits))


def _waiting(
    who: ReaderId, since: datetime, tried_before: datetime | None = None
) -> Select[int, str]:
    is_report: ColumnElement[bool] = Matches.registers.is_(True)
    wanted = or_(is_report, Matches.near_miss.is_(True)) if who.with_review else is_report
    done = or_(SecondReadings.read_at.is_not(None), SecondReadings.attempts >= MOST_ATTEMPTS)
    if tried_before is not None:
        done = or_(done, SecondReadings.next_try_at > tried_before)
    return (
        select(Documents.id, Documents.text_hash)
        .join(Matches, Matches.document_id == Documents.id)
        .join(Texts, Texts.document_id == Documents.id)
        .where(wanted, Documents.first_seen_at >= since)
        .where(published(Documents.source_id))
        .where(~exists().where(_PARTS.c.part_of == Documents.id))
        .where(*(~has_pin(Documents.id, kind) for kind in _DECIDED))
        .where(~exists().where(*_key(who, Documents.text_hash), done))
    )


class ReaderCall(NamedTuple):
    """What is asked of a reader: of a text, whose hash is the `key`, or of a corridor, which has a
    key of its own; for this document.
    """

    who: ReaderId
    document_id: int
    key: str

    @property
    def row(self) -> dict[str, str]:
        return {"text_hash": self.key, "reader": self.who.reader, "prompt": self.who.prompt}


class ReaderReply(NamedTuple):
    """What a reader said, and what that took, if it was counted."""

    answer: Mapping[str, Any]
    took_s: float | None = None
    tokens: int | None = None


class CallFailure(NamedTuple):
    """Why a call failed, and how long the next one waits. `is_down`: it is no fault of the text."""

    error: str
    wait: timedelta
    is_down: bool = False


def begin_call(s: Session, call: ReaderCall, now: datetime, lease: timedelta) -> None:
    """Note that a text is about to be read: until `lease` is over nobody else reads it."""
    called = {
        "document_id": call.document_id,
        "called_on": now.date(),
        "next_try_at": now + lease,
        "error": None,
    }
    same_day = SecondReadings.called_on == now.date()
    again = called | {
        "attempts": SecondReadings.attempts + 1,
        "calls_today": case((same_day, SecondReadings.calls_today + 1), else_=1),
    }
    first = called | {"calls_today": 1, "attempts": 1}
    sql.add_or_change(s, SecondReadings, call.row, first, again)


def note_failure(s: Session, call: ReaderCall, failure: CallFailure, now: datetime) -> None:
    """Note why a text was not read: it is tried again later, and after twice as long at each
    further attempt. If the reader is down, the call counts neither as an attempt nor towards the
    day's budget.
    """
    key, (error, wait, is_down) = _key(call.who, call.key), failure
    row = s.execute(select(SecondReadings.attempts, SecondReadings.calls_today).where(*key)).one()
    values: dict[str, Any] = {"error": error, "next_try_at": now + wait * 2 ** (row.attempts - 1)}
    if is_down:
        values["next_try_at"] = now + wait
        values |= {"attempts": row.attempts - 1, "calls_today": row.calls_today - 1}
    sql.change(s, SecondReadings, *key, **values)


def is_resting(s: Session, who: ReaderId, now: datetime) -> bool:
    """Whether calls of the reader wait because its server was down or busy at the last one."""
    waits = (SecondReadings.attempts == 0, SecondReadings.next_try_at > now)
    return bool(s.scalar(select(exists().where(*_of(who), *waits))))


def may_be_asked(s: Session, who: ReaderId, key: str, now: datetime) -> bool:
    """Whether a question was neither answered nor given up, nor asked just now."""
    done = or_(
        SecondReadings.read_at.is_not(None),
        SecondReadings.attempts >= MOST_ATTEMPTS,
        SecondReadings.next_try_at > now,
    )
    return not s.scalar(select(exists().where(*_key(who, key), done)))


def note_answer(s: Session, call: ReaderCall, reply: ReaderReply, reading: SecondReading) -> None:
    """Store a reply about a text, and the part of it that is proven."""
    note_reply(s, call, reply, reading.read_at, reading_json(reading))


def note_reply(
    s: Session,
    call: ReaderCall,
    reply: ReaderReply,
    read_at: datetime,
    proven: Mapping[str, Any] | None = None,
) -> None:
    """Store a reply as the reader gave it."""
    values = {
        "document_id": call.document_id,
        "next_try_at": None,
        "error": None,
        "read_at": read_at,
        "took_s": reply.took_s,
        "tokens": reply.tokens,
        "answer": dict(reply.answer),
        "proven": proven,
    }
    uncalled = values | {"calls_today": 0, "attempts": 0}
    sql.add_or_change(s, SecondReadings, call.row, uncalled, values)


def forget_answers(s: Session, reader: str, at: datetime) -> None:
    """Forget what a reader answered at this moment, since a person took it back."""
    sql.remove(s, SecondReadings, SecondReadings.reader == reader, SecondReadings.read_at == at)


def _of(who: ReaderId) -> tuple[ColumnElement[bool], ...]:
    return SecondReadings.reader == who.reader, SecondReadings.prompt == who.prompt


def _key(who: ReaderId, text_hash: Any) -> tuple[ColumnElement[bool], ...]:
    return SecondReadings.text_hash == text_hash, *_of(who)


def readings_of(s: Session, text_hashes: Iterable[str]) -> dict[str, SecondReading]:
    readings: dict[str, SecondReading] = {}
    for row in sql.rows_of(s, _PROVEN, set(text_hashes)):
        reading = reading_of(row.proven)
        if reading is not None:
            before = readings.get(row.text_hash)
            if before is None or before.read_at <= reading.read_at:
                readings[row.text_hash] = reading
    return readings


_PROVEN = select(SecondReadings.text_hash, SecondReadings.proven).where(
    SecondReadings.text_hash.in_(sql.IDS), SecondReadings.proven.is_not(None)
)


def decided_among(s: Session, document_ids: Iterable[int]) -> set[int]:
    is_decided = or_(*(has_pin(Documents.id, kind) for kind in _DECIDED))
    return sql.values_among(s, Documents.id, Documents.id, document_ids, is_decided)


def decided_texts(s: Session, most: int) -> dict[int, bool]:
    """Return the documents about which persons decided last, at most half of `most` of each kind:
    whether they report a step.
    """
    decided: dict[int, bool] = {}
    for is_step in (True, False):
        kinds = [kind for kind in _DECIDED if (kind is not PinKind.IRRELEVANT) is is_step]
        wanted = select(Documents.id).where(or_(*(has_pin(Documents.id, kind) for kind in kinds)))
        newest = wanted.where(published(Documents.source_id)).order_by(Documents.id.desc())
        decided |= dict.fromkeys(s.scalars(newest.limit(most // 2)), is_step)
    return decided


def documents_with(s: Session, text_hash: str) -> list[int]:
    return list(s.scalars(select(Documents.id).where(Documents.text_hash == text_hash)))


def calls_today(s: Session, reader: str, now: datetime) -> int:
    """Return how often a reader was called on the day of `now` (UTC)."""
    called = select(func.sum(SecondReadings.calls_today)).where(
        SecondReadings.reader == reader, SecondReadings.called_on == now.date()
    )
    return s.scalar(called) or 0


def reading_counts(s: Session, who: ReaderId, since: datetime) -> tuple[int, int, str | None]:
    """(how many documents wait for a reader, how many texts it ever answered, its last failure)."""
    mine = _of(who)
    answered = sql.count(s, SecondReadings, *mine, SecondReadings.read_at.is_not(None))
    waiting = sql.count(s, _waiting(who, since).subquery())
    error = s.scalar(
        select(SecondReadings.error)
        .where(*mine, SecondReadings.error.is_not(None))
        .order_by(SecondReadings.next_try_at.desc())
        .limit(1)
    )
    return waiting, answered, error


def form_of(s: Session, reader: str, url: str) -> dict[str, Any] | None:
    """Return what was found out about the requests that a server takes, if it is still the same."""
    return s.scalar(select(Readers.form).where(Readers.reader == reader, Readers.url == url))


def note_form(s: Session, reader: str, url: str, form: Mapping[str, Any]) -> None:
    known = {"url": url, "form": dict(form)}
    sql.add_or_change(s, Readers, {"reader": reader}, known, known)


def note_reader_fault(s: Session, reader: str, fault: str | None) -> None:
    """Note why a pass of a reader ended early; None: it came to its end."""
    sql.add_or_change(s, Readers, {"reader": reader}, {"fault": fault}, {"fault": fault})


def fault_of(s: Session, reader: str) -> str | None:
    return s.scalar(select(Readers.fault).where(Readers.reader == reader))


def text_of_id(s: Session, external_id: str) -> tuple[int, str] | None:
    """Return (id, text hash) of the document that was imported under this id, if there is one."""
    row = s.execute(_OF_ID, {"identity": sql.hash_of(f"id:{external_id}")}).one_or_none()
    return None if row is None else (row.id, row.text_hash)


_OF_ID = select(Documents.id, Documents.text_hash).where(
    Documents.identity == bindparam("identity")
)
