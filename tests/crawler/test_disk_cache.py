"""What is kept on disk is found again, and nothing else is believed."""

import os
import pickle
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from crawler.disk_cache import load, name_of, release_memory, store
from storage.records import Zone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "rules"


def test_a_value_is_found_as_it_was_kept(folder: Path) -> None:
    store(folder, "a", {"x": (1, b"2"), "y": [Zone.LEAD]})
    assert load(folder, "a") == {"x": (1, b"2"), "y": [Zone.LEAD]}
    assert (folder.stat().st_mode & 0o777, (folder / "a").stat().st_mode & 0o777) == (0o700, 0o600)
    assert load(folder, "b") is None


@pytest.mark.parametrize("size", [0, 2, 40, -1])
def test_a_torn_file_is_not_read(folder: Path, size: int) -> None:
    store(folder, "a", "x" * 100)
    whole = (folder / "a").read_bytes()
    (folder / "a").write_bytes(whole[:size])
    assert load(folder, "a") is None
    store(folder, "a", "y")
    assert load(folder, "a") == "y"


def test_arrays_are_found_as_they_were_kept(folder: Path) -> None:
    arrays = [np.arange(10), np.array([[1.5, 2.5]] * 300_000), np.array(["a", "ع"] * 600_000)]
    store(folder, "a", ("v", arrays))
    value, found = load(folder, "a")
    assert value == "v"
    assert all(map(np.array_equal, found, arrays))
    assert [one.flags.writeable for one in found[1:]] == [False, False]
    content = (folder / "a").read_bytes()
    assert [content.index(array.tobytes()) % 64 for array in arrays[1:]] == [0, 0]


@pytest.mark.skipif(sys.platform != "linux", reason="memory of a mapping is told by Linux alone")
def test_memory_of_arrays_is_let_go_and_is_there_again(folder: Path) -> None:
    def held() -> int:
        lines = Path("/proc/self/smaps").read_text().split(f"{folder}/a\n")[1].splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))

    store(folder, "a", [np.full(5_000_000, 7, dtype=np.uint8) for _ in range(2)])
    found = load(folder, "a")
    assert [int(one.sum()) for one in found] == [35_000_000, 35_000_000]
    assert held() > 9_700
    release_memory()
    assert held() == 0
    assert int(found[1].sum()) == 35_000_000


def test_arrays_are_not_written_to_a_disk_that_is_nearly_full(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1, total=100))
    store(folder, "a", np.zeros(1_000_000))
    store(folder, "b", "small")
    assert load(folder, "a") is None
    assert load(folder, "b") == "small"


def test_what_is_no_file_of_ours_is_not_read(folder: Path) -> None:
    store(folder, "a", 1)
    (folder / "b").write_bytes(pickle.dumps("x"))
    (folder / "c").mkdir()
    assert [load(folder, name) for name in "abc"] == [1, None, None]


def test_what_another_user_could_have_written_is_not_read(folder: Path) -> None:
    store(folder, "a", 1)
    (folder / "a").chmod(0o620)
    assert load(folder, "a") is None
    (folder / "a").chmod(0o600)
    folder.chmod(0o777)
    assert load(folder, "a") is None
    folder.chmod(0o700)
    assert load(folder, "a") == 1


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    store(folder, "a", 1)
    (folder / "b").symlink_to(folder / "a")
    (tmp_path / "link").symlink_to(folder)
    assert load(folder, "b") is None
    assert load(tmp_path / "link", "a") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_are_not_read(folder: Path) -> None:
    store(folder, "a", 1)
    os.chown(folder / "a", 65534, -1)
    assert load(folder, "a") is None
    os.chown(folder / "a", 0, -1)
    os.chown(folder, 65534, -1)
    assert load(folder, "a") is None
    store(folder, "b", 1)
    assert not (folder / "b").exists()


def test_a_folder_that_cannot_be_made_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    store(tmp_path / "cache" / "rules", "a", 1)
    assert load(tmp_path / "cache" / "rules", "a") is None


def test_arrays_stay_readable_when_their_file_is_removed(folder: Path) -> None:
    store(folder, "a", np.arange(1_000_000))
    found = load(folder, "a")
    (folder / "a").unlink()
    release_memory()
    assert found[-3:].tolist() == [999_997, 999_998, 999_999]


def test_the_least_used_files_go_when_there_are_many(folder: Path) -> None:
    for number in range(125):
        store(folder, f"{number}", number)
        os.utime(folder / f"{number}", (number, number))
        if number == 100:
            assert load(folder, "0") == 0  # which is noted
    store(folder, "new", 1)
    names = {path.name for path in folder.iterdir()}
    assert len(names) == 120
    assert {"new", "124", "0"} <= names


def test_names_tell_apart_where_a_part_ends() -> None:
    assert name_of([b"ab", b"c"]) != name_of([b"a", b"bc"])
    assert name_of([b"ab", b"c"]) == name_of([b"ab", b"c"])
