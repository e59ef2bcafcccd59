"""The second reader at work: reading what waits, and taking answers from a file.

Documents are read after they were stored and before anybody is notified, outside of any
transaction. Each answer is stored in one transaction with what it changes in the register, so that
a killed process leaves nothing half done, and nothing is read again that was answered.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from crawler.ingest.ingest import rejudge_stored
from crawler.judgement.judge import Rules, load_rules
from crawler.reader.answer import ReadBy, checked_answer, with_translations
from crawler.reader.corridor import (
    CORRIDOR_TOKENS,
    Corridor,
    checked_corridor,
    corridor_messages,
    corridor_prompt,
    corridor_schema,
)
from crawler.reader.proof import prove
from crawler.reader.question import reader_id, text_question
from scheduler.configuration.config import Configuration
from scheduler.configuration.party_names import party_meant
from scheduler.configuration.sections import ReaderSettings
from scheduler.configuration.user_subscriptions import everybody
from scheduler.jobs.reader.client import Form, ReaderClient
from scheduler.jobs.reader.corridor_reading import (
    AnsweredCorridor,
    corridor_of,
    recorded_corridor,
    take_answer,
)
from storage.database.session import Database, Session
from storage.documents.copies import stored_verdict
from storage.documents.second_readings import (
    CallFailure,
    ReaderCall,
    ReaderId,
    ReaderReply,
    begin_call,
    calls_today,
    documents_with,
    form_of,
    is_resting,
    may_be_asked,
    note_answer,
    note_failure,
    note_form,
    note_reply,
    text_of_id,
    unread,
)
from storage.documents.texts import load_judgeable
from storage.errors import AnswerError, ReaderError, fault_line
from storage.records import Document, SecondReading
from storage.register.corridors import LEAST_REPORTS, UnreadCorridor, unread_corridors

REPLAYED = "replay"  # the name of the reader whose answers came from a file
BACKLOG = timedelta(days=30)  # older documents stay as the rules judged them
# A text that failed is read again in ten minutes, then twenty, so that no text is given up while a
# server is overloaded for two hours. A server that is down is tried again soon, since an alert may
# wait for it.
_RETRY, _RETRY_DOWN = timedelta(minutes=10), timedelta(minutes=1)
_MOST_IN_A_ROW = 3  # failures, before the server is left alone for this pass


@dataclass(slots=True)
class Readings:
    """The result of one pass, by answer; `problem` is why it ended early."""

    answers: Counter[str] = field(default_factory=Counter)
    corridors: int = 0
    failed: int = 0
    problem: str = ""

    @property
    def read(self) -> int:
        return self.answers.total()

    @property
    def summary(self) -> str:
        plural = "" if self.read == 1 else "s"
        lines = [f"{self.read} document{plural} read{_by_answer(self.answers)}"]
        if self.corridors:
            lines.append(f"{self.corridors} corridor{'' if self.corridors == 1 else 's'} read")
        if self.failed:
            lines.append(f"{self.failed} could not be read and will be tried again")
        return "; ".join(filter(None, [*lines, self.problem]))


def _by_answer(answers: Counter[str]) -> str:
    counts = ", ".join(f"{count} {answer}" for answer, count in sorted(answers.items()))
    return f": {counts}" if counts else ""


def read_waiting(
    database: Database,
    chosen: Configuration,
    *,
    stop: Callable[[], bool] = lambda: False,
    deadline_s: float = math.inf,
) -> Readings:
    """Ask the configured reader, if any, about all that waits, and store the answers. Ends early if
    its server fails, the day's budget is used up, `stop` returns True, or after `deadline_s`. One
    batch of `at_once` texts is read in any case, even if no alert may wait for it.
    """
    settings = chosen.settings.reader
    if settings is None:
        return Readings()
    now = datetime.now(UTC)
    who = _who(settings)
    with database.read() as s:
        waits = unread(s, who, now - BACKLOG, now, 1) or unread_corridors(s, now - BACKLOG)
        if is_resting(s, who, now) or not waits:
            return Readings()
    with database.read() as s:
        known = form_of(s, settings.model, settings.url)
    client = ReaderClient(settings, Form.from_json(known))
    work = _Pass(database, everybody(database, chosen), settings, stop, deadline_s)
    done = asyncio.run(work.read(client))
    if (form := client.form.to_json()) != known:
        with database.begin() as s:
            note_form(s, settings.model, settings.url, form)
    return done


def _who(settings: ReaderSettings) -> ReaderId:
    return reader_id(settings.model, with_review="review" in settings.reads)


class _Question(NamedTuple):
    """What is asked in one call. `take` stores what the reply changes."""

    call: ReaderCall
    chat: list[dict[str, str]]
    most_tokens: int
    schema: dict[str, Any]
    take: Callable[[dict[str, Any], ReaderReply], None]


class _Pass:
    """One pass of the reader over what waits."""

    def __init__(
        self,
        database: Database,
        chosen: Configuration,
        settings: ReaderSettings,
        stop: Callable[[], bool],
        deadline_s: float,
    ) -> None:
        self._database, self._chosen, self._settings = database, chosen, settings
        self._who = _who(settings)
        self._done = Readings()
        self._rules: Rules | None = None
        self._waiting: list[UnreadCorridor] = []
        self._in_a_row = 0
        self._storing = asyncio.Lock()
        self._stop = stop
        self._ends_at = time.monotonic() + deadline_s

    async def read(self, client: ReaderClient) -> Readings:
        """Ask until nothing waits, `at_once` questions side by side."""
        async with client:
            while not self._stop() and not self._done.problem:
                batch = self._begin()
                # Whatever goes wrong with a question is noted, and its neighbours are answered.
                asked = (self._ask(client, one) for one in batch)
                faults = await asyncio.gather(*asked, return_exceptions=True)
                for question, fault in zip(batch, faults, strict=True):
                    if fault is not None:
                        self._failed(question, fault)
                if not batch or time.monotonic() >= self._ends_at:
                    break
        return self._done

    def _begin(self) -> list[_Question]:
        """Choose what is asked next, corridors once no text waits, and note the calls."""
        now = datetime.now(UTC)
        lease = timedelta(seconds=self._settings.timeout_s + 60)
        with self._database.begin() as s:
            room = self._settings.per_day - calls_today(s, self._who.reader, now)
            if room <= 0:
                most = self._settings.per_day
                self._done.problem = f"reader.per_day is used up: {most} calls today"
                return []
            limit = min(room, self._settings.at_once)
            batch = list(self._texts(s, now, limit)) or list(islice(self._corridors(s, now), limit))
            for question in batch:
                begin_call(s, question.call, now, lease)
        return batch

    def _texts(self, s: Session, now: datetime, limit: int) -> Iterator[_Question]:
        hashes = dict(unread(s, self._who, now - BACKLOG, now, limit))
        for number, document in load_judgeable(s, list(hashes)):
            evidence = stored_verdict(s, number)[0].evidence
            call = ReaderCall(self._who, number, hashes[number])
            yield _Question(
                call,
                *text_question(document, evidence, self._settings.translate),
                partial(self._take_text, call, document),
            )

    def _corridors(self, s: Session, now: datetime) -> Iterator[_Question]:
        """Yield the questions about corridors that may be asked now. They are found once in a
        pass, and again when all of these were asked.
        """
        if not self._waiting:
            self._waiting = unread_corridors(s, now - BACKLOG)
        who = ReaderId(self._who.reader, corridor_prompt())
        while self._waiting:
            waiting = self._waiting.pop(0)
            corridor = corridor_of(s, waiting)
            is_one = len(corridor.reports) < LEAST_REPORTS
            if is_one or not may_be_asked(s, who, corridor.key, now):
                continue
            call = ReaderCall(who, waiting.unread[-1], corridor.key)
            yield _Question(
                call,
                corridor_messages(corridor),
                CORRIDOR_TOKENS,
                corridor_schema(),
                partial(self._take_corridor, call, corridor),
            )

    async def _ask(self, client: ReaderClient, question: _Question) -> None:
        answer, took_s, tokens, _ = await client.ask(
            question.chat, question.most_tokens, question.schema
        )
        reply = ReaderReply({}, round(took_s, 3), tokens)
        async with self._storing:  # meanwhile the others are asked
            await asyncio.to_thread(question.take, answer, reply)
        self._in_a_row = 0

    def _load_rules(self) -> Rules:
        if self._rules is None:
            rules = self._chosen.settings.rules
            self._rules = load_rules(rules.packs, self._chosen.rule_files)
        return self._rules

    def _take_text(
        self, call: ReaderCall, document: Document, raw_answer: dict[str, Any], reply: ReaderReply
    ) -> None:
        answer = checked_answer(raw_answer).model_dump()
        reading = proven(answer, document, self._load_rules(), self._who)
        reading = with_translations(reading, raw_answer, document, self._settings.translate)
        with self._database.begin() as s:
            note_answer(s, call, reply._replace(answer=answer), reading)
            _apply(s, self._chosen, documents_with(s, call.key), reading.read_at)
        self._done.answers[reading.answer] += 1

    def _take_corridor(
        self, call: ReaderCall, corridor: Corridor, answer: dict[str, Any], reply: ReaderReply
    ) -> None:
        rules, by = self._load_rules(), _read_now(call.who)
        with self._database.begin() as s:
            take_answer(s, self._chosen, AnsweredCorridor(corridor, answer), rules, by)
            note_reply(s, call, reply._replace(answer=answer), by.at)
        self._done.corridors += 1

    def _failed(self, question: _Question, fault: BaseException) -> None:
        is_down = isinstance(fault, ReaderError) and fault.is_down
        wait = _RETRY_DOWN if is_down else _RETRY
        if isinstance(fault, ReaderError) and fault.retry_after_s is not None:
            wait = timedelta(seconds=fault.retry_after_s)
        why = fault_line(fault)
        self._in_a_row += 1
        self._done.failed += 1
        if is_down or self._in_a_row >= _MOST_IN_A_ROW:
            self._done.problem = why
        now = datetime.now(UTC)
        with self._database.begin() as s:
            note_failure(s, question.call, CallFailure(why, wait, is_down), now)


def _read_now(who: ReaderId) -> ReadBy:
    return ReadBy(who.reader, who.prompt, datetime.now(UTC))


def proven(
    answer: Mapping[str, Any], document: Document, rules: Rules, who: ReaderId
) -> SecondReading:
    return prove(
        checked_answer(dict(answer)),
        document,
        rules,
        party_meant,
        _read_now(who),
    )


def _apply(s: Session, chosen: Configuration, document_ids: Sequence[int], now: datetime) -> None:
    rejudge_stored(
        s,
        document_ids,
        chosen.subscriptions,
        now=now,
        max_age_days=chosen.settings.alerts.max_age_days,
    )


# --- answers from a file ------------------------------------------------------------------------


def replay(
    database: Database, chosen: Configuration, lines: Iterable[bytes], name: str
) -> tuple[str, list[str]]:
    """Take recorded answers, a JSON object a line with the document's own `id`, as given now.
    Returns a line like "120 answers applied: 80 yes, 40 no; 439 about documents that are not
    stored", and what is wrong with lines that are no answer.
    """
    chosen = everybody(database, chosen)
    rules = load_rules(chosen.settings.rules.packs, chosen.rule_files)
    who, who_of_corridors = reader_id(REPLAYED), ReaderId(REPLAYED, corridor_prompt())
    problems, answers = list[str](), Counter[str]()
    unknown = silent = corridors = 0
    for external_id, answer in _recorded(lines, name, problems):
        with database.begin() as s:
            if external_id is None:
                corridor = recorded_corridor(s, answer)
                if corridor is None:
                    unknown += 1
                    continue
                take_answer(s, chosen, corridor, rules, _read_now(who_of_corridors))
                corridors += 1
                continue
            stored = text_of_id(s, external_id)
            if stored is None:
                unknown += 1
                continue
            document_id, text_hash = stored
            verdict, _, _ = stored_verdict(s, document_id)
            document = next((one for _, one in load_judgeable(s, [document_id])), None)
            if document is None or verdict.outcome == "silent":
                silent += 1
                continue
            reading = proven(answer, document, rules, who)
            note_answer(s, ReaderCall(who, document_id, text_hash), ReaderReply(answer), reading)
            _apply(s, chosen, documents_with(s, text_hash), reading.read_at)
        answers[reading.answer] += 1
    parts = [f"{answers.total()} answers applied{_by_answer(answers)}"]
    if corridors:
        parts.append(f"{corridors} about corridors")
    if silent:  # they neither are reports nor wait for review
        parts.append(f"{silent} about documents that need no second reader")
    if unknown:
        parts.append(f"{unknown} about documents that are not stored")
    if problems:
        parts.append(f"{len(problems)} of the lines no answer")
    return "; ".join(parts), problems


def _recorded(
    lines: Iterable[bytes], name: str, problems: list[str]
) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """Yield the id (None for a corridor) and the answer of each line; what is none is added to
    `problems`.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            is_corridor = isinstance(record, dict) and "agreements" in record
            if is_corridor:
                checked_corridor(record)
            elif not isinstance(record, dict) or not isinstance(record.get("id"), str):
                raise AnswerError("no JSON object with an id")
            answer = record if is_corridor else checked_answer(record).model_dump()
        except (ValueError, RecursionError, AnswerError) as error:
            why = str(error) if isinstance(error, AnswerError) else "no JSON"
            problems.append(f"{name}:{number}: {why}")
        else:
            yield (None if is_corridor else record["id"]), answer
