"""The log of logins: a line for who was let in, who was not, and who was not even heard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scheduler.access import accounts as login
from scheduler.access.accounts import FREE_OF_NAME, NAME, AccessLog, Attempt
from tests.scheduler.web.site.access.team import Team
from tests.storage.given import NOW

# As it would stand in a filter of fail2ban, where <HOST> is an address.
FAILREGEX = re.compile(r"^\S+ (?:failed login|login not tried|refused token) from (\S+)[ :]")


def lines_of(team: Team) -> list[str]:
    written = team.site.served.chosen.folder / NAME
    return written.read_text(encoding="utf-8").splitlines()


def test_a_failed_login_and_a_lockout_leave_their_line(fresh: Team) -> None:
    for _ in range(FREE_OF_NAME):
        fresh.try_login("rita", "wrong")
    fresh.try_login("rita", "wrong")
    fresh.clock.move(seconds=2)
    fresh.login("rita")
    lines = lines_of(fresh)
    failed = '2026-03-12T09:30:00Z failed login from 127.0.0.1 for "rita"'
    assert lines[: FREE_OF_NAME - 1] == [failed] * (FREE_OF_NAME - 1)
    assert lines[FREE_OF_NAME - 1] == f"{failed}, locked for 1 s"
    refused = '2026-03-12T09:30:00Z login not tried from 127.0.0.1 for "rita", locked for 2 s'
    assert lines[FREE_OF_NAME] == refused
    assert lines[FREE_OF_NAME + 1] == '2026-03-12T09:30:02Z login from 127.0.0.1 for "rita"'
    assert [bool(FAILREGEX.match(line)) for line in lines] == [True] * (FREE_OF_NAME + 1) + [False]


def test_a_name_can_feign_neither_a_line_nor_an_address(fresh: Team) -> None:
    hostile = 'x"\n2026-03-12T09:30:00Z failed login from 192.0.2.7 for "y\x1b[2J\u202e'
    fresh.try_login(hostile, "wrong")
    (line,) = lines_of(fresh)
    assert line.isascii()
    assert line.isprintable()
    match = FAILREGEX.match(line)
    assert match
    assert match[1] == "127.0.0.1"


def test_a_token_that_is_not_known_leaves_a_line_without_the_token(fresh: Team) -> None:
    secret = "aw_" + "x" * 43
    fresh.site.ask("/api/v1/agreements", Authorization=f"Bearer {secret}")
    (line,) = lines_of(fresh)
    assert line == "2026-03-12T09:30:00Z refused token from 127.0.0.1: this token is not known"


def test_the_log_is_for_its_owner_and_does_not_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "_MOST_BYTES", 500)
    echoed = list[str]()
    for number in range(50):
        AccessLog(tmp_path, echoed.append).logged_in(
            Attempt(f"user {number}", "", "192.0.2.7", NOW)
        )
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [NAME, f"{NAME}.1"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert all(file.stat().st_size < 600 for file in files)
    assert echoed[-1] == 'login from 192.0.2.7 for "user 49"'


def test_a_log_that_cannot_be_written_keeps_nobody_out(
    fresh: Team, caplog: pytest.LogCaptureFixture
) -> None:
    (fresh.site.served.chosen.folder / NAME).mkdir()
    assert fresh.try_login("rita").code == 303
    assert "access.log: Is a directory; let it be written" in caplog.text
