"""What the words of a search name: parties and groups, ids of agreements, outlets, years, months,
and values of filters, in all languages of the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from datetime import date
from itertools import chain, product, takewhile
from typing import Any, TypeVar

from scheduler.configuration.party_names import (
    AN_OUTLET,
    JOINTS,
    MOST_WORDS,
    Word,
    name_at,
    words_of,
)
from scheduler.configuration.search_days import (
    A_YEAR,
    PERIODS,
    ahead,
    back,
    day_at,
    end_of,
    length_at,
    opened,
    with_plain_digits,
)
from scheduler.configuration.vocabulary import AND_IN_ARABIC, value_of, vocabulary, words_under
from storage.filter import (
    MOST_VALUES,
    Changes,
    Clock,
    DaysOf,
    Filter,
    Reviewed,
    load_party_groups,
)
from storage.letters import fold_text
from storage.query_words import as_words
from storage.records import Status

_LONGEST_NAME = 10  # words of a name
_AN_ID = re.compile(r"A[1-9][0-9]{0,8}")

Asked = TypeVar("Asked", bound=Filter)


def read_words(asked: Asked) -> tuple[Asked, bool]:
    """The query with filters for its words, as far as they name some, and whether a search asks for
    these: if all of its words are read, but for a single value or year, which is a word; or if one
    is excluded or an alternative. It stays as it is where no filter says what is meant.
    """
    read = _Reading(words_of(with_plain_digits(asked.query)))
    parties, topics = read.values.pop("parties", ()), read.values.pop("topics", ())
    if read.is_among_members(parties):
        read.values["within"] = read.values.pop("groups")
    ends, by = read.ends(), read.markers & {"expires", "expected"}
    has_days = bool(ends)
    if by:
        ends |= {"by": DaysOf(min(by))}
    if "changes" in read.views and has_days and not by:
        ends |= {"by": DaysOf.LEARNT}
    is_duration = "durations" in read.views and bool(read.values.pop("steps", ()))
    standing = read.values.get("steps", ())
    is_a_day = has_days and bool(ends["since"]) and ends["since"] == ends["until"]
    is_standing = bool(standing) and _LASTING.issuperset(standing)
    if is_a_day and is_standing and not by and asked.as_of is None:
        # "in force on 31 December 2022" asks how things stood.
        read.values["statuses"] = read.values.pop("steps")
        ends = {"as_of": ends["until"], "clock": Clock.STOOD}
    elif "clock" in read.ways and is_a_day:
        ends = {"as_of": ends["until"], "clock": _CLOCKS[read.ways["clock"]]}
    if standing and read.is_of_today and not has_days:
        read.values["statuses"] = read.values.pop("steps")
    is_compared = "compare" in read.views
    is_either = len(topics) > 1 and ("topics" in read.either or is_compared)
    is_unclear = read.is_unclear or not read.has_clear_days or _is_left_open(read, asked, by, ends)
    is_unclear = is_unclear or ("clock" in read.ways and not (is_a_day and asked.as_of is None))
    of_several = is_either and len(asked.topics) > 1  # one of these, and one of those
    if is_unclear or of_several or (has_days and (asked.since or asked.until)):
        return asked, False
    of_parties = {"any_parties": parties} if is_compared else read.of_parties(parties)
    query = with_values(_with_topics(asked, topics, is_either=is_either), **of_parties)
    query = with_values(query, **read.values)
    several = (*read.values, *of_parties, "topics", "also_topics")
    if any(len(getattr(query, name)) > MOST_VALUES for name in several):
        return asked, False  # no address could have it
    values = sum(map(len, read.values.values())) + len(topics) + len(read.choices) + len(by)
    of_days = len(read.years) + len(read.months) + read.weekdays
    are_meant = "entry" in read.markers or bool(read.views)
    is_more = are_meant if values else not read.markers.isdisjoint(_OF_DAYS)
    named = {*read.values, *read.choices, *by}
    is_named = bool(
        parties
        or len(read.spans) > read.weekdays
        or is_duration
        or (standing and " " in asked.query.strip())  # "in force"
        or ("entry" in read.markers and not _OF_ALL.isdisjoint(read.views))
        or (read.ways.get("sort", _USUAL) != _USUAL and (values or are_meant))
    ) or not named.isdisjoint(_ALONE)
    is_enough = is_named or values + of_days > 1 or (bool(values + of_days) and is_more)
    query = query.model_copy(update={"query": " ".join(read.rest), **read.choices, **ends})
    return query, is_enough and (not read.rest or read.is_operator)


def _is_left_open(read: _Reading, asked: Filter, by: Set[str], ends: Mapping[str, object]) -> bool:
    """Whether the words leave open which days are meant, or contradict what was chosen."""
    is_of_two = bool(by) and (len(by) > 1 or asked.by is not None)
    is_endless = "expires" in by and ends.keys() == {"by"}
    is_too_early = read.is_ahead and not by  # nothing has happened then
    is_chosen = any(getattr(asked, name) is not None for name in read.choices)
    return is_of_two or is_endless or is_too_early or is_chosen


# Of these, one value alone is no word that a text is searched for.
_ALONE = {
    "groups",
    "any_parties",
    "within",
    "provisions",
    "agreements",
    "sources",
    "languages",
    "changes",
    "expected",
    *("sides", "not_parties", "not_topics", "not_statuses", "not_steps"),
    *("not_groups", "not_instruments", "statuses"),
}
_EXCLUDED = {
    **{"parties": "not_parties", "topics": "not_topics", "steps": "not_statuses"},
    **{"groups": "not_groups", "instruments": "not_instruments"},
}
# What an agreement is for some time; the others happen on a day.
_LASTING = frozenset({Status.IN_FORCE, Status.NEGOTIATING, Status.SUSPENDED})
_OF_DAYS = frozenset({"since", "after", "until", "before", "within"})
_SAYS_NOTHING = _OF_DAYS | {"nothing", "with", "among", "entry", "expires", "expected", "today"}
_CLOCKS = {"known": None, "published": Clock.PUBLISHED, "stood": Clock.STOOD}
_ALL_SAY_NOTHING = _SAYS_NOTHING | {"view", "either", "not", "never", "sort", "clock"}
_USUAL = "day"  # the order that "new" asks for, a word that may mean something else
# Filters that take one value.
_CHOICES: Mapping[str, type[Reviewed | Changes]] = {"reviewed": Reviewed, "changes": Changes}
_DAYS = frozenset({"year", "decade", "month", "quarter", "day", "period", "length"})
# Views that the whole register has as well: "agreements by country".
_OF_ALL = frozenset(
    {"count", "map", "timeline", "pending", "year", "party", "topic", "status", "instrument"}
)
_SHOWN_ALONE = (
    *("durations", "compare", "changes", "none", "map", "timeline"),
    *("briefing", "states", "subscribe", "sources", "pending"),
)


def view_meant(typed: str) -> tuple[str, str | None]:
    """What the words of a search ask to see: "count", "none" (who has none), or one of
    `_SHOWN_ALONE`; with the rows of a count, or rows and columns, or the first and the last stage
    of a duration, with a dash between. ("", None) where they ask for a list.
    """
    read = _Reading(words_of(with_plain_digits(typed)))
    axes = [view for view in dict.fromkeys(read.views) if view not in {"count", *_SHOWN_ALONE}]
    rows = "-".join(axes[:2]) or None
    shown = next((one for one in _SHOWN_ALONE if one in read.views), "count")
    stages = read.values.get("steps", ())
    if shown == "durations":
        return shown, "-".join(stages) if len(stages) == 2 else None
    return (shown, rows if shown in ("count", "compare") else None) if read.views else ("", None)


def meaningful_words(typed: str) -> list[str]:
    """The words of a search that may be searched for: without those that say nothing."""
    words = (word for word in words_of(typed) if word.text != "OR" and not word.is_excluded)
    return [
        word.text
        for word in words
        if word.is_literal or (value_of(fold_text(word.text)) or ("",))[0] not in _ALL_SAY_NOTHING
    ]


def by_words_alone(typed: str) -> str:
    """The search for the words themselves, each as it is written: no name in it is a filter."""
    is_plain = not any(word.text == "OR" or word.is_excluded for word in words_of(typed))
    return as_words((is_plain and " ".join(meaningful_words(typed))) or typed)


def sort_meant(typed: str) -> str | None:
    """The order that the words of a search ask for, as `sort` in an address: "-day" of "oldest"."""
    return _Reading(words_of(with_plain_digits(typed))).ways.get("sort")


def has_partners(typed: str) -> bool:
    """Whether the words of a search ask for one party "with" others."""
    return (
        not words_under("with").keys().isdisjoint(fold_text(word.text) for word in words_of(typed))
    )


class _Reading:
    """What the words of a search name, from left to right; `rest` are those that name nothing.
    `either` are the fields of which two values have an "or" between them. `is_unclear`: an "or" has
    something else on one side, or a "not" before it. `is_operator`: a name is excluded, or an
    alternative.
    """

    def __init__(self, words: Sequence[Word]) -> None:
        self.values: dict[str, tuple[str, ...]] = {}
        # The first and the last of each that is named.
        self.years, self.months = list[tuple[int, int]](), list[tuple[int, int]]()
        self.spans = list[tuple[date, date]]()
        self.choices, self.views = dict[str, Reviewed | Changes](), list[str]()
        self.markers, self.either, self.rest = set[str](), set[str](), list[str]()
        self.is_unclear = self.is_ahead = False
        self.ways = dict[str, str]()  # the clock and the order
        self.weekdays = 0  # of the spans; alone, "Tuesday" is a word
        fields = (vocabulary().get(fold_text(word.text), ("",))[0] for word in words)
        self._has_names = sum(field not in _SAYS_NOTHING for field in fields) <= MOST_WORDS
        self._before, self._or = "", False  # the field of the value before, and an "or" behind it
        self._run, self._alternatives = list[str](), list[list[str]]()
        self._not = list[str]()  # a "not", and what stands between it and its value
        self._is_never = False  # that is a "never"
        index = 0
        while index < len(words):
            index += self._read_next(words[index : index + _LONGEST_NAME])
        self.is_unclear = self.is_unclear or bool(self._not)
        self.rest += self._not
        if "groups" in self.either:  # "the Gulf or the Maghreb": any of the members of both
            members = map(load_party_groups().parties.__getitem__, self.values.pop("groups"))
            self.values["any_parties"] = tuple(dict.fromkeys(chain.from_iterable(members)))

    def of_parties(self, parties: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """The filters for parties: of those with an "or" between them one is enough, the others
        take part as well. "France or Italy with Mali or Niger" is one of four pairs.
        """
        either = dict.fromkeys(one for run in self._alternatives for one in run)
        beside = tuple(party for party in parties if party not in either)
        if len(self._alternatives) == 2 and not beside:
            return {"corridors": tuple(map("-".join, product(*self._alternatives)))}
        return {"parties": beside, "any_parties": tuple(either)}

    def is_among_members(self, parties: tuple[str, ...]) -> bool:
        """Whether all parties are of the group that is named: "between African states", "Morocco
        with African states".
        """
        groups = self.values.get("groups", ())
        if len(groups) != 1 or "none" in self.views:
            return False
        if parties:
            return set(load_party_groups().parties[groups[0]]).issuperset(parties)
        # Nearly every agreement has one party "outside Europe".
        return "among" in self.markers or groups == ("outside-europe",)

    @property
    def is_operator(self) -> bool:
        return bool(self.either) or not self.values.keys().isdisjoint(_EXCLUDED.values())

    @property
    def is_of_today(self) -> bool:
        """Whether the stages are those of today: "still in force", "suspended agreements"."""
        is_standing = _LASTING.issuperset(self.values.get("steps", ()))
        return "today" in self.markers or ("standing" in self.markers and is_standing)

    @property
    def has_clear_days(self) -> bool:
        """Whether months stand by one year, and nothing else by "last year" and the like."""
        is_of_a_year = not self.months or len(self.years) == 1
        is_open = any(until == date.max for _, until in self.spans)
        return is_of_a_year and not (is_open and len(self.spans) + len(self.years) > 1)

    def ends(self) -> dict[str, Any]:
        """The first and the last day of what is named. Of one year, month or day, words such as
        "since" leave an end open; "from 2018 to 2020" has both.
        """
        spans = list(self.spans)
        if self.years:
            begin, end = min(self.years)[0], max(last for _, last in self.years)
            first = min((one for one, _ in self.months), default=1)
            last = max((one for _, one in self.months), default=12)
            spans.append((date(begin, first, 1), end_of(end, last)))
        if not spans:
            return {}
        since, until = min(day for day, _ in spans), max(day for _, day in spans)
        is_between = max(len(spans), len(self.years), len(self.months)) > 1
        return opened(since, until, frozenset() if is_between else self.markers)

    def _read_next(self, words: Sequence[Word]) -> int:
        """Read what begins with the first word, and return how many words that are."""
        first, *others = words
        together = takewhile(lambda word: not word.is_excluded and not word.is_literal, others)
        some = [first.text, *(word.text for word in together)]
        field, value, length = ("", "", 1)
        if not first.is_literal:
            field, value, length = self._named(some)
        if field == "standing":
            self.markers.add(field)
            field = "steps"
        written = some[:length]
        if first.is_excluded:
            self._exclude(field, value, [f"-{written[0]}", *written[1:]])
        elif field in _SAYS_NOTHING:
            self.markers.add(field)
            if field == "entry" and self._before == "not_topics":
                self._ask_who_has_none()
            self._run = self._run if self._or else []  # what follows "with" is another's side
            self._not += written if self._not else []
        elif field in ("not", "never"):
            self.rest += self._not
            self._not, self._is_never = written, field == "never"
        elif self._not:
            is_meant = field == "steps" if self._is_never else field in _EXCLUDED
            self.is_unclear = self.is_unclear or not is_meant
            self._exclude(field, value, [*self._not, *written])
            self._not = []
        elif field == "either":
            self._or = bool(self._before)
            self.rest += [] if self._before else written
        else:
            self._add(field, value, written)
        return length

    def _exclude(self, field: str, value: str, written: Sequence[str]) -> None:
        if (self._not and self._is_never) or (field == "steps" and value not in _LASTING):
            self._put("not_steps", value)  # "not ratified" never was
        elif field in _EXCLUDED:
            self._put(_EXCLUDED[field], value)
        else:
            self.rest += written
        self.is_unclear = self.is_unclear or self._or
        self._before, self._or = _EXCLUDED.get(field, ""), False

    def _ask_who_has_none(self) -> None:
        """ "Without a readmission agreement" excludes no topic, but asks who has none."""
        *others, topic = self.values["not_topics"]
        self.values["not_topics"] = tuple(others)
        self._put("topics", topic)
        self.views.append("none")
        self._before = "topics"

    def _join(self, field: str, value: str, written: Sequence[str]) -> None:
        """Put a value beside the one before it, where an "or" or a joint stands between them."""
        # A name is read with the "with" or "between" before it.
        if vocabulary().get(fold_text(written[0]), ("",))[0] == "among":
            self.markers.add("among")
        is_joint = fold_text(written[0]) in JOINTS or written[0].startswith(AND_IN_ARABIC)
        is_apart = field != "parties" or (not self._or and is_joint)
        self._run = [] if is_apart else self._run
        self._run = [*self._run, value] if field == "parties" else []
        if self._or and field == self._before:
            self.either.add(field)
            if field == "parties":
                is_longer = bool(self._alternatives) and self._alternatives[-1] == self._run[:-1]
                self._alternatives[-1 if is_longer else len(self._alternatives) :] = [self._run]
        elif self._or:
            self.is_unclear = True

    def _add(self, field: str, value: str, written: Sequence[str]) -> None:
        self._join(field, value, written)
        if field in _DAYS:
            self._add_days(field, value)
        elif field == "view":
            self.views.append(value)
            self.markers |= {"entry"} if len(written) > 1 else set()  # "most agreements"
        elif field in ("clock", "sort"):
            self.ways[field] = value
        elif field in _CHOICES:
            self.is_unclear = self.is_unclear or field in self.choices
            self.choices[field] = _CHOICES[field](value)
        elif field:
            self._put(field, value)
        else:
            self.rest += written
        self._before, self._or = field, False

    def _add_days(self, field: str, value: str) -> None:
        if field in ("year", "decade"):
            self.years.append((int(value), int(value) + 9 * (field == "decade")))
        elif field in ("month", "quarter"):
            first, _, last = value.partition("-")
            self.months.append((int(first), int(last or first)))
        elif field == "day":
            self.spans.append((date.fromisoformat(value), date.fromisoformat(value)))
        elif field == "period":
            self.spans.append(PERIODS[value]())
            self.weekdays += value.startswith("weekday_")
        else:
            number, unit, direction = value.split()
            self.is_ahead = direction == "ahead"
            self.spans.append((ahead if self.is_ahead else back)(int(number), unit))

    def _put(self, field: str, value: str) -> None:
        values = value.split() if " " in value else [value]  # "single doubtful" are both
        self.values[field] = tuple(dict.fromkeys((*self.values.get(field, ()), *values)))

    def _named(self, words: Sequence[str]) -> tuple[str, str, int]:
        """The field and the value that the first words name, the longest name first, and how many
        words that is: ("", "", 1) for a word that names nothing. An "or" behind a value may be an
        article elsewhere: "Italia o España".
        """
        if dated := day_at(words) or length_at(words):
            return dated
        patterns = {"agreements": _AN_ID, "year": A_YEAR, "sources": AN_OUTLET}
        for field, pattern in patterns.items():
            if pattern.fullmatch(words[0]):
                return field, words[0], 1
        listed = ("nothing" if fold_text(words[0]) in JOINTS else "", "", 0)
        for last in range(len(words), 0, -1):
            if named := value_of(fold_text(" ".join(words[:last]))):
                listed = (*named, last)
                break
        party, is_group, length = name_at(words, 0) if self._has_names else (None, False, 1)
        is_or = listed[0] == "either" and bool(self._before)
        if party is not None and length >= listed[2] and not is_or:
            return "groups" if is_group else "parties", party, length
        return (*listed[:2], max(listed[2], 1))


def with_values(asked: Asked, **named: tuple[str, ...]) -> Asked:
    """The query with these values more in its fields."""
    more = {
        name: tuple(dict.fromkeys((*getattr(asked, name), *values)))
        for name, values in named.items()
    }
    return asked.model_copy(update=more)


def _with_topics(asked: Asked, topics: tuple[str, ...], *, is_either: bool) -> Asked:
    """The query with topics, all of which are asked for, or `is_either` any of them; beside those
    that were chosen.
    """
    if is_either:
        chosen = (*asked.also_topics, *asked.topics)
        return asked.model_copy(update={"topics": topics, "also_topics": chosen})
    new = tuple(topic for topic in topics if topic not in asked.topics)
    first = () if asked.topics else new[:1]
    return with_values(asked, topics=first, also_topics=new[len(first) :])
