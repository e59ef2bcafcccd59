"""The cards of real reports: `make real`, or `python -m benchmarks.real_cards FOLDER`.

FOLDER is that of `benchmarks.real`. The cards were labelled by hand before the code read the texts;
`labels/cards.jsonl` has them without a word of the text. Reports are divided by their ids: rules
are written with the open half before one's eyes (`--mistakes` lists what is wrong there), the other
half is only scored. The halves share events, for a hundred outlets report one signature.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import zlib
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import gathered
from crawler.judgement.judge import Rules, judge_reading, load_rules, read_document
from crawler.judgement.rules.scoring import Labelled, read_labelled, score
from scheduler.cli.output import print_table
from scheduler.documents_file import read_documents
from storage.records import Card, Verdict

_LABELS = Path(__file__).parent / "labels" / "cards.jsonl"
_ID = re.compile(rb'"id": ?("[^"\\]+")')
_FIELDS = ("status", "parties", "instrument", "topics")
_COLUMNS = ("reports", "number", *_FIELDS, "parties F1", "empty")


@dataclass(frozen=True, slots=True)
class Read:
    """A report with what the code makes of it."""

    labelled: Labelled
    verdict: Verdict

    @property
    def is_found(self) -> bool:
        """Whether it is an alert or waits for review."""
        return self.verdict.relevant or self.verdict.near_miss

    @property
    def is_open(self) -> bool:
        return zlib.crc32((self.labelled.document.external_id or "").encode()) % 2 == 0


def main() -> None:
    """Print the tables, or say that the texts are not there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_cards", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gathered", type=Path, help="a folder, see benchmarks/gathered.py")
    parser.add_argument("--mistakes", action="store_true", help="list those of the open half")
    chosen = parser.parse_args()
    if not (chosen.folder / "background").is_dir():
        sys.exit(f"{chosen.folder}: no background/ there; real texts are not part of the project")
    read = read_cards(labelled_reports(chosen.folder), load_rules())
    print_table("The cards of real reports, share right", _COLUMNS, list(_rows(read)))
    if chosen.gathered:
        more = read_cards(gathered_reports(chosen.gathered), load_rules())
        print_table("Those of archives", _COLUMNS, list(_rows(more)))
    if chosen.mistakes:
        for one in read:
            if one.is_open:
                _print_mistakes(one)


def labelled_reports(folder: Path) -> list[Labelled]:
    """The true reports whose cards are labelled: hard texts, and those among ordinary news."""
    real = (folder / "real" / "real.jsonl").read_text("utf-8").splitlines()
    hard = [one for one in read_labelled(real) if one.relevant and not one.doubt]
    rows = {row["id"]: row for row in map(json.loads, _LABELS.read_text("utf-8").splitlines())}
    lines = _lines(sorted((folder / "background").glob("*.jsonl.gz")), rows.keys())
    ordinary = [
        Labelled(document, True, labels=row, alt=row.get("alt", {}))
        for document in read_documents(lines, str(folder))
        for row in [rows[document.external_id or ""]]
    ]
    return hard + ordinary


def gathered_reports(archives: Path) -> list[Labelled]:
    """The true reports of archives, which were labelled when no rule was written from them yet."""
    rows = map(json.loads, gathered.LABELS.read_text("utf-8").splitlines())
    true = {row["key"]: row for row in rows if row["label"] == "true"}
    return [
        Labelled(
            replace(document, external_id=key), True, labels=true[key], alt=true[key].get("alt", {})
        )
        for _, key, document in gathered.read_files(archives, dict.fromkeys(true, True))
    ]


def _lines(files: Iterable[Path], wanted: Container[str]) -> Iterator[bytes]:
    """The lines whose document is wanted: to parse all 70,000 would take minutes."""
    for file in files:
        with gzip.open(file) as lines:
            for line in lines:
                found = _ID.search(line)
                if found and json.loads(found[1]) in wanted:
                    yield line


def read_cards(reports: Sequence[Labelled], rules: Rules) -> list[Read]:
    """Every report is given a card, also one that the judge lets go."""
    return [
        Read(
            one,
            judge_reading(read_document(one.document, rules), one.document, rules, with_card=True),
        )
        for one in reports
    ]


def _rows(read: Sequence[Read]) -> Iterator[tuple[str, ...]]:
    groups: dict[str, Callable[[Read], bool]] = {
        "found, open half": lambda one: one.is_found and one.is_open,
        "found, other half": lambda one: one.is_found and not one.is_open,
        "found": lambda one: one.is_found,
        "all": lambda one: True,
    }
    for name, is_in in groups.items():
        yield _row(name, [one for one in read if is_in(one)])


def _row(name: str, read: Sequence[Read]) -> tuple[str, ...]:
    right = score((one.labelled, one.verdict) for one in read).card
    overlap = sum(_party_overlap(one) for one in read) / max(len(read), 1)
    shares = [*(right.get(field, 0.0) for field in _FIELDS), overlap]
    cards = [one.verdict.card for one in read]
    empty = ", ".join(f"{field} {count}" for field in _FIELDS if (count := _empty(cards, field)))
    return (name, str(len(read)), *(f"{share:.2f}" for share in shares), empty)


def _empty(cards: Sequence[Card], field: str) -> int:
    return sum(not getattr(card, field) for card in cards)


def _party_overlap(one: Read) -> float:
    """The F1 of the sets of parties, with the better of two right answers."""
    found = set(one.verdict.card.parties)
    truths = [one.labelled.labels["parties"], one.labelled.alt.get("parties", [])]
    return max(2 * len(found & set(truth)) / max(len(found) + len(truth), 1) for truth in truths)


def _print_mistakes(one: Read) -> None:
    """A line for each field that is wrong: what was read, and what is right."""
    document, right = one.labelled.document, score([(one.labelled, one.verdict)]).card
    for field in _FIELDS:
        if right[field] < 1:
            truth = one.labelled.labels[field], one.labelled.alt.get(field, "")
            read = getattr(one.verdict.card, field)
            print(f"{document.external_id} {field}: {read} for {truth[0]} {truth[1]}")


if __name__ == "__main__":
    main()
