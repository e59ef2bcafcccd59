"""How fast the register clusters, what one more document costs, how well copies are found.
Documents are made up.

    python -m benchmarks.register [--documents 100000] [--batch 500] [--seed 3]
    python -m benchmarks.register --entries [FILE.jsonl]... [--wrong]

Prints: the whole set partitioned at once in memory, and how well that finds the lives that were
made up (B-cubed F1); stored and clustered through `ingest` into SQLite, in batches; single
documents added to the full register; documents added to one pair
of states that is in the news all the time, the newest ones and such as came late; recall and
precision of near-duplicates on edited copies and on other reports of the same events.

With `--entries` it scores instead the entries that labelled articles form (tests/eval/articles, or
other files of that format), as read and with true cards, which is what the register alone can reach.
`--wrong` lists the wrong ones among those that rules may be written from.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations, islice
from pathlib import Path

from crawler.ingest.ingest import ingest
from crawler.judgement.judge import load_rules
from crawler.register.fingerprint import SAME_TEXT, likeness
from crawler.register.partition import partition
from storage.database.session import Database, open_database
from tests.crawler.register.made import STATES, Made, documents, of_one_pair, reports
from tests.eval.corpus import ARTICLES, is_held
from tests.eval.entries import FAULTS, Entry, Row, b_cubed, judged_rows, register_of, score_entries

_NOW = datetime(2026, 3, 12, tzinfo=UTC)
_SINGLES = 200
_OF_ONE_PAIR = (250, 500, 1000, 5000)
_ONE_PAIR_SINGLES = 40


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=500, help="documents a transaction")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--entries", type=Path, nargs="*", metavar="FILE")
    parser.add_argument("--wrong", action="store_true")
    arguments = parser.parse_args()
    if arguments.entries is not None:
        _entries(arguments.entries or sorted(ARTICLES.glob("*.jsonl")), wrong=arguments.wrong)
        return
    made = list(
        documents(random.Random(arguments.seed), arguments.documents + _SINGLES, STATES, noise=0.1)
    )
    rest, singles = made[:-_SINGLES], made[-_SINGLES:]
    _in_memory(rest)
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'register.db'}")
        _through_ingest(database, rest, arguments.batch)
        _one_by_one(database, singles)
        database.close()
    for count in _OF_ONE_PAIR:
        _one_pair(count, arguments.seed)
    _near_duplicates(made[:6000])


def _entries(files: Sequence[Path], *, wrong: bool) -> None:
    lines = [line for file in files for line in file.read_text("utf-8").splitlines() if line]
    rows: list[Row] = [json.loads(line) for line in lines]
    held = {row["id"] for row, line in zip(rows, lines, strict=True) if is_held(line)}
    rules = load_rules()
    for name, true_cards in (("as read", False), ("true cards", True)):
        judged = judged_rows(rows, rules, true_cards=true_cards)
        scores = score_entries(rows, register_of(judged))
        shut = [entry for entry in scores.entries if not held.isdisjoint(entry.articles)]
        open_ = [entry for entry in scores.entries if entry not in shut]
        print(
            f"{name:11} B-cubed F1 {scores.b_cubed:.3f}, split {len(scores.split)}, "
            f"missing {len(scores.missing)}"
        )
        for part, entries in (("all", scores.entries), ("open", open_), ("held", shut)):
            print(f"  {part:5} {_counted(entries)}")
        if wrong:
            for one in (one for one in open_ if one.faults):
                print(f"    {', '.join(one.faults)}: {' '.join(one.articles)}")


def _counted(entries: Sequence[Entry]) -> str:
    right = sum(not entry.faults for entry in entries)
    faults = (f"{fault} {sum(fault in entry.faults for entry in entries)}" for fault in FAULTS)
    return f"{right} of {len(entries)} entries right; " + ", ".join(faults)


def _in_memory(made: Sequence[Made]) -> None:
    seen = reports(made)
    corridors = Counter(one.event.parties for one in made)
    print(
        f"{len(made):,} documents, {len(corridors):,} pairs of states, at most {max(corridors.values())} documents each"
    )
    started = time.perf_counter()
    agreements = partition(seen, [])
    took = time.perf_counter() - started
    home = {
        number: index
        for index, one in enumerate(agreements)
        for number in (*one.document_ids, *one.mentions)
    }
    truth = {number: one.event.key for number, one in enumerate(made, start=1)}
    score = b_cubed(truth, home)
    print(
        f"in memory, at once        {took:8.1f} s   {len(agreements):,} agreements, B-cubed F1 {score:.3f}",
        flush=True,
    )


def _through_ingest(database: Database, made: Sequence[Made], batch: int) -> None:
    started = time.perf_counter()
    for documents_ in _batches(made, batch):
        _put(database, documents_)
    took = time.perf_counter() - started
    print(
        f"through ingest            {took:8.1f} s   {len(made) / took:,.0f} documents/s, batches of {batch}",
        flush=True,
    )


def _one_by_one(database: Database, made: Sequence[Made]) -> None:
    times = []
    worked = time.process_time()
    for one in made:
        started = time.perf_counter()
        _put(database, [one])
        times.append((time.perf_counter() - started) * 1000)
    worked = (time.process_time() - worked) * 1000 / len(made)
    times.sort()
    p95 = times[int(len(times) * 0.95)]
    median = statistics.median(times)
    print(
        f"one more document         {median:8.1f} ms median, {p95:.1f} ms at 95 % ({worked:.1f} ms of work)"
    )


def _one_pair(count: int, seed: int) -> None:
    """One more document of two partners with `count` of them: the newest, and such as tell of any
    time since.
    """
    made = of_one_pair(random.Random(seed), count + 2 * _ONE_PAIR_SINGLES)
    rest, newest = made[:-_ONE_PAIR_SINGLES], made[-_ONE_PAIR_SINGLES:]
    random.Random(seed).shuffle(rest)
    late, rest = rest[:_ONE_PAIR_SINGLES], rest[_ONE_PAIR_SINGLES:]
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'register.db'}")
        _put(database, rest)
        database.close()
        database = open_database(f"sqlite:///{Path(folder) / 'register.db'}")
        print(f"one pair of states with {count:,} documents: the first, the newest, late ones")
        _one_by_one(database, newest[:1])
        _one_by_one(database, newest[1:])
        _one_by_one(database, late)
        database.close()


def _put(database: Database, made: Sequence[Made]) -> None:
    with database.begin() as s:
        judged = [one.judged for one in made]
        ingest(s, judged, (), now=_NOW, run_id=None, crawl=False, max_age_days=None)


def _near_duplicates(made: Sequence[Made]) -> None:
    """Pairs that bands and likeness call copies, against those that were made as copies."""
    texts = {one.judged.document.external_id or "": one.judged.document.text for one in made}
    by_band: dict[int, list[str]] = defaultdict(list)
    for one in made:
        for band in one.judged.fingerprint.bands:
            by_band[band].append(one.judged.document.external_id or "")
    met = {
        pair
        for names in by_band.values()
        if len(names) < 50
        for pair in combinations(sorted(set(names)), 2)
    }
    found = {(a, b) for a, b in met if likeness(texts[a], texts[b]) >= SAME_TEXT}
    copies = {
        tuple(sorted((one.copy_of, one.judged.document.external_id or "")))
        for one in made
        if one.copy_of
    }
    hits = len(found & copies)
    recall, precision = hits / len(copies), hits / len(found)
    print(
        f"near-duplicates           recall {recall:.4f}, precision {precision:.4f} on {len(copies)} copies"
    )


def _batches(made: Sequence[Made], size: int) -> Iterator[list[Made]]:
    walk = iter(made)
    while batch := list(islice(walk, size)):
        yield batch


if __name__ == "__main__":
    main()
