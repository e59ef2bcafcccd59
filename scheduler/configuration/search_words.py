"""What the words of a search name: parties and groups, ids of agreements, outlets, years, months,
and values of filters, in all languages of the page.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from crawler.located_yaml import shipped_yaml
from scheduler.configuration.party_names import parties_among, plain_words
from scheduler.views.words.labels import labels_of
from storage.filter import MOST_VALUES, Filter, attributes
from storage.languages import SPOKEN_LANGUAGES
from storage.letters import fold_text
from storage.records import Instrument, Status, Topic

SEARCH_WORDS = Path(str(files("scheduler.views.words"))) / "search-words.yaml"
_LONGEST_NAME = 6  # words of a name in the vocabulary
_AN_ID = re.compile(r"A[1-9][0-9]{0,8}")
_A_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
# A host; "ee.uu" is how "EE.UU.", the United States, are typed on a phone.
_AN_OUTLET = re.compile(r"(?!ee\.uu)(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}")
_PUNCTUATION = ",;?¿؟"


Asked = TypeVar("Asked", bound=Filter)


def read_words(asked: Asked) -> tuple[Asked, bool]:
    """The query with filters for its words, as far as they name some, and whether a search that is
    made of these alone asks for them: a single value or year is a word. It stays as it is with a
    phrase, an operator or a negation, and where no filter says what is meant.
    """
    if not plain_words(asked.query):
        return asked, False
    typed = [word.strip(_PUNCTUATION) for word in asked.query.split()]
    outlets = tuple(word for word in typed if _AN_OUTLET.fullmatch(word))
    parties, groups, rest = parties_among(" ".join(one for one in typed if one not in outlets))
    ids = tuple(word for word in rest.split() if _AN_ID.fullmatch(word))
    years = sorted(int(word) for word in rest.split() if _A_YEAR.fullmatch(word))
    others = [word for word in rest.split() if word not in ids and not _A_YEAR.fullmatch(word)]
    values, words = _values_among(others)
    is_since, is_until, is_of_entries, is_either, is_unwanted, _ = (
        values.pop(marker, None) is not None
        for marker in ("since", "until", "entry", "either", "not", "nothing")
    )
    months = sorted(map(int, values.pop("month", ())))
    is_either_party = is_either and len(parties) + len(groups) > 1
    if is_unwanted or is_either_party or (months and len(years) != 1):
        return asked, False
    if years and (asked.since or asked.until):
        return asked, False
    number = sum(map(len, values.values())) + len(years) + len(months)
    is_more = is_of_entries if values else is_since or is_until
    is_enough = bool(parties or groups or ids or outlets or number > 1 or (number and is_more))
    values |= {"parties": parties, "groups": groups, "agreements": ids, "sources": outlets}
    topics = tuple(dict.fromkeys(values.pop("topics", ())))
    is_either = is_either and len(topics) > 1
    if is_either and len(asked.topics) > 1:  # one of these, and one of those
        return asked, False
    read = with_values(_with_topics(asked, topics, is_either=is_either), **values)
    if any(len(getattr(read, name)) > MOST_VALUES for name in (*values, "topics", "also_topics")):
        return asked, False  # no address could have it
    ends = _ends(years, months, is_since=is_since, is_until=is_until) if years else {}
    return read.model_copy(update={"query": " ".join(words), **ends}), is_enough


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


def _values_among(words: Sequence[str]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The values that words name, by field, the longest names first: those of "treaties on border
    control"; and the other words.
    """
    found, others, index = dict[str, tuple[str, ...]](), list[str](), 0
    while index < len(words):
        for last in range(min(len(words), index + _LONGEST_NAME), index, -1):
            named = _vocabulary().get(fold_text(" ".join(words[index:last])))
            if named is not None:
                field, value = named
                found[field] = (*found.get(field, ()), value)
                index = last
                break
        else:
            others.append(words[index])
            index += 1
    return found, others


def _ends(
    years: Sequence[int], months: Sequence[int], *, is_since: bool, is_until: bool
) -> dict[str, date | None]:
    """The first and the last day of years, or of months of one year. Of one year or month, "since"
    and "until" leave the other end open; "from 2018 to 2020" has both.
    """
    first, last = (months[0], months[-1]) if months else (1, 12)
    since = date(years[0], first, 1)
    until = date(years[-1], last, monthrange(years[-1], last)[1])
    is_one = len(years) == 1 and len(months) < 2
    return {
        "since": None if is_until and is_one else since,
        "until": None if is_since and is_one else until,
    }


@cache
def _vocabulary() -> Mapping[str, tuple[str, str]]:
    """What people type for a value of a filter, folded: the field of the filter and its value.
    Markers, such as "since" and words that say nothing, stand for themselves.
    """
    found = dict[str, tuple[str, str]]()
    for language in SPOKEN_LANGUAGES:
        labels = labels_of(language)
        found |= {fold_text(labels.say(f"topics.{one}")): ("topics", one) for one in Topic}
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
