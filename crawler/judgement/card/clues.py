"""What the register matches on beside the card: other dates that a text names, its numbers and its proper names.

Numbers and names are the same in every language, so they tell reports of one event from reports of another; a date
beside the name of a paper ("the 2019 memorandum", "signed last November") recalls an agreement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from crawler.judgement.text.folding import fold_text
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Card, Status

_MOST_DATES = 10
_MOST_NUMBERS = 16
_MOST_NAMES = 32
_NEAR_TOKENS = 14  # a date dates a paper that is named this close in its sentence
_LOOSE = frozenset(["clue.kind.agreement"])
_LOOSE_WORD = 4  # tokens that a word for any paper stands back: "memorandum of understanding", "protocole d'accord"
_YEARS = range(1950, 2050)
_YEAR = re.compile(r" (?:19[5-9]|20[0-4])[0-9](?= )")
_DAYS = range(1, 32)

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩٬٫", "0123456789,.")
_NUMBER = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[.,' \u00a0\u202f’]\d{3})+|\d+)(?:[.,](\d{1,2}))?(?![\w])(?:[ \u00a0-]?([^\W\d_]+))?"
)
_COMMON_NUMBERS = frozenset(
    {40, 48, 50, 60, 70, 72, 80, 90, 100, 120, 180, 200, 365, 500, 1_000}
)  # days, hours, shares
_LEAST_NUMBER = 32  # smaller ones are days, hours, counts of articles

_NAME = re.compile(r"(?<![\w'’-])[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’-]*[^\W\d_]")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…»”\"“«\n])\s*[«“\"—–-]?\s*$")
_LEAST_NAME = 4
_NAMED_ELSEWHERE = (
    "state",
    "capital",
    "seat",
    "nationals",
    "body",
    "shared",
    "sign",
    "group",
    "date",
    "clue",
    "actor",
)


class _Date(NamedTuple):
    """A date that the text names, as far as it says: year, month, day."""

    token: int
    sentence: int
    parts: tuple[int, ...]

    def text(self) -> str:
        year, *rest = self.parts
        return "-".join([f"{year:04}", *(f"{part:02}" for part in rest)])


def find_clues(reading: Reading, card: Card) -> tuple[str, ...]:
    """In this order, each kind in text order:

    `ref:2013-12-16:title|lead|body:agreement|memorandum|...|any[:other]` a date beside a paper, before the card's
    own month; `other` where the sentence says that it is another paper. Year, or year and month, where no more is said.
    `num:260000` numbers that are no dates. `word:cayetano` proper names that are no states, capitals or bodies.
    """
    return (
        *dict.fromkeys(_recalled(reading, card)),
        *[f"num:{number}" for number in list(dict.fromkeys(_numbers(reading)))[:_MOST_NUMBERS]],
        *[f"word:{name}" for name in list(dict.fromkeys(_names(reading)))[:_MOST_NAMES]],
    )


# --- dates --------------------------------------------------------------------------------------


def _recalled(reading: Reading, card: Card) -> Iterator[str]:
    kinds = _by_sentence(reading.family("clue.kind"))
    acts = _by_sentence(reading.family("act.signed") if card.status is not Status.SIGNED else ())
    others = {hit.sentence for hit in reading.hits.get("clue.other", ())}
    found = 0
    for one in sorted(_dates(reading, card.event_date), key=lambda one: one.token):
        if card.event_date and not _before(one.parts, card.event_date):
            continue
        kind = _nearest(kinds, one)
        if kind is None and _nearest(acts, one) is None:
            continue
        zone = reading.sentences[one.sentence].zone.value
        name = kind.concept.rpartition(".")[2] if kind else "any"
        yield f"ref:{one.text()}:{zone}:{name}" + (":other" if one.sentence in others else "")
        found += 1
        if found == _MOST_DATES:
            return


def _by_sentence(hits: Iterable[Hit]) -> Mapping[int, list[Hit]]:
    found: dict[int, list[Hit]] = {}
    for hit in hits:
        found.setdefault(hit.sentence, []).append(hit)
    return found


def _nearest(hits: Mapping[int, list[Hit]], one: _Date) -> Hit | None:
    near = [hit for hit in hits.get(one.sentence, ()) if abs(hit.token - one.token) <= _NEAR_TOKENS]
    return min(
        near,
        key=lambda hit: abs(hit.token - one.token) + _LOOSE_WORD * (hit.concept in _LOOSE),
        default=None,
    )


def _before(parts: tuple[int, ...], event: date) -> bool:
    return (
        parts < (event.year, event.month)[: len(parts)]
        if len(parts) < 3
        else parts[:2] < (event.year, event.month)
    )


def _dates(reading: Reading, event: date | None) -> Iterator[_Date]:
    used: set[int] = set()
    months = [
        hit for hit in reading.family("date.month") if hit.concept.rpartition(".")[2].isdigit()
    ]
    taken = {hit.token for hit in months}
    for hit in months:
        one = _month(reading, hit, event, taken, used)
        if one:
            yield one
    for found in _YEAR.finditer(reading.folded):
        token = reading.token_at(found.start() + 1)
        if token not in used:
            yield _Date(token, reading.sentence_of[token], (int(found.group().strip()),))
    if event:
        yield from _counted_back(reading, event)


def _month(
    reading: Reading, hit: Hit, event: date | None, months: set[int], used: set[int]
) -> _Date | None:
    """A month with its year and day; without a year, the latest before the event."""
    month = int(hit.concept.rpartition(".")[2])
    year = None
    last = min(hit.last_token + 4, len(reading.sentence_of))
    for token in range(hit.last_token + 1, last):
        word = reading.word(token)
        if word.isdecimal() and int(word) in _YEARS:
            year = int(word)
            used.add(token)
            break
        if token in months or (
            word not in reading.grammar.date_joints
            and not (word.isdecimal() and int(word) in _DAYS)
        ):
            break
    if year is None:
        if event is None or hit.last_token + 1 in months or _ahead(reading, hit):
            return None
        year = event.year if month <= event.month else event.year - 1
    day = _day(reading, hit)
    return _Date(hit.token, hit.sentence, (year, month, day) if day else (year, month))


def _ahead(reading: Reading, hit: Hit) -> bool:
    """Whether "next" or "coming" stands beside it."""
    ahead = reading.hits.get("date.ahead", ())
    return any(
        abs(other.token - hit.token) <= 2 for other in ahead if other.sentence == hit.sentence
    )


def _day(reading: Reading, hit: Hit) -> int | None:
    for token in (hit.token - 1, hit.token - 2, hit.last_token + 1):
        if 0 <= token < len(reading.sentence_of):
            word = reading.word(token)
            if word.isdecimal() and int(word) in _DAYS:
                return int(word)
            if token == hit.token - 1 and word not in reading.grammar.date_joints:
                continue
    return None


def _counted_back(reading: Reading, event: date) -> Iterator[_Date]:
    """ "Five years ago", "last year": the year."""
    for hit in reading.hits.get("clue.last-year", ()):
        yield _Date(hit.token, hit.sentence, (event.year - 1,))
    numbers = {
        hit.token: int(hit.concept.rpartition(".")[2]) for hit in reading.family("clue.number")
    }
    ago = reading.hits.get("clue.ago", ())
    first, after = {hit.last_token + 2 for hit in ago}, {hit.token - 1 for hit in ago}
    for hit in reading.hits.get("clue.years", ()):
        word = reading.word(hit.token - 1) if hit.token else ""
        count = numbers.get(hit.token - 1, int(word) if word.isdecimal() and len(word) < 3 else 0)
        if count > 1 and (hit.token in first or hit.last_token in after):
            yield _Date(hit.token, hit.sentence, (event.year - count,))


# --- numbers ------------------------------------------------------------------------------------


def _numbers(reading: Reading) -> Iterator[int]:
    for found in _NUMBER.finditer(reading.text.translate(_DIGITS)):
        whole, fraction, word = found.groups()
        plain = whole.isdecimal()
        value = float("".join(character for character in whole if character.isdecimal())[:12])
        scale = reading.grammar.number_scales.get((word or "").casefold(), 1)
        if scale > 1:
            value = (value + (float(f"0.{fraction}") if fraction else 0.0)) * scale
        elif plain and len(whole) == 4 and int(whole) in _YEARS:
            continue
        number = round(value)
        if number >= _LEAST_NUMBER and number not in _COMMON_NUMBERS:
            yield number


# --- names --------------------------------------------------------------------------------------


def _names(reading: Reading) -> Iterator[str]:
    """Capitalised words inside sentences. Where all nouns have capitals, only runs of two are names."""
    known = _known_words(reading)
    text = reading.text
    previous_end = -1
    found: list[tuple[str, bool]] = []
    for match in _NAME.finditer(text):
        starts = bool(_SENTENCE_START.search(text, max(0, match.start() - 6), match.start()))
        joined = previous_end >= 0 and text[previous_end : match.start()] in (" ", "-", "\u00a0")
        if reading.grammar.nouns_have_capitals:
            if joined and found:
                found[-1] = (found[-1][0], True)
            found.append((match.group(), joined))
        else:
            found.append((match.group(), not starts or joined))
        previous_end = match.end()
    for name, sure in found:
        if sure:
            for word in fold_text(name).split():
                if len(word) >= _LEAST_NAME and word not in known:
                    yield word


def _known_words(reading: Reading) -> set[str]:
    """Words that the gazetteer and the calendar name already."""
    known: set[str] = set()
    for concept, hits in reading.hits.items():
        if concept.partition(".")[0] in _NAMED_ELSEWHERE:
            for hit in hits:
                known.update(reading.folded[hit.start : hit.end].split())
    return known
