"""What is answered to a query that is not understood: what that is, and what it may mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import JSONResponse, Response

from scheduler.configuration.query import Misread, QueryError
from scheduler.views.words.labels import Labels
from scheduler.views.words.page import DEFAULT, words_of
from scheduler.web.site.addresses import language_for, own_path
from scheduler.web.site.download import Form, is_page
from scheduler.web.site.filters.controls import SelectionLink, called, chosen, controls_of
from scheduler.web.site.installation import source_names
from scheduler.web.site.rendering import page, served_by

MEDIA_TYPE = "application/problem+json"
_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "misread": {
            "description": "Each thing that is not understood, and what it may mean.",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parameter", "value", "key", "near"],
                "properties": {
                    "parameter": {"type": "string"},
                    "value": {"type": "string"},
                    "key": {"type": "string"},
                    "near": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


def described_problems() -> dict[int | str, dict[str, Any]]:
    """What every address of the API may answer besides 200, for its description."""
    of_problems = {"content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
    said = {
        401: "Log in with a token: `Authorization: Bearer`.",
        403: "The token's user or scope may not do this.",
        404: "Nothing is stored under this address.",
        409: "What was decided does not wait any more.",
        411: "The request does not say how long its body is, or sends it in chunks.",
        413: "The body is too long.",
        415: "The body is not in UTF-8.",
        421: "The request names a host that this page does not answer to.",
        422: "A parameter means nothing; the detail says which and what would.",
        503: "The database does not answer.",
    }
    problems: dict[int | str, dict[str, Any]] = {
        code: {"description": why, **of_problems} for code, why in said.items()
    }
    return problems | {304: {"description": "Not changed since the ETag that was named."}}


def problem_answer(
    request: Request,
    code: int,
    said: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A problem of the generic type, whose title is that of the status code; `more` are members
    that only some problems have.
    """
    found: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
    }
    if said:
        found["detail"] = said
    found["instance"] = request.url.path
    return JSONResponse({**found, **(more or {})}, code, headers, media_type=MEDIA_TYPE)


_OF_PROGRAMS = ("/api/", "/feeds/")


def misread(request: Request, error: Exception) -> Response:
    """A problem object for programs (422); for people the form, with what is not understood."""
    found, path = cast(QueryError, error), own_path(request)
    if path.startswith(_OF_PROGRAMS) or "/feed." in path or not is_page(request, tuple(Form)):
        said = " ".join(found.sentences(words_of(DEFAULT), str))
        more = {"misread": [one.as_json for one in found.misread]}
        return problem_answer(request, 422, said, more=more)
    words = words_of(language_for(request))
    with served_by(request).database.read() as s:
        return page(request, s, "filters/misread.html.j2", 422, **_shown(request, found, words))


def _shown(request: Request, error: QueryError, words: Labels) -> dict[str, Any]:
    path, query = own_path(request), error.understood
    return {
        "selection": query,
        "path": path,
        "controls": controls_of(query, words, source_names(served_by(request))),
        "chosen": chosen(query, {}, words, path),
        "faults": [
            (number, one.sentence(words, called(one.name, words)), list(_near(request, one)))
            for number, one in enumerate(error.misread)
        ],
        "misread": {one.name: (number, one.value) for number, one in enumerate(error.misread)},
    }


def _near(request: Request, one: Misread) -> Iterator[SelectionLink]:
    """The same address with what may be meant, for each thing that may be."""
    given = request.query_params.multi_items()
    for near in one.near:
        if one.name:
            meant = [(name, near if (name, value) == one.pair else value) for name, value in given]
        else:
            meant = [(near if name == one.value else name, value) for name, value in given]
        if meant != given:
            yield SelectionLink(near, f"{own_path(request)}?{urlencode(meant)}")
