"""How well a reader reads: texts and corridors with right answers, and what of it is weak."""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from itertools import combinations
from typing import Any, NamedTuple

from crawler.judgement.judge import Rules, load_rules
from crawler.process.process import judge_document
from crawler.reader.corridor import (
    CORRIDOR_TOKENS,
    Corridor,
    ShownEntry,
    ShownReport,
    checked_corridor,
    corridor_messages,
    corridor_schema,
    prove_corridor,
)
from crawler.reader.question import reader_id, text_question
from crawler.register.partition import partition
from scheduler.configuration.party_names import party_meant
from scheduler.configuration.sections import ReaderSettings
from scheduler.jobs.reader.client import ReaderClient, Reply
from scheduler.jobs.reader.second_reading import proven
from scheduler.views.words.labels import labels_of
from scheduler.views.words.names import name_of
from storage.database.session import Session
from storage.documents.second_readings import decided_texts
from storage.documents.texts import load_judgeable
from storage.errors import AnswerError
from storage.lists.queries import curated_card
from storage.records import Document, Status
from storage.register.entry import Report

# What a reader needs to be trusted. A large model that read hard real texts blind had a precision
# of 1.0 and a recall of .95; rules alone have .50 and .75 on feeds (docs/quality.md).
_NEEDED = {"precision": 0.9, "recall": 0.8, "status": 0.8, "day": 0.7, "grouping": 0.8}
_DAY = timedelta(days=1)


class LabelledText(NamedTuple):
    """A document with its right answer; status and day are None where they are not known."""

    document: Document
    is_step: bool
    status: Status | None = None
    day: date | None = None
    parties: tuple[str, ...] = ()
    agreement: str = ""


@dataclass(slots=True)
class Tally:
    """What was right of what was asked, by what is measured."""

    right: dict[str, list[bool]] = field(default_factory=lambda: {name: [] for name in _NEEDED})
    texts: list[Reply] = field(default_factory=list)
    corridors: list[Reply] = field(default_factory=list)
    failed: int = 0

    def add(self, name: str, is_right: bool) -> None:
        self.right[name].append(is_right)

    def share(self, name: str) -> float | None:
        return statistics.mean(self.right[name]) if self.right[name] else None

    @property
    def weak(self) -> list[str]:
        """What is below what is needed, with its figure."""
        shares = {name: self.share(name) for name in _NEEDED}
        return [
            f"{name} {share:.2f} ({_NEEDED[name]:.2f} is needed)"
            for name, share in shares.items()
            if share is not None and share < _NEEDED[name]
        ]

    def lines(self) -> Iterator[str]:
        for name, replies in (("text", self.texts), ("corridor", self.corridors)):
            if replies:
                took_s = statistics.mean(reply.took_s for reply in replies)
                tokens = statistics.mean(reply.tokens for reply in replies)
                plural = "" if len(replies) == 1 else "s"
                yield f"{len(replies)} {name}{plural}: {took_s:.1f} s and {tokens:,.0f} tokens each"
        for name in _NEEDED:
            share = self.share(name)
            if share is not None:
                yield f"  {name:10} {share:.2f} of {len(self.right[name])}"
        if self.failed:
            yield f"  {self.failed} without an answer"
        yield f"Weak: {', '.join(self.weak)}." if self.weak else "Good enough to trust."


def shipped_texts() -> list[LabelledText]:
    """Sixty texts of ours in seven languages; those of the same parties are twelve corridors."""
    text = files("scheduler.jobs.reader").joinpath("samples.jsonl").read_text(encoding="utf-8")
    return [_labelled(json.loads(line)) for line in text.splitlines()]


def _labelled(row: Mapping[str, Any]) -> LabelledText:
    published, day = row.get("published"), row.get("event_date", "")
    document = Document(
        row["title"],
        row["text"],
        row["lang"],
        date.fromisoformat(published) if published else None,
        outlet=row.get("outlet"),
    )
    return LabelledText(
        document,
        row["step"],
        Status(row["status"]) if "status" in row else None,
        date.fromisoformat(day) if len(day) == len("2026-01-31") else None,
        tuple(sorted(row.get("parties", ()))),
        row.get("agreement_id", ""),
    )


def texts_decided(s: Session, most: int) -> list[LabelledText]:
    """The last texts about which persons decided; half are steps where there are enough."""
    answers = decided_texts(s, most)
    labelled_texts = []
    for number, document in load_judgeable(s, list(answers)):
        card = curated_card(s, number) if answers[number] else None
        facts = (card.status, card.event_date) if card else (None, None)
        labelled_texts.append(LabelledText(document, answers[number], *facts))
    return labelled_texts


async def assess(settings: ReaderSettings, texts: Sequence[LabelledText]) -> Tally:
    """Ask about each text, and about each corridor among them. Raises ReaderError if the server
    cannot be asked.
    """
    rules, tally, limit = load_rules(), Tally(), asyncio.Semaphore(settings.at_once)
    async with ReaderClient(settings) as client:

        async def ask(work: Any) -> None:
            async with limit:
                try:
                    await work
                except AnswerError:
                    tally.failed += 1

        of_texts = (_ask_text(client, settings, rules, text, tally) for text in texts)
        await asyncio.gather(*map(ask, of_texts))
        of_corridors = (
            _ask_corridor(client, rules, corridor, tally) for corridor in _corridors(texts)
        )
        await asyncio.gather(*map(ask, of_corridors))
    return tally


async def _ask_text(
    client: ReaderClient,
    settings: ReaderSettings,
    rules: Rules,
    labelled_text: LabelledText,
    tally: Tally,
) -> None:
    answer = "none"
    try:
        reply = await client.ask(*text_question(labelled_text.document, (), settings.translate))
        tally.texts.append(reply)
        reading = proven(reply.found, labelled_text.document, rules, reader_id(settings.model))
        answer = reading.answer
    finally:
        if answer == "yes":
            tally.add("precision", labelled_text.is_step)
        if labelled_text.is_step:
            tally.add("recall", answer == "yes")
    if labelled_text.is_step and answer == "yes":
        _compare(tally, labelled_text, reading.card.status, reading.card.event_date)


def _compare(
    tally: Tally, labelled_text: LabelledText, status: Status | None, day: date | None
) -> None:
    if labelled_text.status is not None:
        tally.add("status", status is labelled_text.status)
    if labelled_text.day is not None:
        tally.add("day", day is not None and abs(day - labelled_text.day) <= _DAY)


# --- corridors ----------------------------------------------------------------------------------


def _corridors(texts: Sequence[LabelledText]) -> list[list[LabelledText]]:
    by_parties: dict[tuple[str, ...], list[LabelledText]] = {}
    for labelled_text in texts:
        if labelled_text.is_step and labelled_text.parties:
            by_parties.setdefault(labelled_text.parties, []).append(labelled_text)
    return [group for group in by_parties.values() if len(group) > 1]


async def _ask_corridor(
    client: ReaderClient, rules: Rules, texts: Sequence[LabelledText], tally: Tally
) -> None:
    shown = [_shown(number, text, rules) for number, text in enumerate(texts, 1)]
    reports = [it.report for it in shown]
    words = labels_of("en")
    entries = tuple(
        ShownEntry(name_of(one, None, words), [], one.document_ids)
        for one in partition(reports, ())
    )
    corridor = Corridor(texts[0].parties, entries, tuple(shown))
    reply = await client.ask(corridor_messages(corridor), CORRIDOR_TOKENS, corridor_schema())
    tally.corridors.append(reply)
    by_number = {str(it.report.document_id): it for it in shown}
    reading = prove_corridor(checked_corridor(reply.found), by_number, {}, rules, party_meant)
    agreements = partition(reports, reading.pins)
    home = {number: one for one in agreements for number in (*one.document_ids, *one.mentions)}
    for (here, labelled_text), (there, other) in combinations(enumerate(texts, 1), 2):
        is_one = home[here] is home[there]
        tally.add("grouping", is_one is (labelled_text.agreement == other.agreement))
    for agreement in {text.agreement for text in texts}:
        own = [(number, it) for number, it in enumerate(texts, 1) if it.agreement == agreement]
        number, last = max(own, key=lambda one: one[1].day or date.min)
        _compare(tally, last, home[number].status, home[number].event_date)


def _shown(number: int, labelled_text: LabelledText, rules: Rules) -> ShownReport:
    judged = judge_document(labelled_text.document, rules, with_card=True)
    document = labelled_text.document
    report = Report(
        document_id=number,
        card=judged.verdict.card,
        title=document.title,
        language=document.language,
        outlet=document.outlet,
        published_on=document.published_on,
        seen_on=document.published_on or date.min,
        text_hash=judged.fingerprint.text_hash,
        copy_group=judged.fingerprint.text_hash,
        quote=judged.quote,
        clues=judged.clues,
        probability=judged.verdict.probability,
    )
    return ShownReport(report, document, judged.verdict.evidence)
