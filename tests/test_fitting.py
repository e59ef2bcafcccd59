"""The fit learns what parts examples, the same each time, and counts what a line costs."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.fitting.examples import shortened
from benchmarks.fitting.weights import (
    LearntPart,
    TrainingExample,
    fit,
    operating_points,
    save_weights,
)
from crawler.judgement.probability.weights import OperatingPoint, Weights, load_weights
from storage.records import Document


def example(number: int, relevant: bool, **features: float) -> TrainingExample:
    return TrainingExample(
        id=f"d{number}",
        group=f"g{number}",
        language="en",
        relevant=relevant,
        weight=1.0,
        stands_for=1.0,
        is_real=True,
        features=features,
    )


def examples() -> list[TrainingExample]:
    """Reports have `meets`, ordinary news has not; both may have `noise`."""
    chance = random.Random(1)
    reports = [example(n, True, meets=1.0, noise=chance.random()) for n in range(60)]
    return reports + [example(n, False, noise=chance.random()) for n in range(100, 400)]


def test_a_fit_finds_what_parts_reports_from_the_rest() -> None:
    fitted = fit(examples(), "1", "a test")
    assert fitted.weights.structure["meets"] > 1
    assert abs(fitted.weights.structure["noise"]) < fitted.weights.structure["meets"]
    assert min(fitted.logits[f"d{n}"] for n in range(60)) > max(
        fitted.logits[f"d{n}"] for n in range(100, 400)
    )


def test_the_same_examples_give_the_same_weights() -> None:
    assert fit(examples(), "1", "a test").weights == fit(examples(), "1", "a test").weights


def test_other_parts_of_a_document_are_learnt_from_and_not_judged() -> None:
    """`late` stands in parts that nobody is judged by, and still gets a weight."""
    with_parts = [
        replace(one, others=(LearntPart({"late": 1.0}),)) if one.relevant else one
        for one in examples()
    ]
    fitted = fit(with_parts, "1", "a test")
    assert fitted.weights.structure["late"] > 0.5
    assert len(fitted.logits) == len(with_parts)
    quiet = max(fitted.logits[f"d{n}"] for n in range(100, 400))
    assert min(fitted.logits[f"d{n}"] for n in range(60)) > quiet


def test_the_parts_of_a_document_share_its_weight() -> None:
    whole = fit(examples(), "1", "a test").weights
    halves = [replace(one, others=(LearntPart(one.features or {}),)) for one in examples()]
    parted = fit(halves, "1", "a test").weights
    assert parted.structure == pytest.approx(whole.structure, abs=0.02)


def test_what_the_gate_held_back_is_never_found() -> None:
    held = TrainingExample(
        id="held",
        group="g",
        language="en",
        relevant=True,
        weight=1.0,
        stands_for=1.0,
        is_real=True,
        features=None,
    )
    fitted = fit([*examples(), held], "1", "a test")
    assert fitted.logits["held"] == float("-inf")
    assert fitted.weights.points[""][-1].recall == pytest.approx(60 / 61, abs=0.001)


def test_a_false_alarm_counts_for_as_many_as_it_stands_for() -> None:
    """Of 10,000 ordinary documents one is loud: a line above it costs nothing."""
    quiet = [example(n, False, noise=0.0) for n in range(1, 10_000)]
    logits = {one.id: -5.0 for one in quiet} | {"d0": 3.0}
    loud = example(0, False)
    points = operating_points([loud, *quiet], logits)[""]
    assert next(point for point in points if point.false_alarms == 0.5).logit == 3.0
    assert next(point for point in points if point.false_alarms == 1).logit == -5.0


@pytest.mark.parametrize(
    ("title", "text", "kept"),
    [
        ("A title", "A title\nFirst. " + "More words here. " * 40, "A title"),
        (
            "",
            "The first sentence is the title. Then comes the rest.",
            "The first sentence is the title.",
        ),
    ],
)
def test_a_document_is_shortened_to_what_a_feed_gives(title: str, text: str, kept: str) -> None:
    brief = shortened(Document(title=title, text=text, language="en"))
    assert brief.title == kept
    assert not brief.text.startswith(kept)
    assert len(brief.text) <= 320


def test_weights_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    points = {"": (OperatingPoint(1.0, 1, 0.5), OperatingPoint(-1.0, 4, 0.8))}
    terms, directions = {"term en step: sign": 0.5}, {"lead": (0.001, -0.25)}
    weights = Weights("1", "a test", -1.0, {"title: parties": 2.0}, terms, points, directions)
    save_weights(weights, path)
    assert load_weights(path) == weights
