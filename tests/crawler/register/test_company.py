"""Whatever comes and goes, reports and links are those that a partition of all of them gives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from crawler.register.linkage import board
from crawler.register.linkage.facts import Cluster, Facts
from crawler.register.linkage.points import weigh
from crawler.register.linkage.timing import Point
from crawler.register.partition import Company, End, end_of, kept_apart, links_of, partition
from storage.records import DateBasis, Status, Topic
from storage.register.entry import Agreement, Pin, PinKind, Report, Step
from storage.register.list_rows import ListRow
from tests.crawler.register.given import groups
from tests.crawler.register.made import documents, reports, reports_of_one_pair
from tests.crawler.register.reference import placed

FEW_STATES = ("IT", "TN", "LY", "FR", "DZ", "MA", "ES", "EU")


def undated(rng: random.Random, kept: list[Report]) -> list[Report]:
    """The same, one in sixteen without any date."""
    return [
        replace(
            report,
            published_on=None,
            card=replace(report.card, event_date=None, event_date_basis=None),
        )
        if rng.random() < 1 / 16
        else report
        for report in kept
    ]


def on_forms(rng: random.Random, kept: list[Report]) -> list[Report]:
    """The same, one in six on the form of another, whatever that one tells."""
    return [
        replace(report, copy_group=rng.choice(kept).copy_group) if rng.random() < 1 / 6 else report
        for report in kept
    ]


def as_rows(rng: random.Random, kept: list[Report]) -> list[Report]:
    """The same, one in eight as a step of one of six rows of two lists."""
    found = []
    for report in kept:
        if rng.random() < 1 / 8:
            row = ListRow(rng.choice(("ours", "yours")), rng.choice("abc"))
            report = replace(report, copy_group=row.to_clue(), clues=(row.to_clue(), *report.clues))
        found.append(report)
    return found


def world(seed: int) -> list[Report]:
    """Reports of many pairs that meet through runners-up, or of one pair; copies among them, texts
    on one form, rows of lists, some undated.
    """
    rng = random.Random(seed)
    if seed % 3 == 0:
        return as_rows(rng, on_forms(rng, reports_of_one_pair(rng, 70, noise=0.3)))
    kept = reports(list(documents(rng, 70, FEW_STATES[: 4 + 4 * (seed % 2)], noise=0.3)))
    return as_rows(rng, on_forms(rng, undated(rng, kept)))


def decision(rng: random.Random, numbers: list[int]) -> Pin:
    first, second = rng.sample(numbers, 2)
    kind = rng.choice(list(PinKind))
    if kind in (PinKind.FIELD, PinKind.READ_FIELD):
        return Pin(kind, first, None, "topics", rng.choice(("visa", "readmission_returns")))
    return Pin(kind, first, None if kind is PinKind.IRRELEVANT else second)


def test_texts_that_change_leave_a_partition_of_what_they_say_now() -> None:
    """A text that was corrected has another day, and another place in the canonical order."""
    for seed in range(12):
        rng = random.Random(seed)
        here = {report.document_id: report for report in world(seed)}
        company = Company()
        company.update((), here.values(), ())
        for _ in range(6):
            changed = [dated_anew(rng, here[one]) for one in rng.sample(sorted(here), 9)]
            here |= {report.document_id: report for report in changed}
            company.update((), changed, ())
            assert company.agreements == partition(list(here.values()), ())


def dated_anew(rng: random.Random, one: Report) -> Report:
    days = timedelta(days=rng.randrange(-400, 400))
    on = one.card.event_date or one.seen_on
    return replace(
        one, card=replace(one.card, event_date=on + days, event_date_basis=DateBasis.TEXT)
    )


@pytest.mark.parametrize("curated", [False, True])
@pytest.mark.parametrize("seed", range(9))
def test_any_order_of_coming_and_going_is_a_partition_of_what_is_there(
    seed: int, curated: bool
) -> None:
    rng = random.Random(100 + seed)
    waiting = world(seed)
    rng.shuffle(waiting)
    numbers = [report.document_id for report in waiting]
    company, here, pins = Company(), dict[int, Report](), list[Pin]()
    before: list[Agreement] = []
    while waiting:
        came = [waiting.pop() for _ in range(min(len(waiting), rng.choice((1, 1, 2, 5, 20))))]
        gone = rng.sample(sorted(here), min(len(here), rng.choice((0, 0, 1, 2))))
        left = [here.pop(number) for number in gone]
        came += [replace(report, quote="read again") for report in left if rng.random() < 0.5]
        if curated and rng.random() < 0.5:
            pins.append(decision(rng, numbers))
        here |= {report.document_id: report for report in came}
        told = company.update(gone, came, pins)
        expected = partition(list(here.values()), pins)
        assert company.agreements == expected
        assert {one for one in expected if one not in before} <= set(told) <= set(expected)
        before = expected


def weighed(monkeypatch: pytest.MonkeyPatch, count: int) -> int:
    """How often a report is weighed against an agreement when the newest of so many reports of one
    pair comes.
    """
    *rest, newest = sorted(
        reports_of_one_pair(random.Random(3), count),
        key=lambda one: one.published_on or one.seen_on,
    )
    company = Company()
    company.update((), rest, ())
    calls: list[Facts] = []

    def weigh_and_count(report: Facts, agreement: Cluster) -> list[Point]:
        calls.append(report)
        return weigh(report, agreement)

    monkeypatch.setattr(board, "weigh", weigh_and_count)
    company.update((), [newest], ())
    return len(calls)


def test_one_more_report_is_weighed_against_a_few_agreements_however_many_its_pair_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert 0 < weighed(monkeypatch, 800) <= weighed(monkeypatch, 100) + 10


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


# In these worlds reports score exactly JOIN.
EDGES = (345, 414, 431)


@pytest.mark.parametrize("seed", [*range(40), *EDGES])
def test_reports_stand_where_the_definition_puts_them(seed: int) -> None:
    reports = world(seed)
    assert groups(partition(reports, [])) == placed(reports)


@pytest.mark.parametrize("seed", range(12))
def test_reports_that_curators_keep_apart_stand_where_the_definition_puts_them(seed: int) -> None:
    reports = world(seed)
    rng = random.Random(seed)
    together = [group for group in placed(reports) if len(group) > 1]
    pairs = [rng.sample(group, 2) for group in together]
    pins = [Pin(PinKind.CANNOT_LINK, one, other) for one, other in pairs]
    assert groups(partition(reports, pins)) == placed(reports, kept_apart(pins))
