"""What a register makes of a year of real feeds: `make real`, or `python -m benchmarks.real_entries
FOLDER`.

FOLDER is that of `benchmarks.real`, whose last run is read (`.real-last-run.json`): its cross-fitted
verdicts say what is an alert and what waits for review. The feeds of one corpus are ingested day by
day as a crawl would, second outlets and all, into a register that knows the list which comes with us
as far as it was history on the first day; the last line counts without that list, too. A table has
the entries that readers would find, the worst first. An entry is right if one of its reports is.
Titles are other people's: they go to the terminal and nowhere else.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import groupby
from math import sqrt
from pathlib import Path

from benchmarks import real_changes
from benchmarks.real import LABELS
from crawler.ingest.ingest import ingest
from crawler.judgement.judge import Rules, lacking_in, load_rules
from crawler.judgement.probability.weights import probability
from crawler.process.process import judge_document
from scheduler.cli.output import print_table, shown
from scheduler.exchange import known_list as known
from scheduler.exchange.list_import import ListName, import_list
from scheduler.exchange.list_rows import ListedAgreement, opened_rows, read_rows
from scheduler.jobs.documents_file import labels_of
from storage import queries
from storage.database.session import Database, open_database
from storage.filter import Filter
from storage.records import Judged
from storage.register.records import Agreement, documents_of

_Z95 = 1.96
_CORPUS = "rss23_en_00"
_LONGEST_TITLE = 60
_OF_ENTRIES = ("entry", "since", "parties", "status", "reports", "right", "title")


@dataclass(frozen=True, slots=True)
class Report:
    """An alert of the stream: `label` is None where readers differ; what nobody read is no
    report.
    """

    on: date
    label: bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An agreement as readers find it, with its reports in order of time."""

    agreement: Agreement
    reports: tuple[Report, ...]

    @property
    def right(self) -> int:
        return sum(one.label is True for one in self.reports)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_entries", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpus", default=_CORPUS)
    chosen = parser.parse_args()
    background: Path = chosen.folder / "background"
    file = background / f"{chosen.corpus}.jsonl.gz"
    if not file.exists() or not real_changes.CACHE.exists():
        sys.exit("real texts are not part of the project; run `make real` where they are first")
    labels = labels_of(background / "labels.jsonl") | labels_of(LABELS)
    said = {one.id: one for one in real_changes.load() if one.corpus == chosen.corpus}
    stream = judged_stream(file, said, load_rules())
    entries = entries_of(stream, labels, knows_list=True)
    print_table("The entries of the stream", _OF_ENTRIES, map(_entry_row, entries))
    print(f"{_counted(entries)}; without the list {_counted(entries_of(stream, labels))}")


def _counted(entries: Sequence[Entry]) -> str:
    right = sum(entry.right > 0 for entry in entries)
    return f"{len(entries)} entries; with a report that is right: {_in_words(right, len(entries))}"


def judged_stream(
    file: Path, said: Mapping[str, real_changes.JudgedExample], rules: Rules
) -> list[Judged]:
    """What is an alert or waits, by day, with the cross-fitted verdict in place of the shipped
    one.
    """
    wanted = {one.id for one in said.values() if one.outcome != "silent"}
    found = []
    for document in real_changes.documents((file,), wanted):
        if document.published_on is None:
            continue
        one = said[document.external_id or ""]
        judged = judge_document(document, rules, with_card=True)
        is_whole = not any(lacking_in(judged.verdict.card, rules.tables))
        is_alert = one.outcome == "alert" and is_whole
        verdict = replace(
            judged.verdict,
            relevant=is_alert,
            registers=is_alert,
            near_miss=not is_alert,
            probability=probability(one.logit),
            found_by=tuple(rule.id for rule in judged.verdict.rules) if is_alert else (),
        )
        found.append(replace(judged, verdict=verdict))
    return sorted(found, key=_day)


def _day(one: Judged) -> date:
    return one.document.published_on or date.min


def entries_of(
    judged: Sequence[Judged], labels: Mapping[str, bool | None], *, knows_list: bool = False
) -> list[Entry]:
    """Ingest documents day by day into a register of its own, and return its entries: those without
    a right report first, then the oldest. With `knows_list` it has what our list of known
    agreements has of the time before.
    """
    reports: dict[int, Report] = {}
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'stream.db'}")
        if knows_list and judged:
            _know(database, datetime.combine(_day(judged[0]), time(), UTC))
        for day, batch in groupby(judged, key=_day):
            reports |= _ingested(database, day, list(batch), labels)
        with database.read() as s:
            agreements = queries.agreements(s, Filter())
        database.close()
    entries = [_entry(one, reports) for one in agreements]
    return sorted(entries, key=lambda one: (one.right > 0, one.reports[0].on))


def _know(database: Database, now: datetime) -> None:
    """Import the rows of our list that had a step by now."""
    with opened_rows(str(known.FILE)) as found:
        _, rows = read_rows(found, known.FILE.name, now.date())
        history = [row for row in rows if isinstance(row, ListedAgreement) and row.days]
        name = ListName(known.ID, known.NAME)
        import_list(database, history, name, known.WHO, now)


def _ingested(
    database: Database, day: date, batch: Sequence[Judged], labels: Mapping[str, bool | None]
) -> dict[int, Report]:
    now = datetime.combine(day, time(23), UTC)
    with database.begin() as s:
        done = ingest(s, batch, (), now=now, run_id=None, crawl=False, max_age_days=None)
    return {
        stored.document_id: Report(day, labels.get(one.document.external_id or "", False))
        for stored, one in zip(done.stored, batch, strict=True)
        if stored is not None
    }


def _entry(agreement: Agreement, reports: Mapping[int, Report]) -> Entry:
    own = [reports[number] for number in documents_of(agreement) if number in reports]
    return Entry(agreement, tuple(sorted(own, key=lambda one: one.on)))


def _in_words(right: int, number: int) -> str:
    low, high = wilson(right, number)
    return f"{right / max(number, 1):.2f} ({low:.2f} to {high:.2f})"


def wilson(right: int, number: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); all is possible where nothing was seen."""
    if not number:
        return 0.0, 1.0
    share, spread = right / number, _Z95**2 / number
    middle = share + spread / 2
    half = _Z95 * sqrt(share * (1 - share) / number + spread / (4 * number))
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


def _entry_row(entry: Entry) -> tuple[str, ...]:
    agreement = entry.agreement
    return (
        agreement.id,
        str(entry.reports[0].on),
        " ".join(agreement.parties),
        agreement.status or "",
        str(len(entry.reports)),
        str(entry.right),
        shown(agreement.title)[:_LONGEST_TITLE],
    )


if __name__ == "__main__":
    main()
