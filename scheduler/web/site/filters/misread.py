"""What is answered to a query that is not understood: what that is, and what it may mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from scheduler.configuration.query import Misread, QueryError
from scheduler.views.words.labels import Labels
from scheduler.views.words.page import DEFAULT, words_of
from scheduler.web.site.access.own_addresses import own_path
from scheduler.web.site.api import problem_objects
from scheduler.web.site.download.forms import Form, is_page
from scheduler.web.site.filters.addresses import language_for
from scheduler.web.site.filters.controls import controls_of
from scheduler.web.site.installation import source_names
from scheduler.web.site.rendering import page, served_by
from scheduler.web.site.search.choices import SelectionLink, called, chosen

_OF_PROGRAMS = ("/api/", "/feeds/")


def misread(request: Request, error: Exception) -> Response:
    """A problem object for programs (422); for people the form, with what is not understood."""
    found, path = cast(QueryError, error), own_path(request)
    if path.startswith(_OF_PROGRAMS) or "/feed." in path or not is_page(request, tuple(Form)):
        said = " ".join(found.sentences(words_of(DEFAULT), str))
        more = {"misread": [one.as_json for one in found.misread]}
        return problem_objects.answer(request, 422, said, more=more)
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
