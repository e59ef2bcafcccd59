"""The grade of an agreement: what its reports are worth, and who looked at them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crawler.register.grade import LEAST_SURE, LEAST_TOGETHER, confirmed, grounds_of, independent
from storage.records import GRADE_OF, Grade, GradeBasis, SecondReading, Status
from storage.register.entry import Agreement, Credit, Pin, PinKind, Step

READ_AT = datetime(2026, 3, 12, 8, tzinfo=UTC)


def credit(number: int, **values: Any) -> Credit:
    fields = {"outlet": f"outlet {number}", "copy_group": f"group {number}"}
    return Credit(number, **fields | values)


def agreement(*documents: int, **values: Any) -> Agreement:
    return Agreement(
        id="A1",
        title="",
        parties=("MA", "NE"),
        instrument=None,
        topics=(),
        status=Status.SIGNED,
        place=None,
        event_date=None,
        history=(Step(Status.SIGNED, None, "", documents),),
        **values,
    )


def sure(*reports: Credit, **values: Any) -> GradeBasis:
    numbers = [report.document_id for report in reports]
    found = agreement(*values.pop("told_by", numbers), **values)
    return grounds_of(found, {report.document_id: report for report in reports}).basis


def test_one_outlet_is_one_source_however_much_it_writes() -> None:
    assert sure(credit(1)) is GradeBasis.SINGLE
    assert sure(credit(1, outlet="a"), credit(2, outlet="a")) is GradeBasis.SINGLE
    assert sure(credit(1, outlet="WWW.a"), credit(2, outlet="a")) is GradeBasis.SINGLE


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (None, GradeBasis.OUTLETS),
        (LEAST_TOGETHER, GradeBasis.OUTLETS),
        (LEAST_TOGETHER - 0.01, GradeBasis.SEVERAL),
    ],
)
def test_outlets_with_texts_of_their_own_are_likely_if_two_reports_are(
    probability: float | None, expected: GradeBasis
) -> None:
    basis = sure(credit(1, probability=0.99), credit(2, probability=probability))
    assert basis is expected
    assert (GRADE_OF[basis] is Grade.LIKELY) is (expected is GradeBasis.OUTLETS)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, GradeBasis.OUTLETS),
        ({"happened_on": date(2026, 3, 13)}, GradeBasis.OUTLETS),
        ({"happened_on": date(2026, 3, 14)}, GradeBasis.SEVERAL),
        ({"happened_on": None}, GradeBasis.SEVERAL),
        ({"status": Status.SUSPENDED}, GradeBasis.SEVERAL),
        ({"outlet": "outlet 1"}, GradeBasis.SINGLE),
    ],
)
def test_outlets_are_believed_together_if_they_report_one_status_of_one_day(
    other: dict[str, Any], expected: GradeBasis
) -> None:
    step = {"status": Status.SIGNED, "happened_on": date(2026, 3, 12), "probability": 0.99}
    assert sure(credit(1, **step), credit(2, **step | other)) is expected
    assert sure(credit(2, **step | other), credit(1, **step)) is expected


def test_a_second_readers_yes_is_likely_and_says_who_and_when() -> None:
    yes = credit(1, probability=0.3, reading=SecondReading("yes", "small", "p", READ_AT))
    grounds = grounds_of(agreement(1), {1: yes})
    assert (grounds.basis, grounds.who, grounds.at) == (GradeBasis.READER, "small", READ_AT)
    assert grounds.grade is Grade.LIKELY


def test_what_a_second_reader_found_unclear_makes_no_outlets_sure() -> None:
    unclear = SecondReading("unclear", "small", "p", READ_AT)
    sure_one = credit(1, probability=0.99, reading=unclear)
    assert sure(sure_one, credit(2, probability=0.5)) is GradeBasis.SEVERAL


def test_copies_of_one_agency_text_are_one_source() -> None:
    copies = [credit(number, copy_group="agency") for number in range(1, 9)]
    assert sure(*copies) is GradeBasis.SINGLE


def test_an_outlet_that_has_a_copy_and_a_text_of_its_own_is_independent_of_the_other() -> None:
    reports = (
        credit(1, outlet="a", copy_group="agency"),
        credit(2, outlet="b", copy_group="agency"),
        credit(3, outlet="a", copy_group="own"),
    )
    assert independent(reports) == ("a", "b")
    many = (
        *reports,
        credit(4, outlet="c", copy_group="agency"),
        credit(5, outlet="c", copy_group="own"),
    )
    assert len(independent(many)) == 2


def test_an_unknown_outlet_is_independent_of_nobody() -> None:
    assert sure(credit(1), credit(2, outlet="")) is GradeBasis.SINGLE


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (LEAST_SURE - 0.01, GradeBasis.DOUBTFUL),
        (LEAST_SURE, GradeBasis.SINGLE),
        (None, GradeBasis.SINGLE),
    ],
)
def test_one_outlet_below_the_least_probability_is_doubtful(
    probability: float | None, expected: GradeBasis
) -> None:
    assert sure(credit(1, probability=probability)) is expected


def test_the_best_report_counts_and_other_grounds_outweigh_its_probability() -> None:
    low, high = credit(1, outlet="a", probability=0.5), credit(2, outlet="a", probability=0.9)
    assert sure(low, high) is GradeBasis.SINGLE
    assert sure(low, replace(high, probability=0.6)) is GradeBasis.DOUBTFUL
    assert sure(low, replace(high, probability=0.6, outlet="b")) is GradeBasis.SEVERAL
    assert sure(replace(low, official=True)) is GradeBasis.OFFICIAL
    assert sure(replace(low, confirmed_by="amina")) is GradeBasis.PERSON


def test_a_list_that_has_the_agreement_too_leaves_no_doubt_of_it() -> None:
    low, row = credit(1, probability=0.5), credit(2, listed=True)
    assert sure(low, row, listed=(2,)) is GradeBasis.SINGLE


def test_what_only_lists_know_is_listed_even_if_several_do() -> None:
    rows = (credit(1, listed=True), credit(2, listed=True))
    assert sure(*rows, listed=(1, 2)) is GradeBasis.LISTED


def test_a_mention_is_no_report_of_a_step() -> None:
    mention = credit(2, official=True)
    assert sure(credit(1), mention, told_by=(1,), mentions=(2,)) is GradeBasis.SINGLE


def test_the_grounds_name_who_and_the_outlets_that_count() -> None:
    reports = {
        1: credit(1, outlet="Le Fleuve", probability=0.8),
        2: credit(2, outlet="Ministry", official=True, probability=0.6),
    }
    grounds = grounds_of(agreement(1, 2), reports)
    assert (grounds.basis, grounds.outlets) == (GradeBasis.OFFICIAL, ("Ministry",))
    assert grounds.probability == 0.8


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (PinKind.CONFIRMED, {1}),
        (PinKind.RELEVANT, {1}),
        (PinKind.FIELD, {1}),
        (PinKind.MUST_LINK, {1, 2}),
        (PinKind.CANNOT_LINK, set()),
    ],
)
def test_a_person_confirms_by_saying_what_a_report_says(kind: PinKind, names: set[int]) -> None:
    is_link = kind in (PinKind.MUST_LINK, PinKind.CANNOT_LINK)
    pin = Pin(kind, 1, other_document_id=2 if is_link else None, who="amina")
    found = confirmed({1: credit(1), 2: credit(2)}, [pin])
    assert {number for number, one in found.items() if one.confirmed_by == "amina"} == names


def test_who_read_a_corridor_answers_for_what_was_read() -> None:
    pins = [Pin(PinKind.READ_FIELD, number, who="the model", at=READ_AT) for number in (1, 9)]
    found = confirmed({1: credit(1)}, pins)
    assert found[1].reading == SecondReading("yes", "the model", "", READ_AT)
