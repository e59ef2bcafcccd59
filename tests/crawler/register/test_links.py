"""Agreements of the same parties are linked to those before them, as a slow reading of the
definition links them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

import pytest

from crawler.register.partition import End, end_of, links_of
from storage.records import Status, Topic
from storage.register.entry import Agreement, Step

DAYS = [date(2024, 1, 1) + timedelta(days=30 * number) for number in range(5)]
TOPICS = ((Topic.READMISSION,), (Topic.LABOUR,), (Topic.READMISSION, Topic.VISA), ())


def agreement(*steps: Step, mentions: tuple[int, ...] = ()) -> Agreement:
    return Agreement(
        id="",
        title="",
        parties=("IT", "TN"),
        instrument=None,
        topics=(Topic.VISA,),
        status=None,
        place=None,
        event_date=None,
        history=steps,
        mentions=mentions,
    )


def step(status: Status | None, on: date | None, *documents: int) -> Step:
    return Step(status, on, "", documents)


@pytest.mark.parametrize(
    ("one", "born", "document"),
    [
        (
            agreement(step(Status.NEGOTIATING, DAYS[0], 4), step(Status.SIGNED, DAYS[1], 7)),
            DAYS[1],
            4,
        ),
        (
            agreement(step(Status.REJECTED, DAYS[0], 4), step(Status.PROPOSED, DAYS[1], 7)),
            DAYS[0],
            4,
        ),
        (agreement(step(Status.SIGNED, None, 4), step(Status.RATIFIED, DAYS[2], 7)), DAYS[2], 4),
        (agreement(step(None, None, 4)), None, 4),
        (agreement(mentions=(9, 10)), None, 9),
    ],
)
def test_an_agreement_came_about_with_its_first_deal_else_with_its_first_day(
    one: Agreement, born: date | None, document: int
) -> None:
    assert end_of(one) == End((Topic.VISA,), born, document)


def slow_links(ends: Sequence[End]) -> list[tuple[tuple[str, str], ...]]:
    """Of those that came about before, the last on the same subject, unless of one day, and the
    last of the others.
    """
    ordered = sorted(ends, key=lambda end: (end.born or date.max, ends.index(end)))
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    for place, mine in enumerate(ordered):
        links: dict[str, str] = {}
        for other in reversed(ordered[:place]):
            alike = not mine.topics or not other.topics or set(mine.topics) & set(other.topics)
            one_day = mine.born is not None and mine.born == other.born
            links.setdefault("follows" if alike and not one_day else "beside", f"D{other.document}")
        found[mine.document] = tuple(sorted(links.items()))
    return [found[end.document] for end in ends]


@pytest.mark.parametrize("seed", range(200))
def test_links_are_those_of_the_definition(seed: int) -> None:
    chance = Random(seed)
    ends = [
        End(chance.choice(TOPICS), chance.choice((*DAYS, None)), document)
        for document in chance.sample(range(50), chance.randint(1, 8))
    ]
    assert links_of(ends) == slow_links(ends)
