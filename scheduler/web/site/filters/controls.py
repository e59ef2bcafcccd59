"""The controls of a form that asks for agreements: kind, topic, status, how sure, text, group,
language, source.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from crawler.judgement.party_groups import load_party_groups
from scheduler.configuration.party_codes import party_codes, party_meant
from scheduler.configuration.query import WRITTEN_LANGUAGES, Query, attributes
from scheduler.web.site.search.choices import DAYS, Choice, in_words
from scheduler.words.labels import Labels, labels_of
from scheduler.words.lines import line
from storage.asking import TextState
from storage.records import Certainty, Instrument, Status, Topic

_SORTED = frozenset({"group", "language"})


@dataclass(frozen=True, slots=True)
class Control:
    """A control that chooses one value of a filter, its name in an address and in words."""

    name: str
    text: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Controls:
    """`kept` is what the form sends along hidden; `are_open`: one of the controls is set. `parties`
    are the names that complete what is typed for one more party.
    """

    controls: Sequence[Control]
    parties: Sequence[str]
    kept: Sequence[tuple[str, str]]
    are_open: bool


def controls_of(selection: Query, words: Labels, sources: Sequence[tuple[str, str]]) -> Controls:
    """The controls for a selection. One that chooses a value shows the first that is chosen; the
    others are kept. `sources`: the id and the name of each.
    """
    controls = [_control(name, values, selection, words) for name, values in _values().items()]
    if sources:
        controls.append(_of_sources(sources, selection, words))
    shown = {one.name for one in controls}
    kept = list(_kept(selection, shown))
    is_open = not shown.isdisjoint(name for name, _ in selection.parameters)
    return Controls(controls, party_names(words.language), kept, are_open=is_open)


@cache
def party_names(language: str) -> tuple[str, ...]:
    """The names of states and bodies in a language, those that are read as what they are."""
    named = ((labels_of(language).party(code), code) for code in party_codes())
    return tuple(sorted(name for name, code in named if party_meant(name) == code))


def _values() -> dict[str, Iterable[str]]:
    return {
        "instrument": Instrument,
        "topic": Topic,
        "status": Status,
        "certainty": Certainty,
        "text": TextState,
        "group": load_party_groups().codes,
        "language": WRITTEN_LANGUAGES,
    }


def _control(name: str, values: Iterable[str], selection: Query, words: Labels) -> Control:
    given: Sequence[str] = getattr(selection, attributes()[name])
    choices = [Choice(one, in_words(name, one, words), one in given[:1]) for one in values]
    if name in _SORTED:
        choices.sort(key=lambda one: one.text)
    return Control(name, words.say(f"page.finding.names.{name}"), choices)


def _of_sources(sources: Sequence[tuple[str, str]], selection: Query, words: Labels) -> Control:
    """Beside those of the configuration the one that is asked for, which it may not have any
    more.
    """
    given = selection.sources[:1]
    gone = [(one, one) for one in given if one not in dict(sources)]
    choices = [Choice(one, line(name, 120), one in given) for one, name in (*gone, *sources)]
    return Control("source", words.say("page.finding.names.source"), choices)


def _kept(selection: Query, controls: Collection[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for name, value in selection.parameters:
        is_shown = name in ("q", *DAYS) or (name in controls and name not in seen)
        seen.add(name)
        if not is_shown:
            yield name, value
