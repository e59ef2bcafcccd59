"""Filters as people and programs write them, on the command line, in a page's address, or in a
request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from storage.asking import Filter, Known, TextState
from storage.errors import ConfigurationError
from storage.languages import LANGUAGES, UNKNOWN_LANGUAGE
from storage.records import Certainty, Instrument, Status, Topic

WRITTEN_LANGUAGES = (*LANGUAGES, UNKNOWN_LANGUAGE)
# The parameters of an address that may stand several times, and where `TypedFilter` keeps each.
LISTS = {
    "party": "parties",
    "group": "groups",
    "corridor": "corridors",
    "topic": "topics",
    "instrument": "instruments",
    "status": "statuses",
    "language": "languages",
    "source": "sources",
    "rule": "rules",
    "certainty": "certainties",
    "text": "texts",
}
_ANSWERS = {"yes": True, "no": False}
_KNOWN = (Known.YES, Known.ONLY)
_DAYS = ("learnt",)


@dataclass(frozen=True, slots=True)
class TypedFilter:
    """What was typed, unchecked. `groups` are names such as maghreb; `corridors` are IT-TN;
    `probability` is the least, from 0 to 1; `reviewed` is yes, no, or "" for both; `known` is yes,
    only, or "" for none of what is known from lists alone; `by` is learnt, or "" for the day of the
    step.
    """

    query: str = ""
    since: date | None = None
    until: date | None = None
    parties: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    corridors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    certainties: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    probability: float | None = None
    reviewed: str = ""
    known: str = ""
    by: str = ""

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The filter as an address writes it."""
        pairs = [("q", self.query)] if self.query else []
        for name, attribute in LISTS.items():
            pairs += [(name, value) for value in getattr(self, attribute)]
        days = (("since", self.since), ("until", self.until))
        pairs += [(name, day.isoformat()) for name, day in days if day]
        if self.probability is not None:
            pairs.append(("probability", f"{self.probability:g}"))
        singles = (("reviewed", self.reviewed), ("known", self.known), ("by", self.by))
        return pairs + [(name, value) for name, value in singles if value]

    def without(self, name: str, value: str) -> TypedFilter:
        """The filter without one of its parameters."""
        if name == "q":
            return replace(self, query="")
        attribute = LISTS.get(name, name)
        kept: object = {"since": None, "until": None, "probability": None}.get(name, "")
        if name in LISTS:
            kept = tuple(one for one in getattr(self, attribute) if one != value)
        changed: dict[str, Any] = {attribute: kept}
        return replace(self, **changed)


def canonical(name: str, values: Iterable[str]) -> tuple[str, ...]:
    """The values of a parameter with codes for names: MA for "Maroc". What is no name stays."""
    from scheduler.configuration.party_codes import corridor_meant, party_meant

    if name == "party":
        return tuple(party_meant(value) or value for value in values)
    if name == "corridor":
        return tuple(corridor_meant(value) or value for value in values)
    return tuple(values)


def to_filter(typed: TypedFilter, prefix: str = "") -> Filter:
    """The filter that was typed. Raises ConfigurationError that names the option, with `prefix`
    before it, and says what can be typed.
    """
    from crawler.judgement.text.letters import fold_text
    from scheduler.configuration.query_parties import parties_named
    from storage.search.words import fold_query

    if typed.since and typed.until and typed.since > typed.until:
        raise ConfigurationError(
            f"{prefix}since {typed.since} is after {prefix}until {typed.until}"
        )
    return Filter(
        query=fold_query(typed.query, fold_text),
        named_parties=parties_named(typed.query) if typed.query else (),
        parties=tuple(_party(written, prefix) for written in typed.parties),
        party_groups=tuple(_group(name, prefix) for name in typed.groups),
        corridors=tuple(_corridor(written, prefix) for written in typed.corridors),
        topics=tuple(Topic(_one_of(f"{prefix}topic", one, Topic)) for one in typed.topics),
        instruments=tuple(
            Instrument(_one_of(f"{prefix}instrument", one, Instrument)) for one in typed.instruments
        ),
        statuses=tuple(Status(_one_of(f"{prefix}status", one, Status)) for one in typed.statuses),
        certainties=tuple(
            Certainty(_one_of(f"{prefix}certainty", one, Certainty)) for one in typed.certainties
        ),
        text_states=tuple(
            TextState(_one_of(f"{prefix}text", one, TextState)) for one in typed.texts
        ),
        languages=tuple(
            _one_of(f"{prefix}language", one, WRITTEN_LANGUAGES) for one in typed.languages
        ),
        sources=typed.sources,
        rules=typed.rules,
        since=typed.since,
        until=typed.until,
        min_probability=_probability(typed.probability, prefix),
        reviewed=_ANSWERS[_one_of(f"{prefix}reviewed", typed.reviewed, _ANSWERS)]
        if typed.reviewed
        else None,
        known=_known(typed.known, prefix),
        by_learnt=bool(typed.by and _one_of(f"{prefix}by", typed.by, _DAYS)),
    )


def _known(value: str, prefix: str) -> Known:
    return Known(_one_of(f"{prefix}known", value, _KNOWN)) if value else Known.HIDDEN


def _probability(value: float | None, prefix: str) -> float | None:
    if value is not None and not 0 <= value <= 1:  # this refuses "nan", too
        raise ConfigurationError(
            f"{prefix}probability {value:g} is not a number from 0 to 1, such as 0.5"
        )
    return value


def _party(written: str, prefix: str) -> str:
    from scheduler.configuration.party_codes import party_fault, party_meant

    meant = party_meant(written)
    if meant is None:
        raise ConfigurationError(f"{prefix}party {party_fault(written)}")
    return meant


def _group(name: str, prefix: str) -> tuple[str, ...]:
    from crawler.judgement.party_groups import load_party_groups

    groups = load_party_groups()
    found = groups.expand(name)
    if found is None:
        raise ConfigurationError(f"{prefix}group {name!r} is not one of {', '.join(groups.codes)}")
    return found


def _corridor(written: str, prefix: str) -> tuple[str, str]:
    from scheduler.configuration.party_codes import corridor_fault, corridor_meant

    meant = corridor_meant(written)
    if meant is None:
        fault = corridor_fault(written.upper()) and corridor_fault(written)
        raise ConfigurationError(f"{prefix}corridor {fault}")
    first, _, second = meant.partition("-")
    return first, second


def _one_of(option: str, value: str, allowed: object) -> str:
    known = [str(item) for item in allowed]  # type: ignore[attr-defined]  # an enum class, a tuple or a mapping
    if value not in known:
        raise ConfigurationError(f"{option} {value!r} is not one of {', '.join(known)}")
    return value
