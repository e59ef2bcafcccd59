"""What readers read, in their language; dates, numbers and names from CLDR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal

from crawler.located_yaml import shipped_yaml
from scheduler.schedule.digest_periods import parse_rate
from scheduler.views.words.messages import FAULTS, Message
from scheduler.views.words.terms import TERMS

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

BODIES = Path(__file__).parent / "bodies.yaml"
# en_GB writes "4 November 2026", as most readers of English outside the United States expect.
_LOCALES = {"en": "en_GB"}


@dataclass(frozen=True, slots=True)
class Labels:
    """One language: its sentences, and how it writes what is filled in."""

    language: str
    locale: Locale

    @property
    def direction(self) -> str:
        return direction_of(self.language)

    def say(self, text: str, /, **values: object) -> str:
        """An English text in this language, filled in."""
        return Message(text).translated(self.language).format(**values)

    def count(self, one: str, other: str, n: int, /, **values: object) -> str:
        """The sentence about `n` things, in the plural form that the language uses for `n`."""
        return self._counted(Message(one, other), n, values)

    def term(self, code: str, /, **values: object) -> str:
        """The sentence of a code that is made at run time, such as "topics.visa"."""
        return TERMS[code].translated(self.language).format(**values)

    def count_of(self, code: str, n: int, /, **values: object) -> str:
        """The sentence of such a code about `n` things."""
        return self._counted(TERMS[code], n, values)

    def known(self, code: str, otherwise: str) -> str:
        """The sentence of a code that may have none."""
        return TERMS[code].translated(self.language) if code in TERMS else otherwise

    def fault(self, text: str) -> str:
        """What a room below says, or the form of it; as it is, where nobody has translated it."""
        return Message(text, context=FAULTS).translated(self.language) if text else text

    def _counted(self, message: Message, n: int, values: Mapping[str, object]) -> str:
        return message.translated(self.language, n).format(n=self.number(n), **values)

    def number(self, n: int) -> str:
        return str(format_decimal(n, locale=self.locale))

    def decimal(self, number: float) -> str:
        """A number with two digits after the decimal mark at most: "0.46", "12"."""
        return str(format_decimal(round(number, 2), locale=self.locale))

    def day(self, on: date | None) -> str:
        return self.say("day unknown") if on is None else _day_in_words(on, "long", self.locale)

    def short_day(self, on: date) -> str:
        """A day where there is little room: "4 Nov 2026"."""
        return _day_in_words(on, "medium", self.locale)

    def weekday_and_day(self, at: datetime, timezone: str) -> str:
        return format_date(at.astimezone(ZoneInfo(timezone)), "full", locale=self.locale)

    def language_name(self, code: str) -> str:
        return str(self.locale.languages.get(code, code))

    def listed(self, names: Iterable[str]) -> str:
        """ "Morocco, Niger and Mali"."""
        return format_list(list(names), locale=self.locale)

    def party(self, code: str) -> str:
        """The name of a state or body in this language; its code if it has no name."""
        own = body_names().get(code)
        if own is not None:
            return own.get(self.language) or next(iter(own.values()))
        return str(self.locale.territories.get(code, code)) if len(code) == 2 else code

    def short_party(self, code: str) -> str:
        """The abbreviation, such as "EU", if readers of this language use one; else the name."""
        return self.known(f"names.short.{code}", "") or self.party(code)

    def instrument(self, instrument: str | None) -> str:
        return self.term(f"instruments.{instrument or 'other'}.name")

    def status(self, status: str, instrument: str | None) -> str:
        """A status as an adjective that agrees with the instrument's name."""
        gender = self.term(f"genders.{instrument or 'other'}")
        return self.term(f"statuses.{status}.{gender}")

    def concept(self, concept: str) -> str:
        """What stands behind a piece of evidence: "Morocco" for "state.MA", "an action" for
        "step.conclude"; the family of the concept where there are no words.
        """
        family, _, rest = concept.partition(".")
        name = rest.split(".")[0]
        if name.isupper():
            return self.short_party(name)
        otherwise = self.known(f"reasons.families.{family}", family)
        named = {"topic": f"topics.{name}", "instrument": f"instruments.{name}.name"}
        return self.known(named.get(family, ""), otherwise)

    def why_not_alive(self, reason: str) -> str:
        """What a reason such as "http_404" means, in few words; "" for none."""
        if not reason:
            return ""
        if reason.startswith("http_"):
            return self.term("compiled.reasons.http", code=reason.removeprefix("http_"))
        return self.known(f"compiled.reasons.{reason}", self.term("compiled.reasons.other"))

    def rate(self, written: str, timezone: str) -> str:
        """When a subscription's digest comes, as a phrase."""
        rate = parse_rate(written)
        day = str(rate.day) if rate.weekday is None else self.weekday(rate.weekday)
        at = datetime(2000, 1, 1, rate.hour or 0, rate.minute)
        time, zone = format_time(at, "HH:mm", locale=self.locale), timezone.replace("_", " ")
        return self.term(f"rates.{rate.name}", time=time, zone=zone, day=day)

    def weekday(self, number: int) -> str:
        """The name of a weekday; 0 is Monday."""
        return str(get_day_names("wide", locale=self.locale)[number])


@lru_cache(maxsize=1024)  # lists and mails name one day many times
def _day_in_words(on: date, form: Literal["long", "medium"], locale: Locale) -> str:
    return str(format_date(on, form, locale=locale))


@cache
def labels_of(language: str) -> Labels:
    """The words of a language, one of SPOKEN_LANGUAGES."""
    return Labels(language, Locale.parse(_LOCALES.get(language, language)))


def direction_of(language: str) -> str:
    """The direction in which a language is written: "rtl" or "ltr"."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


@cache
def body_names() -> Mapping[str, Mapping[str, str]]:
    """The names of the bodies that can be a party, and of some states, by code and language."""
    found: Mapping[str, Mapping[str, str]] = shipped_yaml(BODIES)
    return found
