"""Why an agreement is as sure as it is, in a sentence of each language."""

from __future__ import annotations

import pytest

from crawler.register.grade import Grounds
from scheduler.views.entry import because, grade_name
from scheduler.views.words.labels import labels_of
from storage.languages import SPOKEN_LANGUAGES
from storage.records import GRADE_OF, GradeBasis

ENGLISH = labels_of("en")


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_each_degree_has_a_word_a_meaning_and_a_sentence(language: str) -> None:
    labels = labels_of(language)
    for basis in GradeBasis:
        grade, grounds = GRADE_OF[basis], Grounds(basis, ("Le Fleuve", "Hespress"), 0.52, "amina")
        words = {grade_name(grade, labels), labels.term(f"grade.{grade}.means")}
        assert len({*words, because(grounds, labels)}) == 3


def test_independent_outlets_are_counted_and_named_up_to_five() -> None:
    outlets = tuple(f"Paper {number}" for number in range(1, 8))
    sentence = because(Grounds(GradeBasis.SEVERAL, outlets), ENGLISH)
    assert sentence.startswith("Reported by 7 independent outlets: Paper 1, Paper 2, Paper 3,")
    assert "Paper 5 and 2 others. No two of them surely report the same stage" in sentence


def test_what_is_doubtful_says_how_probable_it_is() -> None:
    sentence = because(Grounds(GradeBasis.DOUBTFUL, ("Il Foglio",), 0.523), ENGLISH)
    assert "Reported only by Il Foglio" in sentence
    assert "52 %" in sentence


def test_an_unknown_outlet_is_called_so_and_a_name_cannot_turn_the_line() -> None:
    assert "an unknown outlet" in because(Grounds(GradeBasis.SINGLE), ENGLISH)
    arabic = because(Grounds(GradeBasis.SINGLE, ("صوت\u202e الساحل",)), ENGLISH)
    assert "\u2068صوت الساحل\u2069" in arabic


def test_a_person_who_confirmed_it_is_named() -> None:
    sentence = because(Grounds(GradeBasis.PERSON, who="amina"), ENGLISH)
    assert sentence == "Confirmed by a person: amina."
