"""Weights: what they add up to, which line a rate of false alarms draws, and what is no weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.judgement.probability.weights import OperatingPoint, Weights, load_weights, probability
from storage.errors import ConfigurationError

WEIGHTS = Weights(
    version="1",
    fitted_on="a test",
    intercept=-1.0,
    structure={"title: parties": 2.0},
    terms={"term en step: sign": 0.5},
    points={
        "": (OperatingPoint(1.0, 1, 0.5), OperatingPoint(-1.0, 4, 0.8)),
        "en": (OperatingPoint(2.0, 1, 0.4), OperatingPoint(0.5, 4, 0.7)),
    },
)


def test_a_logit_is_the_sum_of_what_a_document_has() -> None:
    features = {"title: parties": 0.5, "term en step: sign": 1.0, "unknown": 9.0}
    assert WEIGHTS.logit(features) == pytest.approx(0.5)
    added = {"title: parties": 1.0, "term en step: sign": 0.5, "unknown": 0.0}
    assert dict(WEIGHTS.weighed(features)) == added


@pytest.mark.parametrize(
    ("language", "rate", "line"),
    [("en", 4, 0.5), ("en", 3, 2.0), ("en", 0.1, 2.0), ("it", 4, -1.0), ("it", 100, -1.0)],
)
def test_a_rate_draws_the_lowest_line_that_it_affords(
    language: str, rate: float, line: float
) -> None:
    assert WEIGHTS.threshold(language, rate) == line


@pytest.mark.parametrize("logit", [-800.0, -2.0, 0.0, 2.0, 800.0])
def test_a_probability_lies_between_0_and_1(logit: float) -> None:
    assert 0 <= probability(logit) <= 1
    assert probability(logit) + probability(-logit) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": "1"}'])
def test_what_is_no_weights_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no weights of the judge"):
        load_weights(path)


def test_a_looser_line_of_the_shipped_weights_finds_no_less() -> None:
    for points in load_weights().points.values():
        assert [point.logit for point in points] == sorted(
            (point.logit for point in points), reverse=True
        )
        assert [point.recall for point in points] == sorted(point.recall for point in points)
