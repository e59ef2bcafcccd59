from __future__ import annotations

from pathlib import Path

from scheduler.jobs.health.findings import of_needs
from storage.source import Login, Source, SourceKind


def test_what_sources_need_and_is_not_there_is_named(tmp_path: Path) -> None:
    page = Source("app", SourceKind.LISTING, "https://a.example/", javascript=True)
    login = Login("me", password_env="NO_SUCH_VARIABLE")
    mail = Source("letters", SourceKind.IMAP, "imaps://a.example/", login=login)
    browser, password = of_needs([page, mail], tmp_path / "none")
    assert (browser.name, password.name) == ("browser", "password:letters")
    assert "install it" in browser.line
    assert "NO_SUCH_VARIABLE" in password.line


def test_ordinary_sources_need_nothing(tmp_path: Path) -> None:
    feed = Source("feed", SourceKind.FEED, "https://a.example/feed")
    assert list(of_needs([feed], tmp_path / "none")) == []
