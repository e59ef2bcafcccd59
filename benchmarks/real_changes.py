"""The alerts on ordinary news that somebody should read, and what changed since the last run.

`python -m benchmarks.real` prints both below its table, and keeps its verdicts in
`.real-last-run.json`, which is no part of the project. Titles are other people's: they go to the
terminal and nowhere else.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.fitting.weights import Fitted, TrainingExample
from crawler.judgement.probability.rates import FALSE_ALARMS, TO_REVIEW
from crawler.judgement.probability.weights import probability
from scheduler.cli.output import print_table, shown
from scheduler.jobs.documents_file import read_documents
from storage.records import Document

CACHE = Path(__file__).parent.parent / ".real-last-run.json"
_LONGEST_TITLE = 80
_COLUMNS = ("corpus", "id", "probability", "label", "title")


@dataclass(frozen=True, slots=True)
class JudgedExample:
    """What a run said of a document that passed the gate. `outcome`: alert, review or silent.

    `is_ordinary`: it is ordinary news, not a corpus of one subject.
    """

    id: str
    corpus: str
    outcome: str
    logit: float
    is_ordinary: bool

    @property
    def is_alert(self) -> bool:
        return self.is_ordinary and self.outcome == "alert"


Labels = Mapping[str, bool | None]


def judged_of(
    examples: Iterable[tuple[str, TrainingExample]], fitted: Fitted
) -> list[JudgedExample]:
    """The cross-fitted verdicts on the examples that passed the gate."""
    return [
        JudgedExample(
            example.id,
            corpus,
            outcome_of(example, fitted),
            fitted.logits[example.id],
            bool(example.stands_for),
        )
        for corpus, example in examples
        if example.features is not None
    ]


def outcome_of(example: TrainingExample, fitted: Fitted) -> str:
    """ "alert", "review" or "silent", at the rates that hold where nothing is configured."""
    weights, logit = fitted.weights, fitted.logits[example.id]
    language = example.language if example.language in weights.points else ""
    if logit > weights.threshold(language, FALSE_ALARMS):
        return "alert"
    return "review" if logit > weights.threshold(language, TO_REVIEW) else "silent"


def report(now: Sequence[JudgedExample], labels: Labels, files: Iterable[Path]) -> None:
    """Print the alerts that nobody has read, and what changed; keep the verdicts for next time."""
    unread = [example for example in now if example.is_alert and example.id not in labels]
    before = load()
    came, went = changes(before, now) if before else ([], [])
    titles = {
        str(row["id"]): str(row.get("title", ""))
        for row in rows(files, {example.id for example in (*unread, *came, *went)})
    }
    for head, ones in (
        ("Alerts that nobody has read", unread),
        ("New alerts since the last run", came),
        ("No longer alerts since the last run", went),
    ):
        print(f"\n{head}: {len(ones)}")
        if ones:
            print_table("", _COLUMNS, [_cells(example, labels, titles) for example in ones])
    if not before:
        print("There is no last run to compare with.")
    save(now)


def changes(
    before: Iterable[JudgedExample], now: Iterable[JudgedExample]
) -> tuple[list[JudgedExample], list[JudgedExample]]:
    """The ordinary documents that have become alerts, and those that are alerts no longer, as they
    are judged now; what the gate holds back now is shown as it was.
    """
    now = list(now)
    alerts_before = {example.id: example for example in before if example.is_alert}
    alerts_now = {example.id for example in now if example.is_alert}
    known = {example.id: example for example in now}
    came = [example for example in now if example.is_alert and example.id not in alerts_before]
    went = [known.get(one, alerts_before[one]) for one in alerts_before if one not in alerts_now]
    return came, went


def load(path: Path = CACHE) -> list[JudgedExample]:
    """The verdicts of the last run; none if there was none."""
    if not path.exists():
        return []
    return [JudgedExample(*row) for row in json.loads(path.read_text("utf-8"))]


def save(now: Iterable[JudgedExample], path: Path = CACHE) -> None:
    """Keep ids and verdicts, and no text."""
    kept = [
        [example.id, example.corpus, example.outcome, round(example.logit, 4), example.is_ordinary]
        for example in now
    ]
    path.write_text(json.dumps(kept), "utf-8")


def _cells(one: JudgedExample, labels: Labels, titles: Mapping[str, str]) -> tuple[str, ...]:
    known = {True: "true", False: "false", None: "borderline"}
    label = known[labels[one.id]] if one.id in labels else ""
    title = shown(" ".join(titles.get(one.id, "").split()))[:_LONGEST_TITLE]
    return one.corpus, one.id, f"{probability(one.logit):.2f}", label, title


def documents(files: Iterable[Path], ids: Collection[str]) -> Iterator[Document]:
    """The documents with these ids."""
    lines = (json.dumps(row).encode() for row in rows(files, ids))
    yield from read_documents(lines, "background")


def rows(files: Iterable[Path], ids: Collection[str]) -> Iterator[dict[str, Any]]:
    """The rows with these ids, read without checking the others, which takes minutes."""
    for path in files if ids else ():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from (row for row in map(json.loads, lines) if str(row.get("id")) in ids)
