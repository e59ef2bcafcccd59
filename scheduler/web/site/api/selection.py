"""The parameters that every list of the API takes, and the page that answers them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import HTTPException, Query, Request
from starlette.responses import Response

from scheduler.configuration.typed_filters import TypedFilter, to_filter
from scheduler.web.site.asked import MAX_QUERY
from scheduler.web.site.conditional import conditional
from storage.errors import ConfigurationError
from storage.telling.records import Filter

Several = Annotated[list[str] | None, Query(max_length=50)]


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
    since: date | None = None
    until: date | None = None
    probability: Annotated[
        float | None, Query(description="At least so probable, from 0 to 1.")
    ] = None
    reviewed: Annotated[
        str, Query(max_length=10, description="Answered by a person: yes or no.")
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
            parties=_clean(self.party),
            groups=_clean(self.group),
            corridors=_clean(self.corridor),
            topics=_clean(self.topic),
            statuses=_clean(self.status),
            languages=_clean(self.language),
            sources=_clean(self.source),
            rules=_clean(self.rule),
            instruments=_clean(self.instrument),
            probability=self.probability,
            reviewed=self.reviewed.replace("\0", ""),
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
        following = str(request.url.include_query_params(after=shown[-1][key]))
    return json_answer(request, {"items": shown, "next": following})


def json_answer(request: Request, value: Mapping[str, Any] | Iterable[Any]) -> Response:
    """A JSON answer with an ETag."""
    body = json.dumps(value, ensure_ascii=False, default=str).encode()
    return conditional(request, body, "application/json")
