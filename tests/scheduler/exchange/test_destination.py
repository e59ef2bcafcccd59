"""An export stands there whole or not at all, and replaces nothing that it did not write."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.exchange.package import new_folder
from storage.errors import ExportError

KNOWN = frozenset({"a.csv"})


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(ExportError, match="cannot be written"),
        new_folder(tmp_path / "out", KNOWN) as part,
    ):
        (part / "a.csv").rename(part / "b.csv")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with new_folder(tmp_path / "out", KNOWN) as part:
        (part / "a.csv").write_text("new", encoding="utf-8")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "a.csv"]


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old", encoding="utf-8")
    with pytest.raises(ExportError, match=r"not empty.*--force"), new_folder(tmp_path, KNOWN):
        pytest.fail("it was taken")


def test_force_replaces_an_earlier_export(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.csv").write_text("old", encoding="utf-8")
    with new_folder(out, KNOWN, force=True) as part:
        (part / "a.csv").write_text("new", encoding="utf-8")
    assert (out / "a.csv").read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [out]


def test_force_keeps_an_earlier_export_if_the_new_one_fails(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.csv").write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), new_folder(out, KNOWN, force=True):
        raise RuntimeError
    assert (out / "a.csv").read_text(encoding="utf-8") == "old"


def test_force_deletes_no_file_of_others(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine", encoding="utf-8")
    with (
        pytest.raises(ExportError, match=r"thesis\.tex"),
        new_folder(tmp_path, KNOWN, force=True),
    ):
        pytest.fail("it was taken")
    assert (tmp_path / "thesis.tex").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["file", "missing/out"])
def test_what_cannot_be_a_folder_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match=name), new_folder(tmp_path / name, KNOWN):
        pytest.fail("it was taken")


# --- folders that are replaced again and again, known by a mark -----------------------------------


def replace(path: Path, content: str = "new") -> None:
    with new_folder(path, KNOWN | {"mark"}, mark="mark") as part:
        (part / "mark").touch()
        (part / "a.csv").write_text(content, encoding="utf-8")


def test_a_marked_folder_is_replaced_and_keeps_what_is_not_ours(tmp_path: Path) -> None:
    replace(tmp_path / "out", "old")
    (tmp_path / "out/CNAME").touch()
    replace(tmp_path / "out")
    assert (tmp_path / "out/a.csv").read_text(encoding="utf-8") == "new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["CNAME", "a.csv", "mark", "out"]


def test_what_a_killed_command_left_is_cleared(tmp_path: Path) -> None:
    replace(tmp_path / "out", "old")
    (tmp_path / ".out.part/half").mkdir(parents=True)
    replace(tmp_path / "out")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.csv", "mark", "out"]


def test_a_command_that_was_killed_between_two_renames_loses_nothing(tmp_path: Path) -> None:
    replace(tmp_path / "out", "old")
    (tmp_path / "out/CNAME").touch()
    (tmp_path / "out").rename(tmp_path / ".out.old")
    with pytest.raises(RuntimeError), new_folder(tmp_path / "out", KNOWN | {"mark"}, mark="mark"):
        raise RuntimeError
    assert (tmp_path / "out/a.csv").read_text(encoding="utf-8") == "old"
    assert (tmp_path / "out/CNAME").is_file()


def test_a_command_that_was_killed_after_both_renames_loses_nothing(tmp_path: Path) -> None:
    replace(tmp_path / "out", "new")
    replace(tmp_path / ".out.old", "old")
    (tmp_path / ".out.old/CNAME").touch()
    replace(tmp_path / "out", "newest")
    assert (tmp_path / "out/CNAME").is_file()
    assert not (tmp_path / ".out.old").exists()


def test_two_commands_do_not_write_the_same_folder(tmp_path: Path) -> None:
    with (
        new_folder(tmp_path / "out", KNOWN) as part,
        pytest.raises(ExportError, match="another command is writing it"),
        new_folder(tmp_path / "out", KNOWN),
    ):
        pytest.fail("both wrote")
    assert not part.exists()
    assert (tmp_path / "out").is_dir()


def test_the_root_of_the_disk_is_refused() -> None:
    with pytest.raises(ExportError, match="name one in it"), new_folder(Path("/"), KNOWN):
        pytest.fail("it was taken")
