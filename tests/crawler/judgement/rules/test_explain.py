"""What two sets of rules say of one document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.judgement.rules.explain import DifferenceKind, compare
from storage.records import Card, Document, Status, Verdict

DOCUMENT = Document("Fiji signs", "Fiji signed a deal.", "en")
FOUND = Verdict(True, 5.0, 3.0, "en", card=Card(parties=("FJ",)))
SILENT = Verdict(False, 1.0, 3.0, "en")


@pytest.mark.parametrize(
    ("old", "new", "change", "fields"),
    [
        (SILENT, FOUND, DifferenceKind.APPEARS, ()),
        (FOUND, SILENT, DifferenceKind.VANISHES, ()),
        (
            FOUND,
            replace(FOUND, score=6.0, card=Card(parties=("FJ", "TO"), status=Status.SIGNED)),
            DifferenceKind.CARD,
            ("parties", "status"),
        ),
        (FOUND, replace(FOUND, score=6.0), DifferenceKind.SCORE, ()),
    ],
)
def test_a_difference_is_the_most_that_changed(
    old: Verdict, new: Verdict, change: DifferenceKind, fields: tuple[str, ...]
) -> None:
    found = compare(DOCUMENT, old, new)
    assert found is not None
    assert (found.change, found.fields) == (change, fields)


def test_the_same_verdict_is_no_difference_and_neither_are_two_that_find_nothing() -> None:
    assert compare(DOCUMENT, FOUND, FOUND) is None
    assert compare(DOCUMENT, SILENT, replace(SILENT, score=2.0)) is None
