"""What second readers call an agreement keeps reports apart, and brings them together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from crawler.register.partition import Company, partition
from storage.records import Instrument, Status, Topic
from storage.register.entry import Doubt, Report
from tests.crawler.register.given import groups, life, report

TRAFFICKING = "beside:declaration:trafficking_smuggling"


def named(number: int, name: str, **fields: Any) -> Report:
    return report(number, **{"clues": (f"named:{name}",), **fields})


def found(reports: Sequence[Report]) -> list[list[int]]:
    """Return the groups, which have to be the same in whatever order the reports come, and if they
    come one by one.
    """
    wanted = groups(partition(reports, []))
    for order in permutations(reports):
        assert groups(partition(order, [])) == wanted
        company = Company()
        for one in order:
            company.update((), [one], ())
        assert groups(company.agreements) == wanted
    return wanted


def test_papers_of_two_years_stay_apart() -> None:
    old = named(1, "2012:processing", status=Status.SUSPENDED)
    new = named(2, "2019:processing", status=Status.SUSPENDED, event_date=date(2019, 2, 16))
    assert found([old, new]) == [[1], [2]]
    assert found([report(1, status=Status.SUSPENDED), new]) == [[1, 2]]


def test_a_deal_of_december_that_is_signed_in_january_is_one() -> None:
    agreed = named(1, "2018:visas", status=Status.CONCLUDED, event_date=date(2018, 12, 20))
    signed = named(2, "2019:visas", event_date=date(2019, 1, 15))
    assert found([agreed, signed, named(3, "2019:visas", event_date=date(2019, 1, 16))]) == [
        [1, 2, 3]
    ]


DECLARATION = {"instrument": Instrument.DECLARATION, "topics": (Topic.ASYLUM,)}
PLAN = {"instrument": Instrument.AGREEMENT, "topics": (Topic.ASYLUM,)}


def test_a_declaration_is_not_the_agreement_that_is_planned_beside_it() -> None:
    talks = named(1, ":transfer:planned", status=Status.NEGOTIATING, **PLAN)
    declared = named(2, "2019:", event_date=date(2019, 7, 9), **DECLARATION)
    again = named(3, "2019:", event_date=date(2019, 7, 10), **DECLARATION)
    frozen = {"status": Status.SUSPENDED, "event_date": date(2019, 12, 5)}
    stopped = named(4, ":transfer:planned", **frozen, **PLAN)
    assert found([talks, declared, again, stopped]) == [[1, 4], [2, 3]]
    unnamed = [report(1, status=Status.NEGOTIATING, **PLAN), report(4, **frozen, **PLAN)]
    assert [1, 4] not in found([*unnamed, declared, again])


def test_a_name_without_a_year_joins_no_two_deals_that_are_years_apart() -> None:
    topics = {"topics": (Topic.ASYLUM,)}
    first = named(1, ":asylum:planned", event_date=date(2022, 4, 14), **PLAN)
    treaty = {"status": Status.NEGOTIATING, "instrument": Instrument.TREATY, **topics}
    soon = named(2, ":asylum:planned", event_date=date(2022, 9, 20), **treaty)
    next_deal = named(3, ":asylum:planned", event_date=date(2023, 12, 5), **treaty)
    assert found([first, soon]) == [[1, 2]]
    assert found([first, next_deal]) == [[1], [3]]


def test_a_declaration_that_is_planned_is_the_one_that_is_signed() -> None:
    talks = named(1, "2019::planned", status=Status.NEGOTIATING, **DECLARATION)
    declared = named(2, "2019:", event_date=date(2019, 3, 9), **DECLARATION)
    assert found([talks, declared]) == [[1, 2]]


def test_two_papers_of_one_day_stay_apart_by_the_subject_that_only_one_name_has() -> None:
    topics = (Topic.READMISSION, Topic.BORDER, Topic.TRAFFICKING)
    general = named(1, "2019:", instrument=Instrument.DECLARATION, topics=topics)
    special = {"instrument": Instrument.DECLARATION, "topics": topics[::2]}
    second = report(2, clues=(TRAFFICKING, "named:2019:trafficking"), **special)
    assert found([general, second]) == [[1], [2]]


def test_talks_of_one_name_are_one_agreement_whoever_else_takes_part() -> None:
    talks = {"status": Status.NEGOTIATING, "instrument": Instrument.DECLARATION}
    three = {"parties": ("ES", "FR", "MA"), "topics": (Topic.ASYLUM, Topic.READMISSION), **talks}
    pair = {"topics": (Topic.ASYLUM, Topic.READMISSION), **talks}
    first = [named(number, "2019:", **three) for number in (1, 2)]
    next_day = named(3, "2019:", event_date=date(2019, 2, 15), **pair)
    later = {**pair, "event_date": date(2019, 2, 26), "topics": (Topic.READMISSION, Topic.BORDER)}
    assert found([*first, next_day, named(4, "2019:", **later)]) == [[1, 2, 3, 4]]
    assert found([*first, next_day, report(4, **later)]) == [[1, 2, 3], [4]]


def test_the_name_counts_that_a_copy_was_given() -> None:
    copies = {"status": Status.SUSPENDED, "copy_group": "one text"}
    unread, read = report(1, **copies), named(2, "2012:processing", **copies)
    new = named(3, "2019:processing", status=Status.SUSPENDED, event_date=date(2019, 2, 16))
    assert found([unread, read, new]) == [[1, 2], [3]]


@pytest.mark.parametrize("name", ["named:2019:visas", ""])
def test_days_that_a_reader_gives_a_week_apart_are_two_steps(name: str) -> None:
    clues = (name,) if name else ("num:744", "num:12000")
    talks = {"status": Status.NEGOTIATING, "clues": clues}
    (agreement,) = partition(
        [report(1, **talks), report(2, event_date=date(2019, 3, 14), **talks)], []
    )
    steps = [("negotiating", "2019-02-14", [1]), ("negotiating", "2019-03-14", [2])]
    assert life(agreement) == (steps if name else [("negotiating", "2019-02-14", [1, 2])])


def test_who_joined_by_a_name_alone_is_asked_about() -> None:
    later = {"status": Status.NEGOTIATING, "event_date": date(2019, 4, 20)}
    (joined,) = partition([named(1, "2019:returns"), named(2, "2019:returns", **later)], [])
    assert joined.doubts == (Doubt(2, joined=True),)
    (sure,) = partition([named(1, "2019:returns"), named(2, "2019:returns")], [])
    assert sure.doubts == ()
