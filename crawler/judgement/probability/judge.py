"""The judge behind the gate: how probable is it that a document reports a step, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from math import log
from pathlib import Path
from typing import NamedTuple

from crawler.judgement.probability.encoder import PASSAGES, Encoder, Sound, load_encoder, sound_of
from crawler.judgement.probability.features import (
    Features,
    features_of,
    is_complete,
    strongest_frame,
)
from crawler.judgement.probability.frames import (
    AGREEMENT,
    MIGRATION,
    OFFICE,
    STEP,
    TALKS,
    Frames,
    Frequencies,
    PartMention,
    load_frequencies,
    read_frames,
)
from crawler.judgement.probability.rates import FALSE_ALARMS, TO_REVIEW
from crawler.judgement.probability.weights import (
    FILE,
    WITH_ENCODER,
    Weights,
    load_weights,
    probability,
)
from crawler.judgement.text.reading import Reading
from storage.errors import ConfigurationError
from storage.records import SOUND, SOUNDS_LIKE, ReadFrame, Reason

_MOST_REASONS = 6
# The encoder is used only where its result may matter: not where the other features are so many
# logits above what is an alert and believed from one report alone (0.90, see
# `crawler.register.grade`), or below what is reviewed. It agrees with them there. Of 5,405
# labelled texts 5 have another outcome than with its result; all 40 real ones that are not encoded
# for being sure are true, as 1 of 598 is for being unlikely (0.98 and 0.003 are said).
_SURE = log(0.90 / 0.10)
_SURE_BY, _UNLIKELY_BY = 1.0, 1.25


@dataclass(frozen=True, slots=True)
class Judge:
    """The model with what it reads by, and how many false alarms are affordable in 10,000 ordinary
    documents.
    """

    frequencies: Frequencies
    weights: Weights
    false_alarms: float = FALSE_ALARMS
    encoder: Encoder | None = None
    _thresholds: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False)

    def thresholds(self, language: str) -> tuple[float, float]:
        """Return the logits above which a document is an alert, and to be reviewed."""
        if language not in self._thresholds:
            alert = self.weights.threshold(language, self.false_alarms)
            review = self.weights.threshold(language, max(TO_REVIEW, self.false_alarms))
            self._thresholds[language] = alert, min(alert, review)
        return self._thresholds[language]

    def is_settled(self, logit: float, language: str) -> bool:
        """Whether the sound of a document can be left out, given the sum of all else."""
        alert, review = self.thresholds(language)
        return logit > max(alert, _SURE) + _SURE_BY or logit < review - _UNLIKELY_BY

    def sound(self, reading: Reading, frames: Frames) -> Sound | None:
        """Return what a report sounds like, or None if the weights do not ask for that."""
        if self.encoder is None or not self.weights.directions:
            return None
        return sound_of(reading, frames, self.encoder, self.weights.directions)

    def warm(self) -> None:
        """Read the encoder's model, which otherwise waits for the first report."""
        if self.encoder is not None and self.weights.directions:
            self.encoder(["A report."])


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the judge says of a document: how probably it reports a step, and why."""

    probability: float
    alert: bool
    review: bool
    frame: ReadFrame
    reasons: tuple[Reason, ...]


def load_judge(
    folders: Sequence[Path], path: Path | None = None, false_alarms: float = FALSE_ALARMS
) -> Judge:
    """Return the judge with the weights in `path`, or with the shipped ones: those that were fitted
    with the sentence encoder where it can be used, else those without. Raises ConfigurationError
    for weights in `path` that need an encoder which is not there.
    """
    encoder = load_encoder()
    chosen = path or (WITH_ENCODER if encoder else FILE)
    weights = load_weights(chosen)
    if weights.directions and encoder is None:
        raise ConfigurationError(
            f"{chosen}: these weights were fitted with the sentence encoder, which cannot be used "
            "here: `accordwatch doctor` says why; or fit them again without it"
        )
    if weights.directions and set(weights.directions) != set(PASSAGES):
        raise ConfigurationError(
            f"{chosen}: fitted by another version of the judge: fit them again"
        )
    return Judge(load_frequencies(folders), weights, false_alarms, encoder)


class Excerpt(NamedTuple):
    """What is judged of a document, the rules' points, and a feature for which part it is."""

    reading: Reading
    points: float
    part: str = ""


def features_without_sound(
    excerpt: Excerpt, frequencies: Frequencies
) -> tuple[Frames, Features] | None:
    """Return frames and features of an excerpt; None if no frame is complete."""
    frames = read_frames(excerpt.reading, frequencies)
    if not is_complete(frames):
        return None
    features = features_of(excerpt.reading, frames, excerpt.points)
    if excerpt.part:
        features[excerpt.part] = 1.0
    return frames, features


def weigh(excerpt: Excerpt, judge: Judge) -> Opinion | None:
    """Return the opinion on an excerpt, or None if no frame is complete. The encoder is used where
    the other features do not settle the outcome.
    """
    framed = features_without_sound(excerpt, judge.frequencies)
    if framed is None:
        return None
    frames, features = framed
    reading, weights = excerpt.reading, judge.weights
    weighed = weights.weighed(features)
    logit = weights.intercept + sum([added for _, added in weighed])
    is_settled = judge.is_settled(logit, reading.language)
    sound = None if is_settled else judge.sound(reading, frames)
    if sound is not None:
        added = sound[0] * weights.weight(SOUND)
        weighed.append((SOUND, added))
        logit += added
    alert, review = judge.thresholds(reading.language)
    return Opinion(
        probability(logit),
        logit > alert,
        alert >= logit > review,
        _read_frame(reading, frames),
        _reasons(weighed, sound),
    )


def _reasons(weighed: Iterable[tuple[str, float]], sound: Sound | None) -> tuple[Reason, ...]:
    """Return the features that move the logit the most, the strongest first."""
    nonzero = [one for one in weighed if one[1]]
    strongest = nsmallest(_MOST_REASONS, nonzero, key=lambda one: (-abs(one[1]), one[0]))
    return tuple(
        Reason(_reason_name(name, added, sound), round(added, 2)) for name, added in strongest
    )


def _reason_name(name: str, weight: float, sound: Sound | None) -> str:
    """Name a sound that speaks for a report by the report of our own that it resembles most."""
    if name == SOUND and weight > 0 and sound is not None:
        return f"{SOUNDS_LIKE}{sound[1]}"
    return name


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
