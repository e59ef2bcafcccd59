"""Filters as people and programs write them on the page, in the API and on the command line: they
are read in one place, with a sentence for each that is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BeforeValidator, ValidationError
from pydantic_core import ErrorDetails

from scheduler.configuration.party_names import corridor_meant, nearest_parties, party_meant
from scheduler.configuration.search_words import read_words
from scheduler.configuration.vocabulary import value_of
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import isolated, line, without_towers
from scheduler.views.words.page import filter_value_in_words, written
from storage.errors import ConfigurationError
from storage.filter import (
    LIKENESS,
    MAX_QUERY,
    MOST_NEAR,
    MOST_VALUES,
    Filter,
    Several,
    allowed,
    attributes,
    described,
    is_several,
    unknown,
)
from storage.letters import fold_text

_MOST_READ = 12  # values that a sentence names; of more, those that are alike
_LONGEST_VALUE = 80  # characters of a value that a sentence repeats
_A_NUMBER = re.compile(r"\W*[aA]?([1-9][0-9]{0,8})")  # of an agreement
_OF_NUMBERS = ("float", "greater", "less", "finite")  # how pydantic's kinds of faults begin


def _party(written: object) -> str:
    meant = party_meant(str(written))
    if meant is None:
        near = nearest_parties(str(written)).values()
        raise unknown("party", "is no party; write a name, or a code like MA or EU", near)
    return meant


def _corridor(written: object) -> str:
    meant = corridor_meant(str(written))
    if meant is None:
        text = "should be two parties with a dash, like IT-TN"
        raise unknown("pair", text, near_pairs(str(written)))
    return meant


def near_pairs(written: str) -> list[str]:
    """Pairs of names that are written like this one: "Italy-TN" for "Itly-TN"."""
    first, _, second = written.replace("–", "-").partition("-")
    sides = [
        [one] if party_meant(one) else list(nearest_parties(one).values())[:1]
        for one in (first, second)
    ]
    return [f"{side.strip()}-{other.strip()}" for side in sides[0] for other in sides[1]]


class Query(Filter):
    """A filter as people and programs write it: parties may be names in any of our languages."""

    parties: Annotated[
        tuple[Annotated[str, BeforeValidator(_party)], ...], Several, described()["parties"]
    ] = ()
    any_parties: Annotated[
        tuple[Annotated[str, BeforeValidator(_party)], ...], Several, described()["any_parties"]
    ] = ()
    not_parties: Annotated[
        tuple[Annotated[str, BeforeValidator(_party)], ...], Several, described()["not_parties"]
    ] = ()
    corridors: Annotated[
        tuple[Annotated[str, BeforeValidator(_corridor)], ...], Several, described()["corridors"]
    ] = ()

    @property
    def meant(self) -> Query:
        """The query with parties and groups in the place of its words, if these are only names.
        Words without a name, such as "agreements by country", stay: it must not want everything.
        """
        read, is_enough = read_words(self)
        others = read.but(**{name: getattr(self, name) for name in ("query", *_OF_PARTIES)})
        is_named = read.but(query=self.query) != self
        return read if is_enough and not read.query and others == self and is_named else self

    @property
    def searched(self) -> Query:
        """The query as a search reads it: with parties and groups as in `meant`, and with ids of
        agreements, outlets, years and values of filters in the place of the words for them:
        "Tunisia EU members signed 2023", "treaties of Italy since 2020", "A3 A12", "March 2024". A
        single value or year alone stays a word, and so does the year of "accord de 1968". Of
        several topics, all are asked for, as of several parties. Where a name is excluded or an
        alternative ("Morocco -Spain fishing"), the other words stay words.
        """
        read, is_enough = read_words(self)
        return read if is_enough else self

    @property
    def besides(self) -> Query | None:
        """The search with filters for those of its words that name some, where these stayed words:
        "signed in Rabat" is what was signed, with the word "Rabat", and "signed" what was signed.
        """
        read, _ = read_words(self)
        is_read = read != self.model_copy(update={"query": read.query})
        return read if is_read else None

    @property
    def filter(self) -> Filter:
        return Filter.model_construct(**dict(self))

    @property
    def parameters(self) -> list[tuple[str, str]]:
        pairs = []
        for attribute, shown in described().items():
            value = getattr(self, attribute)
            values = value if isinstance(value, tuple) else () if value in (None, "") else (value,)
            pairs += [(shown.name, written(one)) for one in values]
        return pairs

    def address(self, path: str, **others: str | None) -> str:
        """`path` with this query, and `others` added; a value of None leaves a name out."""
        pairs = [(name, value) for name, value in self.parameters if name not in others]
        pairs += [(name, value) for name, value in others.items() if value]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def narrowed(self, path: str, name: str, value: str, **others: str | None) -> str:
        """`path` with one value more: parties and topics are added, others take the old's place."""
        if name == "topic" and self.topics and value not in self.topics:
            name = "also"
        if name == "also" or (name == "party" and value not in self.parties):
            pairs = [*self.parameters, (name, value)]
            pairs += [(other, given) for other, given in others.items() if given]
            return f"{path}?{urlencode(pairs)}"
        return self.address(path, **{**others, name: value})

    def without(self, name: str, value: str) -> Query:
        """The query without one of the parameters of its address."""
        attribute = attributes()[name]
        given = getattr(self, attribute)
        left: object = type(self).model_fields[attribute].default
        if isinstance(given, tuple):
            left = tuple(one for one in given if one != value)
        return self.model_copy(update={attribute: left})

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that are set, as the configuration writes them."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def for_alerts(self, **others: str | None) -> Query:
        """The query, to which somebody subscribes; `others` are parameters of a search besides it.
        Raises QueryError for what means nothing there: alerts tell what is new.
        """
        given = others | {"as_of": str(self.as_of or ""), "clock": self.clock}
        past = [Misread(name, value, "no_alert") for name, value in given.items() if value]
        if past:
            raise QueryError(past, self.model_copy(update={"as_of": None, "clock": None}))
        return self


@dataclass(frozen=True, slots=True)
class Misread:
    """A value that is not understood. `key` is that of the sentence that says why, `near` what it
    may mean.
    """

    name: str
    value: str
    key: str
    near: tuple[str, ...] = ()
    number: int = 0

    @property
    def pair(self) -> tuple[str, str]:
        return self.name, self.value

    @property
    def as_json(self) -> dict[str, Any]:
        """The fault for programs. An unknown parameter is the `value` of its fault."""
        return {
            "parameter": self.name,
            "value": self.value,
            "key": self.key,
            "near": list(self.near),
        }

    def sentence(self, labels: Labels, called: str) -> str:
        """What is not understood, in words, behind what the reader calls the parameter."""
        comma, value = labels.say(", "), self.value
        if self.key in ("contradiction", "no_day"):  # a code, whatever was typed
            value = filter_value_in_words(self.name, value, labels)
        value = _shown(value, labels)
        near = comma.join(_shown(one, labels) for one in self.near)
        sentence = labels.term(f"misread.{self.key}", value=value, near=near, number=self.number)
        if near and self.key != "one_of":
            sentence = f"{sentence} {labels.say('Did you mean {near}?', near=near)}"
        return f"{called}{labels.say(': ')}{sentence}" if called else sentence


def _shown(value: str, labels: Labels) -> str:
    return isolated(line(value, _LONGEST_VALUE), labels.direction)


class QueryError(ConfigurationError):
    """A query that is not understood: `misread` holds each thing, `understood` the rest."""

    def __init__(self, misread: Sequence[Misread], understood: Query) -> None:
        self.misread, self.understood = tuple(misread), understood
        super().__init__(*self.sentences(labels_of("en"), str))

    def sentences(self, labels: Labels, called: Callable[[str], str]) -> list[str]:
        """What is not understood, in words; `called` is what the reader calls a parameter."""
        return [
            misread.sentence(labels, called(misread.name) if misread.name else "")
            for misread in self.misread
        ]


def read_query(
    pairs: Iterable[tuple[str, str]],
    beside: Mapping[str, Sequence[str]] | None = None,
    *,
    everything: bool = False,
) -> Query:
    """The query that the pairs of an address, or the options of a command, write.

    `beside` are other parameters that may stand there, each with the values that it takes, none for
    any; with None, others are ignored. Of `everything` that is stored, most has no parties,
    so that names stay words there. Raises QueryError with all that is not understood.
    """
    by_field, pairs, others = dict[str, list[str]](), list(pairs), beside or {}
    searched = {one.name: attribute for attribute, one in described().items() if one.searched}
    for name, value in pairs:
        if name in searched:
            by_field.setdefault(searched[name], []).append(cleaned(value))
    misread = list(_misread_beside(pairs, others))
    if beside is not None:
        misread += misread_names((name for name, _ in pairs), (*searched, *beside))
    data = {name: list(dict.fromkeys(filter(None, values))) for name, values in by_field.items()}
    query = _validated({name: values for name, values in data.items() if values}, misread)
    return query if everything else _consistent(query.searched)


# Parameters whose values may stand in one, with commas between them.
LISTS = frozenset({"columns", "compare"})


def _misread_beside(
    pairs: Iterable[tuple[str, str]], others: Mapping[str, Sequence[str]]
) -> Iterator[Misread]:
    for name, known in others.items():
        values = [value for other, value in pairs if other == name and value]
        if name in LISTS:
            values = [one for value in values for one in value.split(",")]
        strange = [value for value in dict.fromkeys(values) if known and value not in known]
        if len(strange) > MOST_VALUES:
            yield Misread(name, str(len(values)), "too_many", number=MOST_VALUES)
            continue
        for value in strange:
            near = _like(value, known) if name in LISTS or len(known) > _MOST_READ else ()
            yield Misread(name, value, "unknown" if near else "one_of", near or tuple(known))


def check_value(name: str, value: str, known: Sequence[str]) -> None:
    """Raises QueryError for a value that a parameter beside the filters does not take."""
    misread = list(_misread_beside([(name, value)], {name: known}))
    if misread:
        raise QueryError(misread, Query())


def query_of(fields: Mapping[str, object]) -> Query:
    """The query that these fields of a subscription stand for. Raises QueryError."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return _validated(lists, []).meant


def _validated(given: Mapping[str, list[Any]], misread: list[Misread]) -> Query:
    twice = {name for name, values in given.items() if len(values) > 1 and not is_several(name)}
    misread += [Misread(_called(one), str(given[one][-1]), "once") for one in sorted(twice)]
    data = {name: values for name, values in given.items() if name not in twice}
    while True:
        try:
            query = Query.model_validate(
                {name: values if is_several(name) else values[0] for name, values in data.items()}
            )
        except ValidationError as error:
            for one in reversed(error.errors(include_url=False)):
                misread.append(_misread(one, data))
                field, *at = one["loc"]
                if at and isinstance(at[0], int):
                    del data[str(field)][at[0]]
                if not at or not data[str(field)]:
                    data.pop(str(field), None)
        else:
            break
    return _consistent(query, misread)


def _consistent(query: Query, misread: Iterable[Misread] = ()) -> Query:
    """The query. Raises QueryError with what was `misread`, and with what nothing can match."""
    misreads = list(misread)
    for wanted, opposite in _OPPOSITES:
        values = set(getattr(query, wanted))
        both = values.intersection(getattr(query, opposite))
        if wanted in _ALL_WANTED or both == values:
            misreads += [
                Misread(_called(opposite), str(one), "contradiction") for one in sorted(both)
            ]
            rest = tuple(one for one in getattr(query, opposite) if one not in both)
            query = query.but(**{opposite: rest})
    if query.since and query.until and query.since > query.until:
        misreads.append(Misread("until", str(query.until), "before", (), 0))
        query = query.but(since=None, until=None)
    if query.clock and query.as_of is None:
        misreads.append(Misread("clock", query.clock, "no_day"))
        query = query.but(clock=None)
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)  # where the sun rises earlier
    if query.as_of and query.as_of > tomorrow:
        misreads.append(Misread("as_of", str(query.as_of), "future"))
        query = query.but(as_of=None, clock=None)
    if misreads:
        order = list(attributes())
        misreads.sort(key=lambda one: order.index(one.name) if one.name in order else -1)
        raise QueryError(misreads, query)
    return query


_OF_PARTIES = ("parties", "any_parties", "not_parties", "groups", "not_groups", "within")
_ALL_WANTED = frozenset({"parties", "also_topics", "groups"})  # of other fields one value is enough
_OPPOSITES = (
    *(("parties", "not_parties"), ("any_parties", "not_parties"), ("topics", "not_topics")),
    *(("also_topics", "not_topics"), ("statuses", "not_statuses"), ("steps", "not_steps")),
    *(("groups", "not_groups"), ("instruments", "not_instruments")),
)


def _misread(error: ErrorDetails, data: Mapping[str, list[Any]]) -> Misread:
    """A fault that pydantic found, as what was written and what it may mean."""
    field, context = str(error["loc"][0]), error.get("ctx", {})
    name, kind = _called(field), error["type"]
    value = str(error["input"])
    if kind == "extra_forbidden":
        return Misread("", field, "parameter", _like(field, described()))
    if kind == "too_long":
        return Misread(name, str(len(data[field])), "too_many", number=MOST_VALUES)
    if kind == "string_too_long":
        return Misread(name, value, "too_long", number=MAX_QUERY)
    if kind == "string_pattern_mismatch" and (number := _A_NUMBER.fullmatch(value)):
        return Misread(name, value, "unknown", (f"A{number[1]}",))
    if kind in ("enum", "one_of"):
        near = _called_so(field, value) or _like(value, allowed(field))
        return Misread(name, value, "unknown" if near else "one_of", near or allowed(field))
    if "near" in context:
        return Misread(name, value, kind, tuple(context["near"])[:MOST_NEAR])
    return Misread(name, value, "number" if kind.startswith(_OF_NUMBERS) else "unknown")


def _called_so(field: str, value: str) -> tuple[str, ...]:
    """The value of a field that people call so: "MoU", "workers", "english"."""
    named = value_of(fold_text(f"in {value}" if field == "languages" else value))
    return (named[1],) if named and named[1] in allowed(field) else ()


def misread_names(names: Iterable[str], known: Iterable[str]) -> list[Misread]:
    """Each name of a parameter that is not known, with those that it may mean."""
    there = dict.fromkeys(known)
    strange = dict.fromkeys(name for name in names if name not in there)
    return [Misread("", name, "parameter", _like(name, there)) for name in strange]


def _like(value: str, known: Iterable[str]) -> tuple[str, ...]:
    """Those that are written most like a value."""
    near = get_close_matches(fold_text(value).replace(" ", "_"), list(known), MOST_NEAR, LIKENESS)
    return tuple(near)


def _called(attribute: str) -> str:
    return described()[attribute].name if attribute in described() else ""


def cleaned(value: str) -> str:
    return without_towers(value.replace("\0", " ")).strip()
