"""The form that makes a subscription of a selection: what is selected, and what was filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request

from scheduler.configuration.query import Query
from scheduler.schedule.digest_periods import WEEKDAYS
from scheduler.subscriptions.making import LONGEST_NAME, Wanted
from scheduler.web.site.filters.addresses import query_at, wishes_of
from scheduler.web.site.language import language_for
from scheduler.web.site.search.choices import called
from scheduler.web.site.subscriptions.subscription_views import wants_in_words
from scheduler.words.labels import Labels
from scheduler.words.lines import line
from storage.telling.receivers import ToldBy

RATES = ("immediately", "hourly", "daily", "weekly", "monthly")
# The zones that are offered first; any other can be typed.
ZONES = (
    *("UTC", "Europe/London", "Europe/Madrid", "Europe/Paris", "Europe/Brussels", "Europe/Berlin"),
    *("Europe/Rome", "Europe/Zurich", "Europe/Athens", "Europe/Istanbul", "Africa/Casablanca"),
    *("Africa/Algiers", "Africa/Tunis", "Africa/Tripoli", "Africa/Cairo", "Africa/Dakar"),
    *("Africa/Bamako", "Africa/Niamey", "Africa/Lagos", "Africa/Nairobi", "Africa/Addis_Ababa"),
    *("Asia/Beirut", "Asia/Amman", "Asia/Riyadh", "Asia/Dhaka", "Asia/Manila"),
    *("America/New_York", "America/Mexico_City", "America/Bogota", "Australia/Sydney"),
)
_SHORT = 100  # of a field that names one of few things


@dataclass(frozen=True, slots=True)
class Selected:
    """What a subscription is to tell of: `address` as an address writes it, `filter` as the
    configuration does, `wants` in words. `without` is what it has no room for.
    """

    address: str
    filter: Mapping[str, Any]
    wants: Sequence[tuple[str, str]]
    without: Sequence[str]


@dataclass(frozen=True, slots=True)
class FilledForm:
    """The form as it was filled in."""

    kind: str = ToldBy.MAIL.value
    address: str = ""
    name: str = ""
    rate: str = "weekly"
    weekday: str = WEEKDAYS[0]
    at: str = "07:00"
    timezone: str = "UTC"
    language: str = "en"

    @property
    def rate_line(self) -> str:
        """The rate as the configuration writes it."""
        if self.rate in ("immediately", "hourly"):
            return self.rate
        on = {"weekly": f" on {self.weekday}", "monthly": " on 1"}.get(self.rate, "")
        return f"{self.rate}{on} at {self.at}"

    def wanted(self, selected: Selected) -> Wanted:
        return Wanted(
            kind=self.kind,
            filter=selected.filter,
            name=self.name,
            address=self.address,
            rate=self.rate_line,
            timezone=self.timezone,
            language=self.language,
        )


def selected_by(address: str, words: Labels) -> Selected:
    """The selection of an address: of the register, of a search, or one agreement. Raises
    QueryError.
    """
    selection = query_at(address)
    return Selected(
        address=urlencode(selection.parameters),
        filter=selection.told,
        wants=list(wants_in_words(selection, words)),
        without=_left_out(selection, address, words),
    )


def filled_by(form: FormData) -> FilledForm:
    """What was typed; what is missing stands as the empty form has it."""
    given = {
        name: str(form.get(name, ""))[:300]
        for name in FilledForm.__dataclass_fields__
        if isinstance(form.get(name), str)
    }
    return FilledForm(**given)


def empty_form(request: Request, selected: Selected, words: Labels) -> FilledForm:
    wanted = words.say("comma").join(values for _, values in selected.wants)
    name = line(wanted or words.say("page.subscription.everything"), LONGEST_NAME)
    return FilledForm(name=name, language=language_for(request))


def _left_out(selection: Query, address: str, words: Labels) -> list[str]:
    """What of a search a subscription has no room for, in words."""
    wishes = wishes_of(QueryParams(address)).parameters
    names = [*selection.left_out(), *(name for name, value in wishes.items() if value)]
    return [called(name, words) for name in names]
