from __future__ import annotations

from pathlib import Path

from scheduler.jobs.health.findings import needs_findings
from storage.records import Source, SourceKind


def test_what_sources_need_and_is_not_there_is_named(tmp_path: Path) -> None:
    page = Source("app", SourceKind.LISTING, "https://a.example/", javascript=True)
    (browser,) = needs_findings([page], tmp_path / "none")
    assert browser.name == "browser"
    assert "install it" in browser.line


def test_ordinary_sources_need_nothing(tmp_path: Path) -> None:
    feed = Source("feed", SourceKind.FEED, "https://a.example/feed")
    assert list(needs_findings([feed], tmp_path / "none")) == []
