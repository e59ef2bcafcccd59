"""What a register makes of a year of real feeds: `make real`, or `python -m benchmarks.real_entries
FOLDER`.

FOLDER is that of `benchmarks.real`, whose last run is read (`.real-last-run.json`): its cross-fitted
verdicts say what is an alert and what waits for review. The feeds of one corpus are ingested day by
day as a crawl would, second outlets and all, into a register that knows the list which comes with us
as far as it was history on the first day; the last line counts without that list, too. A table has
the entries that readers would find, the worst first. An entry is right if one of its reports is, and left out if
readers differ about it.
`--answers FILE` gives each document the recorded answer of a second reader before it is ingested;
what the entry says is then compared with what the reader said of its right reports. `--corpus all`
takes all background at once. Titles are other people's: they go to the terminal and nowhere else.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import groupby
from math import sqrt
from pathlib import Path
from typing import Any

from benchmarks import real_changes
from benchmarks.real import LABELS
from crawler.ingest.ingest import ingest
from crawler.judgement.judge import Rules, lacking_in, load_rules
from crawler.judgement.probability.weights import probability
from crawler.process.process import judge_document
from crawler.reader.answer import ReadBy, checked_answer, with_second_reading
from crawler.reader.proof import prove
from scheduler.cli.output import print_table, shown
from scheduler.configuration.party_names import party_meant
from scheduler.exchange import known_list as known
from scheduler.exchange.list_import import ImportOrder, ListName, import_list
from scheduler.exchange.list_rows import ListedAgreement, opened_rows, read_rows
from scheduler.jobs.documents_file import labels_of
from storage.database.session import Database, open_database
from storage.filter import Filter
from storage.lists import queries
from storage.records import Card, Grade, Judged, Verdict
from storage.register.entry import Agreement, documents_of

_Z95 = 1.96
_CORPUS = "rss23_en_00"
_LONGEST_TITLE = 60
_ALL = "all"
_SURE = (Grade.CONFIRMED, Grade.LIKELY)
_OF_ENTRIES = ("entry", "since", "parties", "status", "grade", "reports", "right", "title")


@dataclass(frozen=True, slots=True)
class Report:
    """An alert of the stream: `label` is None where readers differ; what nobody read is no
    report. `is_answered` tells whether it has a label and a second reader's answer, and `read` is
    the card of a "yes".
    """

    on: date
    label: bool | None
    is_answered: bool = False
    read: Card | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An agreement as readers find it, with its reports in order of time."""

    agreement: Agreement
    reports: tuple[Report, ...]

    @property
    def right(self) -> int:
        return sum(report.label is True for report in self.reports)

    @property
    def is_open(self) -> bool:
        """Whether readers differ about all that they did not call wrong."""
        return not self.right and any(report.label is None for report in self.reports)

    @property
    def is_sure(self) -> bool:
        return self.agreement.grade in _SURE

    @property
    def tells_what_was_read(self) -> bool:
        """Whether parties, status and day are those that a second reader gave for the last step of
        its right reports.
        """
        read = [report.read for report in self.reports if report.read is not None and report.label]
        last = max((card.event_date for card in read if card.event_date), default=None)
        agreement = self.agreement
        told = {card.status for card in read if last is None or card.event_date == last}
        is_day = last is None or (
            agreement.event_date is not None and abs((agreement.event_date - last).days) <= 1
        )
        has_parties = any({*card.parties} == {*agreement.parties} for card in read)
        return is_day and has_parties and agreement.status in told


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_entries", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpus", default=_CORPUS, help="its name, or `all`")
    parser.add_argument("--answers", type=Path, help="recorded answers of a second reader")
    chosen = parser.parse_args()
    background: Path = chosen.folder / "background"
    name = "*" if chosen.corpus == _ALL else chosen.corpus
    files = sorted(background.glob(f"{name}.jsonl.gz"))
    if not files or not real_changes.CACHE.exists():
        sys.exit("real texts are not part of the project; run `make real` where they are first")
    labels = labels_of(background / "labels.jsonl") | labels_of(LABELS)
    corpora = {file.name.split(".")[0] for file in files}
    said = {example.id: example for example in real_changes.load() if example.corpus in corpora}
    stream = judged_stream(files, said, labels, load_rules(), recorded(chosen.answers))
    entries = entries_of(stream, labels, knows_list=True)
    print_table("The entries of the stream", _OF_ENTRIES, map(_entry_row, entries))
    print(f"{_counted(entries)}; without the list {_counted(entries_of(stream, labels))}")
    print(_graded(entries))
    if chosen.answers:
        print(_answered(entries, stream, labels))


def recorded(file: Path | None) -> dict[str, dict[str, Any]]:
    """Return recorded answers by the id of their document: lines as `reader replay` takes them."""
    if file is None:
        return {}
    rows = map(json.loads, file.read_text("utf-8").splitlines())
    return {str(row["id"]): row for row in rows}


def _graded(entries: Sequence[Entry]) -> str:
    """Say how the entries stand that readers see first."""
    sure = [entry for entry in entries if entry.is_sure and not entry.is_open]
    right = sum(entry.right > 0 for entry in sure)
    lost = sum(entry.right > 0 for entry in entries if not entry.is_sure)
    told = sum(entry.tells_what_was_read for entry in sure)
    return (
        f"{len(sure)} of them likely or confirmed; with a report that is right: "
        f"{_in_words(right, len(sure))}; as a second reader tells it: {told}; "
        f"{lost} right ones are unconfirmed"
    )


def _answered(
    entries: Sequence[Entry], stream: Sequence[Judged], labels: Mapping[str, bool | None]
) -> str:
    """Say what of the documents with a label and an answer stands in entries of which grade."""
    sure = Counter(
        report.label
        for entry in entries
        if entry.is_sure
        for report in entry.reports
        if report.is_answered
    )
    everything = Counter(
        labels[name]
        for judged in stream
        if (name := judged.document.external_id or "") in labels
        and judged.verdict.second_reading is not None
    )
    words = {True: "true", None: "borderline", False: "false"}
    counted = (f"{sure[label]} of {everything[label]} {word}" for label, word in words.items())
    return f"documents with label and answer in these: {', '.join(counted)}"


def _counted(entries: Sequence[Entry]) -> str:
    entries = [entry for entry in entries if not entry.is_open]
    right = sum(entry.right > 0 for entry in entries)
    return f"{len(entries)} entries; with a report that is right: {_in_words(right, len(entries))}"


def judged_stream(
    files: Sequence[Path],
    said: Mapping[str, real_changes.JudgedExample],
    labels: Mapping[str, bool | None],
    rules: Rules,
    answers: Mapping[str, Mapping[str, Any]],
) -> list[Judged]:
    """What is an alert or waits, by day, with the cross-fitted verdict in place of the shipped
    one, and with a second reader's answer where one is recorded. Nothing was fitted on what is
    borderline: there the shipped verdict stands.
    """
    wanted = {example.id for example in said.values() if example.outcome != "silent"}
    wanted |= {name for name, label in labels.items() if label is None}
    found = []
    for document in real_changes.documents(files, wanted):
        if document.published_on is None:
            continue
        name = document.external_id or ""
        judged = judge_document(document, rules, with_card=True)
        if name in said:
            judged = replace(judged, verdict=_cross_fitted(judged, said[name], rules))
        elif judged.verdict.outcome == "silent":
            continue
        answer = answers.get(name)
        found.append(judged if answer is None else answered(judged, answer, rules))
    return sorted(found, key=_day)


def _cross_fitted(judged: Judged, one: real_changes.JudgedExample, rules: Rules) -> Verdict:
    is_whole = not any(lacking_in(judged.verdict.card, rules.tables))
    is_alert = one.outcome == "alert" and is_whole
    return replace(
        judged.verdict,
        relevant=is_alert,
        registers=is_alert,
        near_miss=not is_alert,
        probability=probability(one.logit),
        found_by=tuple(rule.id for rule in judged.verdict.rules) if is_alert else (),
    )


def answered(one: Judged, answer: Mapping[str, Any], rules: Rules) -> Judged:
    """Return a judged document with a recorded answer, as a second reader would have given it."""
    now = datetime.combine(_day(one), time(23), UTC)
    given = checked_answer(dict(answer))
    by = ReadBy("recorded", "recorded", now)
    reading = prove(given, one.document, rules, party_meant, by)
    return with_second_reading(one, reading)


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
    entries = [_entry(agreement, reports) for agreement in agreements]
    return sorted(entries, key=lambda entry: (entry.right > 0, entry.reports[0].on))


def _know(database: Database, now: datetime) -> None:
    """Import the rows of our list that had a step by now."""
    with opened_rows(str(known.FILE)) as found:
        _, rows = read_rows(found, known.FILE.name, now.date())
        history = [row for row in rows if isinstance(row, ListedAgreement) and row.days]
        order = ImportOrder(ListName(known.ID, known.NAME), known.WHO, now)
        import_list(database, history, order)


def _ingested(
    database: Database, day: date, batch: Sequence[Judged], labels: Mapping[str, bool | None]
) -> dict[int, Report]:
    now = datetime.combine(day, time(23), UTC)
    with database.begin() as s:
        done = ingest(s, batch, (), now=now, run_id=None, crawl=False, max_age_days=None)
    return {
        stored.document_id: _report(day, judged, labels)
        for stored, judged in zip(done.stored, batch, strict=True)
        if stored is not None
    }


def _report(day: date, one: Judged, labels: Mapping[str, bool | None]) -> Report:
    name, reading = one.document.external_id or "", one.verdict.second_reading
    card = one.verdict.card if reading is not None and reading.answer == "yes" else None
    return Report(day, labels.get(name, False), name in labels and reading is not None, card)


def _entry(agreement: Agreement, reports: Mapping[int, Report]) -> Entry:
    own = [reports[number] for number in documents_of(agreement) if number in reports]
    return Entry(agreement, tuple(sorted(own, key=lambda report: report.on)))


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
        agreement.grade,
        str(len(entry.reports)),
        "?" if entry.is_open else str(entry.right),
        shown(agreement.title)[:_LONGEST_TITLE],
    )


if __name__ == "__main__":
    main()
