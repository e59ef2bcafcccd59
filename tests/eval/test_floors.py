"""The shipped rules on the whole labelled set must not fall below what they reached once."""

from __future__ import annotations

import pytest

from crawler.judgement.judge import load_rules
from tests.eval.corpus import figures, is_held, load_articles, score_articles
from tests.eval.entries import entry_figures
from tests.eval.floors import raised, read_floors


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    rules = load_rules()
    return figures(score_articles(load_articles(), rules)) | entry_figures(rules)


@pytest.mark.parametrize("name", sorted(read_floors()))
def test_reaches_its_floor(name: str, measured: dict[str, float]) -> None:
    assert measured[name] >= read_floors()[name]


def test_every_figure_has_a_floor(measured: dict[str, float]) -> None:
    assert measured.keys() == read_floors().keys()


def test_floors_only_rise() -> None:
    assert raised({"recall": 0.9, "precision": 0.8}, {"recall": 0.85, "precision": 0.8512}) == {
        "recall": 0.9,
        "precision": 0.851,
    }


def test_two_fifths_are_set_aside() -> None:
    every, held = load_articles(), load_articles(is_held)
    assert 0.3 < len(held) / len(every) < 0.5
    assert {labelled.document.language for labelled in held} == {
        labelled.document.language for labelled in every
    }
