"""The selection that an address asks for: `?q=...&party=MA&topic=visa`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import nan
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse

from scheduler.configuration.typed_filters import LISTS, TypedFilter, canonical, to_filter
from scheduler.words.lines import without_towers
from storage.asking import Filter
from storage.errors import ConfigurationError

MAX_QUERY = 500  # characters; a longer one is cut, and searches as well
RELEVANCE = "relevance"
_MOST_VALUES = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A selection as it was typed, the filter that it makes, and what could not be read."""

    typed: TypedFilter
    filter: Filter
    faults: tuple[str, ...] = ()

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The selection as an address writes it."""
        return self.typed.parameters

    def address(self, path: str, **others: str | None) -> str:
        """`path` with this selection, and `others` added; a value of None leaves a name out."""
        kept = [(name, value) for name, value in self.parameters if name not in others]
        kept += [(name, value) for name, value in others.items() if value]
        return f"{path}?{urlencode(kept)}" if kept else path

    def narrowed(self, path: str, name: str, value: str, **others: str | None) -> str:
        """`path` with this selection and one value more. All parties have to take part, so that
        one is added to the others; elsewhere it takes their place.
        """
        if name == "party" and value not in self.typed.parties:
            kept = [*self.parameters, (name, value)]
            kept += [(other, given) for other, given in others.items() if given]
            return f"{path}?{urlencode(kept)}"
        return self.address(path, **{**others, name: value})

    def without(self, path: str, name: str, value: str, **others: str | None) -> str:
        """`path` with this selection, but without this value."""
        kept = [pair for pair in self.parameters if pair != (name, value)]
        kept += [(other, given) for other, given in others.items() if given]
        return f"{path}?{urlencode(kept)}" if kept else path


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a search for documents is asked beside its filter."""

    everything: bool = False
    by_relevance: bool = False

    @property
    def parameters(self) -> dict[str, str | None]:
        """The wishes as parameters of an address; None for each one that was not expressed."""
        return {
            "everything": "1" if self.everything else None,
            "sort": RELEVANCE if self.by_relevance else None,
        }


def wishes_of(given: QueryParams) -> Wishes:
    return Wishes(given.get("everything") == "1", given.get("sort") == RELEVANCE)


def asked(given: QueryParams) -> Asked:
    """What an address asks for. Values that mean nothing are left out and named in `faults`, since
    a person who mistypes one filter still wants to see something.
    """
    typed, faults = TypedFilter(_query(given)), list[str]()
    for name, attribute in LISTS.items():
        good = []
        for value in dict.fromkeys(canonical(name, _values(given, name))):
            try:
                to_filter(_with(TypedFilter(), attribute, (value,)))
            except ConfigurationError as error:
                faults.append(str(error))
            else:
                good.append(value)
        typed = _with(typed, attribute, tuple(good))
    singles: dict[str, object] = {
        "probability": _number(given),
        "reviewed": _one(given, "reviewed"),
        "known": _one(given, "known"),
        "by": _one(given, "by"),
    }
    for name, single in singles.items():
        try:
            to_filter(_with(TypedFilter(), name, single))
        except ConfigurationError as error:
            faults.append(str(error))
        else:
            typed = _with(typed, name, single)
    days, wrong = _days(given)
    faults += wrong
    typed = replace(typed, since=days.get("since"), until=days.get("until"))
    try:
        return Asked(typed, to_filter(typed), tuple(faults))
    except ConfigurationError as error:
        typed = replace(typed, since=None, until=None)
        return Asked(typed, to_filter(typed), (*faults, str(error)))


def _query(given: QueryParams) -> str:
    return without_towers(given.get("q", "").replace("\0", " ").strip()[:MAX_QUERY])


def _clean(value: str) -> str:
    return without_towers(value.replace("\0", "")).strip()


def _one(given: QueryParams, name: str) -> str:
    return _clean(given.get(name, ""))


def _number(given: QueryParams) -> float | None:
    """The least probability; one that is no number is refused as "nan" is."""
    written = _one(given, "probability")
    try:
        return float(written) if written else None
    except ValueError:
        return nan


def _with(typed: TypedFilter, attribute: str, value: object) -> TypedFilter:
    changed: dict[str, Any] = {attribute: value}
    return replace(typed, **changed)


def _values(given: QueryParams, name: str) -> Iterable[str]:
    found = map(_clean, given.getlist(name)[:_MOST_VALUES])
    return dict.fromkeys(value for value in found if value)


def _days(given: QueryParams) -> tuple[Mapping[str, date], list[str]]:
    days, faults = {}, []
    for name in ("since", "until"):
        written = _one(given, name)
        if not written:
            continue
        try:
            days[name] = date.fromisoformat(written)
        except ValueError:
            faults.append(f"{name} {written!r} is not a day; write one like 2026-03-01")
    return days, faults


def tidied(request: Request) -> RedirectResponse | None:
    """The way to the same address without parameters that are empty, which a form sends for each
    field that was left so; None if there are none.
    """
    given = request.query_params.multi_items()
    kept = [(name, value) for name, value in given if value]
    if kept == given:
        return None
    path = request.url.path
    return RedirectResponse(f"{path}?{urlencode(kept)}" if kept else path, 303)
