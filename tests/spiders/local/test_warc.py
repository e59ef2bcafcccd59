"""WARC and WACZ files as sources."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest

from crawler.process.task import Task
from spiders.checks.source_tries import check_sources
from spiders.fetch.compressed import zstd
from spiders.fetch.settings import CrawlSettings
from spiders.local import warc
from spiders.local.files import Portion, Room, held_file
from storage.database.session import open_database
from storage.source import Source, SourceKind
from tests.spiders.crawls import crawl
from tests.spiders.local.places import SIGNED, documents, local_source, local_spec, outcomes, page
from tests.spiders.test_ledger import counted, unexplained

COUNTRIES = ("Morocco", "Tunisia", "Niger", "Mali", "Senegal")


def record(
    number: int,
    *,
    kind: str = "response",
    status: str = "200 OK",
    type: str = "text/html",
    body: bytes | None = None,
    packed: bool = True,
    headers: str = "",
) -> bytes:
    country = COUNTRIES[number % len(COUNTRIES)]
    text = page(
        f"{country} and Spain sign a readmission agreement", SIGNED.format(country)
    ).encode()
    answer = f"HTTP/1.1 {status}\r\nContent-Type: {type}\r\n{headers}\r\n".encode() + (
        text if body is None else body
    )
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://{country.lower()}.example/news/{number}\r\n"
        f"WARC-Date: 2024-03-05T10:00:00Z\r\nContent-Type: application/http\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    whole = head.encode() + answer + b"\r\n\r\n"
    return gzip.compress(whole) if packed else whole


def read(path: Path, at: int = 0, **room: Any) -> Portion[Task]:
    file = held_file(path)
    assert file is not None
    return warc.read(
        Source("s", SourceKind.WARC, path.as_uri()),
        file,
        at,
        Room(**({"documents": 20, "max_bytes": 100_000} | room)),
    )


def addresses(portion: Portion[Task]) -> list[str]:
    return [document.fetched.url.rpartition("/")[2] for document in portion.documents]


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_that_breaks_off_gives_what_was_whole(tmp_path: Path, packed: bool) -> None:
    whole = [record(number, packed=packed) for number in range(3)]
    for lost in (1, 9, 150):
        path = tmp_path / "cut.warc"
        path.write_bytes(b"".join(whole)[: -lost - 4])
        portion = read(path)
        assert addresses(portion) == ["0", "1"], lost
        assert portion.ended
        assert (portion.problem or "").startswith("truncated: ")
        assert portion.next_at in (len(whole[0] + whole[1]), len(whole[0] + whole[1]) - 4)


@pytest.mark.parametrize("packed", [True, False])
def test_reading_goes_on_where_it_was_left(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(record(number, packed=packed) for number in range(5)))
    first = read(path, documents=2)
    second = read(path, first.next_at)
    assert (addresses(first), addresses(second)) == (["0", "1"], ["2", "3", "4"])
    assert (first.ended, second.ended, second.problem) == (False, True, None)


def test_only_pages_and_files_that_were_there_are_documents(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    rows = [
        record(0, kind="request"),
        record(1, status="404 Not Found"),
        record(2, type="image/png"),
        record(3, type="application/pdf"),
        record(4, body=b"x" * 200_000),
    ]
    path.write_bytes(b"".join(rows))
    portion = read(path)
    assert addresses(portion) == ["3"]
    assert [reason for _, reason, _ in portion.skipped] == ["too_large"]


@pytest.mark.parametrize(
    ("says", "packed"), [("99", False), ("2147483648", False), ("4000", False), ("rot", True)]
)
def test_a_record_that_lies_about_its_length_or_is_damaged_costs_itself_alone(
    tmp_path: Path, says: str, packed: bool
) -> None:
    whole = [record(number, packed=packed) for number in range(5)]
    if packed:
        whole[2] = whole[2][:60] + bytes(20) + whole[2][80:]
    else:
        whole[2] = re.sub(rb"(?<=Length: )\d+", says.encode(), whole[2], count=1)
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(whole))
    portion = read(path)
    assert addresses(portion) == ["0", "1", "3", "4"]
    assert [reason for _, reason, _ in portion.skipped] == ["broken"]
    assert f"before byte {len(b''.join(whole[:3])):,}: a record " in portion.skipped[0][2]
    assert (portion.ended, portion.problem) == (True, None)


def test_what_is_no_archive_and_what_unpacks_without_end_is_told(tmp_path: Path) -> None:
    junk, trap = tmp_path / "junk.warc", tmp_path / "trap.warc.gz"
    junk.write_bytes(b"neither this nor that\r\n\r\n")
    trap.write_bytes(gzip.compress(b"WARC/1.0\r\n" + b"\0" * 50_000_000))
    assert (read(junk).problem or "").startswith("broken: ")
    assert (read(trap).problem or "").startswith("too_large: ")


@pytest.mark.parametrize("packed", [True, False])
def test_a_part_of_a_zip_file_is_unpacked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    """Each step back would unpack it again from its beginning."""
    path = tmp_path / "collection.wacz"
    records = [record(number, packed=packed) for number in range(300)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.warc", b"".join(records))
    sought: list[int] = []
    seek = zipfile.ZipExtFile.seek

    def noted(self: zipfile.ZipExtFile, offset: int, whence: int = 0) -> int:
        sought.append(offset)
        return seek(self, offset, whence)

    monkeypatch.setattr(zipfile.ZipExtFile, "seek", noted)
    whole = held_file(path)
    assert whole is not None
    (part,) = warc._members(whole)
    room = Room(documents=1000, max_bytes=100_000)
    portion = warc.read(Source("s", SourceKind.WARC, path.as_uri()), part, 0, room)
    assert (len(portion.documents), portion.ended, portion.problem) == (300, True, None)
    assert sought == []


def test_records_are_stored_under_their_addresses_and_read_once(tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.mkdir()
    whole = [record(number) for number in range(4)]
    growing = held / "growing.warc.gz"
    growing.write_bytes(b"".join(whole[:2]) + whole[2][:100])
    with zipfile.ZipFile(held / "collection.wacz", "w") as archive:
        archive.writestr("archive/data.warc.gz", whole[3])
        archive.writestr("pages/pages.jsonl", "{}")
    spec = local_spec(tmp_path, local_source(SourceKind.WARC, held))
    first = crawl(spec)
    assert outcomes(first) == {"0": "stored", "1": "stored", "3": "stored"}, first.stderr
    line = f"truncated: {growing}: the file breaks off in a record; what came before was read"
    assert (first.code, first.problems()) == (0, [line])
    assert (outcomes(crawl(spec)), crawl(spec).problems()) == ({}, [])
    growing.write_bytes(b"".join(whole[:3]))
    assert outcomes(crawl(spec)) == {"2": "stored"}
    stored = {document.url: document for document in documents(spec)}
    one = stored["https://morocco.example/news/0"]
    assert (one.outlet, str(one.published_on)) == ("morocco.example", "2024-03-05")
    database = open_database(spec.database_url)
    assert unexplained(database) == {"here": 0}
    assert counted(database)["here"].new == 4
    database.close()


def test_a_check_says_what_is_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(record(0) + record(1)[:80])
    check = next(check_sources([local_source(SourceKind.WARC, path)], CrawlSettings()))
    assert (check.alive, check.items) == (True, 1)
    assert (check.problem or "").startswith("truncated: ")


# --- how bodies are packed, and one that cannot be read -------------------------------------------

PAGE = page("Title", "The text of a page.").encode()
PACKED = {
    "br": brotli.compress(PAGE),
    "zstd": zstd.compress(PAGE),
    "gzip": gzip.compress(PAGE),
    "deflate": zlib.compress(PAGE),
    "gzip, br": brotli.compress(gzip.compress(PAGE)),
}


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("kept", ["packed", "unpacked", "in chunks"])
def test_packed_bodies_are_unpacked(tmp_path: Path, encoding: str, kept: str) -> None:
    path = tmp_path / "a.warc"
    body = PAGE if kept == "unpacked" else PACKED[encoding]
    headers = f"Content-Encoding: {encoding}\r\n"
    if kept == "in chunks":
        headers += "Transfer-Encoding: chunked\r\n"
        body = b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    path.write_bytes(b"".join([record(0, body=body, headers=headers), record(1)]))
    portion = read(path)
    assert (addresses(portion), portion.skipped) == (["0", "1"], ())
    assert portion.documents[0].fetched.body == PAGE


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip", "deflate"])
def test_what_unpacks_without_end_is_too_large(tmp_path: Path, encoding: str) -> None:
    much = b" " * 50_000_000
    body = {"br": brotli.compress, "zstd": zstd.compress, "gzip": gzip.compress}.get(
        encoding, zlib.compress
    )(much)
    path = tmp_path / "a.warc"
    headers = f"Content-Encoding: {encoding}\r\n"
    path.write_bytes(b"".join([record(0, body=body, headers=headers), record(1)]))
    portion = read(path)
    assert addresses(portion) == ["1"]
    assert [reason for _, reason, _ in portion.skipped] == ["too_large"]


@pytest.mark.parametrize(
    ("headers", "body", "reason", "said"),
    [
        (
            "Content-Encoding: br\r\n",
            b"\x00 no stream at all",
            "broken",
            "it says it is packed as br, and is not",
        ),
        (
            "Content-Encoding: zstd\r\n",
            b"no stream at all",
            "broken",
            "it says it is packed as zstd, and is not",
        ),
        (
            "Content-Encoding: compress\r\n",
            PAGE,
            "unsupported",
            "its Content-Encoding is 'compress'",
        ),
        (
            f"Content-Encoding: {', '.join(['gzip'] * 6)}\r\n",
            PAGE,
            "unsupported",
            "it says it is packed 6 times over",
        ),
    ],
)
def test_a_record_that_cannot_be_unpacked_costs_itself_alone(
    tmp_path: Path, headers: str, body: bytes, reason: str, said: str
) -> None:
    path = tmp_path / "a.warc"
    whole = [record(number) for number in range(9)]
    whole.insert(3, record(99, body=body, headers=headers))
    path.write_bytes(b"".join(whole))
    portion = read(path)
    assert addresses(portion) == [str(number) for number in range(9)]
    ((_, why, line),) = portion.skipped
    assert (why, said in line) == (reason, True)
    assert (portion.ended, portion.problem) == (True, None)
