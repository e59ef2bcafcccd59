"""Score the entries of the register as a reader sees them: which of them mislead, and how.

An entry is right if all its true reports are of one agreement, and its parties, status and day are
those of the last step that readers see in them. The second answer of a reader counts as right, too.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crawler.ingest.ingest import ingest
from crawler.judgement.card.clue_search import find_clues
from crawler.judgement.judge import Rules, read_document
from crawler.judgement.rules.scoring import read_labelled
from crawler.process.process import judge_document
from storage.database.session import open_database
from storage.filter import Filter
from storage.lists import queries
from storage.records import Card, DateBasis, Instrument, Judged, Status, Topic
from storage.register.entry import Agreement, documents_of
from tests.eval.corpus import ARTICLES, LATER, LATEST

FAULTS = ("false", "mixed", "parties", "status", "day", "quote")
LEAST_WORDS = 5  # of a quote that says something
_NOW = datetime(2026, 3, 12, tzinfo=UTC)
Row = Mapping[str, Any]  # a labelled article as it is in its file


@dataclass(frozen=True, slots=True)
class Entry:
    """An agreement of the register, the articles it was made from, and what is wrong with it."""

    agreement: Agreement
    articles: tuple[str, ...]
    faults: tuple[str, ...]
    of: frozenset[str]  # the agreements that its articles truly report


@dataclass(frozen=True, slots=True)
class EntryScores:
    """All entries, what stands in several of them, and what in none."""

    entries: tuple[Entry, ...]
    split: tuple[str, ...]
    missing: tuple[str, ...]
    b_cubed: float

    @property
    def right(self) -> float:
        """The share of entries that mislead nobody, where an agreement that stands in none counts
        as a wrong one: who finds less must not look better.
        """
        right = sum(not entry.faults for entry in self.entries)
        return right / max(len(self.entries) + len(self.missing), 1)

    def count(self, fault: str) -> int:
        return sum(fault in entry.faults for entry in self.entries)


def judged_rows(rows: Sequence[Row], rules: Rules, *, true_cards: bool) -> list[Judged]:
    """Judge articles; with `true_cards`, as if relevance and card were always read as labelled."""
    judged = _judged(rows, rules)
    return _with_true_cards(judged, rows, rules) if true_cards else judged


def _judged(rows: Sequence[Row], rules: Rules) -> list[Judged]:
    documents = [labelled.document for labelled in read_labelled(map(json.dumps, rows))]
    return [judge_document(document, rules, with_card=True) for document in documents]


def _with_true_cards(judged: Sequence[Judged], rows: Sequence[Row], rules: Rules) -> list[Judged]:
    return [
        _as_labelled(one, row, rules) for one, row in zip(judged, rows, strict=True) if _counts(row)
    ]


def entry_figures(rules: Rules) -> dict[str, float]:
    """The share of right entries that all labelled articles form: as read, and with true cards,
    which is what the register alone can reach. `later_entries` and `latest_entries` are those of
    later articles, as read.
    """
    rows, later, latest = map(_rows_in, (ARTICLES, LATER, LATEST))
    judged = _judged(rows, rules)
    with_true_cards = _with_true_cards(judged, rows, rules)
    return {
        "entries": score_entries(rows, register_of(judged)).right,
        "entries_true_cards": score_entries(rows, register_of(with_true_cards)).right,
        "later_entries": score_entries(later, register_of(_judged(later, rules))).right,
        "latest_entries": score_entries(latest, register_of(_judged(latest, rules))).right,
    }


def _rows_in(folder: Path) -> list[Row]:
    files = sorted(folder.glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text("utf-8").splitlines() if line]
    return [json.loads(line) for line in lines]


def _counts(row: Row) -> bool:
    return bool(row["relevant"]) and not row.get("doubt")


def _as_labelled(one: Judged, row: Row, rules: Rules) -> Judged:
    card = _labelled_card(row, one.verdict.card)
    clues = find_clues(read_document(one.document, rules), card).to_text()
    verdict = replace(one.verdict, relevant=True, near_miss=False, registers=True, card=card)
    return replace(one, verdict=verdict, clues=clues)


def _labelled_card(row: Row, read: Card) -> Card:
    on = _day(row["event_date"])
    is_stated = on is not None and row["event_date"] != row["published"]
    parties = tuple(row["parties"])
    others = tuple((code, 0.5) for code, _ in read.party_scores if code not in parties)
    return Card(
        parties=parties,
        instrument=Instrument(row["instrument"]),
        topics=tuple(map(Topic, row["topics"])),
        status=Status(row["status"]),
        event_date=on,
        event_date_basis=None
        if on is None
        else DateBasis.TEXT
        if is_stated
        else DateBasis.PUBLISHED,
        place=row["place"],
        place_key=row["place"] and row["place"].casefold(),
        party_scores=(*((code, 1.0) for code in parties), *others),
    )


def register_of(judged: Sequence[Judged]) -> list[tuple[Agreement, tuple[str, ...]]]:
    """Return the agreements that these documents form, each with the ids of its articles."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'register.db'}")
        with database.begin() as s:
            done = ingest(s, judged, (), now=_NOW, run_id=None, crawl=False, max_age_days=None)
        with database.read() as s:
            agreements = queries.agreements(s, Filter())
        database.close()
    names = {
        stored.document_id: one.document.external_id or ""
        for stored, one in zip(done.stored, judged, strict=True)
        if stored is not None
    }
    return [
        (agreement, tuple(names[number] for number in sorted(documents_of(agreement))))
        for agreement in agreements
    ]


def score_entries(
    rows: Iterable[Row], register: Iterable[tuple[Agreement, tuple[str, ...]]]
) -> EntryScores:
    """Compare entries with labels. Entries that rest on doubtful articles alone are left out."""
    rows = list(rows)
    true = {row["id"]: row for row in rows if _counts(row)}
    unsure = {row["id"] for row in rows if row.get("doubt") or row.get("cluster_doubt")}
    life = defaultdict(list)
    for row in true.values():
        life[row["agreement_id"]].append(row)
    entries: list[Entry] = []
    homes: dict[str, str] = {}
    for agreement, articles in register:
        own = [true[article] for article in articles if article in true]
        homes |= {row["id"]: agreement.id for row in own}
        if not own and not unsure.isdisjoint(articles):
            continue
        of = frozenset(row["agreement_id"] for row in own if row["id"] not in unsure)
        whole = [row for one in of for row in life[one]] or own
        faults = tuple(_faults(agreement, own, of, whole))
        entries.append(Entry(agreement, articles, faults, of))
    held_by = Counter(one for entry in entries for one in entry.of)
    return EntryScores(
        entries=tuple(entries),
        split=tuple(sorted(one for one, count in held_by.items() if count > 1)),
        missing=tuple(sorted(life.keys() - held_by.keys())),
        b_cubed=b_cubed(
            {name: row["agreement_id"] for name, row in true.items() if name not in unsure}, homes
        ),
    )


def _faults(
    agreement: Agreement, own: Sequence[Row], of: frozenset[str], whole: Sequence[Row]
) -> Iterable[str]:
    if not own:
        yield "false"
    if len(of) > 1:
        yield "mixed"
    if own:
        yield from _wrong_fields(agreement, whole)
    if any(len(step.quote.split()) < LEAST_WORDS for step in agreement.history):
        yield "quote"


def _wrong_fields(agreement: Agreement, whole: Sequence[Row]) -> Iterable[str]:
    if not any(
        set(agreement.parties) == set(answer)
        for row in whole
        for answer in _answers(row, "parties")
    ):
        yield "parties"
    days = [day for row in whole if (day := _day(row["event_date"]))]
    last = max(days, default=None)
    ends = [row for row in whole if last and _day(row["event_date"]) == last] or whole
    if not any(agreement.status == answer for row in ends for answer in _answers(row, "status")):
        yield "status"
    if last and not (agreement.event_date and abs((agreement.event_date - last).days) <= 1):
        yield "day"


def _answers(row: Row, field: str) -> list[Any]:
    alt = row.get("alt") or {}
    return [row[field], alt[field]] if field in alt else [row[field]]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text and len(text) == 10 else None


def b_cubed(truth: Mapping[Any, Any], found: Mapping[Any, Any]) -> float:
    """F1 of B-cubed precision and recall (Bagga and Baldwin 1998): over items, of what shares its
    group. What is not found stands alone.
    """
    place = {item: found.get(item, ("alone", item)) for item in truth}
    both = Counter((truth[item], place[item]) for item in truth)
    true_sizes, found_sizes = Counter(truth.values()), Counter(place.values())
    precision = sum(n * n / found_sizes[group] for (_, group), n in both.items()) / len(truth)
    recall = sum(n * n / true_sizes[group] for (group, _), n in both.items()) / len(truth)
    return 2 * precision * recall / (precision + recall)
