"""What texts say of an agreement's end stands on its entry, and says when its first term ends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from storage.provision import Provision, ProvisionKind
from tests.scheduler.web.site.running import serving
from tests.storage.given import judged

_UNTIL = "It is valid until 31 December 2027."
_NOTICE = "Either Party may end it with 90 days' notice."


@pytest.mark.parametrize(
    ("said", "shown", "expires_on"),
    [
        (
            Provision(ProvisionKind.DURATION, 0, _UNTIL, until="2027-12-31"),
            "(the first term ends on 31 December 2027)",
            "2027-12-31",
        ),
        (Provision(ProvisionKind.NOTICE, 0, _NOTICE, days=90), "90 days", None),
        (Provision(ProvisionKind.DURATION, 0, "It runs indefinitely."), "indefinitely", None),
    ],
)
def test_an_entry_tells_the_day_or_the_days_of_its_text(
    tmp_path: Path, said: Provision, shown: str, expires_on: str | None
) -> None:
    with serving(tmp_path, replace(judged(1), clues=(said.clue,))) as site:
        page = " ".join(site.ask("/agreements/A1").text.split())
        (found,) = site.ask("/api/v1/agreements").json["items"]
    assert shown in page
    assert found["expires_on"] == expires_on
    assert found["provisions"] == [said._asdict()]


def test_a_list_by_the_end_of_terms_shows_that_day(tmp_path: Path) -> None:
    said = Provision(ProvisionKind.DURATION, 0, _UNTIL, until="2027-12-31")
    with serving(tmp_path, replace(judged(1), clues=(said.clue,))) as site:
        page = " ".join(site.ask("/?by=expires").text.split())
    assert "First term ends" in page
    assert "31 Dec 2027" in page
