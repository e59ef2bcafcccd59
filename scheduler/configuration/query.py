"""What is asked of the register: each filter described once, and the one way to read what people
and programs write, behind every door.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from crawler.judgement.party_groups import load_party_groups
from crawler.judgement.text.letters import fold_text
from scheduler.configuration.party_codes import corridor_meant, nearest_parties, party_meant
from scheduler.configuration.query_parties import parties_named
from scheduler.words.labels import Labels, labels_of
from scheduler.words.lines import line, without_towers
from storage.asking import Filter, Known, TextState
from storage.errors import ConfigurationError
from storage.languages import LANGUAGES, UNKNOWN_LANGUAGE
from storage.records import Certainty, Instrument, Status, Topic
from storage.search.words import fold_query

MAX_QUERY = 500  # characters; searching for more words takes longer than a reader waits
MOST_VALUES = 50  # of one filter
WRITTEN_LANGUAGES = (*LANGUAGES, UNKNOWN_LANGUAGE)
_MOST_NEAR = 3
_LIKENESS = 0.6  # difflib's ratio, as Python's own guesses
_LONGEST_VALUE = 80  # characters of what is said of a value
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_THREE_NUMBERS = re.compile(r"(\d{1,4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,4})")

_OF_NUMBERS = ("float", "greater", "less", "finite")  # how pydantic's kinds of faults begin


class Shown(NamedTuple):
    """How a field is called in an address and as an option, what it asks, and who has it: searches,
    and what a subscription tells.
    """

    name: str
    says: str
    searched: bool = True
    told: bool = True


class Reviewed(StrEnum):
    YES = "yes"
    NO = "no"


class DaysOf(StrEnum):
    LEARNT = "learnt"


def _unknown(value: object, near: Iterable[str] = (), key: str = "unknown") -> PydanticCustomError:
    misread = Misread("", str(value), key, tuple(near))
    said = misread.sentence(labels_of("en"), "")
    return PydanticCustomError(key, "{said}", {"said": said, "near": misread.near})


def _party(written: object) -> str:
    meant = party_meant(str(written))
    if meant is None:
        raise _unknown(written, nearest_parties(str(written)).values(), "party")
    return meant


def _corridor(written: object) -> str:
    meant = corridor_meant(str(written))
    if meant is None:
        raise _unknown(written, _near_pairs(str(written)), "pair")
    return meant


def _near_pairs(written: str) -> list[str]:
    """Pairs of names that are written like this one: "Italy-TN" for "Itly-TN"."""
    first, dash, second = written.replace("–", "-").partition("-")
    if not dash:
        return []
    sides = [
        [one] if party_meant(one) else list(nearest_parties(one).values())[:1]
        for one in (first, second)
    ]
    return [f"{one.strip()}-{other.strip()}" for one in sides[0] for other in sides[1]]


def _group(written: object) -> str:
    groups = load_party_groups()
    found = groups.ids.get(fold_text(str(written)))
    if found is None:
        near = get_close_matches(fold_text(str(written)), groups.ids, _MOST_NEAR, _LIKENESS)
        raise _unknown(written, dict.fromkeys(groups.ids[one] for one in near))
    return found


def _language(written: object) -> str:
    if written not in WRITTEN_LANGUAGES:
        raise _unknown(written, WRITTEN_LANGUAGES, "one_of")
    return str(written)


def _day(written: object) -> object:
    if not isinstance(written, str):
        return written
    if _DAY.fullmatch(written):
        try:
            return date.fromisoformat(written)
        except ValueError:
            pass
    raise _unknown(written, _near_days(written), "day")


def _near_days(written: str) -> list[str]:
    """The day that may be meant by three numbers in another order, or without their zeros."""
    found = _THREE_NUMBERS.fullmatch(written.strip())
    if found is None:
        return []
    one, two, three = map(int, found.groups())
    orders = ((one, two, three), (one, three, two), (three, two, one), (three, one, two))
    near = []
    for year, month, day in orders:
        try:
            near.append(date(year, month, day).isoformat() if year > 99 else "")
        except ValueError:
            continue
    return list(dict.fromkeys(filter(None, near)))


Party = Annotated[str, BeforeValidator(_party)]
Corridor = Annotated[str, BeforeValidator(_corridor)]
Group = Annotated[str, BeforeValidator(_group)]
Language = Annotated[str, BeforeValidator(_language)]
Day = Annotated[date, BeforeValidator(_day)]
Several = Field(max_length=MOST_VALUES)


class Query(BaseModel):
    """What a search or a subscription asks for, as codes; nothing asked for fits everything.

    All fields have to fit. Within a field one value is enough, except that all parties take part.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: Annotated[
        str,
        Field(max_length=MAX_QUERY),
        Shown("q", 'Words, "exact phrases", beginnings*, -without, this OR that.'),
    ] = ""
    parties: Annotated[
        tuple[Party, ...],
        Several,
        Shown(
            "party",
            "Code (MA, EU ...) or name (Morocco, Maroc ...); "
            "give it twice for agreements that both take part in.",
        ),
    ] = ()
    groups: Annotated[
        tuple[Group, ...],
        Several,
        Shown(
            "group",
            "A group of parties, one of which takes part: "
            "maghreb, sahel, ecowas, gcc, eu-members ...",
        ),
    ] = ()
    corridors: Annotated[
        tuple[Corridor, ...],
        Several,
        Shown("corridor", "Two parties in either order: IT-TN. Several: any of them."),
    ] = ()
    topics: Annotated[
        tuple[Topic, ...], Several, Shown("topic", f"One of {', '.join(Topic)}.")
    ] = ()
    instruments: Annotated[
        tuple[Instrument, ...], Several, Shown("instrument", f"One of {', '.join(Instrument)}.")
    ] = ()
    statuses: Annotated[
        tuple[Status, ...], Several, Shown("status", f"One of {', '.join(Status)}.")
    ] = ()
    languages: Annotated[
        tuple[Language, ...],
        Several,
        Shown("language", f"One of {', '.join(WRITTEN_LANGUAGES)}."),
    ] = ()
    sources: Annotated[
        tuple[str, ...], Several, Shown("source", "Id of a source, or an outlet.")
    ] = ()
    rules: Annotated[
        tuple[str, ...],
        Several,
        Shown("rule", "Found by the rule with this id. Several: any of them."),
    ] = ()
    certainties: Annotated[
        tuple[Certainty, ...],
        Several,
        Shown("certainty", f"How sure the agreement is: {', '.join(Certainty)}."),
    ] = ()
    texts: Annotated[
        tuple[TextState, ...],
        Several,
        Shown(
            "text",
            "published: the text of the agreement was found in a treaty series or gazette; "
            "missing: it was signed, and none was found.",
        ),
    ] = ()
    agreements: Annotated[
        tuple[Annotated[str, Field(pattern=r"^A[1-9][0-9]{0,8}$")], ...],
        Several,
        Shown("agreement", "Id of an agreement, such as A17."),
    ] = ()
    since: Annotated[
        Day | None,
        Shown(
            "since",
            "Published on this day or later (YYYY-MM-DD); "
            "agreements: with a step on this day or later.",
            told=False,
        ),
    ] = None
    until: Annotated[
        Day | None,
        Shown(
            "until", "Published on this day or before; agreements: with such a step.", told=False
        ),
    ] = None
    probability: Annotated[
        float | None,
        Field(ge=0, le=1, allow_inf_nan=False),
        Shown("probability", "At least so probable to report a step, from 0 to 1.", told=False),
    ] = None
    reviewed: Annotated[
        Reviewed | None, Shown("reviewed", "Answered by a person: yes or no.", told=False)
    ] = None
    known: Annotated[
        Known | None,
        Shown(
            "known",
            "yes: also agreements that only lists know; only: these, or their rows.",
            told=False,
        ),
    ] = None
    by: Annotated[
        DaysOf | None,
        Shown(
            "by",
            "learnt: since and until ask when it was learnt here (UTC), not when it happened.",
            told=False,
        ),
    ] = None

    @property
    def filter(self) -> Filter:
        """The filter as the store takes it."""
        groups = load_party_groups().codes
        pairs = [pair.partition("-") for pair in self.corridors]
        return Filter(
            query=fold_query(self.query, fold_text),
            named_parties=parties_named(self.query) if self.query else (),
            parties=self.parties,
            party_groups=tuple(groups[one] for one in self.groups),
            corridors=tuple((one, other) for one, _, other in pairs),
            topics=self.topics,
            instruments=self.instruments,
            statuses=self.statuses,
            certainties=self.certainties,
            text_states=self.texts,
            languages=self.languages,
            sources=self.sources,
            rules=self.rules,
            since=self.since,
            until=self.until,
            agreements=self.agreements,
            min_probability=self.probability,
            reviewed=None if self.reviewed is None else self.reviewed is Reviewed.YES,
            known=self.known or Known.HIDDEN,
            by_learnt=self.by is DaysOf.LEARNT,
        )

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The query as an address writes it."""
        pairs = []
        for attribute, shown in described().items():
            value = getattr(self, attribute)
            values = value if isinstance(value, tuple) else () if value in (None, "") else (value,)
            pairs += [(shown.name, _written(one)) for one in values]
        return pairs

    def address(self, path: str, **others: str | None) -> str:
        """`path` with this query, and `others` added; a value of None leaves a name out."""
        kept = [(name, value) for name, value in self.parameters if name not in others]
        kept += [(name, value) for name, value in others.items() if value]
        return f"{path}?{urlencode(kept)}" if kept else path

    def narrowed(self, path: str, name: str, value: str, **others: str | None) -> str:
        """`path` with this query and one value more. All parties have to take part, so that one is
        added to the others; elsewhere it takes their place.
        """
        if name == "party" and value not in self.parties:
            kept = [*self.parameters, (name, value)]
            kept += [(other, given) for other, given in others.items() if given]
            return f"{path}?{urlencode(kept)}"
        return self.address(path, **{**others, name: value})

    def without(self, name: str, value: str) -> Query:
        """The query without one of the parameters of its address."""
        attribute = attributes()[name]
        given = getattr(self, attribute)
        left: object = type(self).model_fields[attribute].default
        if isinstance(given, tuple):
            left = tuple(one for one in given if one != value)
        return self.model_copy(update={attribute: left})

    def left_out(self) -> list[str]:
        """The names of those parameters for which a subscription has no room."""
        given = {name for name, _ in self.parameters}
        return [one.name for one in described().values() if not one.told and one.name in given]


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


@cache
def described() -> Mapping[str, Shown]:
    """How each field of a query is shown."""
    return {
        attribute: next(one for one in field.metadata if isinstance(one, Shown))
        for attribute, field in Query.model_fields.items()
    }


@cache
def attributes() -> Mapping[str, str]:
    """The field that each parameter of an address asks for."""
    return {shown.name: attribute for attribute, shown in described().items()}


@cache
def allowed(attribute: str) -> tuple[str, ...]:
    """The values that a field knows; none where it takes any, or too many to name."""
    return next(
        (tuple(filter(None, map(str, one))) for one in _types(attribute) if _is_enum(one)), ()
    )


def _types(attribute: str) -> Iterable[Any]:
    annotation = Query.model_fields[attribute].annotation
    return (annotation, *get_args(annotation))


def _is_enum(one: object) -> bool:
    return isinstance(one, type) and issubclass(one, StrEnum)


@dataclass(frozen=True, slots=True)
class Misread:
    """One thing that was written and is not understood: the parameter, what stood there, why
    (the `key` of a sentence), what it may mean, and the number that the sentence names.
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
        """The fault for programs; that of a parameter that there is not names it as its value."""
        return {
            "parameter": self.name,
            "value": self.value,
            "key": self.key,
            "near": list(self.near),
        }

    def sentence(self, labels: Labels, called: str) -> str:
        """What is not understood, in words, behind what the reader calls the parameter."""
        comma, value = labels.say("comma"), line(self.value, _LONGEST_VALUE)
        near = comma.join(line(one, _LONGEST_VALUE) for one in self.near)
        said = labels.say(f"misread.{self.key}", value=value, near=near, number=self.number)
        if near and self.key != "one_of":
            said = f"{said} {labels.say('misread.near', near=near)}"
        return f"{called}{labels.say('colon')}{said}" if called else said


class QueryError(ConfigurationError):
    """A query that is not understood: `misread` holds each thing, `understood` the rest."""

    def __init__(self, misread: Sequence[Misread], understood: Query, prefix: str = "") -> None:
        self.misread, self.understood = tuple(misread), understood
        super().__init__(*self.sentences(labels_of("en"), lambda name: prefix + name))

    def sentences(self, labels: Labels, called: Callable[[str], str]) -> list[str]:
        """What is not understood, in words; `called` is what the reader calls a parameter."""
        return [one.sentence(labels, called(one.name) if one.name else "") for one in self.misread]


def read_query(
    written: Iterable[tuple[str, str]], beside: Mapping[str, Sequence[str]] | None = None
) -> Query:
    """The query that the pairs of an address, or the options of a command, write.

    `beside` are other parameters that may stand there, each with the values that it takes, none for
    any; None: others are none of its business. Raises QueryError with all that is not understood.
    """
    given, pairs, others = dict[str, list[str]](), list(written), beside or {}
    for name, value in pairs:
        if name in attributes():
            given.setdefault(attributes()[name], []).append(_clean(value))
    misread = [
        Misread(name, value, "one_of", tuple(others[name]))
        for name, value in pairs
        if others.get(name) and value and value not in others[name]
    ]
    if beside is not None:
        misread += misread_names((name for name, _ in pairs), (*attributes(), *beside))
    data = {name: list(dict.fromkeys(filter(None, values))) for name, values in given.items()}
    return _validated({name: values for name, values in data.items() if values}, misread)


def query_of(fields: Mapping[str, object]) -> Query:
    """The query that the fields of a subscription write. Raises QueryError."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return _validated(lists, [])


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
                _take_away(one, data)
        else:
            break
    if query.since and query.until and query.since > query.until:
        misread.append(Misread("until", str(query.until), "before", (), 0))
        query = query.model_copy(update={"since": None, "until": None})
    if misread:
        order = list(attributes())
        misread.sort(key=lambda one: order.index(one.name) if one.name in order else -1)
        raise QueryError(misread, query)
    return query


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
    if kind == "enum":
        near = _like(value, allowed(field))
        return Misread(name, value, "unknown" if near else "one_of", near or allowed(field))
    if "near" in context:
        return Misread(name, value, kind, tuple(context["near"]))
    return Misread(name, value, "number" if kind.startswith(_OF_NUMBERS) else "unknown")


def _take_away(error: ErrorDetails, data: dict[str, list[Any]]) -> None:
    """Leave out what a fault is about: one value of a list, or all of a field."""
    field, *at = error["loc"]
    if at and isinstance(at[0], int):
        del data[str(field)][at[0]]
    if not at or not data[str(field)]:
        data.pop(str(field), None)


def misread_names(names: Iterable[str], known: Iterable[str]) -> list[Misread]:
    """Each name of a parameter that is not known, with those that it may mean."""
    there = dict.fromkeys(known)
    strange = dict.fromkeys(name for name in names if name not in there)
    return [Misread("", name, "parameter", _like(name, there)) for name in strange]


def _like(value: str, known: Iterable[str]) -> tuple[str, ...]:
    """Those that are written most like a value."""
    near = get_close_matches(fold_text(value).replace(" ", "_"), list(known), _MOST_NEAR, _LIKENESS)
    return tuple(near)


@cache
def is_several(attribute: str) -> bool:
    return Query.model_fields[attribute].default == () if attribute in described() else False


def _called(attribute: str) -> str:
    return described()[attribute].name if attribute in described() else ""


def _clean(value: str) -> str:
    return without_towers(value.replace("\0", " ")).strip()
