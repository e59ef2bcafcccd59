from __future__ import annotations

from datetime import UTC, datetime

import pytest

from spiders.fetch.retry_after import parse_retry_after

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 1.0),
        ("-5", 1.0),
        ("999999999", 3600.0),
        ("Tue, 24 Nov 2026 12:01:00 GMT", 60.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 1.0),
        ("Tue, 24 Nov 2026 12:01:00", 60.0),
        ("9" * 400, 3600.0),
        ("9" * 5000, 3600.0),
        ("-" + "9" * 400, 1.0),
        ("Tue, 24 Nov 99999 12:01:00 GMT", None),
        ("Tue, 99999999999999999999 Nov 2026 12:01:00 GMT", None),
        ("Tue, 24 Nov 2026 12:01:00 +99999999", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", 3600.0),
        ("Mon, 01 Jan 0001 00:00:00 +1200", 1.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_seconds_and_dates_are_read_and_bounded(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW, 3600.0) == seconds
