"""The form of a list: a control for each filter that knows its values, and what filters and their
values are called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from starlette.requests import Request

from scheduler.configuration.party_names import party_codes, party_meant
from scheduler.configuration.query import Query, written
from scheduler.searching.hints import as_words, read_as
from scheduler.views.agreements import AGREEMENTS
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import line
from scheduler.views.words.page import filter_in_words, in_words
from scheduler.web.site.download import LIST_FORMS, Form, download_links
from scheduler.web.site.installation import source_names
from scheduler.web.site.rendering import served_by, words_for
from storage.filter import Filter, allowed, attributes, described, is_several
from storage.search.counts import Facets

_SORTED = frozenset({"group", "language"})
_TYPED = ("q", "since", "until", "by", "as_of", "probability")  # in fields of their own
# What stands on a link, and the address of the selection to which it leads.
SelectionLink = tuple[str, str]
# A control that chooses one value of a filter: its name in an address and in words, and each value
# with its words, and whether it is chosen.
Control = tuple[str, str, Sequence[tuple[str, str, bool]]]


def form_of(
    request: Request,
    selection: Query,
    path: str,
    others: Mapping[str, str | None] | None = None,
    *,
    beside: Sequence[str] = (),
    forms: Sequence[Form] = LIST_FORMS,
    files_of: Query | None = None,
) -> dict[str, Any]:
    """What the template of a list takes for its form and its files: the selection, each filter that
    is set with the address of the list without it, the controls, and the links to files. `others`
    are parameters besides filters, `beside` names filters that only this list has, and `files_of`
    is what the files hold, if that is not the selection.
    """
    words, others = words_for(request), others or {}
    typed = request.query_params.get("q", "").strip()
    instead = as_words(typed, selection)
    return {
        "selection": selection,
        "read_as": read_as(typed, selection, words),
        "as_words": instead and instead.address(path, **others),
        "chosen": [
            (
                filter_in_words(name, value, words),
                selection.without(name, value).address(path, **others),
            )
            for name, value in selection.parameters
            if name != "q"
        ],
        "controls": _controls(selection, words, source_names(served_by(request)), beside),
        "downloads": download_links(
            lambda form: (files_of or selection).address(path, **others, format=form), forms
        ),
    }


def _controls(
    selection: Query,
    words: Labels,
    sources: Sequence[tuple[str, str]],
    beside: Sequence[str],
) -> dict[str, Any]:
    """The controls for a selection: of each filter that knows its values, and of `beside`. One that
    chooses a value shows the first that is chosen; the rest is `kept`, which the form sends along
    hidden. `sources`: the id and the name of each. `parties` are the names that complete what is
    typed for one more party.
    """
    controls: list[Control] = []
    for attribute, shown in described().items():
        name, given = shown.name, getattr(selection, attribute)
        if not (is_several(attribute) and allowed(attribute)) and name not in beside:
            continue
        first = given[:1] if is_several(attribute) else (given,)
        choices = [(one, in_words(name, one, words), one in first) for one in allowed(attribute)]
        if name in _SORTED:
            choices.sort(key=lambda one: one[1])
        controls.append((name, _name(name, words), choices))
    if sources:  # and the one that is asked for, which the configuration may not have any more
        given = selection.sources[:1]
        gone = [(one, one) for one in given if one not in dict(sources)]
        choices = [(one, line(name, 120), one in given) for one, name in (*gone, *sources)]
        controls.append(("source", _name("source", words), choices))
    names, seen = {name for name, *_ in controls}, set[str]()
    kept = []
    for name, value in selection.parameters:
        if name not in _TYPED and (name not in names or name in seen):
            kept.append((name, value))
        seen.add(name)
    return {"controls": controls, "parties": party_names(words.language), "kept": kept}


@cache
def party_names(language: str) -> tuple[str, ...]:
    """The names of states and bodies in a language, those that are read as what they are."""
    named = ((labels_of(language).party(code), code) for code in party_codes())
    return tuple(sorted(name for name, code in named if party_meant(name) == code))


# --- what a search offers to choose from ----------------------------------------------------------


def facets(
    found: Facets,
    selection: Query,
    others: Mapping[str, str | None],
    words: Labels,
    path: str,
) -> list[tuple[str, Sequence[tuple[str, str, str]]]]:
    """Each facet's name, and its values: in words, the address narrowed to it, how much has it."""
    return [
        (
            _name(name, words),
            [
                (
                    in_words(name, value, words),
                    selection.narrowed(path, name, value, **others),
                    words.number(number),
                )
                for value, number in counts
            ],
        )
        for name, counts in found.items()
        if counts
    ]


# The columns of a table that a reader may choose: the form sends them as `columns`, and the rest of
# the address along. Each has its name, its heading, and whether it is shown.
ChoiceOfColumns = dict[str, Any]


def choice_of_columns(request: Request) -> ChoiceOfColumns:
    words, shown = words_for(request), columns_in(request)
    given = request.query_params.multi_items()
    kept = [pair for pair in given if pair[0] not in ("columns", "after")]
    return {
        "choices": [
            (name, words.say(f"page.columns.{name}"), name in shown)
            for name in (*AGREEMENTS.page, *AGREEMENTS.more)
        ],
        "kept": kept,
    }


def columns_in(request: Request) -> tuple[str, ...]:
    """The columns that the address names, in their usual order; else those shown at first."""
    written = ",".join(request.query_params.getlist("columns")).split(",")
    found = tuple(name for name in (*AGREEMENTS.page, *AGREEMENTS.more) if name in written)
    return found or AGREEMENTS.page


def wants_in_words(flt: Filter, words: Labels) -> Iterator[tuple[str, str]]:
    """The parts of a filter, as (name, values): ("Parties", "Morocco and Niger")."""
    for attribute, shown in described().items():
        value = getattr(flt, attribute)
        values = value if isinstance(value, tuple) else () if value in ("", None) else (value,)
        said = [in_words(shown.name, written(one), words) for one in values]
        if said and shown.subscribed:
            yield called(shown.name, words), line(words.say("comma").join(said), 400)


def called(name: str, words: Labels) -> str:
    """What a parameter of an address is called."""
    if name == "everything":
        return words.say("page.everything")
    if name in ("sort", "columns"):
        return words.say("page.finding.order" if name == "sort" else "page.finding.columns")
    if name in ("rows", "count", "compare", "chart"):
        return words.say(f"page.counting.names.{name}")
    return words.say(f"page.finding.names.{name}") if name in attributes() else ""


def _name(name: str, words: Labels) -> str:
    return words.say(f"page.finding.names.{name}")
