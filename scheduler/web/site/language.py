"""The language in which a reader's page is written."""

from __future__ import annotations

from starlette.requests import Request

from scheduler.words.page import DEFAULT
from storage.languages import SPOKEN_LANGUAGES

COOKIE = "language"


def language_for(request: Request) -> str:
    """What the address asks for, else what was chosen before, else what the browser prefers."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
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
