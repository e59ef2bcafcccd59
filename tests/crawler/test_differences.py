"""What changed between two texts, as people read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.differences import Edit, Passage, differences, is_notable

TALKS = "The two ministers opened talks in Rabat.\nA text is expected next spring."


def shown(passages: list[Passage]) -> list[str]:
    marks = {Edit.SAME: "{}", Edit.REMOVED: "[-{}-]", Edit.ADDED: "{{+{}+}}"}
    return [
        " ".join(marks[segment.change].format(segment.text) for segment in passage)
        for passage in passages
    ]


def test_words_that_went_and_came_stand_in_their_sentence() -> None:
    signed = TALKS.replace("opened talks", "signed a declaration")
    assert shown(differences(TALKS, signed)) == [
        "The two ministers [-opened talks-] {+signed a declaration+} in Rabat."
    ]


def test_a_paragraph_that_was_added() -> None:
    passages = differences(TALKS, TALKS + "\nParliament has to agree.")
    assert shown(passages) == ["{+Parliament has to agree.+}"]


def test_what_stayed_is_cut_where_it_is_long() -> None:
    middle = " ".join(f"word{number}" for number in range(60))
    before = f"one {middle} two"
    passages = differences(before, f"eins {middle} zwei")
    assert shown(passages) == [
        "[-one-] {+eins+} " + " ".join(f"word{number}" for number in range(12)) + " …",
        "… " + " ".join(f"word{number}" for number in range(48, 60)) + " [-two-] {+zwei+}",
    ]


def test_one_word_between_two_changes_is_read_with_them() -> None:
    (passage,) = differences("a b c d e", "a x c y e")
    assert shown([passage]) == ["a [-b c d-] {+x c y+} e"]


def test_additions_alone() -> None:
    passages = differences("kept gone\nlost", "kept new\nlost", additions_only=True)
    assert shown(passages) == ["kept {+new+}"]
    assert differences("kept gone", "kept", additions_only=True) == []


def test_right_to_left() -> None:
    (passage,) = differences("بدأ الوزيران المحادثات في الرباط", "وقع الوزيران الإعلان في الرباط")
    assert passage[-1].text == "في الرباط"


def test_long_texts_are_compared_in_time() -> None:
    old = " ".join(f"a{number % 977}" for number in range(20_000))
    new = " ".join(f"b{number % 983}" for number in range(20_000))
    assert [piece.change for piece in differences(old, new)[0]] == [Edit.REMOVED, Edit.ADDED]


def test_texts_of_many_paragraphs_are_compared_in_time() -> None:
    old = "\n".join(f"a{number} stays" for number in range(20_000))
    new = "\n".join(f"b{number} stays" for number in range(20_000))
    (passage,) = differences(old, new)
    assert [piece.change for piece in passage[:2]] == [Edit.REMOVED, Edit.ADDED]


def test_many_long_changes_of_one_text_are_compared_as_long_as_there_is_room() -> None:
    def text(letter: str) -> str:
        words = [" ".join(f"{letter}{at} w{at} x{at}" for at in range(700)) for _ in range(5)]
        return "\nas it was\n".join(words)

    passages = differences(text("a"), text("b"))
    assert [len(passage) > 5 for passage in passages] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("after", "is_news"),
    [
        ("The Minister signed; it is done", False),
        ("the minister signed, it is done!\n", False),
        ("The minister signed, it is not done.", True),
        ("The ministers signed, it is done.", True),
    ],
)
def test_marks_and_case_are_no_news(after: str, is_news: bool) -> None:
    assert is_notable("The minister signed, it is done.", after) is is_news


texts = st.text(alphabet="ab \n", max_size=40)


@given(texts, texts)
def test_both_texts_can_be_read_from_the_passages(before: str, after: str) -> None:
    passages = differences(before, after)
    same = [line.split() for line in before.splitlines() if line.strip()] == [
        line.split() for line in after.splitlines() if line.strip()
    ]
    assert not (same and passages)
    if before.split() != after.split():  # a line that is broken elsewhere has the same words
        assert passages
    for edit, text in ((Edit.REMOVED, before), (Edit.ADDED, after)):
        for passage in passages:
            left = [piece.text for piece in passage if piece.change in (Edit.SAME, edit)]
            words = " ".join(left).replace("…", " ").split()
            assert not words or " ".join(words) in " ".join(text.split())
