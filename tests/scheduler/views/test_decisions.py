"""Decisions as a curator reads them."""

from __future__ import annotations

import pytest

from scheduler.views.decisions import decision_in_words
from scheduler.views.words.labels import labels_of
from storage.register.entry import Decision, DecisionKind, Pin, PinKind
from tests.storage.given import NOW

MUST, CANNOT = PinKind.MUST_LINK, PinKind.CANNOT_LINK


def decided(
    kind: DecisionKind, *pins: Pin, of: str | None = "A47", other: str | None = None
) -> Decision:
    return Decision(
        kind=kind,
        pins=pins,
        who="amina",
        why="read them",
        at=NOW,
        agreement_id=of,
        other_agreement_id=other,
    )


SPLIT = decided(DecisionKind.SPLIT, *(Pin(CANNOT, 38, other) for other in range(1, 7)))
SPLIT_OFF = (Pin(MUST, 38, 39), Pin(CANNOT, 38, 1), Pin(CANNOT, 39, 1))
MOVED = (Pin(CANNOT, 38, 1), Pin(MUST, 38, 5))


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (SPLIT, "split document 38 off A47"),
        (
            decided(DecisionKind.SPLIT, *SPLIT_OFF),
            "split documents 38 and 39 off A47",
        ),
        (decided(DecisionKind.MERGE, Pin(MUST, 1, 2), other="A50"), "merged A50 into A47"),
        (
            decided(DecisionKind.MERGE, Pin(MUST, 1, 2), of=None),
            "merged ? into ?",
        ),
        (decided(DecisionKind.MOVE, *MOVED, other="A50"), "moved document 38 from A47 to A50"),
        (
            decided(DecisionKind.MOVE, *MOVED, of=None),
            "moved document 38 from ? to ?",
        ),
        (
            decided(DecisionKind.CORRECT, Pin(PinKind.FIELD, 38, None, "status", "signed")),
            "corrected document 38: Status is signed",
        ),
        (
            decided(DecisionKind.IRRELEVANT, Pin(PinKind.IRRELEVANT, 38)),
            "document 38 is not relevant",
        ),
        (
            decided(
                DecisionKind.RELEVANT,
                Pin(PinKind.RELEVANT, 38),
                Pin(PinKind.FIELD, 38, None, "parties", "MA,NE"),
                Pin(PinKind.FIELD, 38, None, "status", "signed"),
                of=None,
            ),
            "added document 38 to the register",
        ),
        (
            decided(DecisionKind.RENAME, Pin(PinKind.NAME, 38, None, None, "The Rabat pact")),
            "named A47 “The Rabat pact”",
        ),
    ],
)
def test_a_decision_in_words(decision: Decision, words: str) -> None:
    sentence = decision_in_words(decision, labels_of("en"))
    assert sentence.translate({0x2068: None, 0x2069: None}) == words
