"""WARC files (ISO 28500), and WACZ files, which are zip files that hold some.

Records are cut out here, so that each can be read on from its place, and a file that breaks off is
noticed: the readers of WARC files that we tried take a broken record for the end of the file. What
is in a record is warcio's to read. This is the only module that imports it for reading.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any, BinaryIO

from crawler.process.task import Task
from spiders.fetch.compressed import unpacked
from spiders.local.files import Gathered, Held, HeldFile, Portion, Room, files_of, member_of, opened
from storage.addresses import MAX_LENGTH, canonical_url
from storage.errors import UnreadableError
from storage.records import Candidate, Fetched
from storage.source import Source

DOCUMENTS = re.compile(
    r"text/html|application/xhtml\+xml|application/pdf"
    r"|application/vnd\.openxmlformats-officedocument\.wordprocessingml\.document",
    re.IGNORECASE,
)
_WARC, _WACZ = (".warc", ".warc.gz"), ".wacz"
_MEMBER = re.compile(r"(?:.*/)?archive/[^/]+\.warc(?:\.gz)?", re.IGNORECASE)
_GZIP = b"\x1f\x8b"
_HEADS = 65_536  # bytes of the headers of a record; they have a few hundred
_CHUNK = 65_536
# Where a record may begin: behind an empty line, or with a gzip member.
_BEGINNING = re.compile(rb"\r\n\r\n(?=WARC/1\.\d\r\n)|(?=\x1f\x8b\x08)")
_LONGEST_BEGINNING = 16
_BREAKS_OFF = "truncated: the file breaks off in a record; what came before was read"
_LIES = "a record is not as long as it says"


# (the bytes of a record with its headers, where the next one begins, what is wrong with it). There
# are no bytes if they are too many, or something is wrong.
Record = tuple[bytes | None, int, str]


class Damaged(Exception):
    """The file breaks off, or is none from here on. Its text is "reason: sentence"."""


def files(source: Source) -> Held:
    held, problem = files_of(source, lambda name: name.endswith((*_WARC, _WACZ)))
    held_files: list[HeldFile] = []
    for file in held:
        if not file.path.lower().endswith(_WACZ):
            held_files.append(file)
            continue
        try:
            held_files += _members(file)
        except (zipfile.BadZipFile, OSError, UnreadableError) as error:
            problem = problem or f"broken: {file.name}: it cannot be opened as a zip file: {error}"
    return tuple(held_files), problem


def _members(file: HeldFile) -> Iterator[HeldFile]:
    with opened(file.path) as stream, zipfile.ZipFile(stream) as archive:
        for zip_info in archive.infolist():
            if _MEMBER.fullmatch(zip_info.filename):
                yield member_of(file, zip_info.filename, zip_info.file_size)


def read(source: Source, file: HeldFile, at: int, room: Room) -> Portion[Task]:
    """The pages and PDF files that were answers with status 200, from the record at `at` on."""
    gathered = Gathered(file, room)
    begun_at = at
    with _stream(file) as stream:
        try:
            while not gathered.is_full and at - begun_at < room.scanned_bytes:
                record = next_record(stream, at, room)
                if record is None:
                    return gathered.portion(at, ended=True)
                _take(gathered, record, source)
                _, at, _ = record
        except Damaged as damage:
            reason, _, line = str(damage).partition(": ")
            return gathered.portion(at, ended=True, problem=f"{reason}: {file.name}: {line}")
    return gathered.portion(at, ended=False)


def past(file: HeldFile, at: int, room: Room) -> int:
    with _stream(file) as stream:
        try:
            record = next_record(stream, at, room)
        except Damaged:
            record = None
    return at if record is None else record[1]


@contextmanager
def _stream(file: HeldFile) -> Iterator[BinaryIO]:
    with opened(file.path) as stream:
        if not file.member:
            yield stream
            return
        try:
            with zipfile.ZipFile(stream) as archive, archive.open(file.member) as member:
                yield Unpacked(member, file.size)  # type: ignore[misc]  # as good as a file
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error) as error:
            raise UnreadableError("broken", f"the zip file cannot be read: {error}") from None


# --- cutting records out ------------------------------------------------------------------------


def next_record(stream: BinaryIO, at: int, room: Room) -> Record | None:
    """The record that begins at `at`; None at the end of the file. Raises Damaged."""
    most = room.max_bytes + _HEADS
    stream.seek(at)
    head = stream.read(5)
    while head[:1] in (b"\r", b"\n"):  # some writers put more empty lines between records
        at += 1
        stream.seek(at)
        head = stream.read(5)
    if not head:
        return None
    stream.seek(at)
    if head.startswith(_GZIP):
        return _packed(stream, at, most, room.times_in_vain)
    if len(head) < 5 and b"WARC/".startswith(head):
        raise Damaged(_BREAKS_OFF)
    if head != b"WARC/":
        return _passed(stream, at, "no record of a WARC file begins where one should")
    return _plain(stream, at, most)


def _passed(stream: BinaryIO, at: int, fault: str) -> Record:
    """A record that cannot be read, up to the next one. Raises Damaged if there is none."""
    following = _next_beginning(stream, at + 1)
    if following is None:
        raise Damaged(f"broken: {fault}")
    return None, following, fault


def _next_beginning(stream: BinaryIO, at: int) -> int | None:
    """The place at which the next record begins, from `at` on; None if none does."""
    held = b""
    stream.seek(at)
    while chunk := stream.read(_CHUNK):
        window = held + chunk
        for match in _BEGINNING.finditer(window):
            place = at - len(held) + match.end()
            if match.group() or _is_packed_record(stream, place):
                return place
        held = window[-_LONGEST_BEGINNING:]
        at += len(chunk)
        stream.seek(at)
    return None


def _is_packed_record(stream: BinaryIO, at: int) -> bool:
    stream.seek(at)
    try:
        return zlib.decompressobj(wbits=31).decompress(stream.read(1024), 5) == b"WARC/"
    except zlib.error:
        return False


def _is_followed(stream: BinaryIO, end: int) -> bool:
    """Whether another record begins behind the place `end`, or the file ends there."""
    stream.seek(end)
    rest = stream.read(_LONGEST_BEGINNING).lstrip(b"\r\n")
    return b"WARC/".startswith(rest[:5]) or rest.startswith(_GZIP)


def _packed(stream: BinaryIO, at: int, most: int, times_in_vain: int) -> Record:
    """The record in the gzip member that begins at `at`. What is larger than `most` is passed."""
    unpacker = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    size, taken = 0, 0
    waiting = b""
    while not unpacker.eof:
        if not waiting:
            waiting = stream.read(_CHUNK)
            taken += len(waiting)
            if not waiting:
                raise Damaged(_BREAKS_OFF)
        try:
            part = unpacker.decompress(waiting, _CHUNK)
        except zlib.error as error:
            return _passed(stream, at, f"a record cannot be unpacked: {error}")
        waiting = unpacker.unconsumed_tail
        size += len(part)
        if size <= most:
            parts.append(part)
        elif size > most * times_in_vain:
            raise Damaged(
                "too_large: a record has no end; it may be packed in one piece with others"
            )
    end = at + taken - len(unpacker.unused_data)
    return b"".join(parts) if size <= most else None, end, ""


def _plain(stream: BinaryIO, at: int, most: int) -> Record:
    """The record that begins at `at`, as long as its headers say."""
    head = stream.read(_HEADS)
    until = head.find(b"\r\n\r\n")
    if until < 0 and len(head) < _HEADS:
        raise Damaged(_BREAKS_OFF)
    length = re.search(
        rb"^content-length:\s*(\d{1,18})\s*$", head[:until], re.IGNORECASE | re.MULTILINE
    )
    if until < 0 or length is None:
        return _passed(stream, at, "a record does not say how long it is")
    size = until + 4 + int(length[1])
    there = stream.seek(0, io.SEEK_END)
    if at + size > there:
        following = _next_beginning(stream, at + 1)
        if following is None:
            raise Damaged(_BREAKS_OFF)
        return None, following, _LIES
    if not _is_followed(stream, at + size):
        following = _next_beginning(stream, at + 1)
        if following is not None:
            return None, following, _LIES
    stream.seek(at)
    raw = stream.read(size) + b"\r\n\r\n" if size <= most else None
    return raw, at + size, ""


# --- what is in them ----------------------------------------------------------------------------


def _take(gathered: Gathered, record: Record, source: Source) -> None:
    """Adds the documents of a record; there are several if all were packed in one piece."""
    raw, end, fault = record
    if raw is None:
        what = f"before byte {end:,}: {fault or 'a record is too large'}"
        gathered.skip("broken" if fault else "too_large", what)
        return
    from warcio.archiveiterator import ArchiveIterator  # few crawls need it

    try:
        for one in ArchiveIterator(io.BytesIO(raw)):
            _take_answer(gathered, one, source)
    except Exception as error:  # the edge: one record must not cost those beside it
        gathered.skip_unread(f"the record before byte {end:,}", error)


def _take_answer(gathered: Gathered, record: Any, source: Source) -> None:
    """Adds the document of a record, if it is the answer of a page or a file that was there."""
    http, headers, most = record.http_headers, record.rec_headers, gathered.room.max_bytes
    if record.rec_type != "response" or http is None or http.get_statuscode() != "200":
        return
    content_type = http.get_header("Content-Type") or ""
    url = canonical_url((headers.get_header("WARC-Target-URI") or "").strip("<>"))
    if url is None or len(url) > MAX_LENGTH or not DOCUMENTS.match(content_type.strip()):
        return
    body = _body(record, most)
    if len(body) > most:
        gathered.skipped.append((url, "too_large", f"{url}: it is too large"))
        return
    at = _moment(headers.get_header("WARC-Date"))
    fetched = Fetched(url, url, content_type, body, at)
    hint = Candidate(url, language=source.language)
    gathered.add(Task(fetched, hint, seen_on=at.date()), len(body))


def _body(record: Any, most: int) -> bytes:
    """The body of an answer, at most one byte more than `most`. What is packed is unpacked here:
    warcio knows no zstd, and fails at what the present brotli gives it.
    """
    http, stream = record.http_headers, record.raw_stream
    if (http.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        from warcio.bufferedreaders import ChunkedDataReader

        stream = ChunkedDataReader(stream)
    return unpacked(stream.read(most + 1), http.get_header("Content-Encoding") or "", most)


def _moment(text: str | None) -> datetime:
    """When a record was fetched; now, if it does not say so or names a time to come."""
    now = datetime.now(UTC)
    try:
        at = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return now
    return min(now, at if at.tzinfo else at.replace(tzinfo=UTC))


# --- a part of a zip file -------------------------------------------------------------------------

_HELD = 1 << 18  # bytes that are held for steps back: the readers step back over 64 KB at most


class Unpacked(io.RawIOBase):
    """The bytes of an opened part of a zip file, which has `size` of them."""

    def __init__(self, packed: IO[bytes], size: int) -> None:
        self._packed, self._size = packed, size
        self._held = b""  # what was read last
        self._held_at = 0
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begins = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}
        self._at = max(0, begins[whence] + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; fewer only at the end."""
        if not self._held_at <= self._at <= self._held_at + len(self._held):
            self._packed.seek(self._at)
            self._held, self._held_at = b"", self._at
        begins = self._at - self._held_at
        known = self._held[begins:] if size < 0 else self._held[begins : begins + size]
        fresh = self._packed.read(-1 if size < 0 else size - len(known))
        if fresh:
            held = self._held + fresh
            self._held_at += max(0, len(held) - _HELD)
            self._held = held[-_HELD:]
        self._at += len(known) + len(fresh)
        return known + fresh
