"""Days as people and spreadsheets write them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scheduler.lists.day_cells import day_in

IN_TEXT = "2005-04-14|14.04.2005|14/4/2005|04/14/2005|14 April 2005|14 avril 2005|38456|2005-04-14 00:00:00"
AS_VALUES = (38456, 38456.0, datetime(2005, 4, 14, 9), date(2005, 4, 14))


@pytest.mark.parametrize("cell", [*IN_TEXT.split("|"), *AS_VALUES])
def test_a_day(cell: object) -> None:
    found = day_in(cell)
    assert found is not None
    assert found.on == date(2005, 4, 14)


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("2008", (2008,)),
        ("03/2008", (2008, 3)),
        (2008, (2008,)),
        ("March 2008", (2008, 3)),
        ("mars 2008", (2008, 3)),
        ("März 2008", (2008, 3)),
        ("marzo de 2008", (2008, 3)),
        ("Sept. 2008", (2008, 9)),
        ("مارس 2008", (2008, 3)),
    ],
)
def test_a_part_of_a_day(cell: object, parts: tuple[int, ...]) -> None:
    found = day_in(cell)
    assert found is not None
    assert (found.parts, found.on) == (parts, None)


@pytest.mark.parametrize("cell", [None, "", " ", "-", "n/a", "N/A", "?"])
def test_nothing(cell: object) -> None:
    assert day_in(cell) is None


@pytest.mark.parametrize(
    "cell", ["31.02.2010", "soon", "2011-99-99", "0005-01-01", datetime(1200, 1, 1)]
)
def test_what_is_no_day_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match=r"day|before"):
        day_in(cell)


def test_who_writes_months_first_says_so() -> None:
    days = [day_in("04/05/2005", month_first=one) for one in (False, True)]
    assert list(map(str, days)) == ["2005-05-04", "2005-04-05"]


def test_serial_numbers_may_count_from_1904() -> None:
    assert str(day_in("36994", since_1904=True)) == "2005-04-14"
