"""No terminal obeys what comes from outside: JSON lines write control characters out, and CSV on a
terminal leaves them away.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler.cli.output import print_jsonl
from tests.scheduler.cli.screen import on_terminal
from tests.scheduler.given_digests import register
from tests.storage.given import judged


def test_json_lines_hold_no_control_character_and_lose_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    title = "a\x1b[31mb\x7fc\x85d\x9be"
    print_jsonl([{"title": title}])
    written = capsys.readouterr().out.removesuffix("\n")
    assert written.isprintable()
    assert json.loads(written)["title"] == title


@pytest.mark.parametrize("command", ["agreements", "search"])
def test_csv_on_a_terminal_holds_no_control_character(tmp_path: Path, command: str) -> None:
    register(tmp_path, judged(title="Rabat \x1b[2J\x9b31m and Niamey sign"))
    code, screen = on_terminal(command, "--format", "csv", cwd=tmp_path)
    assert code == 0, screen
    assert "Rabat [2J31m and Niamey sign" in screen
    assert [one for one in screen if not one.isprintable() and one not in "\r\n"] == []
