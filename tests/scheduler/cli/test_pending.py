"""`pending`: what waits for ratification, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import register
from tests.storage.given import judged


def test_a_table_and_lines_of_what_waits(tmp_path: Path) -> None:
    register(tmp_path, judged(1))
    table = accordwatch("pending", cwd=tmp_path)
    assert "2026-03-10" in table.stdout
    assert "no text found" in table.stdout
    lines = accordwatch("pending", "--format", "jsonl", cwd=tmp_path).stdout.splitlines()
    (row,) = map(json.loads, lines)
    assert (row["id"], row["pending_since"], row["text"]) == ("A1", "2026-03-10", "missing")
    cited = accordwatch("show", "A1", "--cite", "bibtex", cwd=tmp_path).stdout
    assert cited.startswith("@misc{accordwatch-A1,\n")
    assert cited.endswith("}\n")
    nothing = accordwatch("pending", "--party", "IT", cwd=tmp_path)
    assert "Nothing waits for ratification." in nothing.stderr
    assert nothing.returncode == 0
    assert "--text: “x” is not one of" in accordwatch("pending", "--text", "x", cwd=tmp_path).stderr
