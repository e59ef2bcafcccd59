"""Forty differently built sites over HTTP: which source is found, and with how many requests."""

from __future__ import annotations

import pytest

from spiders.finding.finder import MOST_REQUESTS
from tests.spiders.finding.looking import Outcome, look_at_all
from tests.spiders.finding.sites import SITES


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return {one.built.name: one for one in look_at_all()}


@pytest.mark.parametrize("name", [site.name for site in SITES])
def test_the_best_source_of_a_site_is_found_in_six_requests(
    outcomes: dict[str, Outcome], name: str
) -> None:
    outcome = outcomes[name]
    assert outcome.best in outcome.built.right
    assert len(outcome.asked) <= MOST_REQUESTS
    assert outcome.found.requests == len(outcome.asked)
