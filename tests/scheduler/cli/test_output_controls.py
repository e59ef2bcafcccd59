"""What comes from outside obeys no terminal: control characters in JSON lines are written out."""

from __future__ import annotations

import json

import pytest

from scheduler.cli.output import print_jsonl


def test_json_lines_hold_no_control_character_and_lose_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    title = "a\x1b[31mb\x7fc\x85d\x9be"
    print_jsonl([{"title": title}])
    written = capsys.readouterr().out.removesuffix("\n")
    assert written.isprintable()
    assert json.loads(written)["title"] == title
