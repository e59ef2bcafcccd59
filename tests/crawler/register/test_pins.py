"""What curators decide stands, and what lists and second readers say keeps reports apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from crawler.register.partition import Company, partition
from storage.records import DateBasis, Instrument, Status, Topic
from storage.register.entry import Doubt, LinkageReason, Pin, PinKind, Report
from storage.register.list_rows import ListRow, is_listed, row_of
from tests.crawler.register.given import groups, life, report

ONE, COPY = report(1), report(2)
LATER = report(3, event_date=date(2023, 2, 2))
LATEST = report(4, event_date=date(2023, 2, 2))
ALL = [ONE, COPY, LATER, LATEST]


def must(one: int, other: int) -> Pin:
    return Pin(PinKind.MUST_LINK, one, other)


def cannot(one: int, other: int) -> Pin:
    return Pin(PinKind.CANNOT_LINK, one, other)


def test_without_decisions_the_evidence_decides() -> None:
    assert groups(partition(ALL, [])) == [[1, 2], [3, 4]]


def test_a_must_link_joins_whole_agreements() -> None:
    (agreement,) = partition(ALL, [must(1, 3)])
    assert groups([agreement]) == [[1, 2, 3, 4]]
    assert LinkageReason("decided", 3) in agreement.reasons


def test_a_cannot_link_sends_a_report_away() -> None:
    assert groups(partition(ALL, [cannot(2, 1)])) == [[1], [2], [3, 4]]


def test_a_moved_report_stands_where_it_was_put() -> None:
    assert groups(partition(ALL, [cannot(2, 1), must(2, 3)])) == [[1], [2, 3, 4]]


def test_the_later_of_two_decisions_counts() -> None:
    assert groups(partition(ALL, [cannot(1, 2), must(1, 2)])) == [[1, 2], [3, 4]]
    assert groups(
        partition(ALL, [must(1, 3), cannot(1, 3), cannot(1, 4), cannot(2, 3), cannot(2, 4)])
    ) == [
        [1, 2],
        [3, 4],
    ]


def test_copies_kept_apart_stay_apart() -> None:
    copies = [report(1, copy_group="agency"), report(2, copy_group="agency")]
    assert groups(partition(copies, [cannot(1, 2)])) == [[1], [2]]


def test_an_irrelevant_report_leaves_the_register() -> None:
    assert groups(partition(ALL, [Pin(PinKind.IRRELEVANT, 2)])) == [[1], [3, 4]]


def test_a_decision_about_a_report_that_is_gone_changes_nothing() -> None:
    assert groups(partition(ALL, [must(1, 99), cannot(98, 1), Pin(PinKind.IRRELEVANT, 97)])) == [
        [1, 2],
        [3, 4],
    ]


def test_corrected_fields_are_what_counts() -> None:
    pins = [
        Pin(PinKind.FIELD, 1, field="topics", value="visa,labour_mobility"),
        Pin(PinKind.FIELD, 1, field="status", value="suspended"),
        Pin(PinKind.FIELD, 1, field="status", value="ratified"),
        Pin(PinKind.FIELD, 1, field="event_date", value="2019-03-01"),
        Pin(PinKind.FIELD, 1, field="place", value=""),
        Pin(PinKind.FIELD, 1, field="instrument", value="treaty"),
        Pin(PinKind.FIELD, 1, field="parties", value="TN, IT"),
    ]
    (agreement,) = partition([ONE], pins)
    assert (agreement.parties, agreement.status, agreement.event_date) == (
        ("IT", "TN"),
        Status.RATIFIED,
        date(2019, 3, 1),
    )
    assert (set(agreement.topics), agreement.place, agreement.instrument) == (
        {Topic.VISA, Topic.LABOUR},
        None,
        "treaty",
    )


def test_a_field_that_is_none_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"'colour' cannot be corrected; the fields are parties, instrument"
    ):
        partition([ONE], [Pin(PinKind.FIELD, 1, field="colour", value="red")])


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


SIGNED_ON = date(2007, 10, 10)
IN_FORCE: dict[str, Any] = {"status": Status.IN_FORCE, "event_date": date(2021, 1, 1)}


def row(document_id: int, key: str, list_id: str = "ours", **changes: Any) -> Report:
    """A step of a row as the import stores it: without a day of publication."""
    stored: dict[str, Any] = {
        "event_date": SIGNED_ON,
        "published_on": None,
        "copy_group": f"{list_id}/{key}",
    }
    clues = (ListRow(list_id, key).to_clue(),)
    return report(document_id, clues=clues, **stored | changes)


def test_the_steps_of_a_row_belong_together_however_many_years_lie_between() -> None:
    (agreement,) = partition([row(1, "a"), row(2, "a", **IN_FORCE)], [])
    assert life(agreement) == [("signed", "2007-10-10", [1]), ("in_force", "2021-01-01", [2])]


def test_two_rows_of_one_list_are_two_agreements_even_of_the_same_day() -> None:
    rows = [row(1, "a"), row(2, "b"), row(3, "a", **IN_FORCE), row(4, "b", **IN_FORCE)]
    assert groups(partition(rows, [])) == [[1, 3], [2, 4]]


def test_rows_of_two_lists_are_compared_like_any_other_reports() -> None:
    visa: dict[str, Any] = {"topics": (Topic.VISA,)}
    rows = [row(1, "a"), row(2, "b", **visa), row(3, "x", "yours"), row(4, "y", "yours", **visa)]
    assert groups(partition(rows, [])) == [[1, 3], [2, 4]]


def test_a_report_of_a_later_step_joins_the_row() -> None:
    later = report(3, status=Status.SUSPENDED, event_date=date(2025, 3, 6))
    (agreement,) = partition([row(1, "a"), row(2, "a", **IN_FORCE), later], [])
    assert agreement.status is Status.SUSPENDED


def test_a_report_that_recalls_the_day_of_a_row_is_a_mention() -> None:
    recalling = report(3, event_date=SIGNED_ON, published_on=date(2025, 3, 6))
    (agreement,) = partition([row(1, "a"), recalling], [])
    assert agreement.mentions == (3,)


@pytest.mark.parametrize(
    ("source_id", "listed"), [("list:ours", True), ("apanews", False), (None, False)]
)
def test_the_source_says_whether_a_document_is_a_row(source_id: str | None, listed: bool) -> None:
    assert is_listed(source_id) is listed


def test_a_row_is_read_from_the_clues() -> None:
    stored = (ListRow("ours", "a/b").to_clue(), "num:5")
    assert row_of(stored) == ListRow("ours", "a/b")
    assert row_of(("num:5",)) is None


RECALLING = {
    "status": Status.SIGNED,
    "event_date": date(2026, 11, 27),
    "event_date_basis": DateBasis.PUBLISHED,
}


@pytest.mark.parametrize(
    ("changes", "is_mention"),
    [
        ({"clues": ("ref:2007-10-10:lead:agreement",)}, True),
        ({"clues": ("ref:2007-10-10:body:agreement",)}, False),
        ({"clues": ("ref:2007-10-10:lead:agreement:other",)}, False),
        ({"clues": ("ref:2007-10-11:lead:agreement",)}, False),
        (
            {
                "clues": ("ref:2007-10-10:lead:agreement",),
                "event_date_basis": DateBasis.TEXT,
            },
            False,
        ),
    ],
    ids=["its day in the lead", "in the body", "of another", "another day", "a day of its own"],
)
def test_a_signature_that_only_recalls_the_day_of_a_row_is_a_mention(
    changes: dict[str, Any], is_mention: bool
) -> None:
    """Without a row there is a new agreement: nobody knows that the old one was told before."""
    recalling = report(2, **{**RECALLING, **changes})
    agreements = partition([row(1, "a"), recalling], [])
    assert [agreement.mentions for agreement in agreements] == ([(2,)] if is_mention else [(), ()])
    first = report(1, event_date=SIGNED_ON)
    assert len(partition([first, recalling], [])) == 2
