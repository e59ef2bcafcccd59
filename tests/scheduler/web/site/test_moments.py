"""How long ago something was, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduler.views.words.labels import labels_of
from scheduler.views.words.page import ago
from tests.storage.given import NOW


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (5, "5 seconds ago"),
        (117, "2 minutes ago"),
        (5700, "95 minutes ago"),
        (-117, "in 2 minutes"),
    ],
)
def test_seconds_are_counted_below_a_minute_alone(seconds: int, expected: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW, labels_of("en")) == expected
