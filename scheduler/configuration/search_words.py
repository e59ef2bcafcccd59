"""What the words of a search name: parties and groups, ids of agreements, outlets, years, months,
and values of filters, in all languages of the page.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from importlib.resources import files
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from unicodedata import decimal

from crawler.located_yaml import shipped_yaml
from scheduler.configuration.party_names import JOINTS, MOST_WORDS, name_at, plain_words
from scheduler.views.words.labels import labels_of
from storage.filter import MOST_VALUES, Clock, DaysOf, Filter, attributes
from storage.languages import SPOKEN_LANGUAGES
from storage.letters import fold_text
from storage.query_words import PIECE
from storage.records import Instrument, Status, Topic

SEARCH_WORDS = Path(str(files("scheduler.views.words"))) / "search-words.yaml"
_LONGEST_NAME = 10  # words of a name
_AN_ID = re.compile(r"A[1-9][0-9]{0,8}")
_A_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_A_DAY = re.compile(r"(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th|er|º)?")
# A host; "ee.uu" is how "EE.UU.", the United States, are typed on a phone.
_AN_OUTLET = re.compile(r"(?!ee\.uu)(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}")
_PUNCTUATION = ",;?¿؟"


Asked = TypeVar("Asked", bound=Filter)


def read_words(asked: Asked) -> tuple[Asked, bool]:
    """The query with filters for its words, as far as they name some, and whether a search asks for
    these: if all of its words are read, but for a single value or year, which is a word; or if one
    is excluded or an alternative. It stays as it is where no filter says what is meant.
    """
    read = _Reading(_words_of(_with_plain_digits(asked.query)))
    years, months = sorted(read.years), sorted(read.months)
    day = read.day if len(years) == len(months) == 1 else None
    if day and day > _end_of(int(years[0]), int(months[0])).day:
        return asked, False
    parties, topics = read.values.pop("parties", ()), read.values.pop("topics", ())
    ends = _ends(years, months, read.markers, day) if years else {}
    if read.period and not years:
        ends = _opened(*_PERIODS[read.period](), read.markers)
    of_terms = "expires" in read.markers
    if of_terms:
        ends |= {"by": DaysOf.EXPIRES}
    standing = read.values.get("steps", ())
    if day and ends["since"] == ends["until"] and standing and _LASTING.issuperset(standing):
        # "in force on 31 December 2022" asks how things stood.
        read.values["statuses"] = read.values.pop("steps")
        ends = {"as_of": ends["until"], "clock": Clock.STOOD}
    is_either = "topics" in read.either and len(topics) > 1
    is_unclear = read.is_unclear or (bool(months) and len(years) != 1)
    is_unclear = is_unclear or (read.day is not None and day is None)
    is_unclear = is_unclear or (of_terms and (len(ends) == 1 or asked.by is not None))
    of_several = is_either and len(asked.topics) > 1  # one of these, and one of those
    if is_unclear or of_several or (ends and (asked.since or asked.until)):
        return asked, False
    field = "any_parties" if "parties" in read.either else "parties"
    found = with_values(_with_topics(asked, topics, is_either=is_either), **{field: parties})
    found = with_values(found, **read.values)
    several = (*read.values, field, "topics", "also_topics")
    if any(len(getattr(found, name)) > MOST_VALUES for name in several):
        return asked, False  # no address could have it
    values = sum(map(len, read.values.values())) + len(topics)
    of_days = len(years) + len(months)
    is_more = "entry" in read.markers if values else not read.markers.isdisjoint(_OF_DAYS)
    is_named = bool(parties or read.period) or not read.values.keys().isdisjoint(_ALONE)
    is_enough = is_named or values + of_days > 1 or (bool(values + of_days) and is_more)
    found = found.model_copy(update={"query": " ".join(read.rest), **ends})
    return found, is_enough and (not read.rest or read.is_operator)


# Of these, one value alone is no word that a text is searched for.
_ALONE = {
    "groups",
    "provisions",
    "agreements",
    "sources",
    "not_parties",
    "not_topics",
    "not_statuses",
}
_EXCLUDED = {"parties": "not_parties", "topics": "not_topics", "steps": "not_statuses"}
# What an agreement is for some time; the others happen on a day.
_LASTING = frozenset({Status.IN_FORCE, Status.NEGOTIATING, Status.SUSPENDED})
_SAYS_NOTHING = frozenset({"nothing", "since", "until", "before", "within", "entry", "expires"})
_OF_DAYS = frozenset({"since", "until", "before", "within"})


class _Word(NamedTuple):
    """A word as it was typed, whether it must not occur, and whether it is searched for as it is
    written: a phrase, or the beginning of words.
    """

    text: str
    is_excluded: bool = False
    is_literal: bool = False


def _words_of(query: str) -> list[_Word]:
    words = []
    for minus, phrase, star, plain in PIECE.findall(query):
        bare = plain.strip(_PUNCTUATION)
        if phrase or plain.endswith("*"):
            literal = f'"{phrase}"{star}' if phrase else plain
            words.append(_Word(minus + literal, is_literal=True))
        elif bare == "OR" or _AN_OUTLET.fullmatch(bare):
            words.append(_Word(bare, bool(minus)))
        else:
            parts = plain_words(plain)
            words += [_Word(part, bool(minus) and not at) for at, part in enumerate(parts)]
    return words


class _Reading:
    """What the words of a search name, from left to right; `rest` are those that name nothing.
    `either` are the fields of which two values have an "or" between them. `is_unclear`: an "or" has
    something else on one side, or a "not" before it. `is_operator`: a name is excluded, or an
    alternative.
    """

    def __init__(self, words: Sequence[_Word]) -> None:
        self.values: dict[str, tuple[str, ...]] = {}
        self.years, self.months, self.period = list[str](), list[str](), ""
        self.day: int | None = None  # of a month
        self.markers, self.either, self.rest = set[str](), set[str](), list[str]()
        self.is_unclear = False
        self._has_names = len(words) <= MOST_WORDS
        self._before, self._or = "", False  # the field of the value before, and an "or" behind it
        self._not = list[str]()  # a "not", and what stands between it and its value
        index = 0
        while index < len(words):
            index += self._read_next(words[index : index + _LONGEST_NAME])
        self.is_unclear = self.is_unclear or bool(self._not)
        self.rest += self._not

    @property
    def is_operator(self) -> bool:
        return bool(self.either) or not self.values.keys().isdisjoint(_EXCLUDED.values())

    def _read_next(self, words: Sequence[_Word]) -> int:
        """Read what begins with the first word, and return how many words that are."""
        first, *others = words
        together = takewhile(lambda one: not one.is_excluded and not one.is_literal, others)
        some = [first.text, *(one.text for one in together)]
        field, value, length = ("", "", 1)
        if not first.is_literal:
            field, value, length = self._named(some)
        written = some[:length]
        if first.is_excluded:
            self._exclude(field, value, [f"-{written[0]}", *written[1:]])
        elif field in _SAYS_NOTHING:
            self.markers.add(field)
            self._not += written if self._not else []
        elif field == "not":
            self.rest += self._not
            self._not = written
        elif self._not:
            self.is_unclear = self.is_unclear or field not in _EXCLUDED
            self._exclude(field, value, [*self._not, *written])
            self._not = []
        elif field == "either":
            self._or = bool(self._before)
            self.rest += [] if self._before else written
        else:
            self._add(field, value, written)
        return length

    def _exclude(self, field: str, value: str, written: Sequence[str]) -> None:
        if field in _EXCLUDED:
            self._put(_EXCLUDED[field], value)
        else:
            self.rest += written
        self.is_unclear = self.is_unclear or self._or
        self._before, self._or = _EXCLUDED.get(field, ""), False

    def _add(self, field: str, value: str, written: Sequence[str]) -> None:
        if self._or and field == self._before:
            self.either.add(field)
        elif self._or:
            self.is_unclear = True
        if field in ("year", "month"):
            (self.years if field == "year" else self.months).append(value)
        elif field == "day":
            self.is_unclear = self.is_unclear or self.day is not None
            self.day = int(value)
        elif field == "period":
            self.period = value
        elif field:
            self._put(field, value)
        else:
            self.rest += written
        self._before, self._or = field, False

    def _put(self, field: str, value: str) -> None:
        self.values[field] = tuple(dict.fromkeys((*self.values.get(field, ()), value)))

    def _named(self, words: Sequence[str]) -> tuple[str, str, int]:
        """The field and the value that the first words name, the longest name first, and how many
        words that is: ("", "", 1) for a word that names nothing. An "or" behind a value may be an
        article elsewhere: "Italia o España".
        """
        patterns = {"agreements": _AN_ID, "year": _A_YEAR, "sources": _AN_OUTLET}
        for field, pattern in patterns.items():
            if pattern.fullmatch(words[0]):
                return field, words[0], 1
        if _A_DAY.fullmatch(words[0]) and self._stands_by_a_month(words):
            return "day", re.sub(r"\D", "", words[0]), 1
        listed = ("nothing" if fold_text(words[0]) in JOINTS else "", "", 0)
        for last in range(len(words), 0, -1):
            if named := _vocabulary().get(fold_text(" ".join(words[:last]))):
                listed = (*named, last)
                break
        party, is_group, length = name_at(words, 0) if self._has_names else (None, False, 1)
        is_or = listed[0] == "either" and bool(self._before)
        if party is not None and length >= listed[2] and not is_or:
            return "groups" if is_group else "parties", party, length
        return (*listed[:2], max(listed[2], 1))

    def _stands_by_a_month(self, words: Sequence[str]) -> bool:
        """Whether a number is the day of a month: "31 December", "31 de diciembre", "May 3"."""
        behind = [fold_text(word) for word in words[1:3] if fold_text(word) not in ("de", "of")]
        is_before = bool(behind) and _vocabulary().get(behind[0], ("",))[0] == "month"
        return is_before or self._before == "month"


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
    new = tuple(one for one in topics if one not in asked.topics)
    first = () if asked.topics else new[:1]
    return with_values(asked, topics=first, also_topics=new[len(first) :])


def _ends(
    years: Sequence[str], months: Sequence[str], markers: Set[str], day: int | None = None
) -> dict[str, Any]:
    """The first and the last day of years, of months of one year, or of a day of a month. Of one of
    these, "since" and "until" leave the other end open, and "before" ends the day before; "from
    2018 to 2020" has both.
    """
    numbers = sorted(map(int, months)) or [1, 12]
    since, until = date(int(years[0]), numbers[0], 1), _end_of(int(years[-1]), numbers[-1])
    if day is not None:
        since = until = since.replace(day=day)
    is_between = len(years) > 1 or len(months) > 1
    return _opened(since, until, frozenset() if is_between else markers)


def _opened(since: date, until: date, markers: Set[str]) -> dict[str, Any]:
    """These days, of which "since", "until" and "before" leave one end open."""
    if "before" in markers:
        return {"since": None, "until": since - timedelta(days=1)}
    return {
        "since": None if "until" in markers else since,
        "until": None if "since" in markers else until,
    }


def _with_plain_digits(text: str) -> str:
    """٢٠٢٣ is 2023."""
    return "".join(str(decimal(one)) if one.isdecimal() else one for one in text)


def _end_of(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _year(back: int) -> tuple[date, date]:
    year = datetime.now(UTC).year - back
    return date(year, 1, 1), date(year, 12, 31)


def _month(back: int) -> tuple[date, date]:
    last = datetime.now(UTC).date().replace(day=1) - timedelta(days=back)
    return last.replace(day=1), _end_of(last.year, last.month)


# What "last year" and the like mean today.
_PERIODS: Mapping[str, Callable[[], tuple[date, date]]] = {
    "this_year": partial(_year, 0),
    "last_year": partial(_year, 1),
    "this_month": partial(_month, 0),
    "last_month": partial(_month, 1),
}


@cache
def _vocabulary() -> Mapping[str, tuple[str, str]]:
    """What people type for a value of a filter, folded: the field of the filter and its value.
    Markers, such as "since" and words that say nothing, stand for themselves.
    """
    found = dict[str, tuple[str, str]]()
    for language in SPOKEN_LANGUAGES:
        labels = labels_of(language)
        found |= {fold_text(labels.term(f"topics.{one}")): ("topics", one) for one in Topic}
        found |= {
            fold_text(labels.status(status, kind)): ("steps", status)
            for status in Status
            for kind in Instrument
        }
    for name, values in shipped_yaml(SEARCH_WORDS).items():
        values = values if isinstance(values, Mapping) else {"": values}
        for value, written in values.items():
            found |= {
                fold_text(one): (attributes().get(name, name), value) for one in _flat(written)
            }
    return found


def _flat(written: Iterable[Any]) -> Iterator[str]:
    for one in written:
        yield from one if isinstance(one, list) else (one,)
