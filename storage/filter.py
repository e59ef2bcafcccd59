"""What searches and subscriptions select by: each filter described once, for every door.

To add one: a field here, its condition in `storage.search.filtering`, and its words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from storage.languages import LANGUAGES, UNKNOWN_LANGUAGE
from storage.letters import fold_text
from storage.provision import ProvisionKind
from storage.query_words import fold_query
from storage.records import Grade, GradeBasis, Instrument, Status, TextState, Topic

_FILE = Path(__file__).with_name("party_groups.toml")


class PartyGroups(NamedTuple):
    """The parties of each group, its bodies first, and the groups by their folded names."""

    parties: Mapping[str, tuple[str, ...]]
    by_name: Mapping[str, str]


@cache
def load_party_groups() -> PartyGroups:
    groups = tomllib.loads(_FILE.read_text())
    codes = dict[str, tuple[str, ...]]()
    for group, body in groups.items():  # one "of" others stands behind them
        parts = (codes[part] for part in body.get("of", ()))
        members = chain(body.get("bodies", ()), body.get("members", ()), *parts)
        codes[group] = tuple(dict.fromkeys(members))
    names = ((name, group) for group, body in groups.items() for name in (group, *body["names"]))
    return PartyGroups(codes, {fold_text(name): group for name, group in names})


MAX_QUERY = 500  # characters; searching for more words takes longer than a reader waits
MOST_VALUES = 50  # of one filter
WRITTEN_LANGUAGES = (*LANGUAGES, UNKNOWN_LANGUAGE)
MOST_NEAR = 3  # values that may be meant
LIKENESS = 0.6  # difflib's ratio, as Python's own guesses
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_THREE_NUMBERS = re.compile(r"(\d{1,4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,4})")


class Known(StrEnum):
    """Whether lists also show agreements that are known from lists alone; "only": just these."""

    YES = "yes"
    ONLY = "only"


class Reviewed(StrEnum):
    """Whether a person decided that a document reports something, or nothing."""

    YES = "yes"
    NO = "no"


class DaysOf(StrEnum):
    """Whose days are meant, if not those of the step, or of publication."""

    LEARNT = "learnt"  # on which it was learnt of, in UTC
    EXPECTED = "expected"  # for which the next step is announced
    EXPIRES = "expires"  # on which its first term ends


class Sides(StrEnum):
    """How many parties an agreement has: two, or more."""

    BILATERAL = "bilateral"
    MULTILATERAL = "multilateral"


class Changes(StrEnum):
    """How often an agreement changed its status within 365 days, at least."""

    TWICE = "2"
    THRICE = "3"


class Clock(StrEnum):
    """Which past a day means, if not what was known here."""

    PUBLISHED = "published"  # what reports that were published by then say
    STOOD = "stood"  # what had happened by then, whenever that was told


class Shown(NamedTuple):
    """How doors show a field: name, question, and whether searches have it."""

    name: str
    question: str
    searched: bool = True


class Order(NamedTuple):
    """By which column a list of agreements is sorted, each in the direction that readers expect:
    days the last first, names by the alphabet. `ranks` are the values of the column in the order
    that the reader's language, or their meaning, gives them.
    """

    column: str = "reported"
    is_reversed: bool = False
    ranks: tuple[str, ...] = ()


BY_REPORT = Order()
BY_DAY = Order("event_date")
# Columns of which the last day, or the largest number, comes first.
LAST_FIRST = frozenset(
    {"reported", "event_date", "first_reported_at", "pending_since", "reports", "steps", "id"}
)


def unknown(key: str, message: str, near: Iterable[str] = ()) -> PydanticCustomError:
    """The error of an unknown value: the `key` of its sentence for readers, an English `message`,
    and the values that may be meant (`near`).
    """
    values = tuple(near)
    hint = f"; did you mean {values[0]}?" if values else ""
    context = {"message": message + hint, "near": values}
    return PydanticCustomError(key, "{message}", context)


def _group(written: object) -> str:
    codes, named = load_party_groups()
    name = fold_text(str(written))
    if name not in named:
        near = get_close_matches(name, named, MOST_NEAR, LIKENESS)
        meant = dict.fromkeys(named[one] for one in near)
        raise unknown("unknown", f"is not one of {', '.join(codes)}", meant)
    return named[name]


def _language(written: str) -> str:
    if written not in WRITTEN_LANGUAGES:
        known = ", ".join(WRITTEN_LANGUAGES)
        raise PydanticCustomError("one_of", "is not one of {known}", {"known": known})
    return written


def _checked_day(written: object) -> object:
    """A day as ISO 8601 writes it with dashes, and in no other way."""
    if not isinstance(written, str):
        return written
    try:
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise unknown("day", "is no day; write one like 2026-03-01", _near_days(written))


def _near_days(written: str) -> Iterable[str]:
    """Days that may be meant by three numbers in another order, or without their zeros."""
    match = _THREE_NUMBERS.fullmatch(written)
    one, two, three = map(int, match.groups()) if match else (0, 0, 0)
    days: dict[str, None] = {}
    for year, month, day in ((one, two, three), (one, three, two), (three, two, one)):
        try:
            days[date(year, month, day).isoformat()] = None
        except ValueError:
            continue
    return (day for day in days if not day.startswith("00"))


Several = Field(max_length=MOST_VALUES)
Group = Annotated[str, BeforeValidator(_group)]
Language = Annotated[str, AfterValidator(_language)]
Day = Annotated[date, BeforeValidator(_checked_day)]
Id = Annotated[str, Field(pattern=r"^A[1-9][0-9]{0,8}$")]


class Filter(BaseModel):
    """What a search or a subscription wants. An empty filter matches everything.

    All fields have to match. Within a field one value is enough, except that all `parties` must
    take part, at least one party of each of the `groups` and none outside any group of `within`,
    and that all of `also_topics` are among its topics. It must have no value of a `not_` field. A
    corridor is a pair of parties in either order, IT-TN. `since` and `until` ask for the day of the
    step, or of publication; with `steps`, for that of a step of such a status.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: Annotated[
        str,
        Field(max_length=MAX_QUERY),
        Shown("q", 'Words, "exact phrases", beginnings*, -without, this OR that.'),
    ] = ""
    parties: Annotated[
        tuple[str, ...],
        Several,
        Shown(
            "party",
            "Code (MA, EU ...) or name (Morocco, Maroc ...); "
            "give it twice for agreements that both take part in.",
        ),
    ] = ()
    any_parties: Annotated[
        tuple[str, ...],
        Several,
        Shown("any_party", "The same; one of several is enough."),
    ] = ()
    not_parties: Annotated[
        tuple[str, ...],
        Several,
        Shown("not_party", "Code or name of a party that takes no part; may be given again."),
    ] = ()
    corridors: Annotated[
        tuple[str, ...],
        Several,
        Shown("corridor", "Two parties in either order: IT-TN. Several: any of them."),
    ] = ()
    instruments: Annotated[
        tuple[Instrument, ...], Several, Shown("instrument", f"One of {', '.join(Instrument)}.")
    ] = ()
    not_instruments: Annotated[
        tuple[Instrument, ...], Several, Shown("not_instrument", "A kind that it is not.")
    ] = ()
    topics: Annotated[
        tuple[Topic, ...], Several, Shown("topic", f"One of {', '.join(Topic)}.")
    ] = ()
    also_topics: Annotated[
        tuple[Topic, ...],
        Several,
        Shown("also", "A further topic that it must have; may be given again."),
    ] = ()
    not_topics: Annotated[
        tuple[Topic, ...], Several, Shown("not_topic", "A topic that it must not have.")
    ] = ()
    statuses: Annotated[
        tuple[Status, ...], Several, Shown("status", f"One of {', '.join(Status)}.")
    ] = ()
    not_statuses: Annotated[
        tuple[Status, ...], Several, Shown("not_status", "A status that it does not have today.")
    ] = ()
    steps: Annotated[
        tuple[Status, ...],
        Several,
        Shown(
            "step",
            "A status that the agreement has had, whatever it is today; since and until then "
            "mean the day on which it got this status.",
        ),
    ] = ()
    not_steps: Annotated[
        tuple[Status, ...], Several, Shown("not_step", "A status that it has never had.")
    ] = ()
    grades: Annotated[
        tuple[Grade, ...],
        Several,
        Shown("grade", f"How sure the agreement is: {', '.join(Grade)}."),
    ] = ()
    bases: Annotated[
        tuple[GradeBasis, ...],
        Several,
        Shown("basis", f"Why it has its grade: {', '.join(GradeBasis)}."),
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
    provisions: Annotated[
        tuple[ProvisionKind, ...],
        Several,
        Shown("provision", f"What its texts say something of: {', '.join(ProvisionKind)}."),
    ] = ()
    groups: Annotated[
        tuple[Group, ...],
        Several,
        Shown(
            "group",
            "A group of parties, one of which takes part, or the body that signs for them: "
            "maghreb, sahel, ecowas, gcc, eu-members ...",
        ),
    ] = ()
    not_groups: Annotated[
        tuple[Group, ...], Several, Shown("not_group", "A group of which no party takes part.")
    ] = ()
    within: Annotated[
        tuple[Group, ...],
        Several,
        Shown("within", "A group of which all of its parties are: africa, eu-members, asia ..."),
    ] = ()
    sides: Annotated[
        tuple[Sides, ...],
        Several,
        Shown("sides", "bilateral: it has two parties; multilateral: it has more."),
    ] = ()
    languages: Annotated[
        tuple[Language, ...], Several, Shown("language", f"One of {', '.join(WRITTEN_LANGUAGES)}.")
    ] = ()
    sources: Annotated[
        tuple[str, ...], Several, Shown("source", "Id of a source, or an outlet.")
    ] = ()
    rules: Annotated[
        tuple[str, ...],
        Several,
        Shown("rule", "Found by the rule with this id. Several: any of them."),
    ] = ()
    agreements: Annotated[
        tuple[Id, ...],
        Several,
        Shown("agreement", "Id of an agreement: A17. Several: any of them."),
    ] = ()
    min_score: Annotated[
        float | None,
        Field(allow_inf_nan=False),
        Shown("score", "At least so many points by the rule.", searched=False),
    ] = None
    since: Annotated[
        Day | None,
        Shown(
            "since",
            "Published on this day or later (YYYY-MM-DD); "
            "agreements: with a change of status on this day or later.",
        ),
    ] = None
    until: Annotated[
        Day | None,
        Shown(
            "until",
            "Published on this day or before; agreements: with such a change.",
        ),
    ] = None
    probability: Annotated[
        float | None,
        Field(ge=0, le=1, allow_inf_nan=False),
        Shown("probability", "At least so probable to be relevant, from 0 to 1."),
    ] = None
    changes: Annotated[
        Changes | None,
        Shown(
            "changes",
            "2 or 3: so many steps within 365 days have another status than the step before.",
        ),
    ] = None
    reviewed: Annotated[Reviewed | None, Shown("reviewed", "Answered by a person: yes or no.")] = (
        None
    )
    known: Annotated[
        Known | None,
        Shown(
            "known",
            "yes: also agreements known only from lists; only: just these, or rows of lists.",
        ),
    ] = None
    by: Annotated[
        DaysOf | None,
        Shown(
            "by",
            "learnt: since and until mean the day on which it was added here (UTC), not the event; "
            "expected: the day for which the next stage is announced; "
            "expires: the day on which its first term ends.",
        ),
    ] = None

    as_of: Annotated[
        Day | None,
        Shown(
            "as_of",
            "As it was known on this day (YYYY-MM-DD): without what was added here later (UTC).",
        ),
    ] = None
    clock: Annotated[
        Clock | None,
        Shown(
            "clock",
            "published: as_of means what had been published by that day, here or not; "
            "stood: how things stood on it, by the days of the steps.",
        ),
    ] = None

    @property
    def words(self) -> str:
        return fold_query(self.query)

    @property
    def party_groups(self) -> list[tuple[str, ...]]:
        return [load_party_groups().parties[group] for group in self.groups]

    @property
    def excluded_parties(self) -> list[str]:
        members = chain.from_iterable(load_party_groups().parties[one] for one in self.not_groups)
        return [*self.not_parties, *members]

    @property
    def groups_around(self) -> list[tuple[str, ...]]:
        """The parties of each group of `within`."""
        return [load_party_groups().parties[one] for one in self.within]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(one, other) for one, _, other in (pair.partition("-") for pair in self.corridors)]

    def but(self, **changed: Any) -> Self:
        """The filter with other values in some fields."""
        return self.model_copy(update=changed)


@cache
def described() -> Mapping[str, Shown]:
    return {
        attribute: next(one for one in field.metadata if isinstance(one, Shown))
        for attribute, field in Filter.model_fields.items()
    }


@cache
def attributes() -> Mapping[str, str]:
    return {shown.name: attribute for attribute, shown in described().items()}


@cache
def is_several(attribute: str) -> bool:
    return attribute in described() and Filter.model_fields[attribute].default == ()


@cache
def allowed(attribute: str) -> tuple[str, ...]:
    """The values that a field knows, if these are few."""
    if attribute in ("groups", "within"):
        return tuple(load_party_groups().parties)
    if attribute == "languages":
        return WRITTEN_LANGUAGES
    types = get_args(Filter.model_fields[attribute].annotation)
    enums = (one for one in types if isinstance(one, type) and issubclass(one, StrEnum))
    return next((tuple(map(str, enum)) for enum in enums), ())
