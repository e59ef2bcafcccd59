"""Which requests are let in."""

from __future__ import annotations

import pytest

from scheduler.web.site.guard import MAX_BODY
from tests.scheduler.web.site.running import Site


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "10.0.0.1"])
def test_a_name_that_was_bent_to_this_machine_is_refused(site: Site, host: str) -> None:
    assert site.ask("/", Host=host).code == 421


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_the_names_of_this_machine_are_let_in(site: Site, host: str) -> None:
    assert site.ask("/", Host=host).code == 200


def test_a_body_that_is_too_long_is_not_read(site: Site) -> None:
    assert site.ask("/review", "POST", {"document": "1" * MAX_BODY}).code == 413


def test_a_method_that_no_page_has_is_refused(site: Site) -> None:
    assert site.ask("/", "DELETE", {}).code == 405
