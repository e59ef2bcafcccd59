"""The controls of a form that asks for agreements: kind, topic, status, how sure, text, group,
language, source.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from scheduler.configuration.party_names import party_codes, party_meant
from scheduler.configuration.query import Query
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import isolated, line
from storage.document_facets import COUNTED, DocumentFacets
from storage.filter import allowed, attributes, described, is_several
from storage.records import Instrument

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


# --- what a search offers to choose from ----------------------------------------------------------

PATH = "/search"
_LONGEST_VALUE = 80
# Where the words of those filters stand whose values have one each.
_SAID = {
    "topic": "topics.{}",
    "certainty": "certainty.{}.name",
    "text": "page.text_states.{}",
    "reviewed": "page.finding.reviewed_{}",
    "known": "page.known.{}",
    "by": "page.finding.by_{}",
}


@dataclass(frozen=True, slots=True)
class SelectionLink:
    """A value in words, with the address that adds it to the selection or takes it away."""

    text: str
    address: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a control of the form offers."""

    value: str
    text: str
    chosen: bool


def chosen(
    selection: Query, others: Mapping[str, str | None], words: Labels, path: str = PATH
) -> list[SelectionLink]:
    """Each filter that is set, with the address of the search without it."""
    return [
        SelectionLink(
            named(name, value, words),
            selection.without(name, value).address(path, **others),
        )
        for name, value in selection.parameters
        if name != "q"
    ]


def facets(
    found: DocumentFacets, selection: Query, others: Mapping[str, str | None], words: Labels
) -> list[tuple[str, Sequence[SelectionLink]]]:
    """Each facet's name, and its values as links that narrow the selection."""
    return [
        (
            _name(facet.name, words),
            [
                SelectionLink(
                    in_words(facet.name, value, words),
                    selection.narrowed(PATH, facet.name, value, **others),
                    words.number(number),
                )
                for value, number in facet.counts
            ],
        )
        for facet in found.facets
    ]


def counted_newest(found: DocumentFacets, words: Labels) -> str:
    """ "of the newest 10,000" where only these were counted, else ""."""
    if not found.is_cut:
        return ""
    return words.say("page.finding.of_newest", number=words.number(COUNTED))


def named(name: str, value: str, words: Labels) -> str:
    """A filter in the reader's words: "Topic: visas"."""
    said = isolated(in_words(name, value, words), words.direction)
    return f"{_name(name, words)}{words.say('colon')}{said}"


def in_words(name: str, value: str, words: Labels) -> str:
    """A value of a filter in the reader's words; "Morocco" for the party MA."""
    if name == "party":
        return words.short_party(value.upper())
    if name == "corridor":
        return " – ".join(words.short_party(code) for code in value.upper().split("-", 1))
    if name in _SAID:
        return words.say(_SAID[name].format(value))
    if name == "status":
        return words.status(value, None)
    if name == "instrument":  # an agreement of another kind is called "agreement" elsewhere
        is_other = value == Instrument.OTHER
        return words.say("page.other_kind") if is_other else words.instrument(value)
    if name == "group" and value in allowed("groups"):
        return words.say(f"page.groups.{value}")
    if name in ("since", "until"):
        return words.day(date.fromisoformat(value))
    if name == "language":
        return words.language_name(value)
    return line(value, _LONGEST_VALUE)


def called(name: str, words: Labels) -> str:
    """What a parameter of an address is called."""
    if name == "everything":
        return words.say("page.everything")
    if name == "sort":
        return words.say("page.finding.order")
    return words.say(f"page.finding.names.{name}") if name in attributes() else ""


def _name(name: str, words: Labels) -> str:
    return words.say(f"page.finding.names.{name}")
