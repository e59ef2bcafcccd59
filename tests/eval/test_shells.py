"""A caption, a byline, a box of links or a tail moves no verdict that title and lead have settled."""

from __future__ import annotations

import pytest

from crawler.judgement.judge import judge, load_rules
from storage.languages import LANGUAGES
from tests.eval.shells import SHELLS, Shelled, shelled_alerts

_MOST_FALL = 0.02


@pytest.fixture(scope="module")
def shelled() -> list[Shelled]:
    return list(shelled_alerts(load_rules()))


def test_every_language_has_a_page() -> None:
    assert {path.stem.partition("-")[0] for path in SHELLS.glob("*.html")} == set(LANGUAGES)


def test_the_article_is_read_from_the_page_and_something_stands_around_it(
    shelled: list[Shelled],
) -> None:
    def lines(text: str) -> set[str]:
        return {line.strip() for line in text.split("\n") if line.strip()}

    whole = [one for one in shelled if lines(one.alone.text) <= lines(one.extracted.text)]
    around = [one for one in shelled if lines(one.extracted.text) - lines(one.alone.text)]
    assert len(whole) > 0.95 * len(shelled)
    assert len(around) > 0.5 * len(shelled)


def test_hardly_an_alert_falls_because_a_page_stands_around_it(shelled: list[Shelled]) -> None:
    rules = load_rules()
    fallen = [one for one in shelled if judge(one.extracted, rules).outcome != "alert"]
    assert len(shelled) > 300
    assert len(fallen) <= _MOST_FALL * len(shelled), [
        (one.shell, one.alone.external_id) for one in fallen
    ]
