"""Sentences whose language is chosen later; moments, lengths of time and filters in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from babel.dates import format_time, format_timedelta

from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated, line
from storage.filter import Filter, allowed, attributes, described, is_several
from storage.records import Instrument

DEFAULT = "en"  # and what programs read


# Up to twice a unit the smaller one is used: "95 minutes" says more than "2 hours".
_SMALLER_UNITS_TO = 2.0


def moment(at: datetime, words: Labels) -> str:
    """ "12 March 2026, 09:30 UTC"."""
    here = at.astimezone(UTC)
    clock = format_time(here, "HH:mm", locale=words.locale)
    return f"{words.day(here.date())}{words.say(', ')}{clock} UTC"


def length(lasted: timedelta, words: Labels) -> str:
    """ "95 minutes"."""
    shown = max(lasted, timedelta(seconds=1))
    return str(format_timedelta(shown, threshold=_SMALLER_UNITS_TO, locale=words.locale))


def ago(at: datetime, now: datetime, words: Labels) -> str:
    """ "3 hours ago", or "in 3 hours"; from a minute on, seconds are not counted."""
    return str(
        format_timedelta(
            at - now,
            granularity="second" if abs(at - now) < timedelta(minutes=1) else "minute",
            threshold=_SMALLER_UNITS_TO,
            add_direction=True,
            locale=words.locale,
        )
    )


# --- filters in words -----------------------------------------------------------------------------

_LONGEST_VALUE = 80
# Where the words of those filters stand whose values have one each.
_WORDS_OF = {
    "topic": "topics.{}",
    "grade": "grade.{}.name",
    "text": "page.text_states.{}",
    "reviewed": "page.finding.reviewed_{}",
    "known": "page.known.{}",
    "by": "page.finding.by_{}",
    "provision": "page.provisions.{}",
    "clock": "page.finding.clock_{}",
    "changes": "page.finding.changes_{}",
    "sides": "page.finding.sides_{}",
    "also": "topics.{}",
    "basis": "page.bases.{}",
}


def called(name: str, words: Labels) -> str:
    """What a parameter of an address is called."""
    if name == "everything":
        return words.say("Include other documents")
    if name in ("sort", "columns"):
        return words.term("page.finding.order" if name == "sort" else "page.finding.columns")
    if name in ("rows", "count", "compare", "chart", "from", "to", "zeros"):
        return words.term(f"page.counting.names.{name}")
    return words.term(f"page.finding.names.{name}") if name in attributes() else ""


def filter_in_words(name: str, value: str, words: Labels) -> str:
    """A filter in the reader's words: "Topic: visas"."""
    return filters_in_words([(name, value)], words)


def filters_in_words(filters: Iterable[tuple[str, str]], words: Labels) -> str:
    """Filters in the reader's words, each with all of its values: "Parties: Morocco, Niger; Topic:
    visas"; "" if there are none.
    """
    values = dict[str, list[str]]()
    for name, value in filters:
        text = isolated(filter_value_in_words(name, value, words), words.direction)
        values.setdefault(words.term(f"page.finding.names.{name}"), []).append(text)
    colon, comma = words.say(": "), words.say(", ")
    return words.say("; ").join(f"{name}{colon}{comma.join(of)}" for name, of in values.items())


def filter_value_in_words(name: str, value: str, words: Labels) -> str:
    """A value of a filter in the reader's words; "Morocco" for the party MA."""
    name = name.removeprefix("not_").removeprefix("any_")
    if name == "party":
        return words.short_party(value.upper())
    if name == "corridor":
        return " – ".join(words.short_party(code) for code in value.upper().split("-", 1))
    if name in _WORDS_OF:
        return words.term(_WORDS_OF[name].format(value))
    if name in ("status", "step"):
        return words.status(value, None)
    if name == "instrument":  # an agreement of another kind is called "agreement" elsewhere
        is_other = value == Instrument.OTHER
        return words.say("another kind") if is_other else words.instrument(value)
    if name in ("group", "within") and value in allowed("groups"):
        return words.term(f"page.groups.{value}")
    if name in ("since", "until", "as_of"):
        return words.day(date.fromisoformat(value))
    if name == "language":
        return words.language_name(value)
    return line(value, _LONGEST_VALUE)


def written(value: object) -> str:
    """A value as addresses have it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def wants_in_words(flt: Filter, words: Labels) -> Iterator[tuple[str, str]]:
    """The parts of a filter, as (name, values): ("Parties", "Morocco and Niger")."""
    for attribute, shown in described().items():
        value = getattr(flt, attribute)
        values = value if isinstance(value, tuple) else () if value in ("", None) else (value,)
        texts = [filter_value_in_words(shown.name, written(one), words) for one in values]
        if texts:
            yield called(shown.name, words), line(words.say(", ").join(texts), 400)


def values_in_words(wants: Iterable[tuple[str, str]], words: Labels) -> str:
    """ "Morocco, Not with: Spain": values, and names too where values would say something else."""
    stands_alone = {
        called(shown.name, words)
        for attribute, shown in described().items()
        if attribute == "query" or (is_several(attribute) and not shown.name.startswith("not_"))
    }
    parts = (
        values if name in stands_alone else f"{name}{words.say(': ')}{values}"
        for name, values in wants
    )
    return words.say(", ").join(parts)


def followed(flt: Filter, words: Labels) -> str:
    """What a filter follows, in a line: "Libya, signed"."""
    parts = values_in_words(wants_in_words(flt, words), words)
    return line(parts, 200) or words.say("all agreements")
