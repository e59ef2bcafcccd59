"""The archives that a person names: files, folders of them, and lists of files."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from spiders.local import warc
from spiders.local.files import HeldFile, files_of, held_file
from storage.errors import AccordwatchError
from storage.records import Source, SourceKind

LISTS = (".paths", ".paths.gz", ".txt")  # a file a line, as Common Crawl lists its archives
_WEB = (".warc", ".warc.gz", ".wacz")
_ROWS = (".jsonl", ".jsonl.gz", ".parquet")
_MOST_LISTED = 1_000_000  # lines of a list
_LISTED_BYTES = 200_000_000  # of a list, unpacked


@dataclass(frozen=True, slots=True)
class Archives:
    """The files, each once, and what is wrong with what was named, a line each."""

    files: tuple[HeldFile, ...]
    problems: tuple[str, ...] = ()


def find_archives(named: Iterable[str]) -> Archives:
    """Return the archives that lie at these paths, in the order of their names.

    Raises AccordwatchError if there is none at all.
    """
    files: dict[str, HeldFile] = {}
    problems: list[str] = []
    for path in _all_paths(named, problems):
        for file in _files_at(path, problems):
            files.setdefault(file.name, file)
    if not files:
        wanted = ", ".join((*_WEB, *_ROWS))
        problems = problems or [f"no archive there; their names end with {wanted}"]
        raise AccordwatchError("; ".join(problems[:5]))
    return Archives(tuple(files[name] for name in sorted(files)), tuple(problems))


def is_web_archive(file: HeldFile) -> bool:
    """Whether a file holds answers of servers, and not rows."""
    return bool(file.member) or file.path.lower().endswith(_WEB)


def _all_paths(named: Iterable[str], problems: list[str]) -> Iterator[Path]:
    for one in named:
        path = Path(one)
        if path.is_file() and path.name.lower().endswith(LISTS):
            yield from _listed(path, problems)
        else:
            yield path


def _listed(path: Path, problems: list[str]) -> Iterator[Path]:
    """The files that a list names, as seen from its folder."""
    try:
        with path.open("rb") as packed, ExitStack() as opened:
            is_packed = path.suffix == ".gz"
            stream = opened.enter_context(gzip.GzipFile(fileobj=packed)) if is_packed else packed
            lines = stream.read(_LISTED_BYTES).decode("utf-8", "replace").splitlines()
    except (OSError, EOFError, zlib.error) as error:
        problems.append(f"{path}: the list cannot be read: {error}")
        return
    for number, line in enumerate(lines[:_MOST_LISTED], 1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        if "://" in said:
            problems.append(f"{path}:{number}: {said[:100]} is not on this machine; fetch it first")
        else:
            yield path.parent / said


def _files_at(path: Path, problems: list[str]) -> Iterator[HeldFile]:
    if not path.exists():
        problems.append(f"{path}: there is no such file or folder")
        return
    web = Source(id="", kind=SourceKind.WARC, url=path.resolve().as_uri())
    for held in (warc.files(web), files_of(web, lambda name: name.endswith(_ROWS))):
        if held.problem is not None:
            problems.append(held.problem)
        yield from held.files
    if path.is_file() and not path.name.lower().endswith((*_WEB, *_ROWS)):
        problems.append(f"{path}: no archive by its name")


def size_of(file: HeldFile) -> int:
    """How many bytes a file has on the disk now; 0 if it is gone."""
    held = held_file(Path(file.path))
    return held.size if held is not None else 0
