"""`export installation` and `import installation`: what they print."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from scheduler.cli.commands.collecting.import_installation import _say_summary
from scheduler.installation.documents import Taken
from scheduler.installation.merging import MergedInstallation
from tests.scheduler.command_line import accordwatch
from tests.scheduler.test_cli import ARTICLE

LINE = {"id": "x1", "title": ARTICLE.splitlines()[0], "text": ARTICLE, "published": "2025-07-29"}


def _installation(folder: Path) -> Path:
    folder.mkdir()
    assert accordwatch("init", cwd=folder).returncode == 0
    (folder / "in.jsonl").write_text(json.dumps(LINE), encoding="utf-8")
    assert accordwatch("import", "in.jsonl", cwd=folder).returncode == 0
    return folder


def test_two_installations_become_one(tmp_path: Path) -> None:
    there, here = _installation(tmp_path / "there"), _installation(tmp_path / "here")
    accordwatch("curate", "irrelevant", "1", "--why", "a visit", "--who", "amina", cwd=there)
    accordwatch("curate", "confirm", "A1", "--why", "read it", "--who", "karim", cwd=here)
    file = str(tmp_path / "there.zip")
    done = accordwatch("export", "installation", file, cwd=there)
    assert done.returncode == 0, done.stderr
    assert ": 1 document, 1 decision, 0 agreements\nwith what was told to: " in done.stderr
    assert "already exists" in accordwatch("export", "installation", file, cwd=there).stderr
    done = accordwatch("import", "installation", file, "--format", "jsonl", cwd=here)
    assert done.returncode == 0, done.stderr
    title = LINE["title"]
    assert f"contradiction: [1] {title}: here karim confirmed A1 on " in done.stderr
    assert ", there amina ruled out document 1 of A1 on " in done.stderr
    assert "1 document read: 0 stored (0 report an agreement), 1 known already" in done.stderr
    assert "1 decision: 1 against one of ours" in done.stderr
    (said,) = map(json.loads, done.stdout.splitlines())
    assert (said["outcome"], said["against"], said["title"]) == ("contradicts", 1, title)


def test_what_a_subscription_was_told_that_is_not_here_is_said_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = Counter({"analysts": 1, "office": 26})
    _say_summary(MergedInstallation(documents=Taken(told=told)), {"analysts"}, alerts=True)
    assert capsys.readouterr().err.splitlines()[-3:] == [
        "told there to analysts: 1 report, which it is told here no more",
        "told there to office: 26 reports, but no subscription here has that id",
        "0 alerts owed",
    ]


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    here = _installation(tmp_path / "here")
    done = accordwatch("import", "installation", "in.jsonl", cwd=here)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "in.jsonl: is no whole file of `accordwatch export installation`" in done.stderr
