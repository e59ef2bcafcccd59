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
from typing import Any, NamedTuple

from crawler.located_yaml import shipped_yaml
from scheduler.configuration.party_names import parties_among, plain_words
from scheduler.views.words.labels import labels_of
from storage.filter import attributes
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


class NamedValues(NamedTuple):
    """What words name: by field of the filter, and the first and last day. `is_either`: any of the
    topics is enough, else all are asked for. `is_enough`: a search that is made of these alone asks
    for them; a single value or year is a word. `rest`: the words that name nothing.
    """

    values: Mapping[str, tuple[str, ...]]
    since: date | None
    until: date | None
    is_either: bool
    is_enough: bool
    rest: str


def read_words(query: str) -> NamedValues | None:
    """What the words of a query name. None for a query with a phrase, an operator or a negation,
    and for one that no filter says: either of two parties, months of several years.
    """
    if not plain_words(query):
        return None
    typed = [word.strip(_PUNCTUATION) for word in query.split()]
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
        return None
    number = sum(map(len, values.values())) + len(years) + len(months)
    is_more = is_of_entries if values else is_since or is_until
    is_enough = bool(parties or groups or ids or outlets or number > 1 or (number and is_more))
    values |= {"parties": parties, "groups": groups, "agreements": ids, "sources": outlets}
    since, until = _days(years, months) if years else (None, None)
    if len(years) == 1 and len(months) < 2:  # "from 2018 to 2020" has both ends
        since, until = None if is_until else since, None if is_since else until
    return NamedValues(values, since, until, is_either, is_enough, " ".join(words))


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


def _days(years: Sequence[int], months: Sequence[int]) -> tuple[date, date]:
    """The first and the last day of years, or of months of one year."""
    first, last = (months[0], months[-1]) if months else (1, 12)
    return date(years[0], first, 1), date(years[-1], last, monthrange(years[-1], last)[1])


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
