"""The words of digests, from `languages/<code>/digest.yaml`; dates, numbers and names from CLDR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal

from crawler.located_yaml import shipped_yaml
from scheduler.schedule.digest_periods import parse_rate

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

LANGUAGES_FOLDER = Path(__file__).parent / "languages"
BODIES = Path(__file__).parent / "bodies.yaml"
# en_GB writes "4 November 2026", as most readers of English outside the United States expect.
_LOCALES = {"en": "en_GB"}


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language. `words` is the content of the file."""

    language: str
    locale: Locale
    words: Mapping[str, Any]

    @property
    def direction(self) -> str:
        return direction_of(self.language)

    def say(self, key: str, **values: object) -> str:
        """The sentence with this key, filled in. The key `a.b` is `b` within `a`."""
        return str(self._find(key)).format(**values)

    def count(self, key: str, n: int, **values: object) -> str:
        """The sentence about `n` things, in the plural form that the language uses for `n`."""
        forms = self._find(key)
        return str(forms[self.locale.plural_form(n)]).format(n=self.number(n), **values)

    def number(self, n: int) -> str:
        return str(format_decimal(n, locale=self.locale))

    def decimal(self, number: float) -> str:
        """A number with two digits after the decimal mark at most: "0.46", "12"."""
        return str(format_decimal(round(number, 2), locale=self.locale))

    def day(self, on: date | None) -> str:
        return self.say("undated") if on is None else _day(on, "long", self.locale)

    def short_day(self, on: date) -> str:
        """A day where there is little room: "4 Nov 2026"."""
        return _day(on, "medium", self.locale)

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
        short: Mapping[str, str] = self._find("names.short")
        return short.get(code) or self.party(code)

    def instrument(self, instrument: str | None) -> str:
        return str(self._instrument(instrument)["name"])

    def status(self, status: str, instrument: str | None) -> str:
        """A status as an adjective that agrees with the instrument's name."""
        word = self._find(f"statuses.{status}")
        return str(word if isinstance(word, str) else word[self._instrument(instrument)["gender"]])

    def concept(self, concept: str) -> str:
        """What stands behind a piece of evidence: "Morocco" for "state.MA", "an action" for
        "step.conclude"; the family of the concept where there are no words.
        """
        family, _, rest = concept.partition(".")
        name = rest.split(".")[0]
        if name.isupper():
            return self.short_party(name)
        named: Mapping[str, Any] = self.words.get(f"{family}s", {})
        if family in ("topic", "instrument") and name in named:
            return self.instrument(name) if family == "instrument" else str(named[name])
        known: Mapping[str, str] = self._find("reasons.families")
        return known.get(family, family)

    def why_not_alive(self, reason: str) -> str:
        """What a reason such as "http_404" means, in few words; "" for none."""
        if not reason:
            return ""
        known: Mapping[str, str] = self._find("compiled.reasons")
        if reason.startswith("http_"):
            return known["http"].format(code=reason.removeprefix("http_"))
        return known.get(reason, known["other"])

    def rate(self, written: str, timezone: str) -> str:
        """When a subscription's digest comes, as a phrase."""
        rate = parse_rate(written)
        day = str(rate.day) if rate.weekday is None else self.weekday(rate.weekday)
        at = datetime(2000, 1, 1, rate.hour or 0, rate.minute)
        time, zone = format_time(at, "HH:mm", locale=self.locale), timezone.replace("_", " ")
        return self.say(f"rates.{rate.name}", time=time, zone=zone, day=day)

    def weekday(self, number: int) -> str:
        """The name of a weekday; 0 is Monday."""
        return str(get_day_names("wide", locale=self.locale)[number])

    def _instrument(self, instrument: str | None) -> Mapping[str, str]:
        found: Mapping[str, str] = self._find(f"instruments.{instrument or 'other'}")
        return found

    def _find(self, key: str) -> Any:
        found: Any = self.words
        for part in key.split("."):
            found = found[part]
        return found


@lru_cache(maxsize=1024)  # lists and mails name one day many times
def _day(on: date, form: Literal["long", "medium"], locale: Locale) -> str:
    return str(format_date(on, form, locale=locale))


@cache
def labels_of(language: str) -> Labels:
    """The words of a language, one of SPOKEN_LANGUAGES."""
    words = shipped_yaml(LANGUAGES_FOLDER / language / "digest.yaml")
    return Labels(language, Locale.parse(_LOCALES.get(language, language)), words)


def direction_of(language: str) -> str:
    """The direction in which a language is written: "rtl" or "ltr"."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


@cache
def body_names() -> Mapping[str, Mapping[str, str]]:
    """The names of the bodies that can be a party, and of some states, by code and language."""
    found: Mapping[str, Mapping[str, str]] = shipped_yaml(BODIES)
    return found
