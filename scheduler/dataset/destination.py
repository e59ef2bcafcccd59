"""Writing beside the destination first: it gets its name when all of it is written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import ExportError


@contextmanager
def new_folder(path: Path, known: Collection[str], *, force: bool = False) -> Iterator[Path]:
    """Yield an empty folder beside `path`, which takes its place at the end of the block.

    A folder that holds files is replaced with `force` only, and only if all of them are `known`:
    nothing that we did not write is deleted. On an error, `path` is left as it was. Raises
    ExportError.
    """
    target = path.resolve()
    with _explained(path):
        _check_folder(path, target, known, force)
        part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
        try:
            yield part
            part.chmod(0o777 & ~_umask())  # mkdtemp lets nobody else read it
            _replace_folder(part, target)
        finally:
            shutil.rmtree(part, ignore_errors=True)


@contextmanager
def new_file(path: Path, *, force: bool = False, kept: Iterable[Path] = ()) -> Iterator[Path]:
    """Yield the path of a file to be made beside `path`, which takes its place at the end.

    A file that is there is replaced with `force` only, and never one of `kept`, which we work with.
    Raises ExportError.
    """
    target = path.resolve()
    with _explained(path):
        if target.is_dir() or not target.parent.is_dir():
            fault = "is a folder" if target.is_dir() else "its folder is not there"
            raise ExportError(f"{path}: {fault}; name a new file")
        if target in {one.resolve() for one in kept}:
            raise ExportError(f"{path}: is what Accordwatch works with; choose a new name")
        if target.exists() and not force:
            raise ExportError(f"{path}: already exists: choose a new name, or add --force")
        # A folder of its own, since SQLite may leave a journal beside the file.
        with tempfile.TemporaryDirectory(
            prefix=f".{target.name}.", suffix=".part", dir=target.parent
        ) as folder:
            part = Path(folder) / target.name
            yield part
            part.replace(target)


def _check_folder(path: Path, target: Path, known: Collection[str], force: bool) -> None:
    if not target.parent.is_dir():
        raise ExportError(f"{path}: the folder that it should stand in is not there; create it")
    if not target.exists():
        return
    if not target.is_dir():
        raise ExportError(f"{path}: is a file; name a folder")
    held = sorted(file.name for file in target.iterdir())
    foreign = [name for name in held if name not in known]
    if held and not force:
        raise ExportError(f"{path}: is not empty; choose a new folder, or add --force")
    if foreign:
        raise ExportError(
            f"{path}: holds {foreign[0]!r}, which is no part of a data set, so that it is not "
            "replaced; choose a new folder"
        )


def _replace_folder(part: Path, target: Path) -> None:
    """Put `part` in the place of `target`; if that fails, what was there is put back."""
    if not target.exists():
        part.rename(target)
        return
    aside = part.with_suffix(".old")
    target.rename(aside)
    try:
        part.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError(f"{path}: cannot be written: {error.strerror or error}") from error
