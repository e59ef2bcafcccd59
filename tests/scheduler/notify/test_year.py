"""A year of simulated time in four zones, with a clock that jumps and a machine that sleeps: one
digest a period.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.notify.deliver import send_due
from storage.database.session import Database
from tests.scheduler.given_digests import collect, configured
from tests.scheduler.notify.one_pass import parties_of
from tests.storage.given import card, judged

ZONES = ("Europe/Madrid", "Africa/Casablanca", "Africa/Cairo", "America/New_York")
SUBSCRIPTIONS = "subscriptions:\n" + "\n".join(
    f'  - {{id: {zone.lower().replace("/", "-").replace("_", "-")}, channels: [file], rate: "daily at 02:30", '
    f"timezone: {zone}, max_items: 1000, unconfirmed: full, news: [new_agreement]}}"
    for zone in ZONES
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def chosen(tmp_path: Path) -> Configuration:
    return configured(tmp_path, SUBSCRIPTIONS)


def shown_times(start: datetime, end: datetime) -> Iterator[datetime]:
    """What the clock shows at each tick of an hour.

    Every 40 days it is a day ahead for five hours, 13 days later a day behind for five hours; 10
    days later the machine sleeps for 30 hours.
    """
    now = start
    while now < end:
        day, hour = (now - start).days % 40, now.hour
        if day == 27 or (day == 28 and hour < 6):
            now += HOUR
            continue
        ahead = (
            DAY
            if day == 4 and 10 <= hour < 15
            else -DAY
            if day == 17 and 10 <= hour < 15
            else timedelta(0)
        )
        yield now + ahead
        now += HOUR


def live_through(database: Database, chosen: Configuration, start: datetime, end: datetime) -> int:
    """Something new every other day, a tick every hour; how many agreements there were."""
    number, last = 0, start - 2 * DAY
    for tick, shown in enumerate(shown_times(start, end)):
        if tick % 48 == 0:
            collect(
                database, chosen, judged(number, card=card(parties=parties_of(number))), now=shown
            )
            number += 1
        send_due(database, chosen, now=shown)
        last = shown
    for later in range(1, 4):
        send_due(database, chosen, now=last + later * DAY)
    return number


def check(chosen: Configuration, database: Database, agreements: int) -> None:
    references: dict[str, Counter[str]] = {
        subscription.id: Counter() for subscription in chosen.subscriptions
    }
    for path in sorted((chosen.folder / "digests").glob("*.eml")):
        text = message_from_bytes(path.read_bytes(), policy=default).get_body(("plain",))
        assert text is not None
        references[path.stem[18:]].update(re.findall(r"Reference (A\d+)", text.get_content()))
    assert {name: len(counted) for name, counted in references.items()} == dict.fromkeys(
        references, agreements
    )
    assert {count for counted in references.values() for count in counted.values()} == {1}


def test_each_zone_has_one_digest_a_period_around_the_changes_of_its_clocks(
    database: Database, chosen: Configuration
) -> None:
    agreements = live_through(
        database, chosen, datetime(2027, 3, 8, tzinfo=UTC), datetime(2027, 4, 2, tzinfo=UTC)
    )
    check(chosen, database, agreements)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_each_zone_has_one_digest_a_period_for_a_year(
    database: Database, chosen: Configuration
) -> None:
    agreements = live_through(
        database, chosen, datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    )
    check(chosen, database, agreements)
