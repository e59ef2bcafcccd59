"""Which agreements resemble one, and why."""

from __future__ import annotations

from datetime import date

from storage.database.session import Database
from storage.lists.queries import agreement
from storage.records import Instrument, Judged, Status, Topic
from storage.register.similar import Likeness, similar_to
from tests.storage import filing
from tests.storage.given import NOW, card, judged


def signed(
    number: int, *parties: str, topics: tuple[Topic, ...], kind: Instrument, year: int = 2024
) -> Judged:
    about = card(
        parties=parties,
        topics=topics,
        instrument=kind,
        status=Status.SIGNED,
        event_date=date(year, 1, number),
    )
    return judged(number, card=about)


def test_the_same_topics_regions_and_kind_come_first_and_say_why(database: Database) -> None:
    asylum, protocol = (Topic.ASYLUM,), Instrument.PROTOCOL
    ones = (
        signed(1, "IT", "AL", topics=asylum, kind=protocol),
        signed(2, "DE", "XK", topics=asylum, kind=protocol),
        signed(3, "GB", "RW", topics=asylum, kind=Instrument.TREATY),
        signed(4, "IT", "AL", topics=asylum, kind=Instrument.TREATY, year=2009),
        signed(5, "IT", "TN", topics=(Topic.VISA,), kind=Instrument.TREATY),
    )
    with database.begin() as s:
        filing.put(s, ones, now=NOW)
    with database.read() as s:
        found = agreement(s, "A1")
        assert found is not None
        similar = similar_to(s, found)
    everything = (Likeness.TOPICS, Likeness.REGIONS, Likeness.KIND, Likeness.STATUS)
    assert [(one.agreement.parties, one.why, one.topics) for one in similar] == [
        (("DE", "XK"), everything, asylum),
        (("GB", "RW"), (Likeness.TOPICS, Likeness.STATUS), asylum),
    ]
