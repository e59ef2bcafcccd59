"""The parts of a report, and where they meet: what the gate asks for, and what the judge weighs."""

from __future__ import annotations

import pytest

from crawler.judgement.judge import Rules, read_document
from crawler.judgement.probability.features import (
    Features,
    features_of,
    is_complete,
    points_of,
    term_name,
)
from crawler.judgement.probability.frames import Frames, read_frames
from storage.records import Document

BESIDE = "Italy and Tunisia signed an agreement on the return of migrants on Monday."
APART = (
    "Italy and Tunisia met. The weather was fine. Nobody spoke much. The hall was full. "
    "Later the club signed a striker. The crowd cheered. It rained. Migrants came."
)


def frames(rules: Rules, text: str, title: str = "") -> Frames:
    document = Document(title=title, text=text, language="en")
    assert rules.judge is not None
    return read_frames(read_document(document, rules), rules.judge.frequencies)


def features(rules: Rules, text: str, title: str = "", points: float | None = 5) -> Features:
    reading = read_document(Document(title=title, text=text, language="en"), rules)
    assert rules.judge is not None
    return features_of(reading, read_frames(reading, rules.judge.frequencies), points)


def test_a_frame_is_complete_where_its_parts_meet(rules: Rules) -> None:
    assert is_complete(frames(rules, BESIDE))
    assert not is_complete(frames(rules, APART))
    assert not is_complete(frames(rules, ""))


def test_parts_that_meet_in_a_sentence_are_features_of_its_zone(rules: Rules) -> None:
    found = features(rules, "Nothing more.", title=BESIDE)
    assert found["sentence of title: agreement + step + migration + 2 parties"] > 0
    assert "sentence of lead: agreement + step + migration + 2 parties" not in found
    assert found["title: parties"] == 0.5


def test_the_forms_of_title_and_lead_are_features_of_their_own(rules: Rules) -> None:
    far = "It rained. " * 60
    assert term_name("en", "step", "signed") in features(rules, BESIDE)
    assert term_name("en", "step", "signed") not in features(rules, far + BESIDE)


def test_what_is_near_counts_more_than_what_is_far(rules: Rules) -> None:
    close = features(rules, "They signed an agreement with Mali.")
    far = features(rules, "They signed, after long and rather dull hours of it, an agreement.")
    name = "near: step to agreement"
    assert close[name] > far[name] > 0


@pytest.mark.parametrize(("points", "kept"), [(7.5, 7.5), (90.0, 17.0), (None, -7.0)])
def test_points_are_a_feature_within_bounds(
    rules: Rules, points: float | None, kept: float
) -> None:
    assert points_of(features(rules, BESIDE, points=points)) == pytest.approx(kept)


def test_a_very_long_text_is_read_at_its_beginning(rules: Rules) -> None:
    assert len(frames(rules, "It rained. " * 5_000).sentences) == 60
