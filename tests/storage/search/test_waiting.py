"""What waits for ratification: which agreements, and in which order."""

from __future__ import annotations

from datetime import date

from crawler.ingest.ingest import ingest
from storage.database.session import Database
from storage.filter import Filter
from storage.queries import count_waiting, waiting
from storage.records import Judged, Status
from tests.storage.given import NOW, card, judged

EVERYTHING = Filter()
PAIRS = (("MA", "NE"), ("IT", "TN"), ("EU", "MR"), ("ES", "SN"), ("DE", "KE"))

# Two wait since one day: either may come first, but always in the same place.
NEWEST = ["DE-KE", "MA-NE", "IT-TN", "ES-SN"]
LONGEST = ["IT-TN", "MA-NE", "DE-KE", "ES-SN"]


def signed(number: int, on: date | None, status: Status = Status.SIGNED) -> Judged:
    made = card(parties=PAIRS[number - 1], status=status, event_date=on, event_date_basis=None)
    return judged(number, card=made, published_on=on)


def given(database: Database) -> None:
    """All but EU-MR wait, which is in force; of ES-SN nobody says since when."""
    news = (
        signed(1, date(2026, 1, 9)),
        signed(2, date(2024, 5, 1), Status.CONCLUDED),
        signed(3, date(2026, 2, 1), Status.IN_FORCE),
        signed(4, None),
        signed(5, date(2026, 1, 9)),
    )
    with database.begin() as s:
        ingest(s, news, [], now=NOW, run_id=None, crawl=False, max_age_days=None)


def order(database: Database, *, longest_first: bool, size: int) -> list[str]:
    """All that waits, read in pages of this size."""
    found: list[str] = []
    after: str | None = None
    with database.read() as s:
        while True:
            page = waiting(s, EVERYTHING, size, after, longest_first=longest_first)
            found += ["-".join(one.parties) for one in page]
            if len(page) < size:
                return found
            after = page[-1].id


def test_the_one_signed_last_comes_first_and_what_has_no_day_last(database: Database) -> None:
    given(database)
    for size in (1, 2, 10):
        assert order(database, longest_first=False, size=size) == NEWEST


def test_the_one_that_waits_longest_comes_first_and_what_has_no_day_last(
    database: Database,
) -> None:
    given(database)
    for size in (1, 2, 10):
        assert order(database, longest_first=True, size=size) == LONGEST


def test_filters_narrow_what_waits(database: Database) -> None:
    given(database)
    with database.read() as s:
        assert count_waiting(s, EVERYTHING) == 4
        assert count_waiting(s, Filter(parties=("IT",))) == 1
        assert count_waiting(s, Filter(parties=("MR",))) == 0
