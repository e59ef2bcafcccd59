"""A second reader's answer about a text, and what it makes of a verdict. A "no" hides nothing: the
document waits for a person's review.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError, field_validator

from crawler.clues import VAGUE, AgreementName, Clues, read_clues
from storage.errors import AnswerError
from storage.letters import fold_text
from storage.records import (
    Card,
    DateBasis,
    Document,
    Instrument,
    Judged,
    SecondReading,
    Status,
    Topic,
    Translation,
    Verdict,
)

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_WORD = re.compile(r"[^\W\d_]{3,}")
_PLANNED = frozenset(("planned", "proposed", "draft", "intended", "future"))
# Words in names of agreements that do not say what an agreement is about.
_ANY_KIND = _PLANNED | frozenset(
    (
        *("agreement", "agreements", "arrangement", "arrangements", "deal", "deals", "pact"),
        *("memorandum", "understanding", "protocol", "declaration", "statement", "treaty"),
        *("partnership", "communique", "plan", "action", "joint", "strategic", "cooperation"),
        *("comprehensive", "migration", "the", "and", "for", "with", "against", "between"),
        *("amendment", "new", "intent", "accord", "migrants", "migrant", "including"),
    )
)
# What is translated, and the most letters of it: a title, and a quote of two long sentences.
TRANSLATIONS, TRANSLATED = "translations", {"title": 240, "quote": 600}
# A sentence has a few hundred letters, an agreement a handful of parties: models that repeat
# themselves without end are cut, so that no proof takes long.
_MOST_LETTERS, _MOST_PARTIES = 3_000, 50
_TAGS = r"(?:think|thinking|thought|reasoning)>|\[{}THINK\]"
_THOUGHT_BEGINS = re.compile(f"<{_TAGS.format('')}", re.IGNORECASE)
_THOUGHT_ENDS = re.compile(f"</{_TAGS.format('/')}", re.IGNORECASE)
_MOST_FALSE_STARTS = 200  # brackets in prose; each may cost a millisecond


T = TypeVar("T", bound=BaseModel)

# What a reader may answer, as the instructions list it: "agreement" is what says least.
_NAMELESS = (Instrument.AGREEMENT, Instrument.OTHER)
KINDS = (
    *(str(instrument) for instrument in Instrument if instrument not in _NAMELESS),
    str(Instrument.AGREEMENT),
)
TOPICS = tuple(str(topic) for topic in Topic if topic is not Topic.OTHER)
if TYPE_CHECKING:
    _Kind: TypeAlias = str
    _Status: TypeAlias = str
    _Topic: TypeAlias = str
else:
    _Kind = Literal[(*KINDS, "")]
    _Status = Literal[(*map(str, Status), "")]
    _Topic = Literal[TOPICS]


class Answer(BaseModel):
    """What a second reader answers; see `instructions.md` for what each field means."""

    answer: Literal["yes", "no", "unclear"]
    quote: str = ""
    parties: list[str] = []
    kind: _Kind = ""
    agreement: str = ""
    status: _Status = ""
    day: str = ""
    topics: list[_Topic] = []
    cause: Literal[
        "politics", "other_subject", "one_state", "recalled", "no_agreement", "company", ""
    ] = ""

    @field_validator("quote", "agreement", "kind", "status", "day", "cause", mode="before")
    @classmethod
    def _cut_or_empty(cls, value: object) -> object:
        return "" if value is None else cut_short(value)

    @field_validator("parties", mode="before")
    @classmethod
    def _few_and_short(cls, value: object) -> object:
        return (
            [cut_short(name) for name in value[:_MOST_PARTIES]]
            if isinstance(value, list)
            else value
        )


def cut_short(value: object) -> object:
    return value[:_MOST_LETTERS] if isinstance(value, str) else value


def parted(reply: str) -> tuple[str, str]:
    """Part a reply into what its model thought and what it said then: "" if it was cut short while
    it thought.
    """
    *thoughts, rest = _THOUGHT_ENDS.split(reply)
    said, *unended = _THOUGHT_BEGINS.split(rest)
    thought = _THOUGHT_BEGINS.sub("", " ".join((*thoughts, *unended)))
    return thought.strip(), said


def last_object(said: str) -> dict[str, Any]:
    """Return the last JSON object in what a model said: alone, in a fenced block, or in prose.
    Raises AnswerError if there is none. The text is not repeated: some gateways answer a refused
    key with a message that has the key in it.
    """
    decoder = json.JSONDecoder(strict=False)  # weak models break lines within a string
    text, value, false_starts = said.rstrip(), None, 0
    start = text.find("{")
    while start >= 0 and false_starts < _MOST_FALSE_STARTS:
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError) as error:  # the latter: a row of brackets without end
            whole = _before_translations(text[start:])
            if whole is not None or _is_cut_short(error, text):
                value = whole or value
                break  # what stands inside is a part of an answer
            end, false_starts = start + 1, false_starts + 1
        start = text.find("{", end)
    if not isinstance(value, dict):
        length = f"{len(said)} characters" if text else "it is empty"
        raise AnswerError(f"the answer is no JSON object: {length}")
    return value


def _is_cut_short(error: Exception, text: str) -> bool:
    return isinstance(error, json.JSONDecodeError) and (
        error.pos >= len(text) or error.msg.startswith("Unterminated")
    )


def _before_translations(broken: str) -> dict[str, Any] | None:
    """Return what an answer says before its translations, which come last; None if that is broken,
    too. A model that cannot translate loses nothing else by it.
    """
    before, mark, _ = broken.partition(f'"{TRANSLATIONS}"')
    try:
        value = json.loads(before.rstrip().rstrip(",") + "}", strict=False) if mark else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def checked_answer(found: Mapping[str, Any]) -> Answer:
    return checked(Answer, found)


def checked(kind: type[T], answer: Mapping[str, Any]) -> T:
    """Return an answer from its JSON object. Raises AnswerError if a field is not as it should."""
    try:
        return kind.model_validate(answer)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise AnswerError(f"the answer's {name}: {first['msg'].lower()}") from None


def languages_beside(document: Document, languages: Sequence[str]) -> list[str]:
    """Return those of the languages that a document is not written in, each once."""
    return [code for code in dict.fromkeys(languages) if code != document.language]


def with_translations(
    reading: SecondReading, answer: Mapping[str, Any], document: Document, languages: Sequence[str]
) -> SecondReading:
    """Return a reading with those translations in an answer's JSON object that were asked for. Of
    what is no text nothing is taken, of a quote that was not proven no translation.
    """
    given, taken = answer.get(TRANSLATIONS), list[Translation]()
    for code in languages_beside(document, languages):
        one = given.get(code) if isinstance(given, dict) else None
        texts = {name: _short_text(one, name) for name in TRANSLATED}
        if not reading.quote:
            texts["quote"] = ""
        if any(texts.values()):
            taken.append(Translation(code, **texts))
    return replace(reading, translations=tuple(taken))


def _short_text(given: object, name: str) -> str:
    text = given.get(name) if isinstance(given, dict) else None
    return " ".join(text[: TRANSLATED[name]].split()) if isinstance(text, str) else ""


class ReadBy(NamedTuple):
    """Which model read, asked by which version of the prompt, and when."""

    reader: str
    prompt: str
    at: datetime


# --- what an answer makes of a verdict ----------------------------------------------------------


def with_second_reading(judged: Judged, reading: SecondReading) -> Judged:
    """Return a judged document with a second reader's answer: "yes" makes it a report with the
    reader's card and quote, "no" leaves it to a person's review. What the rules said stays in the
    reading.
    """
    before = without_second_reading(judged.verdict)
    if not (before.near_miss or (before.relevant and before.registers)):
        return replace(judged, verdict=before)
    reading = replace(reading, rules_card=before.card, rules_outcome=before.outcome)
    verdict = replace(before, second_reading=reading)
    if reading.answer == "no":
        verdict = replace(verdict, relevant=False, near_miss=True, found_by=())
    if reading.answer != "yes":
        return replace(judged, verdict=verdict)
    found_by = verdict.found_by or tuple(rule.id for rule in verdict.rules)
    verdict = replace(
        verdict,
        relevant=True,
        registers=True,
        near_miss=False,
        found_by=found_by,
        card=_read_card(before.card, reading.card),
    )
    clues = _read_clues(judged.clues, reading)
    return replace(judged, verdict=verdict, quote=" ".join(reading.quote.split()), clues=clues)


def without_second_reading(verdict: Verdict) -> Verdict:
    """Return the verdict as the rules gave it."""
    reading = verdict.second_reading
    if reading is None or reading.rules_card is None:
        return replace(verdict, second_reading=None)
    is_alert = reading.rules_outcome == "alert"
    found_by = verdict.found_by or tuple(rule.id for rule in verdict.rules)
    return replace(
        verdict,
        relevant=is_alert,
        found_by=found_by if is_alert else (),
        near_miss=reading.rules_outcome == "review",
        card=reading.rules_card,
        second_reading=None,
    )


def _read_card(rules: Card, reader: Card) -> Card:
    """Return the reader's fields, and those of the rules that the reader left open."""
    same_parties = set(reader.parties) == set(rules.parties)
    return replace(
        rules,
        parties=rules.parties if same_parties else reader.parties,
        party_scores=rules.party_scores if same_parties else (),
        instrument=reader.instrument or rules.instrument,
        topics=reader.topics or rules.topics,
        status=reader.status or rules.status,
        event_date=reader.event_date or rules.event_date,
        event_date_basis=DateBasis.TEXT if reader.event_date else rules.event_date_basis,
        expected_on=rules.expected_on if reader.status in (None, rules.status) else None,
    )


def differences(reading: SecondReading) -> Iterator[tuple[str, object, object]]:
    """Yield the fields in which the reader differs from the rules: name, rules' value, reader's."""
    if reading.answer != "yes" or reading.rules_card is None:
        return
    before, after = reading.rules_card, _read_card(reading.rules_card, reading.card)
    for name in ("parties", "instrument", "topics", "status", "event_date"):
        if getattr(before, name) != getattr(after, name):
            yield name, getattr(before, name), getattr(after, name)


def _read_clues(stored: Sequence[str], reading: SecondReading) -> tuple[str, ...]:
    """Return the clues with what the reader adds: a name, and that the step is stated."""
    others = [one for one in stored if one != VAGUE or reading.card.status is None]
    named = _named(reading.agreement)
    own = Clues(named=named).to_text() if named else ()
    return (*(other for other in others if read_clues([other]).named is None), *own)


def _named(name: str) -> AgreementName | None:
    """Return the year in a name ("UK-France small boats funding deal 2023"), and the words of its
    subject: neither states, which have capitals, nor words for agreements. None if it has neither
    year nor plan, and does not distinguish the agreement from another of the same states.
    """
    years = _YEAR.findall(name)
    words = [fold_text(word) for word in _WORD.findall(name) if word.islower()]
    planned = not _PLANNED.isdisjoint(words)
    if not years and not planned:
        return None
    subject = dict.fromkeys(word for word in words if word not in _ANY_KIND)
    return AgreementName(int(years[-1]) if years else None, tuple(subject), planned)
