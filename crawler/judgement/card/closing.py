"""How the text of a treaty ends: "Done at Brussels, this second day of November in the year two
thousand and eleven".

Decrees end in this way, too. So it is the end of a treaty only where the words before it are those
of one ("have agreed as follows", "in witness whereof"), or where its day is written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from crawler.judgement.card.dates.date_mentions import number_at, word_at
from crawler.judgement.card.records import Clauses, Modality, Precision
from crawler.judgement.card.status import FoundStatus
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Status, Zone

CLOSING_RULE = "card.closing"
_SURE = 3.0  # as much as an act in the headline
_YEARS = range(1900, 2100)
_YEAR = re.compile(r"(?:19|20)\d\d$")
_DAY_BEFORE = 8  # tokens between a day in words and its month: "veinte días del mes de"
_BEHIND = 14  # "of November in the year of our Lord two thousand and eleven"
# Where a headline tells one of these, a law prints the text that it approves.
_DONE_SINCE = frozenset(("ratified", "approved", "in_force", "renewed", "suspended", "terminated"))


class Closing(NamedTuple):
    """The day of a treaty, and its closing formula: from behind "done at" to the end of the
    sentence.
    """

    day: date
    hit: Hit
    last_token: int


def find_closing(reading: Reading, clauses: Clauses) -> Closing | None:
    """Return how a treaty ends that is printed here; None if the headline says what was done with
    it since.
    """
    if any(
        act.deed in _DONE_SINCE
        and act.modality is Modality.DONE
        and _zone(act.hit, reading) is Zone.TITLE
        for act in clauses.acts
    ):
        return None
    papers = reading.hits.get("closing.paper", ())
    for hit in reading.hits.get("closing.done", ()):
        has_formula = any(one.token < hit.token for one in papers)
        is_first = hit.start == reading.sentences[hit.sentence].start
        if _zone(hit, reading) is Zone.TITLE or not (is_first or has_formula):
            continue
        is_paper = has_formula or any(one.sentence == hit.sentence for one in papers)
        found = _day(reading, hit, in_figures=is_paper) or (
            _in_figures(clauses, hit) if is_paper else None
        )
        if found is not None:
            end = reading.sentences[hit.sentence].end
            return Closing(found, hit, reading.token_at(end - 1))
    return None


def signed_by(closing: Closing, reading: Reading) -> FoundStatus:
    """Return the status that a treaty has by its own words: it was signed."""
    return FoundStatus(Status.SIGNED, (reading.evidence(closing.hit, CLOSING_RULE, _SURE),))


def _zone(hit: Hit, reading: Reading) -> Zone:
    return reading.sentences[hit.sentence].zone


def _in_figures(clauses: Clauses, hit: Hit) -> date | None:
    """Return a day that is written in figures alone: "am 14.04.2010"."""
    days = (
        one.day
        for one in clauses.dates
        if one.sentence == hit.sentence
        and one.token > hit.last_token
        and one.precision is Precision.DAY
    )
    return next((day for day in days if day), None)


def _day(reading: Reading, hit: Hit, *, in_figures: bool) -> date | None:
    """Return the day behind "done at". Number or year is written out, or both may stand
    `in_figures`.
    """
    for month in _months(reading, hit):
        before = range(max(hit.last_token + 1, month.token - _DAY_BEFORE), month.token)
        behind = range(month.last_token + 1, month.last_token + 1 + _BEHIND)
        number = _last_number(reading, before)
        year = _first_year(reading, [at for at in behind if _is_with(reading, at, hit)])
        if number is None or year is None or not (in_figures or number[1] or year[1]):
            continue
        try:
            return date(year[0], int(month.concept.rpartition(".")[2]), number[0])
        except ValueError:
            continue
    return None


def _months(reading: Reading, hit: Hit) -> Iterator[Hit]:
    return (
        month
        for month in reading.family("date.month")
        if month.sentence == hit.sentence and month.token > hit.last_token
    )


def _is_with(reading: Reading, token: int, hit: Hit) -> bool:
    return token < len(reading.sentence_of) and reading.sentence_of[token] == hit.sentence


def _last_number(reading: Reading, tokens: Sequence[int]) -> tuple[int, bool] | None:
    """Return the number of a day that stands last, and whether it is written out."""
    for last in reversed(tokens):
        figures = number_at(reading, last)
        if figures is not None:
            return figures, False
        for first in range(tokens[0], last + 1):
            words = [word_at(reading, at) for at in range(first, last + 1)]
            number = number_in_words(words, reading.grammar.number_words)
            if number is not None and 1 <= number <= 31:
                return number, True
    return None


def _first_year(reading: Reading, tokens: Sequence[int]) -> tuple[int, bool] | None:
    """Return the year that stands first, and whether it is written out."""
    for place, first in enumerate(tokens):
        if _YEAR.match(word_at(reading, first)):
            return int(word_at(reading, first)), False
        for last in reversed(tokens[place:]):
            words = [word_at(reading, at) for at in range(first, last + 1)]
            number = number_in_words(words, reading.grammar.number_words)
            if number is not None and number in _YEARS:
                return number, True
    return None


def number_in_words(words: Iterable[str], known: Mapping[str, int]) -> int | None:
    """Return the number that folded words say, in one piece or apart: "two thousand and eleven",
    "zweitausendelf"; None where another word is among them. `known`: how much each part is, 0 for
    what only joins.
    """
    parts = _parts("".join(words), tuple(sorted(known.items())))
    if parts is None or not any(parts):
        return None
    thousands = rest = 0
    for part in parts:
        if part == 1000:
            thousands, rest = thousands + max(rest, 1) * 1000, 0
        elif part == 100:
            rest = max(rest, 1) * 100
        else:
            rest += part
    return thousands + rest


@lru_cache(maxsize=4096)
def _parts(written: str, known: tuple[tuple[str, int], ...]) -> tuple[int, ...] | None:
    """Cut letters into the fewest known parts, and return how much each is."""
    best: list[tuple[int, ...] | None] = [(), *[None] * len(written)]
    for end in range(1, len(written) + 1):
        for word, number in known:
            before = best[end - len(word)] if len(word) <= end else None
            if before is None or not written.startswith(word, end - len(word)):
                continue
            now = best[end]
            if now is None or len(before) + 1 < len(now):
                best[end] = (*before, number)
    return best[len(written)]
