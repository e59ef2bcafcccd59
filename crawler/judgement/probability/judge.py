"""The judge behind the gate: how probable is it that a document reports a step, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crawler.judgement.probability.features import (
    Features,
    features_of,
    is_complete,
    strongest_frame,
)
from crawler.judgement.probability.frames import Frames, PartMention, read_frames
from crawler.judgement.probability.frequencies import Frequencies, load_frequencies
from crawler.judgement.probability.roles import AGREEMENT, MIGRATION, OFFICE, STEP, TALKS
from crawler.judgement.probability.weights import FILE, Weights, load_weights, probability
from crawler.judgement.text.reading import Reading
from storage.records import ReadFrame, Reason

# False alarms and items to review that are affordable in 10,000 ordinary documents, where nothing
# else is configured. At 4,600 documents a day the first is two alarms a day.
FALSE_ALARMS = 4.0
TO_REVIEW = 40.0
_MOST_REASONS = 6


@dataclass(frozen=True, slots=True)
class Judge:
    """The model with what it reads by.

    `false_alarms` and `to_review` say how many of each are affordable in 10,000 ordinary documents.
    """

    frequencies: Frequencies
    weights: Weights
    false_alarms: float = FALSE_ALARMS
    to_review: float = TO_REVIEW
    _thresholds: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False)

    def thresholds(self, language: str) -> tuple[float, float]:
        """Return the logits above which a document of a language is an alert, and is to be
        reviewed.
        """
        if language not in self._thresholds:
            alert = self.weights.threshold(language, self.false_alarms)
            review = self.weights.threshold(language, max(self.to_review, self.false_alarms))
            self._thresholds[language] = alert, min(alert, review)
        return self._thresholds[language]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the judge says of a document: how probably it reports a step, and why."""

    probability: float
    alert: bool
    review: bool
    frame: ReadFrame
    reasons: tuple[Reason, ...]


def load_judge(
    folders: Sequence[Path],
    path: Path = FILE,
    false_alarms: float = FALSE_ALARMS,
    to_review: float = TO_REVIEW,
) -> Judge:
    """Return the judge with the weights in `path`.

    `folders` are those of the languages; they say how common terms are.
    """
    return Judge(load_frequencies(folders), load_weights(path), false_alarms, to_review)


def weigh(reading: Reading, points: float | None, judge: Judge) -> Opinion | None:
    """Return the opinion on a reading that the rules gave `points`, or None if no frame is
    complete.
    """
    frames = read_frames(reading, judge.frequencies)
    if not is_complete(frames):
        return None
    features = features_of(reading, frames, points)
    logit = judge.weights.logit(features)
    alert, review = judge.thresholds(reading.language)
    return Opinion(
        probability(logit),
        logit > alert,
        alert >= logit > review,
        _read_frame(reading, frames),
        _reasons(features, judge.weights),
    )


def _reasons(features: Features, weights: Weights) -> tuple[Reason, ...]:
    contributions = weights.contributions(features)
    return tuple(Reason(name, round(weight, 2)) for name, weight in contributions[:_MOST_REASONS])


def _read_frame(reading: Reading, frames: Frames) -> ReadFrame:
    """Return the most complete frame, in the words of the document."""
    parts = strongest_frame(frames) or {}
    sentence = next((part.hit.sentence for part in parts.values()), 0)
    return ReadFrame(
        tuple(sorted(frames.sentences[sentence].parties)),
        _words(reading, parts, STEP) or _words(reading, parts, TALKS),
        _words(reading, parts, AGREEMENT),
        _words(reading, parts, MIGRATION),
        _words(reading, parts, OFFICE),
    )


def _words(reading: Reading, parts: Mapping[str, PartMention], role: str) -> str:
    part = parts.get(role)
    return reading.original(part.hit.start, part.hit.end)[3] if part else ""
