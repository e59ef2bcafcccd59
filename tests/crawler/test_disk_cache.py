"""What is kept on disk is found again, and nothing else is believed."""

import os
import pickle
import sys
from array import array
from pathlib import Path
from types import SimpleNamespace

import pytest

from crawler.disk_cache import find, name_of, release_memory, store
from storage.records import Zone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "rules"


def test_values_are_found_as_they_were_kept(folder: Path) -> None:
    store(folder, "a", {"x": (1, b"2")}, [Zone.LEAD])
    found = find(folder, "a")
    assert found is not None
    assert found.value(0) == {"x": (1, b"2")}
    assert found.value(1, [Zone]) == [Zone.LEAD]
    assert (folder.stat().st_mode & 0o777, (folder / "a").stat().st_mode & 0o777) == (0o700, 0o600)
    assert find(folder, "b") is None


def test_a_pickle_that_names_another_class_is_not_read(folder: Path) -> None:
    store(folder, "a", os.system)
    found = find(folder, "a")
    assert found is not None
    with pytest.raises(pickle.UnpicklingError, match="system may not stand in it"):
        found.value(0, [Zone])


@pytest.mark.parametrize("size", [0, 10, 40, -1])
def test_a_torn_file_is_not_read(folder: Path, size: int) -> None:
    store(folder, "a", "x" * 100)
    whole = (folder / "a").read_bytes()
    (folder / "a").write_bytes(whole[:size])
    assert find(folder, "a") is None
    store(folder, "a", "y")
    assert find(folder, "a") is not None


def test_blocks_are_found_as_they_were_kept(folder: Path) -> None:
    blocks = [memoryview(b"x" * 100), memoryview(array("d", [1.5, 2.5]))]
    store(folder, "a", "v", blocks=blocks)
    found = find(folder, "a")
    assert found is not None
    assert found.value(0) == "v"
    assert found.blocks[0] == b"x" * 100
    assert found.blocks[1].cast("d").tolist() == [1.5, 2.5]
    assert found.blocks[1].readonly
    content = (folder / "a").read_bytes()
    assert [content.index(one.tobytes()) % 64 for one in blocks] == [0, 0]
    (folder / "a").write_bytes(content[:-1])
    assert find(folder, "a") is None


@pytest.mark.skipif(sys.platform != "linux", reason="memory of a mapping is told by Linux alone")
def test_memory_of_blocks_is_let_go_and_is_there_again(folder: Path) -> None:
    def held() -> int:
        lines = Path("/proc/self/smaps").read_text().split(f"{folder}/a\n")[1].splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))

    store(folder, "a", "v", blocks=[memoryview(b"x" * 2_000_000), memoryview(b"y" * 2_000_000)])
    found = find(folder, "a")
    assert found is not None
    assert all(len(one.tobytes()) == 2_000_000 for one in found.blocks)
    assert held() > 3_900
    release_memory()
    assert held() == 0
    into = bytearray(1_000_000)
    found.read(1, 500_000, memoryview(into))
    assert into == b"y" * 1_000_000
    assert held() == 0
    assert found.blocks[0] == b"x" * 2_000_000


def test_a_file_is_closed_when_nobody_has_it_any_more(folder: Path) -> None:
    store(folder, "a", "v", blocks=[memoryview(b"abc")])
    into = bytearray(2)
    found = find(folder, "a")
    assert found is not None
    (folder / "a").unlink()
    found.read(0, 1, memoryview(into))
    assert into == b"bc"
    file_fd = found._file_fd
    del found
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file_fd)


def test_what_is_missing_of_a_block_is_told(folder: Path) -> None:
    store(folder, "a", "v", blocks=[memoryview(b"abc")])
    found = find(folder, "a")
    assert found is not None
    with pytest.raises(OSError, match="was cut"):
        found.read(0, 2, memoryview(bytearray(2)))


def test_blocks_are_not_written_to_a_disk_that_is_nearly_full(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2_000))
    store(folder, "a", blocks=[memoryview(bytes(1_000))])
    assert find(folder, "a") is None


def test_a_changed_or_foreign_file_is_not_read(folder: Path) -> None:
    store(folder, "a", "x" * 100)
    whole = (folder / "a").read_bytes()
    (folder / "a").write_bytes(whole[:-10] + b"?" + whole[-9:])
    (folder / "b").write_bytes(pickle.dumps("x"))
    (folder / "c").mkdir()
    assert [find(folder, name) for name in "abc"] == [None] * 3


def test_what_another_user_could_have_written_is_not_read(folder: Path) -> None:
    store(folder, "a", 1)
    (folder / "a").chmod(0o620)
    assert find(folder, "a") is None
    (folder / "a").chmod(0o600)
    folder.chmod(0o777)
    assert find(folder, "a") is None
    folder.chmod(0o700)
    assert find(folder, "a") is not None


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    store(folder, "a", 1)
    (folder / "b").symlink_to(folder / "a")
    (tmp_path / "link").symlink_to(folder)
    assert find(folder, "b") is None
    assert find(tmp_path / "link", "a") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_are_not_read(folder: Path) -> None:
    store(folder, "a", 1)
    os.chown(folder / "a", 65534, -1)
    assert find(folder, "a") is None
    os.chown(folder / "a", 0, -1)
    os.chown(folder, 65534, -1)
    assert find(folder, "a") is None
    store(folder, "b", 1)
    assert not (folder / "b").exists()


def test_a_folder_that_cannot_be_made_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    store(tmp_path / "cache" / "rules", "a", 1)
    assert find(tmp_path / "cache" / "rules", "a") is None


def test_it_stays_readable_when_it_is_removed(folder: Path) -> None:
    store(folder, "a", "x")
    found = find(folder, "a")
    (folder / "a").unlink()
    assert found is not None
    assert found.value(0) == "x"


def test_the_least_used_files_go_when_there_are_many(folder: Path) -> None:
    for number in range(125):
        store(folder, f"{number}", number)
        os.utime(folder / f"{number}", (number, number))
        if number == 100:
            assert find(folder, "0") is not None  # which is noted
    store(folder, "new", 1)
    names = {path.name for path in folder.iterdir()}
    assert len(names) == 120
    assert {"new", "124", "0"} <= names


def test_names_tell_apart_where_a_part_ends() -> None:
    assert name_of([b"ab", b"c"]) != name_of([b"a", b"bc"])
    assert name_of([b"ab", b"c"]) == name_of([b"ab", b"c"])
