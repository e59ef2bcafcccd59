"""The file of an installation: a zip with JSON lines of each kind, and a manifest.

A file may come from a stranger. So it is read to its end before anything is stored: a member that
is damaged, or unpacks to far too much, refuses the whole file.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from storage.errors import AccordwatchError, ExportError

FORMAT, FORMAT_VERSION = "accordwatch installation", 1
MANIFEST = "manifest.json"
# The order of the members is that in which they are taken in. What was told comes first: if the
# import is killed, a later run does not tell it again because another report of it comes in. Then
# comes what decisions are about.
TOLD, DECIDED, LISTED = "told.jsonl", "decided.jsonl", "listed.jsonl"
DECISIONS, OTHERS, AGREEMENTS = "decisions.jsonl", "others.jsonl", "agreements.jsonl"
MEMBERS = (TOLD, DECIDED, LISTED, DECISIONS, OTHERS, AGREEMENTS)

_MOST_TIMES = 200  # texts unpack to 3 to 10 times their size, and zeros to 1,000 times
_LEAST_JUDGED = 10_000_000  # bytes; a smaller file may unpack to whatever it wants
_LONGEST_LINE = 64_000_000  # bytes; a document with a hundred long versions has some millions
_MANIFEST_BYTES = 1_000_000  # that of a thousand subscriptions has 50,000
_CHUNK = 1_000_000  # bytes of a member in memory while its lines are counted
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file says of itself: `counts` are the lines of each member."""

    made_at: str
    accordwatch: str
    counts: Mapping[str, int]
    subscriptions: tuple[str, ...] = ()


@dataclass(slots=True)
class InstallationWriter:
    """Writes members line by line, one after the other."""

    _zip: zipfile.ZipFile
    counts: dict[str, int] = field(default_factory=dict)

    def write(self, member: str, lines: Iterable[Mapping[str, Any]]) -> None:
        """Write a member. A line that would be too long to be read raises ExportError."""
        number = 0
        with self._zip.open(member, "w", force_zip64=True) as out:
            for number, line in enumerate(lines, 1):
                written = json.dumps(line, ensure_ascii=False, default=_written).encode() + b"\n"
                if len(written) > _LONGEST_LINE:
                    raise ExportError(f"{member}: line {number} has {len(written):,} bytes")
                out.write(written)
        self.counts[member] = number

    def finish(self, made_at: str, subscriptions: Iterable[str]) -> None:
        said = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "accordwatch": version("accordwatch"),
            "made_at": made_at,
            "subscriptions": [*subscriptions],
            "counts": self.counts,
        }
        self._zip.writestr(MANIFEST, json.dumps(said, ensure_ascii=False, indent=1) + "\n")


@contextmanager
def writing(path: Path) -> Iterator[InstallationWriter]:
    """Write a new file, which is whole at the end of the block."""
    path.touch(mode=0o600)  # it holds texts that may not be published
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        yield InstallationWriter(opened)


def _written(value: Any) -> str:
    return str(value.isoformat())


class InstallationFile:
    """A file that was read to its end once, and can be read again member by member."""

    def __init__(self, name: str, opened: zipfile.ZipFile, manifest: Manifest) -> None:
        self.name, self.manifest = name, manifest
        self._zip = opened

    def lines(
        self, member: str, on_fault: Callable[[str], None]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the objects of a member, each with its place ("FILE: others.jsonl:7").

        What is no JSON object, or far too long, is told to `on_fault` and left out.
        """
        with self._zip.open(member) as stream:
            for number, line in enumerate(_lines(stream), 1):
                place = f"{self.name}: {member}:{number}"
                if line is None:
                    on_fault(f"{place}: has more than {_LONGEST_LINE // 1_000_000} MB")
                    continue
                try:
                    said = json.loads(line)
                except (ValueError, RecursionError):
                    said = None
                if isinstance(said, dict):
                    yield place, said
                else:
                    on_fault(f"{place}: is no JSON object")


@contextmanager
def opened(path: Path) -> Iterator[InstallationFile]:
    """Open a file and read all of it once. Raises AccordwatchError, with one line that says what is
    wrong.
    """
    with _opened(path) as read:
        manifest = _manifest(path, read)
        _check_sizes(path, read)
        _check_members(path, read, manifest)
        yield InstallationFile(path.name, read, manifest)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except OSError as error:
        raise AccordwatchError(f"{path}: cannot be read: {error.strerror or error}") from error
    except _DAMAGED as error:
        raise AccordwatchError(
            f"{path}: is no whole file of `accordwatch export installation`: {error}"
        ) from error


def _manifest(path: Path, read: zipfile.ZipFile) -> Manifest:
    said = _manifest_object(read)
    if said is None:
        raise AccordwatchError(f"{path}: is no file of `accordwatch export installation`")
    damaged = f"{path}: its {MANIFEST} is damaged; export it again"
    number = said.get("format_version")
    if type(number) is not int or number < 1:
        raise AccordwatchError(damaged)
    if number > FORMAT_VERSION:
        by = str(said.get("accordwatch", ""))[:40]
        raise AccordwatchError(
            f"{path}: was written by a newer Accordwatch ({by}): update this program"
        )
    counts, told = said.get("counts"), said.get("subscriptions")
    if not isinstance(counts, dict) or not isinstance(told, list):
        raise AccordwatchError(damaged)
    return Manifest(
        made_at=str(said.get("made_at", "")),
        accordwatch=str(said.get("accordwatch", "")),
        counts={member: _count(counts.get(member)) for member in MEMBERS},
        subscriptions=tuple(map(str, told)),
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) else -1


def _manifest_object(read: zipfile.ZipFile) -> dict[str, Any] | None:
    """The manifest, if this is a file of ours."""
    try:
        with read.open(MANIFEST) as stream:
            said = json.loads(stream.read(_MANIFEST_BYTES))
    except (KeyError, ValueError, RecursionError, *_DAMAGED):
        return None
    is_ours = isinstance(said, dict) and said.get("format") == FORMAT
    return said if is_ours else None


def _check_sizes(path: Path, read: zipfile.ZipFile) -> None:
    """Raises AccordwatchError if the file would unpack to far more than texts do."""
    size = sum(info.file_size for info in read.infolist())
    if size > max(_LEAST_JUDGED, _MOST_TIMES * path.stat().st_size):
        raise AccordwatchError(
            f"{path}: would unpack to {size / 1e9:.1f} GB, more than {_MOST_TIMES} times its size: "
            "it is no file of `accordwatch export installation`"
        )


def _check_members(path: Path, read: zipfile.ZipFile, manifest: Manifest) -> None:
    """Raises AccordwatchError if a member is missing, damaged, or has not all of its lines."""
    for member in MEMBERS:
        try:
            info = read.getinfo(member)
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise NotImplementedError("packed in another way")
            with read.open(info) as stream:
                lines = sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(_CHUNK), b""))
        except (KeyError, *_DAMAGED) as error:
            raise AccordwatchError(
                f"{path}: {member} is missing or damaged ({str(error)[:200]}); export it again, or "
                "copy the file again"
            ) from error
        if lines != manifest.counts[member]:
            raise AccordwatchError(
                f"{path}: {member} has {lines} lines, and should have {manifest.counts[member]}; "
                "export it again"
            )


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Yield the lines; None for one that is too long to be kept in memory."""
    while line := stream.readline(_LONGEST_LINE):
        is_whole = line.endswith(b"\n") or len(line) < _LONGEST_LINE
        while not line.endswith(b"\n") and len(line) == _LONGEST_LINE:
            line = stream.readline(_LONGEST_LINE)
        yield line if is_whole else None
