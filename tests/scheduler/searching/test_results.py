"""Snippets mark the words of a search where they stand, as they are written there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.searching.results import finder_of, marks, runs, snippet, snippet_as_json
from storage.query_words import fold_query
from storage.search.hits import Finder


def finder(typed: str) -> Finder:
    return finder_of(fold_query(typed))


def marked(typed: str, text: str) -> list[str]:
    return [text[mark.start : mark.end] for mark in marks(finder(typed), text)]


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("مهاجرين", "أعيد العمال والمهاجرين أمس", ["والمهاجرين"]),
        ("readmission", "L’accord de réadmission est signé", ["réadmission"]),
        ("réadmission", "The READMISSION agreements", ["READMISSION"]),
        ("accord", "Les accords d'hier et l'accord.", ["accords", "accord"]),
        ("مذكرة", "وقّعا مُذَكِّرَةً جديدة", ["مُذَكِّرَةً"]),
        ('"sign* a deal"', "They signed a deal", []),
        ('"signed a"', "They signed a deal, they signed it", ["signed a"]),
        ("sign*", "Signing what was signed", ["Signing", "signed"]),
        ("Rabat OR Tunis", "From Tunis to Rabat", ["Tunis", "Rabat"]),
        ("deal -Rabat", "A deal in Rabat", ["deal"]),
        ("-Rabat", "A deal in Rabat", []),
        ("Straße", "Die STRASSEN und die Straße", ["STRASSEN", "Straße"]),
        ("abkommen", "e\u0301 Ruecknahmeabkommen Abkommen", ["Abkommen"]),
    ],
)
def test_a_word_is_marked_whole_in_the_form_that_stands_there(
    typed: str, text: str, found: list[str]
) -> None:
    assert marked(typed, text) == found


TEXT = (
    "Nothing of it here. The ministers met. "
    "The two states signed an agreement on visas in Rabat. Talks had begun in May.\n"
    "An agreement is one thing. Visas are another."
)


def pieces(typed: str, text: str, title: str = "") -> list[str]:
    return [piece.text for piece in snippet(finder(typed), title, text)]


def test_the_sentence_in_which_most_words_meet_comes_before_all_others() -> None:
    both = "The two states signed an agreement on visas in Rabat."
    assert pieces("agreement visas", TEXT) == [both, "An agreement is one thing."]
    assert pieces("agreement visas may", TEXT)[1] == "Talks had begun in May."


def test_there_are_two_pieces_at_most_and_the_title_beside_them() -> None:
    found = snippet(finder("deal"), "The deal", "A deal. A deal. A deal.")
    assert [piece.zone for piece in found] == ["title", "text", "text"]
    assert snippet(finder("pact"), "The deal", "A deal. A deal. A deal.") == ()


def test_a_long_sentence_is_cut_between_words_around_the_match() -> None:
    text = "word " * 200 + "agreement " + "other " * 200
    (found,) = pieces("agreement", text)
    assert len(found) <= 245
    assert "agreement" in found
    assert set(found.split()) == {"word", "agreement", "other"}


def test_offsets_lead_into_title_and_text() -> None:
    title = "Accord signé à Rabat"
    for one in snippet_as_json(snippet(finder("signés visa"), title, TEXT)):
        whole = title if one["zone"] == "title" else TEXT
        assert whole[one["start"] : one["end"]] == one["text"]
        for match in one["matches"]:
            assert whole[match["start"] : match["end"]] == match["text"]


def test_runs_are_the_text_again() -> None:
    found = runs(finder("visas"), TEXT)
    assert "".join(letters for letters, _ in found) == TEXT
    assert [letters for letters, is_marked in found if is_marked] == ["visas", "Visas"]


@settings(max_examples=200)
@given(st.text(max_size=12), st.text(max_size=80))
def test_any_query_can_be_marked_in_any_text(typed: str, text: str) -> None:
    one = finder(typed)
    assert "".join(letters for letters, _ in runs(one, text)) == text
    for piece in snippet(one, text, text):
        assert text[piece.start : piece.end] == piece.text
        assert all(piece.start <= mark.start < mark.end <= piece.end for mark in piece.marks)
