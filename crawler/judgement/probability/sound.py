"""What a report sounds like: its title with the lead, and the sentence that decides, as vectors.

The two are encoded apart, since a tail, a caption or a box of links changes neither of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from crawler.judgement.probability.encoder import Encoder, Vectors, our_reports
from crawler.judgement.probability.features import most_complete
from crawler.judgement.probability.frames import Frames
from crawler.judgement.text.reading import Reading

PASSAGES = ("lead", "sentence")
# As fitted: each vector counts as much as a few frames do.
SCALE = 3.0
# Characters. A vector of the title alone, or 320 characters of lead, cost time and brought nothing.
_LEAD, _SENTENCE = 200, 400
_VECTORS = Path(__file__).with_name("sounds-like.npy")  # of `our_reports`

Directions = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Sound:
    """`telling`: what the sound adds to the logit. `nearest`: a sentence of our own that reports a
    step and sounds the most like this one.
    """

    telling: float
    nearest: str


def passages_of(reading: Reading, frames: Frames) -> tuple[str, str]:
    """Return the title with the beginning of the text, and the sentence with the most complete
    frame.
    """
    title, text = reading.title.strip(), reading.text.strip()
    text = text.removeprefix(title).strip() if title else text
    lead = f"{title}. {text[:_LEAD]}" if title else text[:_LEAD]
    sentence = reading.sentences[most_complete(frames) or 0]
    said = reading.original(sentence.start, sentence.end)[3]
    return lead, said[:_SENTENCE]


def sound_of(reading: Reading, frames: Frames, encoder: Encoder, directions: Directions) -> Sound:
    """Return how much the passages of a report point into the directions that were fitted."""
    vectors = encoder(passages_of(reading, frames))
    lead = vectors[0]
    telling = sum(
        float(vector @ _array(directions[passage]))
        for passage, vector in zip(PASSAGES, vectors, strict=True)
    )
    return Sound(telling, _nearest(lead, reading.language))


def _nearest(vector: Vectors, language: str) -> str:
    """Return the sentence of our own that sounds the most like this one, in its language if we
    have any.
    """
    known = _known_in(language)
    return known.sentences[int((known.vectors @ vector).argmax())]


@cache
def _known_in(language: str) -> _Known:
    known = _known()
    own = [number for number, one in enumerate(known.languages) if one == language]
    if not own:
        return known
    sentences = tuple(known.sentences[number] for number in own)
    return _Known((language,) * len(own), sentences, known.vectors[own])


@cache
def _array(direction: tuple[float, ...]) -> Vectors:
    return np.asarray(direction, dtype=np.float32)


class _Known(NamedTuple):
    languages: tuple[str, ...]
    sentences: tuple[str, ...]
    vectors: Vectors


@cache
def _known() -> _Known:
    languages, sentences = zip(*our_reports(), strict=True)
    # Kept as whole numbers of a byte, which moves no cosine by more than 0.01.
    return _Known(languages, sentences, np.load(_VECTORS).astype(np.float32) / 127)
