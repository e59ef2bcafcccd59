"""What each handler is given."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.requests import Request

from scheduler.web.site.addresses import Forbidden
from scheduler.web.site.context import Context
from tests.scheduler.web.site.running import Site, site_of


def context_of(site: Site, **headers: str) -> Context:
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "app": site_of(site.served), "headers": given, "path": "/"}
    return Context.of(Request({**scope, "method": "GET", "query_string": b"", "root_path": "/x"}))


def test_a_stranger_is_no_visitor(site: Site) -> None:
    stranger = context_of(site)
    assert stranger.somebody is None
    with pytest.raises(Forbidden):
        stranger.check_form("/add", "")


def test_the_words_are_those_that_the_browser_asks_for(site: Site) -> None:
    assert context_of(site, **{"accept-language": "ar"}).language == "ar"


def test_a_path_leads_below_what_the_page_lies_under(site: Site) -> None:
    context = context_of(site)
    assert context.see("/search").headers["location"] == "/x/search"
    elsewhere = replace(context, request=Request({**context.request.scope, "root_path": ""}))
    assert elsewhere.see("/search").headers["location"] == "/search"
