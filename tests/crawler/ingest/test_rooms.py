"""Who follows one document reads what is decided in one room, and what is stored in another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from crawler.ingest import ingest as ingesting
from storage.database.session import Database
from tests.storage.given import NOW, judged

ROOT = Path(ingesting.__file__).parents[2]
# Each reads or writes all of one thing; four are about what is in memory and the outbox.
_MOST_CALLS = 12


def room_of(frame: Any) -> str:
    """The file that a frame runs in, within the project; "" outside of it."""
    path = Path(frame.f_code.co_filename)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""


def test_a_document_is_stored_with_few_calls_from_the_crawler_to_the_database(
    database: Database,
) -> None:
    calls: list[tuple[str, str]] = []

    def note(frame: Any, event: str, argument: Any) -> None:
        if event != "call" or "s" not in frame.f_code.co_varnames[: frame.f_code.co_argcount]:
            return
        caller = frame.f_back
        while caller is not None and not room_of(caller):
            caller = caller.f_back
        if room_of(frame).startswith("storage/") and room_of(caller).startswith("crawler/"):
            calls.append((frame.f_code.co_name, room_of(caller)))

    with database.begin() as s:
        occasion: dict[str, Any] = {"now": NOW, "run_id": None, "crawl": True, "max_age_days": 30}
        ingesting.ingest(s, [judged(1, external_id=None)], [], **occasion)
        before = sys.getprofile()
        sys.setprofile(note)
        try:
            ingesting.ingest(s, [judged(2, external_id=None)], [], **occasion)
        finally:
            sys.setprofile(before)
    assert {"read_kin", "store_placed", "read_backing", "save"} <= {name for name, _ in calls}
    assert len(calls) <= _MOST_CALLS, calls
    assert not any(place.endswith(("placement.py", "vouching.py")) for _, place in calls)
