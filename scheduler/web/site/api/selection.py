"""The parameters that every list of the API takes, and the page that answers them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import HTTPException, Query, Request
from starlette.datastructures import URL
from starlette.responses import Response

from scheduler.configuration.typed_filters import TypedFilter, canonical, to_filter
from scheduler.web.site.access.own_addresses import asked_address
from scheduler.web.site.asked import MAX_QUERY
from scheduler.web.site.conditional import conditional
from storage.asking import Filter
from storage.errors import ConfigurationError
from storage.languages import SPOKEN_LANGUAGES

PREFIX = "/api/v1"
Several = Annotated[list[str] | None, Query(max_length=50)]


Language = Annotated[
    str | None,
    Query(
        description="The language of names; else Accept-Language.",
        json_schema_extra={"enum": list(SPOKEN_LANGUAGES)},
    ),
]


def only_known_parameters(request: Request, lang: Language = None) -> None:
    """Raises HTTPException (422) for a parameter that the address does not have: a filter with a
    slip of the pen in its name would return everything.
    """
    if lang is not None and lang not in SPOKEN_LANGUAGES:
        raise HTTPException(422, f"lang: choose one of {', '.join(SPOKEN_LANGUAGES)}")
    methods = request.app.openapi()["paths"][PREFIX + request.scope["route"].path]
    described = methods[request.method.lower()].get("parameters", ())
    known = {one["name"] for one in described if one["in"] == "query"}
    unknown = [name[:50] for name in request.query_params if name not in known]
    if unknown:
        said = f"no parameter is named {', '.join(map(repr, unknown[:5]))}; there is: "
        raise HTTPException(422, said + ", ".join(sorted(known)))


@dataclass(frozen=True, slots=True)
class Selection:
    """What a request asks for; faults are answered with 422, since a program should learn them."""

    q: Annotated[
        str, Query(description=f"Words, phrases, beginnings*; {MAX_QUERY} characters count.")
    ] = ""
    party: Several = None
    group: Several = None
    corridor: Several = None
    topic: Several = None
    status: Several = None
    language: Several = None
    source: Several = None
    rule: Several = None
    instrument: Several = None
    certainty: Several = None
    text: Annotated[
        list[str] | None,
        Query(max_length=50, description="Is its text published? published or missing."),
    ] = None
    since: date | None = None
    until: date | None = None
    probability: Annotated[
        float | None, Query(description="At least so probable, from 0 to 1.")
    ] = None
    reviewed: Annotated[
        str, Query(max_length=10, description="Answered by a person: yes or no.")
    ] = ""
    by: Annotated[
        str,
        Query(
            max_length=10,
            description="learnt: since and until ask when it was learnt here, in days of UTC.",
        ),
    ] = ""
    known: Annotated[
        str,
        Query(
            max_length=10,
            description="yes: also agreements that only lists know; only: these, or their rows.",
        ),
    ] = ""

    def filter(self) -> Filter:
        """The filter. Raises HTTPException (422) that says which value means nothing."""
        try:
            return to_filter(self.typed)
        except ConfigurationError as error:
            raise HTTPException(422, str(error)) from error

    @property
    def typed(self) -> TypedFilter:
        """What was asked for, unchecked."""
        return TypedFilter(
            query=self.q.replace("\0", " ").strip()[:MAX_QUERY],
            since=self.since,
            until=self.until,
            parties=canonical("party", _clean(self.party)),
            groups=_clean(self.group),
            corridors=canonical("corridor", _clean(self.corridor)),
            topics=_clean(self.topic),
            statuses=_clean(self.status),
            languages=_clean(self.language),
            sources=_clean(self.source),
            rules=_clean(self.rule),
            instruments=_clean(self.instrument),
            certainties=_clean(self.certainty),
            texts=_clean(self.text),
            probability=self.probability,
            reviewed=self.reviewed.replace("\0", ""),
            known=self.known.replace("\0", ""),
            by=self.by.replace("\0", ""),
        )


def _clean(values: list[str] | None) -> tuple[str, ...]:
    return tuple(value.replace("\0", "") for value in values or ())


Limit = Annotated[int, Query(ge=1, le=500, description="Items a page.")]
AfterDocument = Annotated[int | None, Query(ge=1, le=2**53, description="The last one before.")]
AfterAgreement = Annotated[str | None, Query(pattern=r"^A\d{1,9}$")]


def list_page(
    request: Request, items: Sequence[Mapping[str, Any]], limit: int, key: str
) -> Response:
    """The first `limit` of `items`, and under `next` the address of those that follow."""
    shown = list(items[:limit])
    following = None
    if len(items) > limit:
        asked = URL(asked_address(request))
        following = str(asked.include_query_params(after=shown[-1][key]))
    return json_answer(request, {"items": shown, "next": following})


def json_answer(request: Request, value: Mapping[str, Any] | Iterable[Any]) -> Response:
    """A JSON answer with an ETag."""
    body = json.dumps(value, ensure_ascii=False, default=_written).encode()
    return conditional(request, body, "application/json")


def _written(value: object) -> str:
    """A day or a moment as RFC 3339 writes it, "2026-03-12T09:30:00+00:00"."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
