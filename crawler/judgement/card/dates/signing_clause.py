"""Whether a day belongs to a verb of signing that stands in its sentence, though not beside it.

It does where verb, new paper and day stand in one clause: "signed an agreement on farm work in the
town of Galle on Monday". What is said of a paper that was signed before has a day of its own:
"the agreement they signed was praised on Monday". The same is asked of the day of the whole text:
who takes that of a speech for that of a signature sees a second one where there was one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.judgement.card.records import REPORTED_WEIGHT
from crawler.judgement.text.reading import Hit, Reading
from crawler.judgement.text.relatives import relative_tokens
from storage.records import Evidence, Zone

_PAPER_REACH = 6  # tokens: "signed in Rabat a new declaration"
_DAY_REACH = 14  # "signed a letter on the sidelines of the assembly in New York on Thursday"
_OWN_REACH = 3  # "the agreement they signed", "l'accord signé"
_ARTICLE_REACH = 2  # "the new agreement"
_OF_THE_DAY = 3  # tokens between a day and what else its date says: "Wednesday, 18 December"
CLAUSE_END = re.compile(r"[,;:،؛–—]\s")
_CLAUSE_ENDS_HERE = re.compile(r"\W*$|\s*[.,;:!?…–—]")
# Between commas: "ont signé, mercredi, un accord", "assinaram, na quinta-feira, um memorando".
_OPENED = re.compile(r"[,،]\s+(\S+\s+)?$")


@dataclass(frozen=True, slots=True)
class SigningClause:
    """A verb of signing and a day in one sentence, with the papers that it names.

    `relatives` are the tokens of the text that open a relative clause, `dates` those of all days,
    months and spans of time.
    """

    reading: Reading
    act: Hit
    day: Hit
    papers: tuple[Hit, ...]
    relatives: tuple[int, ...]
    dates: tuple[int, ...]

    def is_dated(self) -> bool:
        """Whether the paper is the object of the verb, and the day that of the verb."""
        if self._has_other_date():
            return False
        if self.day.last_token < self.act.token:
            return self._ends_with_the_verb()
        if self._is_relative() or self._is_of_a_paper() or self._is_secondary():
            return False
        return any(self._is_object_before_day(one) for one in self.papers) or any(
            self._is_object_behind_day(one) for one in self.papers
        )

    def _ends_with_the_verb(self) -> bool:
        """Whether the verb stands last: "haben am Dienstag in Rabat ein Abkommen unterzeichnet"."""
        reading = self.reading
        if not reading.grammar.modal_behind or self._breaks(self.day.end, self.act.start):
            return False
        sentence_end = reading.sentences[self.act.sentence].end
        behind = written(reading, self.act.end, sentence_end) if self.act.end < sentence_end else ""
        return bool(_CLAUSE_ENDS_HERE.match(behind)) and any(
            paper.token < self.act.token and not self._breaks(paper.end, self.act.start)
            for paper in self.papers
        )

    def _has_other_date(self) -> bool:
        """Whether another date stands between verb and day: "signed last month and met today"."""
        first, last = sorted((self.act.token, self.day.token))
        near = range(self.day.token - _OF_THE_DAY, self.day.last_token + _OF_THE_DAY + 1)
        return any(first < token < last and token not in near for token in self.dates)

    def _is_secondary(self) -> bool:
        """Whether the clause of the verb is the circumstance of another: "after they signed"."""
        reading = self.reading
        first = reading.token_at(reading.sentences[self.act.sentence].start)
        begins = (
            token
            for token in range(self.act.token, first, -1)
            if self._breaks(reading.spaces[token - 1] + 1, reading.spaces[token] + 1)
        )
        return self._turns(next(begins, first))

    def _turns(self, token: int) -> bool:
        """Whether a word turns to something else: "because", "according to"."""
        grammar, word = self.reading.grammar, self.reading.word(token)
        return word in grammar.object_breaks and word not in grammar.locatives

    def _goes_on(self, token: int) -> bool:
        """Whether a word may begin another clause: "and published it"."""
        grammar, word = self.reading.grammar, self.reading.word(token)
        if word in grammar.joiners:
            return word not in grammar.companions
        prefix = grammar.joining_prefix
        return bool(prefix) and word.startswith(prefix) and word not in grammar.fillers

    def _is_relative(self) -> bool:
        """Whether a relative clause begins before the day: "who signed it spoke on Monday"."""
        start = self.reading.sentences[self.act.sentence].start
        return any(
            self.reading.spaces[token] + 1 >= start and token < self.day.token
            for token in self.relatives
        )

    def _is_of_a_paper(self) -> bool:
        """Whether the verb only says which paper is meant: "the agreement they signed" and, where
        verbs stand last, "das von beiden unterzeichnete Abkommen".
        """
        verb_last = self.reading.grammar.modal_behind > 0
        return any(
            (
                0 <= self.act.token - paper.last_token <= _OWN_REACH
                and not self._breaks(paper.end, self.act.start)
            )
            or (verb_last and paper.token == self.act.last_token + 1)
            for paper in self.papers
        )

    def _is_object_before_day(self, paper: Hit) -> bool:
        """Whether a new paper, then the day stand behind the verb, all in one clause."""
        return (
            self.act.last_token < paper.token <= self.act.last_token + _PAPER_REACH
            and paper.last_token < self.day.token <= paper.last_token + _DAY_REACH
            and _is_new(self.reading, paper)
            and not self._breaks(self.act.end, self.day.start)
            and not any(
                self._turns(token) or self._goes_on(token)
                for token in range(paper.last_token + 1, self.day.token)
            )
        )

    def _is_object_behind_day(self, paper: Hit) -> bool:
        """Whether the day, be it between commas, parts the verb from its paper."""
        return (
            self.act.last_token < self.day.token <= self.act.last_token + _DAY_REACH
            and self.day.last_token < paper.token <= self.day.last_token + _PAPER_REACH
            and _is_new(self.reading, paper)
            and not any(self.act.token <= one.token < self.day.token for one in self.papers)
            and not self._is_apart()
        )

    def _is_apart(self) -> bool:
        """Whether another clause begins before the day. A comma right before it opens none where
        another one closes it.
        """
        between = written(self.reading, self.act.end, self.day.start)
        opened = _OPENED.search(between)
        return bool(CLAUSE_END.search(between[: opened.start()] if opened else between))

    def _breaks(self, start: int, end: int) -> bool:
        return start < end and bool(CLAUSE_END.search(written(self.reading, start, end)))


def _is_new(reading: Reading, paper: Hit) -> bool:
    """Whether a paper is named for the first time: "an agreement", and not "the agreement"."""
    grammar = reading.grammar
    if grammar.clitics is not None and grammar.clitics.article:
        words = reading.folded[paper.start : paper.end].split()
        return not any(word.startswith(grammar.clitics.article) for word in words)
    for token in range(paper.token - 1, max(-1, paper.token - 1 - _ARTICLE_REACH), -1):
        word = reading.word(token)
        if word in grammar.indefinite:
            return True
        if word in grammar.definite:
            return False
    return True


def written(reading: Reading, start: int, end: int) -> str:
    """Return the original characters of a folded range."""
    return reading.original(start, end)[-1]


# --- whether the day that a text gives is that of the signature -----------------------------------

_FAMILIES = ("act.signed", "act.sealed", "deed.signed", "deed.sealed")
_VERBS = (".verb", ".loose")
# Tokens from "signed" to its day: "was signed in Colombo on Monday", but not "signed with Niger was
# defended on Thursday".
_REACH = 4
_OTHER_DATES = (
    "date.month", "date.short-month", "date.weekday", "date.ago", "date.past", "date.this-month",
    "date.today", "date.yesterday", "date.day-before", "date.eve", "modality.ago",
)  # fmt: skip


def is_signing_day(reading: Reading, status: Iterable[Evidence], day: Sequence[Evidence]) -> bool:
    """Return whether the text dates the signature that it tells.

    `status` and `day` are the evidence for both. The day stands beside the signature or in one
    clause with it and its paper, or the headline tells a signature and the day stands in a sentence
    about one. A day in figures ("4.3.2024") has no evidence: the headline is enough for it.
    """
    signing = [hit for family in _FAMILIES for hit in reading.family(family)]
    found = [hit for one in day if (hit := _hit_of(reading, one)) is not None]
    if any(_is_beside(reading, act, one) for one in found for act in signing):
        return True
    verbs = [act for act in signing if act.concept.endswith(_VERBS)]
    if found and verbs and _dates_a_clause(reading, verbs, found):
        return True
    if not any(one.zone is Zone.TITLE and one.weight >= REPORTED_WEIGHT for one in status):
        return False
    sentences = {act.sentence for act in signing}
    return all(one.sentence in sentences for one in found)


def _is_beside(reading: Reading, act: Hit, day: Hit) -> bool:
    """Whether a day stands right before an act, or shortly behind it in its clause."""
    if act.sentence != day.sentence:
        return False
    if day.last_token < act.token:
        return act.token - day.last_token == 1
    if day.token - act.last_token > _REACH:
        return False
    return not CLAUSE_END.search(written(reading, act.end, day.start))


def _dates_a_clause(reading: Reading, verbs: Iterable[Hit], days: Sequence[Hit]) -> bool:
    pairs = [(act, day) for day in days for act in verbs if act.sentence == day.sentence]
    if not pairs:
        return False
    papers = (*reading.family("instrument"), *reading.hits.get("object.document", ()))
    relatives = tuple(relative_tokens(reading))
    dates = tuple(_date_tokens(reading))
    return any(
        SigningClause(
            reading=reading,
            act=act,
            day=day,
            papers=tuple(one for one in papers if one.sentence == day.sentence),
            relatives=relatives,
            dates=dates,
        ).is_dated()
        for act, day in pairs
    )


def _date_tokens(reading: Reading) -> Iterator[int]:
    for concept, hits in reading.hits.items():
        if concept.startswith(_OTHER_DATES):
            for hit in hits:
                yield hit.token


def _hit_of(reading: Reading, proof: Evidence) -> Hit | None:
    """Return the words that an evidence shows."""
    hits = reading.hits.get(proof.concept, ())
    return next(
        (hit for hit in hits if reading.evidence(hit, proof.rule, proof.weight) == proof), None
    )
