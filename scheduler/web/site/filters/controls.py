"""The controls of a form that asks for agreements: kind, topic, status, how sure, text, group,
language, source.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from scheduler.configuration.party_names import party_codes, party_meant
from scheduler.configuration.query import Query
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import line
from scheduler.web.site.search.choices import Choice, in_words
from storage.filter import allowed, described, is_several

_SORTED = frozenset({"group", "language"})
_TYPED = ("q", "since", "until", "by", "probability")  # in fields of their own


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


def controls_of(
    selection: Query,
    words: Labels,
    sources: Sequence[tuple[str, str]] = (),
    others: Sequence[str] = (),
) -> Controls:
    """The controls for a selection: of each filter that knows its values, and of `others`. One that
    chooses a value shows the first that is chosen; the rest is kept. `sources`: the id and the name
    of each.
    """
    controls = [
        _control(attribute, selection, words)
        for attribute, shown in described().items()
        if (is_several(attribute) and allowed(attribute)) or shown.name in others
    ]
    if sources:
        controls.append(_of_sources(sources, selection, words))
    shown_names = {one.name for one in controls}
    kept = list(_kept(selection, shown_names))
    is_open = not shown_names.isdisjoint(name for name, _ in selection.parameters)
    return Controls(controls, party_names(words.language), kept, are_open=is_open)


@cache
def party_names(language: str) -> tuple[str, ...]:
    """The names of states and bodies in a language, those that are read as what they are."""
    named = ((labels_of(language).party(code), code) for code in party_codes())
    return tuple(sorted(name for name, code in named if party_meant(name) == code))


def _control(attribute: str, selection: Query, words: Labels) -> Control:
    name, given = described()[attribute].name, getattr(selection, attribute)
    first = given[:1] if is_several(attribute) else (given,)
    choices = [Choice(one, in_words(name, one, words), one in first) for one in allowed(attribute)]
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
        is_shown = name in _TYPED or (name in controls and name not in seen)
        seen.add(name)
        if not is_shown:
            yield name, value
