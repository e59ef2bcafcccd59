"""Clocks and counters are no part of a text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extract.extract import extract
from crawler.extract.fields import NOTHING, Ignored
from storage.records import Fetched

BODY = """<html lang="en"><head><title>Agreements in force</title></head><body><main>
<h1>Agreements in force</h1><p class="clock">It is {clock}.</p>
<p>The agreement with Niger on the readmission of persons was signed in Rabat and is in force.</p>
<p>This page was read by {count} people. The list is kept by the legal department.</p>
</main></body></html>"""
HERE = "https://a.example/"


def text(ignored: Ignored, clock: str = "12:01", count: int = 7) -> str:
    body = BODY.format(clock=clock, count=count).encode()
    fetched = Fetched(HERE, HERE, "text/html", body, datetime.now(UTC))
    return extract(fetched, watched=True, ignored=ignored).text


@pytest.mark.parametrize(
    "ignored",
    [
        Ignored((".clock",), r"This page was read by \d+ people\."),
        Ignored(pattern=r"It is \d+:\d+\.|read by \d+ people"),
    ],
)
def test_what_is_ignored_changes_nothing(ignored: Ignored) -> None:
    assert text(ignored) == text(ignored, "23:59", 81)
    assert text(NOTHING) != text(NOTHING, "23:59", 81)
    assert "was signed in Rabat" in text(ignored)
    assert "kept by the legal department" in text(ignored)


def test_a_line_of_which_nothing_is_left_goes() -> None:
    assert Ignored(pattern="It is .*").without_words("a\nIt is late.\nb") == "a\nb"
