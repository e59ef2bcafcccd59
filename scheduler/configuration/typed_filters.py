"""Filters as people and programs write them, on the command line, in a page's address, or in a
request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from storage.errors import ConfigurationError
from storage.records import LANGUAGES, UNKNOWN_LANGUAGE, Status, Topic
from storage.telling.records import Filter

WRITTEN_LANGUAGES = (*LANGUAGES, UNKNOWN_LANGUAGE)


@dataclass(frozen=True, slots=True)
class TypedFilter:
    """What was typed, unchecked. `groups` are names such as maghreb; `corridors` are IT-TN."""

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


def to_filter(typed: TypedFilter, prefix: str = "") -> Filter:
    """The filter that was typed. Raises ConfigurationError that names the option, with `prefix`
    before it, and says what can be typed.
    """
    from crawler.judgement.text.folding import fold_text
    from storage.documents.search_words import fold_query

    if typed.since and typed.until and typed.since > typed.until:
        raise ConfigurationError(
            f"{prefix}since {typed.since} is after {prefix}until {typed.until}"
        )
    return Filter(
        query=fold_query(typed.query, fold_text),
        parties=tuple(_party(written, prefix) for written in typed.parties),
        party_groups=tuple(_group(name, prefix) for name in typed.groups),
        corridors=tuple(_corridor(written, prefix) for written in typed.corridors),
        topics=tuple(Topic(_one_of(f"{prefix}topic", one, Topic)) for one in typed.topics),
        statuses=tuple(Status(_one_of(f"{prefix}status", one, Status)) for one in typed.statuses),
        languages=tuple(
            _one_of(f"{prefix}language", one, WRITTEN_LANGUAGES) for one in typed.languages
        ),
        sources=typed.sources,
        rules=typed.rules,
        since=typed.since,
        until=typed.until,
    )


def _party(written: str, prefix: str) -> str:
    from scheduler.configuration.party_codes import party_fault

    fault = party_fault(written.upper()) and party_fault(written)
    if fault:
        raise ConfigurationError(f"{prefix}party {fault}")
    return written.upper()


def _group(name: str, prefix: str) -> tuple[str, ...]:
    from crawler.judgement.party_groups import load_party_groups

    groups = load_party_groups()
    found = groups.expand(name)
    if found is None:
        raise ConfigurationError(f"{prefix}group {name!r} is not one of {', '.join(groups.codes)}")
    return found


def _corridor(written: str, prefix: str) -> tuple[str, str]:
    from scheduler.configuration.party_codes import corridor_fault

    fault = corridor_fault(written.upper())
    if fault:
        raise ConfigurationError(f"{prefix}corridor {fault}")
    first, _, second = written.upper().partition("-")
    return first, second


def _one_of(option: str, value: str, allowed: object) -> str:
    known = [str(item) for item in allowed]  # type: ignore[attr-defined]  # an enum class or a tuple
    if value not in known:
        raise ConfigurationError(f"{option} {value!r} is not one of {', '.join(known)}")
    return value
