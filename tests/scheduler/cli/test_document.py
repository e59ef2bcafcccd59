"""`document`: a text, and what changed in it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from storage.documents.tables import Texts
from tests.scheduler.command_line import accordwatch, json_lines
from tests.scheduler.given_digests import register
from tests.storage.given import NOW, judged
from tests.storage.opened import session


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("versions")
    for days, text in enumerate(
        ("They talked in Rabat.", "They signed it in Rabat.", "They left.")
    ):
        register(path, judged(1, text=text), now=NOW + timedelta(days=days))
    return register(path, judged(2)).folder


def test_its_text_as_it_is_now(folder: Path) -> None:
    shown = accordwatch("document", "1", cwd=folder)
    assert "They left." in shown.stdout
    assert "3 versions" in shown.stderr


def test_what_changed_version_by_version(folder: Path) -> None:
    shown = accordwatch("document", "1", "--diff", cwd=folder).stdout
    assert "They [-talked-] {+signed it+} in Rabat." in shown
    assert shown.index("Version 2") < shown.index("Version 3")
    assert "[-talked-]" not in accordwatch("document", "1", "--additions", cwd=folder).stdout


def test_two_versions_that_somebody_chose(folder: Path) -> None:
    shown = accordwatch("document", "1", "--between", "1", "3", cwd=folder)
    assert "They [-talked in Rabat.-] {+left.+}" in shown.stdout
    refused = accordwatch("document", "1", "--between", "1", "7", cwd=folder)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "version 7 is not stored; these are: 1, 2, 3" in refused.stderr


def test_nothing_changed_and_nothing_there(folder: Path) -> None:
    assert "has not changed" in accordwatch("document", "2", "--diff", cwd=folder).stderr
    for number in ("99", "0", "-1", str(2**70)):
        refused = accordwatch("document", number, cwd=folder)
        assert (refused.returncode, "a fault of Accordwatch" in refused.stderr) == (2, False)


def test_programs_get_each_version(folder: Path) -> None:
    rows = json_lines("document", "1", cwd=folder)
    assert [row["version"] for row in rows] == [1, 2, 3]
    assert {"change": "added", "text": "signed it"} in rows[1]["changes"][0]


def test_of_a_text_that_was_deleted_it_is_not_said_that_it_has_not_changed(tmp_path: Path) -> None:
    with session(register(tmp_path, judged(1)).database) as s:
        s.execute(delete(Texts))
    shown = accordwatch("document", "1", "--diff", cwd=tmp_path)
    assert shown.stderr.splitlines() == [
        "the text was deleted after its retention period; title and address are stored"
    ]
