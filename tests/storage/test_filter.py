"""A filter's values as they are written."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from storage.filter import Filter


@pytest.mark.parametrize(
    ("written", "near"),
    [("1.3.2026", ("2026-03-01",)), ("10/03/26", ()), ("2026-2-30", ())],  # 26 is of no century
)
def test_a_day_in_another_order_or_without_zeros_is_asked_back(
    written: str, near: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        Filter.model_validate({"since": written})
    (error,) = caught.value.errors()
    assert error["ctx"]["near"] == near
