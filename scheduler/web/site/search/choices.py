"""What a search offers to choose from, and what was chosen, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scheduler.configuration.query import Query
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated, line
from storage.document_facets import COUNTED, DocumentFacets
from storage.filter import allowed, attributes
from storage.records import Instrument

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
