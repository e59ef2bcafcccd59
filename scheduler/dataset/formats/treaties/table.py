"""The register as one CSV file in the columns of a treaty database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import get_args

from scheduler.dataset.formats.order import ExportOrder, TreatyDatabase, Written
from scheduler.dataset.formats.treaties.facts import Fact, facts_of
from scheduler.dataset.formats.treaties.mapping import TheirColumn, TreatyMapping, mapping
from scheduler.dataset.rows import AgreementEntry
from scheduler.words.labels import labels_of
from storage.errors import ExportError
from storage.export import csv_writer

_OF_PARTIES = frozenset({"parties", "party", "first_party", "second_party"})


def write_treaties(agreements: Iterable[AgreementEntry], order: ExportOrder, path: Path) -> Written:
    """Write the file in the columns of the database that is asked for. Raises ExportError."""
    if order.columns is None:
        raise ExportError(f"say whose columns: --as {' or --as '.join(get_args(TreatyDatabase))}")
    asked = mapping(order.columns)
    written = unfit = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv_writer(asked.column_names, file, order.excel)
        for entry in agreements:
            rows = list(rows_of(entry, asked))
            for row in rows:
                write(row)
            written, unfit = written + bool(rows), unfit + (not rows)
    return Written({"agreement": written}, f"as in {asked.title}", left_out=unfit)


def rows_of(entry: AgreementEntry, asked: TreatyMapping) -> Iterator[dict[str, str]]:
    """The rows of an agreement in their columns; none where it has not the parties it needs."""
    facts = facts_of(entry)
    if asked.two_parties and facts["first_party"] is None:
        return
    if asked.rows == "agreement":
        yield _row(facts, asked)
        return
    for party in entry.agreement.parties or (None,):
        yield _row({**facts, "party": party}, asked)


def _row(facts: Mapping[str, Fact], asked: TreatyMapping) -> dict[str, str]:
    return {column.name: _cell(column, facts, asked) for column in asked.columns}


def _cell(column: TheirColumn, facts: Mapping[str, Fact], asked: TreatyMapping) -> str:
    written = [_written(fact, facts.get(fact), asked) for fact in column.holds]
    return column.joint.join(text for text in written if text)


def _written(fact: str, value: Fact, asked: TreatyMapping) -> str:
    if isinstance(value, date):
        return asked.day.format(day=value.day, month=value.month, year=value.year)
    if isinstance(value, tuple):
        return "; ".join(_word(fact, one, asked) for one in value)
    return "" if value is None else _word(fact, str(value), asked)


def _word(fact: str, value: str, asked: TreatyMapping) -> str:
    if fact in _OF_PARTIES:
        own = asked.values.get("parties", {})
        return own.get(value) or labels_of("en").party(value)
    return asked.values.get(fact, {}).get(value, value)
