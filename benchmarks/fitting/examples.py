"""Making the examples on which the weights are fitted from documents with labels."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from benchmarks.fitting.weights import LearntPart, TrainingExample
from crawler.judgement.judge import Rules, excerpt_of, judged_excerpts, read_document
from crawler.judgement.probability.encoder import passages_of
from crawler.judgement.probability.frames import Frequencies, read_frames
from crawler.judgement.probability.judge import Excerpt, features_without_sound
from crawler.judgement.probability.passages import AROUND, around_what_decides, beginning_of
from crawler.judgement.text.reading import Reading
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
    # Of 6 to 64 tried, the same on real news; with this the floors of our own articles hold, of
    # which the fit knows three fifths.
    Material.MADE: {True: 24.0, False: 24.0, None: 24.0},
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


def example_of(labelled: LabelledDocument, rules: Rules) -> TrainingExample:
    """Return the example that a labelled document makes."""
    document, material = labelled.document, labelled.material
    judged, *others = _parts(read_document(document, rules), rules) or (None,)
    is_ordinary = material is Material.ORDINARY
    return TrainingExample(
        id=document.external_id or "",
        group=labelled.group,
        language=document.language,
        relevant=labelled.relevant is True,
        weight=_WEIGHTS[material][labelled.relevant],
        stands_for=labelled.stands_for if is_ordinary else 0.0,
        is_real=material in (Material.ORDINARY, Material.TOPICAL, Material.REAL),
        features=judged.features if judged else None,
        passages=judged.passages if judged else (),
        others=tuple(others),
    )


def _parts(reading: Reading, rules: Rules) -> list[LearntPart]:
    """Return what is judged of a document that passes the gate, and then what else is learnt from:
    all of it, and the part around the sentence that decides. No encoder is asked.
    """
    if rules.judge is None:
        return []
    frequencies = rules.judge.frequencies
    judged = (_learnt(excerpt, frequencies) for excerpt in judged_excerpts(reading, rules))
    parts = [part for part in judged if part is not None]
    around = _around(reading, rules, frequencies) if parts else None
    return [*parts, around] if around is not None else parts


def _learnt(excerpt: Excerpt, frequencies: Frequencies) -> LearntPart | None:
    found = features_without_sound(excerpt, frequencies)
    if found is None:
        return None
    frames, features = found
    return LearntPart(features, passages_of(excerpt.reading, frames))


def _around(reading: Reading, rules: Rules, frequencies: Frequencies) -> LearntPart | None:
    if beginning_of(reading.text) is None:
        return None
    text = around_what_decides(reading, read_frames(reading, frequencies))
    rule = next(rule for rule in rules.rules.rules if rule.judged)
    excerpt = excerpt_of(text, reading, rule, rules, AROUND) if text is not None else None
    return _learnt(excerpt, frequencies) if excerpt is not None else None


def shortened(document: Document) -> Document:
    """Return a document as a feed would give it: its title, and the first sentences of its text."""
    title, text = document.title.strip(), document.text.strip()
    if not title:
        end = _END.search(text)
        title, text = (text[: end.end()].strip(), text[end.end() :]) if end else (text, "")
    text = text.removeprefix(title).strip()
    ends = [match.end() for match in _END.finditer(text[:_MOST_SHORT])]
    cut = next((end for end in reversed(ends) if end >= _LEAST_SHORT), _MOST_SHORT)
    return replace(document, title=title, text=text[:cut].strip())
