"""Each feature of the judge is said in words that an analyst understands."""

from __future__ import annotations

import pytest

from crawler.judgement.probability.weights import load_weights
from scheduler.views.words.labels import labels_of
from scheduler.views.words.reasons import reason_in_words
from storage.languages import SPOKEN_LANGUAGES


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("migration: words in a hundred", "how much of the text is about migration"),
        (
            "sentence of title: agreement + migration + 2 parties",
            "an agreement, migration, 2 parties in one sentence of the title",
        ),
        ("two-sentences of body: step", "an action in two sentences of the text"),
        ("core in lead: instrument + a party", "an instrument, a party in the lead"),
        ("title: trap sport", "sport in the title"),
        ("near: step to agreement", "an action close to an agreement"),
        ("term en step: sign", "“sign”, an action"),
    ],
)
def test_a_reason_is_said_in_words(name: str, said: str) -> None:
    assert reason_in_words(name, labels_of("en")) == said


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_no_shipped_reason_shows_how_it_is_spelled_inside(language: str) -> None:
    weights, labels = load_weights(), labels_of(language)
    said = [reason_in_words(name, labels) for name in (*weights.structure, *weights.terms)]
    assert [one for one in said if one.startswith("term ") or "two-" in one or ": " in one] == []
