"""The register against a slow placing straight from its definition."""

from __future__ import annotations

import random

import pytest

from crawler.register.partition import kept_apart, partition
from storage.register.entry import Pin, PinKind
from tests.crawler.register.given import groups
from tests.crawler.register.reference import placed
from tests.crawler.register.test_company import world

# In these worlds reports score exactly JOIN.
EDGES = (345, 414, 431)


@pytest.mark.parametrize("seed", [*range(40), *EDGES])
def test_reports_stand_where_the_definition_puts_them(seed: int) -> None:
    reports = world(seed)
    assert groups(partition(reports, [])) == placed(reports)


@pytest.mark.parametrize("seed", range(12))
def test_reports_that_curators_keep_apart_stand_where_the_definition_puts_them(seed: int) -> None:
    reports = world(seed)
    rng = random.Random(seed)
    together = [group for group in placed(reports) if len(group) > 1]
    pairs = [rng.sample(group, 2) for group in together]
    pins = [Pin(PinKind.CANNOT_LINK, one, other) for one, other in pairs]
    assert groups(partition(reports, pins)) == placed(reports, kept_apart(pins))
