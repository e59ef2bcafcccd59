"""Documents that could not be stored stand on the page of sources, in the reader's language."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.views.words.labels import labels_of
from storage.documents.quarantine import Untried, set_aside
from tests.scheduler.web.site.access.team import ROLES, team
from tests.scheduler.web.site.running import database_of, serving
from tests.storage.given import NOW, judged

FAULT = "KeyError: <b>'place'</b>"


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_what_is_set_aside_is_shown_with_its_fault(tmp_path: Path, language: str) -> None:
    heading = labels_of(language).say("Not stored")
    with serving(tmp_path) as site:
        address = f"/sources?lang={language}"
        assert heading not in site.ask(address).text
        with database_of(site).begin() as s:
            document = judged(7).document
            set_aside(
                s, Untried("https://news.example/7?key=SECRET", "fleuve", document), FAULT, NOW
            )
        shown = site.ask(address).text
    assert heading in shown
    assert "https://news.example/7" in shown
    assert "KeyError: &lt;b&gt;" in shown
    assert "<b>'place'" not in shown


def test_only_an_admin_sees_what_is_secret_in_an_address(tmp_path: Path) -> None:
    address = "https://news.example/7?key=SECRET"
    with team(tmp_path) as made:
        with made.database.begin() as s:
            set_aside(
                s, Untried(address, "fleuve", judged(7).document), f"KeyError: {address}", NOW
            )
        shown = {name: made.ask("/sources", name).text for name in ROLES if made.login(name)}
    assert {name: "SECRET" in text for name, text in shown.items()} == {
        "rita": False,
        "edda": False,
        "ada": True,
    }
    assert all("https://news.example/7" in text for text in shown.values())
