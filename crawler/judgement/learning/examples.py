"""Making the examples on which the weights are fitted from documents with labels."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from crawler.judgement.judge import Rules, judged_score, read_document
from crawler.judgement.learning.fitting import TrainingExample
from crawler.judgement.probability.features import Features, features_of, is_complete
from crawler.judgement.probability.frames import read_frames
from crawler.judgement.probability.frequencies import Frequencies
from crawler.judgement.probability.judge import judged_features
from crawler.judgement.probability.sound import passages_of
from storage.records import Document

_LEAST_SHORT, _MOST_SHORT = 90, 320  # characters of what feeds give of an article
_END = re.compile(r"[.!?؟]\s|\n")


class Material(StrEnum):
    """Where a document comes from: ordinary news, real texts that somebody labelled, or made
    articles.
    """

    ORDINARY = "ordinary"
    TOPICAL = "topical"  # real, but of one subject: what it has is no share of ordinary news
    REAL = "real"
    MADE = "made"
    BRIEF = "brief"  # a made headline with a sentence or two
    SHORTENED = "shortened"


# How much an example counts in the fit. Real ones were measured to be worth more than made ones,
# and a label that a person gave more than the guess that what nobody read is no report (right in
# 2,799 of 2,800).
_WEIGHTS = {
    Material.ORDINARY: {True: 3.0, False: 2.0, None: 1.0},
    Material.TOPICAL: {True: 3.0, False: 2.0, None: 1.0},
    Material.REAL: {True: 3.0, False: 2.0, None: 1.0},
    Material.MADE: {True: 6.0, False: 6.0, None: 6.0},
    Material.BRIEF: {True: 0.5, False: 0.5, None: 0.5},
    Material.SHORTENED: {True: 0.5, False: 0.5, None: 0.5},
}


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A document to learn from.

    `relevant` is None if nobody has read it. For `group` see `TrainingExample`.
    """

    document: Document
    relevant: bool | None
    material: Material
    group: str
    stands_for: float = 1.0


def example_of(
    labelled: LabelledDocument, rules: Rules, frequencies: Frequencies
) -> TrainingExample:
    """Return the example that a labelled document makes."""
    document, material = labelled.document, labelled.material
    found = _at_gate(document, rules, frequencies)
    is_ordinary = material is Material.ORDINARY
    return TrainingExample(
        id=document.external_id or "",
        group=labelled.group,
        language=document.language,
        relevant=labelled.relevant is True,
        weight=_WEIGHTS[material][labelled.relevant],
        stands_for=labelled.stands_for if is_ordinary else 0.0,
        is_real=material in (Material.ORDINARY, Material.TOPICAL, Material.REAL),
        features=found[0] if found else None,
        passages=found[1] if found else (),
    )


def features_at_gate(document: Document, rules: Rules) -> Features | None:
    """Return the features of a document that passes the gate of the judged rule, or None."""
    reading = read_document(document, rules)
    points = judged_score(reading, rules)
    if points is None or rules.judge is None:
        return None
    found = judged_features(reading, points, rules.judge)
    return found[1] if found else None


def _at_gate(
    document: Document, rules: Rules, frequencies: Frequencies
) -> tuple[Features, tuple[str, ...]] | None:
    """Return features and passages of a document that passes the gate; no encoder is asked."""
    reading = read_document(document, rules)
    points = judged_score(reading, rules)
    if points is None:
        return None
    frames = read_frames(reading, frequencies)
    if not is_complete(frames):
        return None
    return features_of(reading, frames, points), passages_of(reading, frames)


def shortened(document: Document) -> Document:
    """Return a document as a feed would give it: its title, and the first sentences of its text."""
    title, text = document.title.strip(), document.text.strip()
    if not title:
        end = _END.search(text)
        title, text = (text[: end.end()].strip(), text[end.end() :]) if end else (text, "")
    text = text.removeprefix(title).strip()
    ends = [found.end() for found in _END.finditer(text[:_MOST_SHORT])]
    cut = next((end for end in reversed(ends) if end >= _LEAST_SHORT), _MOST_SHORT)
    return replace(document, title=title, text=text[:cut].strip())
