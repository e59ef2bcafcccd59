"""What speaks for and against a report belonging to an agreement, each point alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crawler.clues import VAGUE, Clues, RecalledDate
from crawler.register.linkage.facts import Cluster, facts_of
from crawler.register.linkage.points import RECALLS_ITS_DATE, weigh
from storage.records import DateBasis, Instrument, Status, Topic, Zone
from tests.crawler.register.given import RABAT, report


def of(*reports: dict[str, Any]) -> Cluster:
    cluster = Cluster()
    for number, differs in enumerate(reports, 1):
        cluster.add(facts_of(report(number, **differs)))
    return cluster


def reasons(differs: dict[str, Any], *others: dict[str, Any]) -> dict[str, float]:
    points = weigh(facts_of(report(9, **differs)), of(*(others or ({},))))
    return {point.reason: point.value for point in points}


def test_numbers_and_names_in_common_count_up_to_a_bound() -> None:
    many = {"clues": Clues(numbers=(40, 300, 7000), names=("accord rabat",)).to_text()}
    one = {"clues": Clues(numbers=(40,)).to_text()}
    assert reasons(one, one).get("same numbers and names") == 0.7
    assert reasons(many, many).get("same numbers and names") == 1.5
    assert "same numbers and names" not in reasons(one, {})


def test_what_most_reports_call_it_is_its_kind() -> None:
    kinds = (Instrument.PROTOCOL, Instrument.MEMORANDUM, Instrument.MEMORANDUM)
    assert of(*({"instrument": one} for one in kinds)).instrument is Instrument.MEMORANDUM
    assert of(*({"instrument": one} for one in kinds[:2])).instrument is Instrument.PROTOCOL


def test_a_topic_is_shared_by_the_reports_that_have_any() -> None:
    both = (Topic.READMISSION, Topic.VISA)
    cluster = of({"topics": both}, {"topics": (Topic.READMISSION,)}, {"topics": ()})
    assert cluster.topics == {Topic.READMISSION: 1.0, Topic.VISA: 0.5}


def test_it_ended_on_the_first_day_that_a_report_of_its_end_has() -> None:
    ends = ({"status": Status.TERMINATED, "event_date": date(2021, 5, day)} for day in (9, 4, 20))
    assert of({}, *ends).ended_on == date(2021, 5, 4).toordinal()
    assert of({}).ended_on is None


def test_copies_of_a_text_have_one_vote() -> None:
    copies = ({"instrument": Instrument.PROTOCOL, "copy_group": "same"} for _ in range(3))
    other = ({"instrument": Instrument.TREATY, "copy_group": str(n)} for n in range(2))
    assert of(*copies, *other).instrument is Instrument.TREATY


def test_the_last_day_is_that_of_the_newest_report() -> None:
    early, late = RABAT.event_date, date(2020, 1, 5)
    assert of({"event_date": late}, {"event_date": early}).last_day == late


def recalls(status: Status, *dates: RecalledDate, **differs: Any) -> dict[str, Any]:
    """What differs in a report of two years later that names these dates beside a paper."""
    later = {"status": status, "event_date": date(2021, 2, 14)}
    return later | {"clues": Clues(dates=dates).to_text()} | differs


@pytest.mark.parametrize(
    ("zone", "instrument", "value"),
    [
        (Zone.BODY, Instrument.AGREEMENT, None),
        (Zone.BODY, Instrument.PROTOCOL, 1.0),
        (Zone.LEAD, Instrument.AGREEMENT, 2.5),
    ],
)
def test_a_date_far_down_beside_a_foreign_kind_of_paper_is_that_of_another_paper(
    zone: Zone, instrument: Instrument, value: float | None
) -> None:
    its_day = RecalledDate((2019, 2, 14), zone, "memorandum")
    said = reasons(recalls(Status.SUSPENDED, its_day, instrument=instrument))
    assert said.get(RECALLS_ITS_DATE) == value
    assert said.get("recalls another kind of paper") == (None if value else -0.5)


@pytest.mark.parametrize(
    ("kind", "value"), [("memorandum", 3.0), ("protocol", 2.75), ("treaty", 2.0), ("any", 2.5)]
)
def test_a_recalled_date_counts_more_beside_a_like_kind_of_paper(kind: str, value: float) -> None:
    its_day = RecalledDate((2019, 2, 14), Zone.LEAD, kind)
    said = reasons(recalls(Status.SUSPENDED, its_day), {"instrument": Instrument.MEMORANDUM})
    assert said[RECALLS_ITS_DATE] == value


def test_talks_are_about_another_paper_once_their_headline_dates_one() -> None:
    body = RecalledDate((2012,), Zone.BODY, "treaty")
    title = RecalledDate((2010,), Zone.TITLE, "treaty")
    assert "talks about another one" in reasons(recalls(Status.NEGOTIATING, body, title))
    assert "talks about another one" not in reasons(recalls(Status.NEGOTIATING, body))
    lead = RecalledDate((2019,), Zone.LEAD, "treaty")
    assert reasons(recalls(Status.NEGOTIATING, lead))["perhaps talks about it"] == 0.5


def test_a_report_that_recalls_no_date_has_no_point_for_dates() -> None:
    assert not [reason for reason in reasons(recalls(Status.SUSPENDED)) if "recalls" in reason]


@pytest.mark.parametrize(
    ("parts", "value"),
    [((2020, 2), -0.4), ((2020,), -0.4), ((2020, 1), -1.5), ((2018,), -1.5), ((2020, 1, 5), -3.0)],
)
def test_a_date_of_the_last_twelve_months_may_be_that_of_another_step(
    parts: tuple[int, ...], value: float
) -> None:
    said = reasons(recalls(Status.SUSPENDED, RecalledDate(parts, Zone.LEAD, "any")))
    assert [points for reason, points in said.items() if "recalls" in reason] == [value]


@pytest.mark.parametrize(
    ("status", "basis", "looks_back"),
    [
        (Status.SIGNED, DateBasis.PUBLISHED, True),
        (Status.SIGNED, DateBasis.TEXT, False),
        (Status.RATIFIED, DateBasis.PUBLISHED, False),
    ],
)
def test_a_deal_that_is_told_vaguely_and_without_a_day_is_only_recalled(
    status: Status, basis: DateBasis, looks_back: bool
) -> None:
    told = report(1, status=status, event_date_basis=basis, clues=(VAGUE,))
    assert facts_of(told).looks_back is looks_back
