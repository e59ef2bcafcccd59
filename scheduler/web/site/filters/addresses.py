"""What an address asks for: its filters, numbers of rows and language, and what it may not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse

from scheduler.configuration.query import Query, read_query
from scheduler.views.words.page import DEFAULT
from storage.errors import AccordwatchError
from storage.languages import SPOKEN_LANGUAGES

RELEVANCE = "relevance"
# What may stand in the address of any page, with the values that it takes; none for any.
_EVERYWHERE: dict[str, Sequence[str]] = {"lang": (), "format": (), "done": ()}
_OF_SEARCHES = {"everything": ("0", "1"), "sort": ("newest", RELEVANCE)}


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


def query_in(request: Request, **beside: Sequence[str]) -> Query:
    """What the address of a page asks for. `beside` are the parameters that this page has besides
    filters, with the values that each takes, none for any. Raises QueryError.
    """
    return read_query(request.query_params.multi_items(), {**_EVERYWHERE, **beside})


def documents_query_in(request: Request) -> Query:
    """What the address of a search for documents asks for. Raises QueryError."""
    return read_query(
        request.query_params.multi_items(),
        {**_EVERYWHERE, **_OF_SEARCHES, "after": ()},
        everything=wishes_of(request.query_params).everything,
    )


def query_at(address: str) -> Query:
    """What a kept address, or the hidden field of a form, asks for. Raises QueryError."""
    pairs = parse_qsl(address, keep_blank_values=True)
    everything = ("everything", "1") in pairs
    return read_query(pairs, {**_EVERYWHERE, **_OF_SEARCHES, "after": ()}, everything=everything)


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


_LARGEST = 2**63 - 1  # what either database can compare


def row_number(written: str) -> int | None:
    """The number of a row; None for what is none."""
    is_number = written.isascii() and written.isdigit() and len(written) < 20
    return int(written) if is_number and int(written) <= _LARGEST else None


LANGUAGE_COOKIE = "language"


def language_for(request: Request) -> str:
    """What the address asks for, else what was chosen before, else what the browser prefers."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if chosen in SPOKEN_LANGUAGES:
            return chosen
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> str:
    """The first language of an Accept-Language header that there is (RFC 9110, section 12.5.4)."""
    wishes = []
    for part in header.split(",")[:20]:
        tag, _, parameters = part.partition(";")  # spaces may stand around each
        name, _, weight = parameters.partition("=")
        try:
            weighed = float(weight) if name.strip().lower() == "q" else 1.0
            wishes.append((weighed, tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    ranked = sorted(wishes, key=lambda wish: -wish[0])
    return next((tag for weight, tag in ranked if weight and tag in SPOKEN_LANGUAGES), DEFAULT)


class NotHere(AccordwatchError):
    """Nothing is stored under this address."""


class Forbidden(AccordwatchError):
    """The page may only be read, or a form came back without its token."""
