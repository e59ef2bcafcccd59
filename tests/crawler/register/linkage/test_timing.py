"""What the day and the status of a report say about its belonging to an agreement."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.clues import DATED
from crawler.register.linkage.facts import Cluster, facts_of
from crawler.register.linkage.timing import NEVER_AGAIN, moment, time_point
from storage.records import Status
from tests.crawler.register.given import RABAT, report

S = Status
TALKS, AGREED, SIGNED = (S.NEGOTIATING, 0), (S.CONCLUDED, 0), (S.SIGNED, 0)
YEAR = 366


@pytest.mark.parametrize(
    ("status", "days", "before", "reason", "value"),
    [
        (S.SIGNED, 3, [SIGNED], "same stage, same days", 3.0),
        (S.RATIFIED, 1, [SIGNED], "same day, another status", 2.0),
        (S.RATIFIED, 2, [SIGNED], "a stage after signature", 1.0),
        (S.SIGNED, 4, [SIGNED], "same stage, some days later", 1.2),
        (S.SIGNED, 10, [SIGNED], "same stage, some days later", 1.2),
        (S.CONCLUDED, 10, [SIGNED], "same stage, some days later", 1.2),
        (S.SIGNED, 11, [SIGNED], "a second signature", 0.0),
        (S.SIGNED, 120, [SIGNED], "a second signature", 0.0),
        (S.SIGNED, 121, [SIGNED], "a second signature", NEVER_AGAIN),
        (S.RATIFIED, 45, [(S.RATIFIED, 0)], "same status, some weeks later", 0.5),
        (None, 45, [TALKS, (S.SIGNED, -9)], "no status told", 0.5),
        (None, 46, [TALKS, (S.SIGNED, -9)], "no status told", -0.5),
        (S.NEGOTIATING, YEAR, [TALKS], "talks go on", 1.0),
        (S.NEGOTIATING, YEAR + 1, [TALKS], "talks go on", 0.0),
        (S.NEGOTIATING, 3, [SIGNED], "talks on the eve", 1.0),
        (S.NEGOTIATING, 10, [SIGNED], "talks of what was signed", 0.0),
        (S.NEGOTIATING, 11, [SIGNED], "new talks after a deal", -1.5),
        (S.SIGNED, YEAR, [TALKS], "a deal after talks", 1.0),
        (S.SIGNED, YEAR + 1, [TALKS], "a deal after talks", 0.3),
        (S.SIGNED, 2 * YEAR, [TALKS], "a deal after talks", 0.3),
        (S.SIGNED, 2 * YEAR + 1, [TALKS], "a deal after talks", -1.0),
        (S.SIGNED, 5 * YEAR + 1, [TALKS], "a deal after talks", NEVER_AGAIN),
        (S.SIGNED, 120, [AGREED], "signed after it was agreed", 1.0),
        (S.SIGNED, 121, [AGREED], "signed after it was agreed", -1.5),
        (S.SIGNED, YEAR + 1, [AGREED], "signed after it was agreed", -1.0),
        (S.CONCLUDED, YEAR, [AGREED], "agreed a second time", -0.5),
        (S.CONCLUDED, YEAR + 1, [AGREED], "agreed a second time", NEVER_AGAIN),
        (S.CONCLUDED, 45, [SIGNED], "a looser word for the signature", 0.0),
        (S.CONCLUDED, 46, [SIGNED], "agreed after a signature", -1.5),
        (S.CONCLUDED, 121, [SIGNED], "agreed after a signature", NEVER_AGAIN),
        (S.RATIFIED, 3 * YEAR, [SIGNED], "a stage after signature", 1.0),
        (S.RATIFIED, 3 * YEAR + 1, [SIGNED], "a stage after signature", -0.5),
        (S.RATIFIED, 3 * YEAR + 1, [(S.RATIFIED, 0)], "ratified a second time", -1.5),
        (S.RATIFIED, 60, [SIGNED, (S.TERMINATED, 30)], "after its end", -1.5),
        (S.SUSPENDED, YEAR, [SIGNED], "a later stage", 0.9),
        (S.SUSPENDED, YEAR, [TALKS], "a later stage", 0.5),
        (S.REJECTED, 10, [SIGNED], "a later stage", 1.0),
        (S.REJECTED, 11, [SIGNED], "refused after a deal", -2.4),
    ],
)
def test_stage_and_distance_speak_for_an_agreement_or_against_it(
    status: Status | None,
    days: int,
    before: list[tuple[Status, int]],
    reason: str,
    value: float,
) -> None:
    assert point_of(status, days, before) == (value, reason, "")


def point_of(
    status: Status | None,
    days: int | None,
    before: list[tuple[Status, int]],
    clues: tuple[str, ...] = (),
) -> object:
    assert RABAT.event_date is not None
    agreement = Cluster()
    for number, (stage, day) in enumerate(before, 1):
        on = RABAT.event_date + timedelta(days=day)
        agreement.add(facts_of(report(number, status=stage, event_date=on)))
    on_day = None if days is None else RABAT.event_date + timedelta(days=days)
    facts = facts_of(report(9, status=status, event_date=on_day, clues=clues))
    return time_point(facts, moment(facts, agreement))


def test_a_second_signature_whose_day_the_text_gives_is_another_ones() -> None:
    said = point_of(S.SIGNED, 10, [SIGNED], (DATED,))
    assert said == (-1.5, "a second signature within weeks", "")


@pytest.mark.parametrize(
    ("status", "reason", "value"),
    [(S.SIGNED, "undated, same status", 1.5), (S.RATIFIED, "undated", 1.0)],
)
def test_a_report_without_a_day_speaks_by_its_status(
    status: Status, reason: str, value: float
) -> None:
    assert point_of(status, None, [SIGNED]) == (value, reason, "")
