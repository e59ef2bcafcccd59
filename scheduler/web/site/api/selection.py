"""The parameters that every list of the API takes, and the page that answers them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.datastructures import URL
from starlette.responses import Response

from scheduler.configuration import query as filters
from scheduler.configuration.query import Misread, QueryError
from scheduler.views.columns import Table, json_schema
from scheduler.web.site.access.own_addresses import asked_address
from scheduler.web.site.cache import conditional
from storage.filter import described
from storage.languages import SPOKEN_LANGUAGES

PREFIX = "/api/v1"
_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})  # as pydantic reads it

Language = Annotated[
    str | None,
    Query(
        description="The language of names; else Accept-Language.",
        json_schema_extra={"enum": list(SPOKEN_LANGUAGES)},
    ),
]


def only_known_parameters(request: Request, lang: Language = None) -> None:
    """Raises QueryError for a parameter that the address does not have: a filter with a slip of the
    pen in its name would return everything.
    """
    if lang is not None and lang not in SPOKEN_LANGUAGES:
        raise QueryError([Misread("lang", lang, "one_of", SPOKEN_LANGUAGES)], filters.Query())
    methods = request.app.openapi()["paths"][PREFIX + request.scope["route"].path]
    parameters = methods[request.method.lower()].get("parameters", ())
    known = [one["name"] for one in parameters if one["in"] == "query"]
    unknown = filters.misread_names(request.query_params, known)
    if unknown:
        raise QueryError(unknown, filters.Query())


def _asked(request: Request) -> filters.Query:
    """What a request asks for. Raises QueryError."""
    everything = request.query_params.get("everything", "").lower() in _TRUE
    return filters.read_query(request.query_params.multi_items(), everything=everything)


Asked = Annotated[filters.Query, Depends(_asked)]


def _parameters() -> Iterator[dict[str, Any]]:
    """Each filter, as OpenAPI describes a parameter."""
    schema = filters.Query.model_json_schema()
    for attribute, shown in described().items():
        if shown.searched:
            found = _inlined(schema["properties"][attribute], schema.get("$defs", {}))
            found.pop("title", None)
            yield {
                "name": shown.name,
                "in": "query",
                "required": False,
                "description": shown.says,
                "schema": found,
            }


def _inlined(schema: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """A schema without references, and without null, which an address cannot write."""
    if "anyOf" in schema:
        (one,) = (one for one in schema["anyOf"] if one.get("type") != "null")
        return _inlined(one, known)
    if "$ref" in schema:
        return _inlined(known[schema["$ref"].rpartition("/")[2]], known)
    if "enum" in schema:
        return {"type": "string", "enum": [one for one in schema["enum"] if one]}
    inner = {"items": _inlined(schema["items"], known)} if "items" in schema else {}
    return {name: value for name, value in schema.items() if name != "default"} | inner


FILTERS = {"parameters": list(_parameters())}


Responses = dict[int | str, dict[str, Any]]


def answers_with(table: Table[Any], *, alone: bool = False) -> Responses:
    """How OpenAPI describes the answer of an address that tells rows of a list, or one `alone`."""
    row = json_schema(table)
    following = {"description": "The address of what follows.", "type": ["string", "null"]}
    page = {"items": {"type": "array", "items": row}, "next": following}
    found = row if alone else {"type": "object", "properties": page}
    said = {"description": table.description, "content": {"application/json": {"schema": found}}}
    return {200: said}


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
