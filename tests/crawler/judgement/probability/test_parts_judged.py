"""What of a document is judged: the first words of its prose, whatever stands around them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.judgement.judge import Rules, judge, load_rules, read_document
from crawler.judgement.probability.frames import read_frames
from crawler.judgement.probability.passages import around_what_decides, beginning_of
from storage.records import Document

SENTENCE = "The two ministers spoke for a long time about the old road along the river. "
STORY = "\n".join(SENTENCE * 2 for _ in range(8))  # 240 words
TAIL = "\n".join(
    [
        "Related",
        "The parties of the coalition signed a pact on pensions, schools and trade on Tuesday.",
        "A court fined three companies which had hired workers for the harvest without contracts.",
    ]
)
SIGNED = Document(
    title="Morocco and Niger sign declaration against human trafficking",
    text="The ministers signed it in Rabat on Monday. It covers border control and returns.\n"
    + STORY,
    language="en",
)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


def test_the_beginning_is_the_first_two_hundred_words_of_prose() -> None:
    beginning = beginning_of(f"By Ann Other\nA quay. Photo: B. C.\n{STORY}\n{TAIL}") or ""
    assert beginning.startswith(SENTENCE.strip())
    assert len(beginning.split()) == 200


def test_a_text_without_prose_begins_with_its_first_line() -> None:
    lines = "\n".join(f"item {number} of a list" for number in range(60))
    assert (beginning_of(lines) or "").startswith("item 0 of a list\nitem 1")


@pytest.mark.parametrize(
    "text", ["", "By Ann Other\nTwo lines.", SENTENCE * 8, f"{SENTENCE}\n" * 8]
)
def test_a_short_text_or_one_of_prose_alone_is_read_as_a_whole(text: str) -> None:
    assert beginning_of(text) is None


def test_nothing_that_stands_around_the_beginning_moves_a_probability(rules: Rules) -> None:
    plain = judge(SIGNED, rules)
    assert plain.outcome == "alert"
    around = replace(SIGNED, text=f"By Ann Other\nRabat, a view\n{SIGNED.text}\n{TAIL}\n{TAIL}")
    shelled = judge(around, rules)
    assert shelled.outcome == "alert"
    assert shelled.probability == plain.probability
    assert shelled.frame == plain.frame


def test_what_the_beginning_does_not_tell_is_read_from_all_of_it(rules: Rules) -> None:
    """The gate holds the beginning back, and lets the whole pass."""
    late = replace(SIGNED, title="A long day", text=f"{STORY}\n{SIGNED.title}.\n{SIGNED.text}")
    verdict = judge(late, rules)
    assert judge(replace(late, text=STORY), rules).probability is None
    assert verdict.probability is not None


def test_what_is_learnt_beside_it_starts_shortly_before_the_sentence_that_decides(
    rules: Rules,
) -> None:
    late = replace(SIGNED, text=f"{STORY}\nThey met. They ate.\n{SIGNED.title} in Rabat.\n{STORY}")
    assert rules.judge is not None
    reading = read_document(late, rules)
    around = around_what_decides(reading, read_frames(reading, rules.judge.frequencies)) or ""
    assert around.startswith(f"{SIGNED.title} in Rabat.")
    assert len(around.split()) == 200
