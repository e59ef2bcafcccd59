"""The list that comes with us: read without a fault, loaded once, and left out by whoever wants."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

import pytest

from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.exchange import list_import
from scheduler.exchange.known_list import FILE, sync_known_list
from scheduler.exchange.list_rows import ListedAgreement, opened_rows, read_rows
from storage.database.session import Database
from storage.filter import Filter, Known
from storage.lists import queries
from storage.register.decisions import decisions
from tests.scheduler.exchange.given_lists import NOW

ROWS = 82
LATER = NOW + timedelta(days=1)


def known(database: Database) -> int:
    with database.read() as s:
        return queries.count_agreements(s, Filter(known=Known.YES))


def test_every_row_has_facts_and_none_a_fault() -> None:
    with opened_rows(str(FILE)) as found:
        rows = list(read_rows(found, FILE.name, NOW.date())[1])
    assert len(rows) == ROWS
    for row in rows:
        assert isinstance(row, ListedAgreement), row
        assert row.kind, row.number
        assert row.days, row.number
        assert not row.remarks, row.remarks


def test_it_is_loaded_once_as_known(database: Database) -> None:
    sync_known_list(database, True, NOW)
    sync_known_list(database, True, LATER)
    assert known(database) == ROWS
    with database.read() as s:
        assert queries.counts(s).agreements == 0
        assert len(decisions(s)) == 1


def test_it_is_loaded_after_all_if_that_was_killed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(list_import, "ingest_rows", _killed)
        with pytest.raises(KeyboardInterrupt):
            sync_known_list(database, True, NOW)
    sync_known_list(database, True, LATER)
    with database.read() as s:
        assert (known(database), len(decisions(s))) == (ROWS, 1)


def _killed(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def test_the_configuration_takes_it_back_and_brings_it_again(database: Database) -> None:
    for wanted, expected in ((False, 0), (True, ROWS), (False, 0), (True, ROWS)):
        sync_known_list(database, wanted, NOW)
        assert known(database) == expected


def test_what_a_person_took_back_stays_away(database: Database) -> None:
    sync_known_list(database, True, NOW)
    with database.begin() as s:
        (loaded,) = decisions(s)
        curation.undo(s, loaded.id, Curator("amina", "", NOW))
    sync_known_list(database, True, LATER)
    assert known(database) == 0


@pytest.mark.parametrize(("pair", "number"), [("EU-MD", 4), ("GB-RW", 2)])
def test_agreements_of_one_day_and_pair_stay_apart(
    database: Database, pair: str, number: int
) -> None:
    sync_known_list(database, True, NOW)
    with database.read() as s:
        agreements = queries.agreements(s, Filter(corridors=(pair,), known=Known.YES))
    assert len(agreements) == number
