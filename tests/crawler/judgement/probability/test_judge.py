"""Three outcomes: an alert, to be reviewed, silent; and which parts of a document are judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.judgement.judge import Rules, judge, load_rules, read_document
from crawler.judgement.probability.frames import read_frames
from crawler.judgement.probability.judge import Judge
from crawler.judgement.probability.passages import around_what_decides, beginning_of
from storage.records import Document

REPORT = Document(
    title="Fiji and Tonga sign labour mobility memorandum",
    text="The governments of Fiji and Tonga signed a memorandum on seasonal workers on Monday.",
    language="en",
)


def with_lines(rules: Rules, alert: float, review: float) -> Rules:
    """The same rules with other lines, in logits."""

    class Lines(Judge):
        def thresholds(self, language: str) -> tuple[float, float]:
            return alert, review

    assert rules.judge is not None
    lines = Lines(rules.judge.frequencies, rules.judge.weights, encoder=rules.judge.encoder)
    return replace(rules, judge=lines)


@pytest.mark.parametrize(
    ("alert", "review", "outcome"),
    [(-50, -60, "alert"), (50, -60, "review"), (60, 50, "silent")],
)
def test_lines_part_alerts_from_reviews_and_silence(
    rules: Rules, alert: float, review: float, outcome: str
) -> None:
    verdict = judge(REPORT, with_lines(rules, alert, review))
    assert verdict.outcome == outcome
    assert (verdict.relevant, verdict.near_miss) == (outcome == "alert", outcome == "review")
    # Where the encoder is asked too, it agrees with what all else says of a sure report.
    assert verdict.probability == pytest.approx(judge(REPORT, rules).probability, abs=0.001)


def test_an_alert_says_what_was_read_and_why(rules: Rules) -> None:
    verdict = judge(REPORT, rules)
    assert verdict.frame is not None
    assert verdict.frame.parties == ("FJ", "TO")
    assert verdict.frame.act in ("sign", "signed")
    assert verdict.reasons
    assert [abs(reason.weight) for reason in verdict.reasons] == sorted(
        (abs(reason.weight) for reason in verdict.reasons), reverse=True
    )


def test_a_budget_draws_the_lines() -> None:
    strict, loose = load_rules(false_alarms=0.5), load_rules(false_alarms=20)
    assert strict.judge is not None
    assert loose.judge is not None
    for language in ("en", "ar", "fr"):
        alert, review = strict.judge.thresholds(language)
        assert alert > loose.judge.thresholds(language)[0]
        assert alert >= review


def test_the_gate_holds_back_what_never_meets(rules: Rules) -> None:
    apart = Document(title="Football", text="Mbappé signs a deal with Real Madrid.", language="en")
    verdict = judge(apart, rules)
    assert (verdict.outcome, verdict.probability, verdict.frame) == ("silent", None, None)


def test_a_rule_of_ones_own_decides_by_its_points(tmp_path: Path) -> None:
    own = (
        "schema: 1\nrules:\n  - id: mine\n    threshold: 1\n"
        "    signals: [{id: s, any: [accord.named], weight: 2, core: true}]\n"
    )
    path = tmp_path / "mine.yaml"
    path.write_text(own, encoding="utf-8")
    paper = Document(title="A memorandum was found", text="In a drawer.", language="en")
    verdict = judge(paper, load_rules(files=[path]))
    assert verdict.relevant
    assert verdict.found_by == ("mine",)
    assert verdict.probability is None


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
