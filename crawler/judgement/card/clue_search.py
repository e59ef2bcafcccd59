"""Find what the register compares beside the card: other dates, numbers and names.

Numbers and names are the same in every language, so they distinguish reports of one event from
those of another. A date beside the name of a paper ("the 2019 memorandum", "signed last November")
recalls an agreement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from crawler.clues import Clues, PaperBeside, RecalledDate
from crawler.judgement.card.dates.date_mentions import day_beside, year_after
from crawler.judgement.card.event_date import CLOSING_RULE, DAY_RULE
from crawler.judgement.card.mentions import REPORTED_WEIGHT
from crawler.judgement.card.status import STATUS_RULE
from crawler.judgement.text.reading import Hit, Reading
from storage.letters import fold_text
from storage.records import Card, DateBasis, Evidence, Status, Zone

_SIGNING = ("act.signed", "act.sealed", "deed.signed", "deed.sealed")
# Tokens from "signed" to its day: "was signed in Colombo on Monday", but not "signed with Niger was
# defended on Thursday".
_DAY_REACH = 4
_CLAUSE_END = re.compile(r"[,;:،؛–—]\s")
_MOST_DATES = 10
_MOST_NUMBERS = 16
_MOST_NAMES = 32
_MOST_BESIDE = 4
_BESIDE_TOKENS = 5  # between "another" and the word for the paper
# "Another", "separate" or "replaces" speaks of the paper or the date that stands this close to it.
# Further off it speaks of something else: "it dates from 2019; Honduras signed another one".
_OTHER_TOKENS = 6
_NEAR_TOKENS = 14  # a date dates a paper that is named this close in its sentence
_LOOSE = "clue.kind.agreement"
# Tokens that a word for any paper stands back: "memorandum of understanding", "protocole d'accord".
_LOOSE_WORD = 4
_YEARS = range(1950, 2050)
_YEAR = re.compile(r" (?:19[5-9]|20[0-4])[0-9](?= )")
# "It would have run out on 11 June", in May: a day of ten months ago has its year beside it.
_NEXT_MONTHS = 2
_AHEAD_WORDS = 2  # between a month and "next" or "coming"

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩٬٫", "0123456789,.")
_ARABIC_DIGIT = re.compile("[٠-٩٬٫]")
# What stands before is looked at behind the first character: so the search skips all others.
_NUMBER = re.compile(
    r"(\d(?<![\w.,]\d)(?:\d{0,2}(?:[.,' \u00a0\u202f’]\d{3})+|\d*))(?:[.,](\d{1,2}))?(?![\w])"
    r"(?:[ \u00a0-]?([^\W\d_]+))?"
)
_LONGEST_NUMBER = 12  # digits
# Days, hours and shares: 90 days stand in agreements of any two states.
_COMMON_NUMBERS = frozenset({40, 48, 50, 60, 70, 72, 80, 90, 100, 120, 180, 200, 365, 500, 1_000})
_LEAST_NUMBER = 32  # smaller ones are days, hours, counts of articles

_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž](?<![\w'’-].)[\w'’-]*[^\W\d_]")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…»”\"“«\n])\s*[«“\"—–-]?\s*$")
_LEAST_NAME = 4  # letters
# Families of concepts whose words say nothing as names: the gazetteer and the calendar know them.
_NAMED_ELSEWHERE = frozenset((
    "state", "capital", "seat", "nationals", "body", "shared", "sign", "group",
    "date", "clue", "actor",
))  # fmt: skip


_T = TypeVar("_T")


# A date that the text names: token, sentence, and its year, with month and day if it says them.
_Dated = tuple[int, int, tuple[int, ...]]


def find_clues(reading: Reading, card: Card, proof: Sequence[Evidence] | None = None) -> Clues:
    """Return the clues of a text, each once. Without `proof`, the evidence for the card, the status
    counts as stated explicitly. A date counts beside a paper, before the month of the card's
    date; dates are no numbers, and states, capitals and bodies no names.
    """
    is_paper = any(evidence.rule == CLOSING_RULE for evidence in proof or ())
    is_implied = proof is not None and card.status is not None and _only_implies(proof)
    is_vague = is_implied or (card.status is not None and _is_opinion(reading))
    return Clues(
        dates=tuple(dict.fromkeys(_recalled_dates(reading, card))),
        numbers=_first(_numbers(reading), _MOST_NUMBERS),
        names=_first(_names(reading), _MOST_NAMES),
        beside=_first(_beside(reading), _MOST_BESIDE),
        is_vague=is_vague and not is_paper,
        is_dated=is_paper or _is_dated_signature(reading, card, proof),
        is_paper=is_paper,
    )


def _only_implies(proof: Iterable[Evidence]) -> bool:
    """Whether neither title nor lead states the status explicitly. Of 331 labelled reports
    that were alerts, the status of 95 % of the others was right, and of half of these 30.
    """
    reported = (
        evidence
        for evidence in proof
        if evidence.rule == STATUS_RULE and evidence.zone is not Zone.BODY
    )
    return not any(evidence.weight >= REPORTED_WEIGHT for evidence in reported)


def _is_opinion(reading: Reading) -> bool:
    """Whether a text calls itself an opinion, at an edge of its headline or where it begins: what
    it says of an agreement is its writer's, and no report.
    """
    for hit in reading.hits.get("modality.opinion", ()):
        sentence = reading.sentences[hit.sentence]
        is_title = sentence.zone is Zone.TITLE
        begins = hit.start == sentence.start and (is_title or sentence.paragraph <= 1)
        if begins or (is_title and hit.end == sentence.end):
            return True
    return False


def _is_dated_signature(reading: Reading, card: Card, proof: Sequence[Evidence] | None) -> bool:
    """Whether the text dates the signature that it reports: a day stands beside it, or the headline
    reports it and each day stands in a sentence about one. Days in figures have no evidence.
    """
    if card.status is not Status.SIGNED or card.event_date_basis is not DateBasis.TEXT:
        return False
    if proof is None:
        return True
    days = [
        hit
        for evidence in proof
        if evidence.rule == DAY_RULE
        for hit in reading.hits.get(evidence.concept, ())
        if reading.evidence(hit, evidence.rule, evidence.weight) == evidence
    ]
    signing = [hit for family in _SIGNING for hit in reading.family(family)]
    if any(_is_beside(reading, act, day) for day in days for act in signing):
        return True
    reported = (
        evidence
        for evidence in proof
        if evidence.rule == STATUS_RULE and evidence.zone is Zone.TITLE
    )
    if not any(evidence.weight >= REPORTED_WEIGHT for evidence in reported):
        return False
    sentences = {act.sentence for act in signing}
    return all(day.sentence in sentences for day in days)


def _is_beside(reading: Reading, act: Hit, day: Hit) -> bool:
    """Whether a day stands right before an act, or shortly behind it in its clause."""
    if act.sentence != day.sentence:
        return False
    if day.last_token < act.token:
        return act.token - day.last_token == 1
    if day.token - act.last_token > _DAY_REACH:
        return False
    return not _CLAUSE_END.search(reading.original(act.end, day.start)[-1])


def _first(ts: Iterable[_T], most: int) -> tuple[_T, ...]:
    different: dict[_T, None] = {}
    for one in ts:
        different[one] = None
        if len(different) == most:
            break
    return tuple(different)


# --- dates --------------------------------------------------------------------------------------


def _recalled_dates(reading: Reading, card: Card) -> Iterator[RecalledDate]:
    kinds = _by_sentence(reading.family("clue.kind"))
    acts = _by_sentence(reading.family("act.signed") if card.status is not Status.SIGNED else ())
    others = _by_sentence(reading.hits.get("clue.other", ()))
    count = 0
    for token, sentence, parts in sorted(_dates(reading, card.event_date), key=lambda one: one[0]):
        event = card.event_date
        if event and parts[:2] >= (event.year, event.month)[: len(parts)]:
            continue  # not before the month of the event, or its year
        kind = _nearest(kinds.get(sentence, ()), token)
        if kind is None and _nearest(acts.get(sentence, ()), token) is None:
            continue
        zone = reading.sentences[sentence].zone
        name = kind.concept.rpartition(".")[2] if kind else "any"
        anchors = [token] if kind is None else [token, kind.token]
        is_other = any(
            abs(hit.token - anchor) <= _OTHER_TOKENS
            for hit in others.get(sentence, ())
            for anchor in anchors
        )
        yield RecalledDate(parts, zone, name, is_other)
        count += 1
        if count == _MOST_DATES:
            return


def _by_sentence(hits: Iterable[Hit]) -> Mapping[int, list[Hit]]:
    by_sentence: dict[int, list[Hit]] = {}
    for hit in hits:
        by_sentence.setdefault(hit.sentence, []).append(hit)
    return by_sentence


def _nearest(hits: Iterable[Hit], token: int) -> Hit | None:
    def distance(hit: Hit) -> int:
        return abs(hit.token - token) + (_LOOSE_WORD if hit.concept == _LOOSE else 0)

    near = [hit for hit in hits if abs(hit.token - token) <= _NEAR_TOKENS]
    return min(near, key=distance, default=None)


def _dates(reading: Reading, event: date | None) -> Iterator[_Dated]:
    """Yield months with their years, and years alone."""
    used: set[int] = set()
    hits = reading.family("date.month")
    taken = {hit.token for hit in hits}
    for hit in hits:
        dated = _month(reading, hit, event, taken, used)
        if dated:
            yield dated
    for match in _YEAR.finditer(reading.folded):
        token = reading.token_at(match.start() + 1)
        if token not in used:
            yield token, reading.sentence_of[token], (int(match.group().strip()),)


def _month(
    reading: Reading, hit: Hit, event: date | None, months: set[int], used: set[int]
) -> _Dated | None:
    """Read a month with its year and day; without a year, it is the latest before the event.
    `months` are the tokens of all months; that of a year read here is added to `used`.
    """
    month = int(hit.concept.rpartition(".")[2])
    number, _, last = day_beside(reading, hit)
    year, last = year_after(reading, last)
    if year is not None:
        used.add(last)
    elif (
        event is None
        or hit.last_token + 1 in months
        or any(
            other.sentence == hit.sentence and abs(other.token - hit.token) <= _AHEAD_WORDS
            for other in reading.hits.get("date.ahead", ())
        )
    ):
        return None
    elif number is None or not (0 < (month - event.month) % 12 <= _NEXT_MONTHS):
        year = event.year if month <= event.month else event.year - 1
    else:
        return None
    parts = (year, month, number) if number else (year, month)
    return hit.token, hit.sentence, parts


# --- papers beside ------------------------------------------------------------------------------


def _beside(reading: Reading) -> Iterator[PaperBeside]:
    """Yield the kind and topic of each paper that its sentence calls another one."""
    kinds = _by_sentence(reading.family("clue.kind"))
    topics = _by_sentence(reading.family("topic"))
    for hit in reading.hits.get("clue.other", ()):
        named = kinds.get(hit.sentence, ())
        if any(abs(hit.token - kind.token) <= _BESIDE_TOKENS for kind in named):
            yield PaperBeside(_last_parts(named), _last_parts(topics.get(hit.sentence, ())))


def _last_parts(hits: Iterable[Hit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.concept.rpartition(".")[2] for hit in hits))


# --- numbers ------------------------------------------------------------------------------------


def _numbers(reading: Reading) -> Iterator[int]:
    scales = reading.grammar.number_scales
    text = reading.text
    if _ARABIC_DIGIT.search(text):
        text = text.translate(_DIGITS)
    for match in _NUMBER.finditer(text):
        whole, fraction, word = match.groups()
        digits = "".join(character for character in whole if character.isdecimal())
        value = float(digits[:_LONGEST_NUMBER])
        scale = scales.get((word or "").casefold(), 1)
        if scale > 1:
            value = (value + float(f"0.{fraction or 0}")) * scale
        elif whole.isdecimal() and len(whole) == 4 and int(whole) in _YEARS:
            continue
        number = round(value)
        if number >= _LEAST_NUMBER and number not in _COMMON_NUMBERS:
            yield number


# --- names --------------------------------------------------------------------------------------


def _names(reading: Reading) -> Iterator[str]:
    """Yield the folded words of proper names that neither the gazetteer nor the calendar knows."""
    known = _known_words(reading)
    for name in _capitalised(reading):
        for word in fold_text(name).split():
            if len(word) >= _LEAST_NAME and word not in known:
                yield word


def _capitalised(reading: Reading) -> list[str]:
    """Return capitalised words inside sentences, or pairs where all nouns have capitals."""
    only_runs = reading.grammar.nouns_have_capitals
    text = reading.text
    words: list[tuple[str, bool]] = []  # the word, and whether it is sure to be a name
    previous_end = -1
    for match in _NAME.finditer(text):
        between = text[previous_end : match.start()] if previous_end >= 0 else ""
        joined = between in (" ", "-", "\u00a0")
        if not only_runs:
            starts = _SENTENCE_START.search(text, max(0, match.start() - 6), match.start())
            words.append((match.group(), joined or not starts))
        else:
            if joined:
                words[-1] = (words[-1][0], True)
            words.append((match.group(), joined))
        previous_end = match.end()
    return [name for name, is_sure in words if is_sure]


def _known_words(reading: Reading) -> set[str]:
    """Return the words of this text that the gazetteer and the calendar know."""
    known: set[str] = set()
    for concept, hits in reading.hits.items():
        if concept.partition(".")[0] in _NAMED_ELSEWHERE:
            for hit in hits:
                known.update(reading.folded[hit.start : hit.end].split())
    return known
