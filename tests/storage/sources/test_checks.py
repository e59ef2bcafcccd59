"""What a try of a source found is kept, the last one of each source."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from storage.database.session import Database
from storage.sources.states import SourceCheck, save_check, source_checks
from tests.storage.given import NOW

CHECK = SourceCheck(
    source_id="news",
    url="https://a.example/feed",
    checked_at=NOW,
    alive=True,
    items=12,
    newest_on=NOW.date(),
    language="fr",
    problem="none of them has a day",
)


def test_the_last_check_of_each_source_is_kept(database: Database) -> None:
    later = replace(CHECK, checked_at=NOW + timedelta(days=1), alive=False, newest_on=None)
    other = SourceCheck("other", "https://b.example/", NOW, False, problem="dns: no such name")
    with database.begin() as s:
        assert source_checks(s) == {}
        for check in (CHECK, other, later):
            save_check(s, check)
        assert source_checks(s) == {"news": later, "other": other}
