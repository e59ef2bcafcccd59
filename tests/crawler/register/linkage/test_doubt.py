"""Where a report could stand elsewhere as well, its place is in doubt."""

from __future__ import annotations

import pytest

from crawler.register.linkage.board import Placing
from crawler.register.linkage.points import DOUBT, JOIN
from crawler.register.partition import partition
from storage.register.entry import Doubt, Pin, PinKind
from tests.crawler.register.given import report

CLEAR = JOIN + 3 * DOUBT


@pytest.mark.parametrize(
    ("rival", "doubtful"),
    [(None, False), (CLEAR - 1.1 * DOUBT, False), (CLEAR - 0.9 * DOUBT, True), (CLEAR, True)],
)
def test_a_clear_place_is_in_doubt_where_another_is_nearly_as_good(
    rival: float | None, doubtful: bool
) -> None:
    assert Placing(1, (), CLEAR, rival).doubtful is doubtful


def test_a_report_that_fits_two_agreements_alike_is_put_before_a_person() -> None:
    apart = [Pin(PinKind.CANNOT_LINK, 1, 2)]
    first, _ = partition([report(1), report(2), report(3)], apart)
    assert [one.kind for one in first.reasons if one.document_id == 3] == ["rivalled"]
    assert Doubt(3, joined=True) in first.doubts
