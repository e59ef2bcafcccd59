"""The part that each concept plays in the report of a step: agreement, act, talks, subject, party
...

A frame is complete when these parts meet: an agreement or an act, about migration, between parties.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

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
    """The part that a concept plays, then the part within it; empty for a concept that plays
    none.
    """
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
