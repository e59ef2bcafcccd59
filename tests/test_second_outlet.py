"""The measurement of what a second outlet brings: which documents it lifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from benchmarks.real_corroboration import SpeakingDocument, lifted
from storage.records import Document

_TEXT = "The ministers of both states agreed in Praia to take back their citizens from next spring."
_OTHER = (
    "An accord on returns is at hand, officials in the capital told reporters on Wednesday night."
)


def _document(outlet: str, text: str, day: int = 3) -> Document:
    return Document("Accord", text, "en", published_on=date(2026, 3, day), outlet=outlet)


_WAITING = SpeakingDocument(
    _document("one.example", _TEXT), frozenset({"IT", "TN"}), 0.3, False, True
)
_ALERT = SpeakingDocument(
    _document("two.example", _OTHER, 4), frozenset({"IT", "TN"}), 0.8, True, True
)


def test_what_waits_is_lifted_by_another_outlet_of_the_same_days() -> None:
    assert lifted([_WAITING, _ALERT], 0.2) == {0}


def test_nothing_is_lifted_by_its_own_outlet_a_copy_a_later_day_or_other_parties() -> None:
    others = (
        replace(_ALERT, document=_document("one.example", _OTHER, 4)),
        replace(_ALERT, document=_document("two.example", _TEXT, 4)),
        replace(_ALERT, document=_document("two.example", _OTHER, 9)),
        replace(_ALERT, parties=frozenset({"IT", "LY"})),
    )
    assert [lifted([_WAITING, other], 0.2) for other in others] == [set()] * len(others)


def test_a_doubtful_report_lifts_nothing_and_is_not_lifted() -> None:
    assert lifted([replace(_WAITING, probability=0.1), _ALERT], 0.2) == set()
    assert lifted([_WAITING, replace(_ALERT, probability=0.1)], 0.2) == set()
