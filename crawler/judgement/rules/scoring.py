"""Score verdicts against labels: precision, recall and F1 by language and rule, and the card.

Articles in doubt are left out. Where a label has a second answer under `alt`, either counts as
right.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from storage.records import Card, Document, Verdict

ALL = "all"
FIELDS = ("parties", "instrument", "status", "topics", "event_date", "place")
_DAY_TOLERANCE = 1  # days: a report of the night is dated either way


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article with the labels of readers. `labels` and `alt` hold card fields by name."""

    document: Document
    relevant: bool
    doubt: bool = False
    labels: Mapping[str, Any] = field(default_factory=dict)
    alt: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often verdicts and labels agree on relevance."""

    found: int = 0
    false_alarms: int = 0
    missed: int = 0
    left_out: int = 0  # not relevant, and no alert

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.false_alarms or 1)

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed or 1)

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall or 1)


@dataclass(frozen=True, slots=True)
class Scores:
    """How verdicts compare with labels: tallies by language and rule, and one for "all"; the share
    of right answers for each field, for topics the F1 of sets; what was missed and wrong, the
    clearest first.
    """

    languages: Mapping[str, Confusion]
    rules: Mapping[str, Confusion]
    card: Mapping[str, float]
    misses: tuple[tuple[Labelled, Verdict], ...]
    false_alarms: tuple[tuple[Labelled, Verdict], ...]

    @property
    def total(self) -> Confusion:
        return self.languages.get(ALL, Confusion())


def read_labelled(lines: Iterable[str]) -> list[Labelled]:
    """Read JSON lines of labelled articles. Raises ValueError that names the line at fault."""
    articles = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            articles.append(_labelled(json.loads(line)))
        except RecursionError as error:
            raise ValueError(
                f"line {number} is no labelled article: it nests too deeply"
            ) from error
        except (KeyError, TypeError, ValueError) as error:
            cause = (
                f"{error.args[0]!r} is missing"
                if isinstance(error, KeyError)
                else " ".join(str(error)[:200].split())
            )
            raise ValueError(f"line {number} is no labelled article: {cause}") from error
    return articles


def _labelled(row: Any) -> Labelled:
    if not isinstance(row, dict):
        raise TypeError("it should be a JSON object with id, lang, title, text and relevant")
    for name in ("title", "text", "lang", "published", "source_url", "outlet", "id", "note"):
        if not isinstance(row.get(name), str | None):
            raise TypeError(f"{name} should be text")
    if not isinstance(row.get("alt"), dict | None):
        raise TypeError("alt should map fields of the card to other right answers")
    published = row.get("published")
    document = Document(
        title=row.get("title") or "",
        text=row.get("text") or "",
        language=row["lang"],
        published_on=date.fromisoformat(published[:10])
        if published and len(published) >= 10
        else None,
        url=row.get("source_url"),
        outlet=row.get("outlet"),
        external_id=row.get("id"),
    )
    labels = {name: row.get(name) for name in FIELDS}
    return Labelled(
        document=document,
        relevant=bool(row["relevant"]),
        doubt=bool(row.get("doubt")),
        labels=labels,
        alt=row.get("alt") or {},
        note=row.get("note") or "",
    )


def score(pairs: Iterable[tuple[Labelled, Verdict]]) -> Scores:
    """Score every article that is not in doubt."""
    scored = [(labelled, verdict) for labelled, verdict in pairs if not labelled.doubt]
    by_language: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for labelled, verdict in scored:
        for name in (labelled.document.language, ALL):
            by_language[name].append((labelled.relevant, verdict.relevant))
    wrong = [pair for pair in scored if pair[0].relevant != pair[1].relevant]
    wrong.sort(key=lambda pair: -abs(pair[1].score - pair[1].threshold))
    return Scores(
        {name: _count(answers) for name, answers in sorted(by_language.items())},
        _by_rule(scored),
        _card_shares(
            [(labelled, verdict.card) for labelled, verdict in scored if labelled.relevant]
        ),
        tuple(pair for pair in wrong if pair[0].relevant),
        tuple(pair for pair in wrong if not pair[0].relevant),
    )


def _count(answers: Iterable[tuple[bool, bool]]) -> Confusion:
    tally = [0, 0, 0, 0]
    for truth, answer in answers:
        tally[(0 if truth else 1) if answer else (2 if truth else 3)] += 1
    return Confusion(*tally)


def _by_rule(scored: Sequence[tuple[Labelled, Verdict]]) -> dict[str, Confusion]:
    """Count by rule what it found, against all that is relevant; a vetoed rule found nothing."""
    names = sorted({rule.id for _, verdict in scored for rule in verdict.rules})
    return {
        name: _count(
            (labelled.relevant, verdict.relevant and any(rule.id == name for rule in verdict.rules))
            for labelled, verdict in scored
        )
        for name in names
    }


# Whether a field of the card is right, by a label for it.
_IS_RIGHT: dict[str, Callable[[Any, Card], float]] = {
    "parties": lambda truth, card: set(truth or ()) == set(card.parties),
    "instrument": lambda truth, card: truth == card.instrument,
    "status": lambda truth, card: truth == card.status,
    "topics": lambda truth, card: _overlap(set(truth or ()), set(card.topics)),
    "event_date": lambda truth, card: _is_near(truth, card.event_date),
    "place": lambda truth, card: (truth or None) == card.place,
}


def _card_shares(cards: Sequence[tuple[Labelled, Card]]) -> dict[str, float]:
    shares = {}
    for name, is_right in _IS_RIGHT.items():
        answers = [
            max(is_right(truth, card) for truth in _truths(labelled, name))
            for labelled, card in cards
            if name != "event_date" or _has_days(labelled)
        ]
        if answers:
            shares[name] = sum(answers) / len(answers)
    return shares


def _truths(labelled: Labelled, name: str) -> list[Any]:
    more = [labelled.alt[name]] if name in labelled.alt else []
    return [labelled.labels.get(name), *more]


def _has_days(labelled: Labelled) -> bool:
    """Days are compared where both that of publication and that of the event are known."""
    event = labelled.labels.get("event_date") or ""
    return labelled.document.published_on is not None and len(event) == len("2020-01-01")


def _overlap(one: set[str], other: set[str]) -> float:
    """Return the F1 of two sets (Dice)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def _is_near(truth: str | None, day: date | None) -> bool:
    if not truth or day is None or len(truth) < len("2020-01-01"):
        return False
    return abs((date.fromisoformat(truth[:10]) - day).days) <= _DAY_TOLERANCE
