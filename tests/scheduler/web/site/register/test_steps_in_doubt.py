"""A step that one outlet alone tells in doubt says on the page why the status does not follow it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from storage.records import Judged, Status
from tests.scheduler.web.site.running import serving
from tests.storage.given import card, judged


def reported(number: int, status: Status, on: date, probability: float) -> Judged:
    one = judged(number, card=card(status=status, event_date=on), published_on=on)
    return replace(one, verdict=replace(one.verdict, probability=probability))


def test_a_step_in_doubt_is_marked_and_no_other(tmp_path: Path) -> None:
    signed = reported(1, Status.SIGNED, date(2025, 3, 10), 0.99)
    suspended = reported(2, Status.SUSPENDED, date(2025, 9, 1), 0.7)
    with serving(tmp_path, signed, suspended) as site:
        shown = site.ask("/agreements/A1").text
    assert shown.count("Uncertain: only one outlet reports it") == 1
    assert shown.index("suspended") < shown.index("Uncertain: only one outlet reports it")
