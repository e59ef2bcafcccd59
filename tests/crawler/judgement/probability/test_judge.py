"""Three outcomes: an alert, to be reviewed, silent; and what a rule that is not judged keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.judgement.judge import Rules, judge, load_rules
from crawler.judgement.probability.judge import Judge
from storage.records import Document

REPORT = Document(
    title="Fiji and Tonga sign labour mobility memorandum",
    text="The governments of Fiji and Tonga signed a memorandum on seasonal workers on Monday.",
    language="en",
)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


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
    assert [abs(one.weight) for one in verdict.reasons] == sorted(
        (abs(one.weight) for one in verdict.reasons), reverse=True
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
