"""What a report sounds like: its title, its lead and the sentence that decides, as vectors.

The three are encoded apart, since a tail, a caption or a box of links changes none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from crawler.judgement.probability.encoder import Encoder, Vectors
from crawler.judgement.probability.features import strongest_frame
from crawler.judgement.probability.frames import Frames
from crawler.judgement.text.reading import Reading

SOUND = "sounds like a report"
SOUNDS_LIKE = "sounds like: "
PASSAGES = ("title", "lead", "sentence")
# As fitted: each vector counts as much as a few frames do.
SCALE = 3.0
_LEAD, _SENTENCE, _TITLELESS = 320, 400, 120  # characters; what feeds give of an article
_HERE = Path(__file__).parent
_SENTENCES, _VECTORS = _HERE / "sounds-like.txt", _HERE / "sounds-like.npy"

Directions = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Sound:
    """`telling`: what the sound adds to the logit. `nearest`: a sentence of our own that reports a
    step and sounds the most like this one.
    """

    telling: float
    nearest: str


def passages_of(reading: Reading, frames: Frames) -> tuple[str, str, str]:
    """Return title, title with the beginning of the text, and the sentence whose frame is the most
    complete.
    """
    title, text = reading.title.strip(), reading.text.strip()
    text = text.removeprefix(title).strip() if title else text
    lead = f"{title}. {text[:_LEAD]}" if title else text[:_LEAD]
    parts = strongest_frame(frames) or {}
    number = next((part.hit.sentence for part in parts.values()), 0)
    sentence = reading.sentences[number]
    said = reading.original(sentence.start, sentence.end)[3]
    return title or text[:_TITLELESS], lead, said[:_SENTENCE]


def sound_of(reading: Reading, frames: Frames, encoder: Encoder, directions: Directions) -> Sound:
    """Return how much the passages of a report point into the directions that were fitted."""
    vectors = encoder(passages_of(reading, frames))
    telling = sum(
        float(vector @ np.asarray(directions[passage], dtype=np.float32))
        for passage, vector in zip(PASSAGES, vectors, strict=True)
    )
    return Sound(telling, _nearest(vectors[1], reading.language))


def _nearest(vector: Vectors, language: str) -> str:
    """Return the sentence of our own that sounds the most like this one, in its language if we
    have any.
    """
    known = _known()
    closeness = known.vectors @ vector
    own = [number for number, one in enumerate(known.languages) if one == language]
    return known.sentences[max(own or range(len(closeness)), key=lambda one: closeness[one])]


class _Known(NamedTuple):
    languages: tuple[str, ...]
    sentences: tuple[str, ...]
    vectors: Vectors


@cache
def _known() -> _Known:
    lines = _SENTENCES.read_text(encoding="utf-8").splitlines()
    languages, _, sentences = zip(*(line.partition("\t") for line in lines), strict=True)
    # Kept as whole numbers of a byte, which moves no cosine by more than 0.01.
    return _Known(languages, sentences, np.load(_VECTORS).astype(np.float32) / 127)


def save_known(sentences: Mapping[str, str], encoder: Encoder) -> None:
    """Write sentences that a report may be said to sound like, each with its language, and their
    vectors.
    """
    lines = [f"{language}\t{sentence}\n" for sentence, language in sentences.items()]
    _SENTENCES.write_text("".join(lines), encoding="utf-8")
    vectors = np.vstack([encoder([sentence]) for sentence in sentences])
    np.save(_VECTORS, np.round(vectors * 127).astype(np.int8))
