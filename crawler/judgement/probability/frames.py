"""Which parts of a report meet, sentence by sentence: who acts, what is done, about what, with
whom.

How often ordinary news has the forms of our terms stands here, too: "deal" says little,
"readmission agreement" says much.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import log
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from crawler.judgement.text.reading import Hit, Reading
from storage.records import Zone

AGREEMENT, STEP, TALKS, MIGRATION = "agreement", "step", "talks", "migration"
PARTY, OFFICE, ANNOUNCED, NEWS, PAST = "party", "office", "announced", "news", "past"
TRAP = "trap"

# Parts within a part: what makes an agreement, an act or a subject a strong one.
ABOUT_MIGRATION, NAMED, INSTRUMENT = "about-migration", "named-agreement", "instrument"
CLEAR_ACT, CLEAR_TALKS = "clear-act", "clear-talks"
CORE, LABOUR, ENTRY, BORDER = "migrants", "labour", "entry", "border"

_PARTIES = frozenset(
    (
        "state",
        "capital",
        "nationals",
        "seat",
        "body",
        "group",
        "sign",
        "province",
        "shared",
        "loose",
    )
)
_TALKING = frozenset(("negotiating", "proposed"))
_NAMED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "accord.migration": (AGREEMENT, ABOUT_MIGRATION),
        "accord.named": (AGREEMENT, NAMED),
        "step.talks": (TALKS,),
        "step.announce": (ANNOUNCED,),
        "subject.core": (MIGRATION, CORE),
        "topic.readmission_returns": (MIGRATION, CORE),
        "topic.trafficking_smuggling": (MIGRATION, CORE),
        "topic.asylum_protection": (MIGRATION, CORE),
        "subject.labour": (MIGRATION, LABOUR),
        "topic.labour_mobility": (MIGRATION, LABOUR),
        "subject.entry": (MIGRATION, ENTRY),
        "topic.visa": (MIGRATION, ENTRY),
        "topic.border_control": (MIGRATION, BORDER),
        "office.state": (OFFICE,),
        "cue.recent": (NEWS,),
        "cue.past": (PAST,),
    }
)


@cache
def roles_of(concept: str) -> tuple[str, ...]:
    """The part that a concept plays, if any, then the part within it."""
    if concept in _NAMED:
        return _NAMED[concept]
    family, _, rest = concept.partition(".")
    is_loose = concept.endswith(".loose")
    if family == "accord":
        return (AGREEMENT,)
    if family == "instrument":
        return (AGREEMENT,) if is_loose else (AGREEMENT, INSTRUMENT)
    if family == "step":
        return (STEP,)
    if family == "act":
        if rest.partition(".")[0] in _TALKING:
            return (TALKS, CLEAR_TALKS)
        return (STEP,) if is_loose else (STEP, CLEAR_ACT)
    if family in _PARTIES:
        return (PARTY,)
    return (TRAP,) if family == TRAP else ()


MOST_SENTENCES = 60  # what stands further down decides no report, and long documents stay cheap


class Frame(NamedTuple):
    """What meets in sentences: the rarity of each part (0 to 1), and party codes."""

    zone: Zone
    parts: Mapping[str, float]
    parties: frozenset[str]

    def least(self, parts: Iterable[str]) -> float:
        """The lowest rarity of these parts; 0 where one is missing."""
        return min((self.parts.get(part, 0.0) for part in parts), default=1.0)


class PartMention(NamedTuple):
    """A form that plays a part: where it stands, and how rare it is in ordinary news."""

    role: str
    hit: Hit
    form: str
    rarity: float


@dataclass(frozen=True, slots=True)
class Frames:
    """A frame for each of the first sentences, and all forms by their part, in text order."""

    sentences: tuple[Frame, ...]
    parts: Mapping[str, Sequence[PartMention]]

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Which sentences complete each other: neighbours, and the title with each of the lead."""
        for first in range(len(self.sentences)):
            yield first, min(first + 1, len(self.sentences) - 1)
        if self.sentences and self.sentences[0].zone is Zone.TITLE:
            for other in range(2, len(self.sentences)):
                if self.sentences[other].zone is Zone.LEAD:
                    yield 0, other

    def joined(self, first: int, other: int) -> Frame:
        """The frame of two sentences, in the zone of the first (a title lends to the lead)."""
        frame, two = self.sentences[first], self.sentences[other]
        parts = dict(frame.parts)
        for part, rarity in two.parts.items():
            if rarity > parts.get(part, 0.0):
                parts[part] = rarity
        zone = Zone.LEAD if frame.zone is Zone.TITLE else frame.zone
        return Frame(zone, parts, frame.parties | two.parties)


def read_frames(reading: Reading, frequencies: Frequencies) -> Frames:
    """The frames of a reading. Pure; the cost grows with the hits of the first sentences."""
    count = min(len(reading.sentences), MOST_SENTENCES)
    rarities: list[dict[str, float]] = [{} for _ in range(count)]
    parties: list[set[str]] = [set() for _ in range(count)]
    parts: dict[str, list[PartMention]] = defaultdict(list)
    for concept, hits in reading.hits.items():
        roles = roles_of(concept)
        if not roles:
            continue
        for hit in hits:
            if hit.sentence >= count:
                break
            if roles[0] == PARTY:
                parties[hit.sentence].add(concept.split(".")[1])
            elif roles[0] == TRAP:
                parts[TRAP].append(
                    PartMention(concept.removeprefix("trap."), hit, _form(reading, hit), 1.0)
                )
            else:
                form = _form(reading, hit)
                rarity = frequencies.rarity(reading.language, form)
                parts[roles[0]].append(PartMention(roles[0], hit, form, rarity))
                of_sentence = rarities[hit.sentence]
                for role in roles:
                    of_sentence[role] = max(of_sentence.get(role, 0.0), rarity)
    frames = tuple(
        Frame(sentence.zone, rarity, frozenset(named))
        for sentence, rarity, named in zip(
            reading.sentences[:count], rarities, parties, strict=True
        )
    )
    for mentions in parts.values():
        mentions.sort(key=lambda part: (part.hit.token, part.hit.last_token, part.role))
    return Frames(frames, parts)


def _form(reading: Reading, hit: Hit) -> str:
    return reading.folded[hit.start : hit.end]


# --- how often ordinary news has the forms of our terms -------------------------------------------

FREQUENCIES_FILE = "frequencies.json"  # in the folder of a language
# natural logarithm: a form that one ordinary document in 3,000 has counts as much as a rarer one
_MOST = 8.0
# Added to each language's count, so that a small collection is not believed too much.
_PRIOR_DOCUMENTS = 200
_PRIOR_SHARE = 1 / 3000


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Ordinary documents that were counted by language, and how many of them have a folded form."""

    documents: Mapping[str, int] = field(default_factory=dict)
    having: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def rarity(self, language: str, form: str) -> float:
        """How rare a form is, from 0 (in every document) to 1 (in one of 3,000, or in a language
        that was never counted): inverse document frequency, capped and scaled.
        """
        documents = self.documents.get(language, 0)
        if not documents:
            return 1.0
        having = self.having.get(language, {}).get(form, 0)
        share = (having + _PRIOR_DOCUMENTS * _PRIOR_SHARE) / (documents + _PRIOR_DOCUMENTS)
        return min(-log(share), _MOST) / _MOST


def load_frequencies(folders: Iterable[Path]) -> Frequencies:
    """Read the `frequencies.json` of each language's folder that has one."""
    documents: dict[str, int] = {}
    having: dict[str, dict[str, int]] = {}
    for folder in folders:
        path = folder / FREQUENCIES_FILE
        if path.is_file():
            counted = json.loads(path.read_text(encoding="utf-8"))
            documents[folder.name] = counted["documents"]
            having[folder.name] = counted["forms"]
    return Frequencies(documents, having)


def save_frequencies(frequencies: Frequencies, folder: Path, language: str) -> None:
    """Write the table of one language, without forms that count as much as unseen ones."""
    documents = frequencies.documents[language]
    least = documents * _PRIOR_SHARE
    forms = {
        form: count
        for form, count in sorted(frequencies.having[language].items())
        if count >= max(least, 2)
    }
    table = {"documents": documents, "forms": forms}
    text = json.dumps(table, ensure_ascii=False, indent=0)
    (folder / FREQUENCIES_FILE).write_text(text + "\n", encoding="utf-8")
