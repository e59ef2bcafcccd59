"""The rules of the page, kept in memory since loading takes seconds, and what they say in words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from crawler.judgement.judge import Rules, read_document
from crawler.judgement.rules.explain import Nearly, nearly_fired
from crawler.judgement.rules.model import Condition, Element, Rule, Signal, Trap
from crawler.judgement.text.lexicon import ANY_LANGUAGE
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated, without_towers
from scheduler.views.words.reasons import reason_in_words
from storage.errors import AccordwatchError
from storage.records import Document, Reason

_log = logging.getLogger(__name__)


class LoadedRules:
    """The rules of an installation.

    They are loaded when they are first asked for, and again when one of the user's own files has
    changed. They are also loaded every hour, since the number of affordable false alarms follows
    from the volume; nobody waits for that, since the old rules serve until the new ones are there.
    """

    def __init__(self, load: Callable[[], Rules], files: Sequence[Path]) -> None:
        self._load, self._files = load, files
        self._lock = Lock()
        self._read: Hashable = None  # the files, as they were when they were loaded
        self._hour = ""
        self._rules: Rules | None = None
        # What was wrong with the files, and how these were then: they are not read again before
        # one of them changes.
        self._fault: tuple[Hashable, AccordwatchError] | None = None

    def at(self, now: datetime) -> Rules:
        """The rules as they stand now. Raises RuleError with every fault of every file."""
        files, hour = tuple(map(_stamp, self._files)), now.strftime("%Y-%m-%d %H")
        with self._lock:
            if self._rules is None or files != self._read:
                self._rules, self._read, self._hour = self._loaded(files), files, hour
            elif hour != self._hour:
                self._hour = hour
                self._aside(self._reload)
            return self._rules

    def _loaded(self, files: Hashable) -> Rules:
        if self._fault is not None and self._fault[0] == files:
            raise self._fault[1].with_traceback(None)
        try:
            return self._load()
        except AccordwatchError as error:
            self._fault = files, error
            raise

    def begin(self, now: datetime) -> None:
        """Load them aside, so that the first reader need not wait."""
        self._aside(lambda: self.at(now))

    def _reload(self) -> None:
        files = tuple(map(_stamp, self._files))
        found = self._load()
        with self._lock:
            self._rules, self._read = found, files

    def _aside(self, work: Callable[[], object]) -> None:
        Thread(target=_logged, args=(work,), name="rules", daemon=True).start()


def _logged(work: Callable[[], object]) -> None:
    try:
        work()
    except AccordwatchError as error:  # who asks for the rules is told
        _log.warning("%s", error)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


_MOST_NEARLY = 8


@dataclass(frozen=True, slots=True)
class PartView:
    """A signal or trap: its condition in words, what it weighs, and what is special about it."""

    id: str
    condition: str
    weight: str
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class RuleView:
    id: str
    name: str
    version: str
    notes: Sequence[str]
    signals: Sequence[PartView]
    traps: Sequence[PartView]


@dataclass(frozen=True, slots=True)
class FamilyView:
    """Concepts whose ids begin alike, each with its terms as they are written."""

    name: str
    concepts: Sequence[tuple[str, Sequence[str]]]
    terms: int


def rule_view(rule: Rule, words: Labels) -> RuleView:
    notes = [words.say("page.rule.judged" if rule.judged else "page.rule.decides")]
    notes += [words.say("page.rule.threshold", points=f"{rule.threshold:g}")]
    notes += [words.say("page.rule.register")] if rule.register else []
    signals = [_signal(one, words) for one in sorted(rule.signals, key=lambda one: -one.weight)]
    traps = [_trap(one, words) for one in sorted(rule.traps, key=lambda one: one.weight)]
    return RuleView(
        id=rule.id, name=rule.name, version=rule.version, notes=notes, signals=signals, traps=traps
    )


def _signal(one: Signal, words: Labels) -> PartView:
    notes = [words.say("page.rule.core")] if one.core else []
    notes += _cap(one.weight, one.cap, words)
    return PartView(one.id, condition_in_words(one.condition, words), f"{one.weight:+g}", notes)


def _trap(one: Trap, words: Labels) -> PartView:
    notes = _cap(one.weight, one.cap, words) if not one.veto else []
    if one.unless:
        notes.append(words.say("page.rule.unless", names=words.say("comma").join(one.unless)))
    weight = words.say("page.rule.veto") if one.veto else f"{one.weight:+g}"
    return PartView(one.id, condition_in_words(one.condition, words), weight, notes)


def _cap(weight: float, cap: float, words: Labels) -> list[str]:
    return [words.say("page.rule.cap", points=f"{cap:+g}")] if abs(cap) > abs(weight) else []


def condition_in_words(condition: Condition, words: Labels) -> str:
    """ "deal + step, within 2 sentences, in title or lead"."""
    asked = " + ".join(_element(one, words) for one in condition.elements)
    said = [isolated(asked, words.direction)]
    if condition.words is not None:
        said.append(words.count("page.rule.within_words", condition.words))
    elif condition.sentences is not None:
        said.append(words.count("page.rule.within_sentences", condition.sentences))
    if condition.zones:
        zones = words.words["reasons"]["zones"]
        listed = words.say("comma").join(zones[one.value] for one in sorted(condition.zones))
        said.append(words.say("page.rule.zones", zones=listed))
    if condition.absent:
        names = words.say("comma").join(one.name for one in condition.absent)
        said.append(words.say("page.rule.without", names=names))
    return words.say("comma").join(said)


def _element(one: Element, words: Labels) -> str:
    return one.name if one.distinct == 1 else f"{words.number(one.distinct)} × {one.name}"


def sets_of(rules: Rules) -> list[tuple[str, Sequence[str]]]:
    """The names that stand for several concepts in conditions, with the concepts."""
    named = {one.name: one.concepts for one in _elements(rules)}
    return sorted(
        (name, concepts)
        for name, concepts in named.items()
        if concepts != (name,) and " | " not in name
    )


def families_of(rules: Rules, language: str) -> list[FamilyView]:
    """The terms that rules look for in a language, by family of concepts."""
    by_family: dict[str, list[tuple[str, Sequence[str]]]] = {}
    for concept in sorted(_used(rules)):
        terms = rules.lexicon.concepts[concept].terms
        own = (*terms.get(language, ()), *terms.get(ANY_LANGUAGE, ()))
        written = list(dict.fromkeys(term.source for term in own))
        if written:
            by_family.setdefault(concept.partition(".")[0], []).append((concept, written))
    return [
        FamilyView(name, found, sum(len(terms) for _, terms in found))
        for name, found in by_family.items()
    ]


def _used(rules: Rules) -> set[str]:
    known = rules.lexicon.concepts
    return {concept for one in _elements(rules) for concept in one.ids if concept in known}


def _elements(rules: Rules) -> Iterator[Element]:
    for rule in rules.rules.rules:
        conditions = [signal.condition for signal in rule.signals]
        conditions += [trap.condition for trap in rule.traps]
        for condition in conditions:
            yield from (*condition.elements, *condition.absent)


def reasons_in_words(reasons: Iterable[Reason], words: Labels, sign: int) -> list[tuple[str, str]]:
    """(what speaks for a report, or against it where `sign` is -1, how much it weighs)."""
    return [
        (reason_in_words(one.name, words), f"{one.weight:+.1f}")
        for one in reasons
        if one.weight * sign > 0
    ]


def nearly_in(document: Document, loaded: Rules, words: Labels) -> list[tuple[str, str, str]]:
    """What nearly fired in a document: (signal, weight, what was missing)."""
    reading = read_document(document, loaded)
    found = [
        one for rule in loaded.rules.rules for one in nearly_fired(rule, reading, loaded.rules)
    ]
    return [(one.id, f"{one.weight:+g}", _missing(one, words)) for one in found[:_MOST_NEARLY]]


def _missing(one: Nearly, words: Labels) -> str:
    if one.lacks:
        return words.say("page.rule.lacks", name=one.lacks)
    if one.words is not None:
        return words.say("page.rule.apart_words", words=words.number(one.words))
    allowed = words.number(one.allowed or 1)
    return words.say("page.rule.apart", sentences=words.number(one.sentences), allowed=allowed)


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A run of a text; `why` and `weight` say why it is marked, "" for what is not."""

    text: str
    why: str = ""
    weight: float = 0.0


def marked(
    text: str, evidence: Sequence[Mapping[str, Any]], zones: frozenset[str]
) -> list[TextPiece]:
    """The text cut where evidence begins and ends, so that each piece is marked or not.

    Where marks overlap, the one that weighs the most is shown.
    """
    marks = [
        (int(one["start"]), int(one["end"]), str(one["concept"]), float(one["weight"]))
        for one in evidence
        if one["zone"] in zones and 0 <= one["start"] < one["end"] <= len(text)
    ]
    edges = sorted({0, len(text), *(edge for start, end, *_ in marks for edge in (start, end))})
    pieces: list[TextPiece] = []
    for start, end in pairwise(edges):
        over = [mark for mark in marks if mark[0] <= start and end <= mark[1]]
        best = max(over, key=lambda mark: (abs(mark[3]), mark[2]), default=None)
        said = without_towers(text[start:end])
        piece = TextPiece(said, best[2], best[3]) if best else TextPiece(said)
        if pieces and (pieces[-1].why, pieces[-1].weight) == (piece.why, piece.weight):
            pieces[-1] = TextPiece(pieces[-1].text + piece.text, piece.why, piece.weight)
        else:
            pieces.append(piece)
    return pieces


def paragraphs(pieces: Iterable[TextPiece]) -> list[list[TextPiece]]:
    """The pieces line by line; empty lines are left out."""
    lines: list[list[TextPiece]] = [[]]
    for piece in pieces:
        first, *others = piece.text.split("\n")
        lines[-1].append(TextPiece(first, piece.why, piece.weight))
        lines += [[TextPiece(rest, piece.why, piece.weight)] for rest in others]
    return [found for found in lines if any(piece.text.strip() for piece in found)]
