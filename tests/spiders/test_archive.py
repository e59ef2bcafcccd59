"""What a run fetched, kept as a WARC file."""

from __future__ import annotations

import gzip
import random
import signal
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from scrapy.http import Response
from warcio.archiveiterator import ArchiveIterator

from spiders.fetch.archive import Archive
from spiders.local import warc
from spiders.local.files import held_file
from spiders.local.portion import Portion, Room
from storage.records import Source, SourceKind
from tests.spiders.answers import NOW
from tests.spiders.crawls import crawl, finish, source, spec, start
from tests.spiders.hosts import NOTHING, Answer, Host, Request, feed_of, host, page_of


def answers(request: Request) -> Answer:
    if request.path == "/robots.txt":
        return NOTHING
    if request.path == "/feed":
        return feed_of("/a", "/b", "/slow")
    if request.path == "/slow":
        time.sleep(2)
    return page_of(request.path)


@pytest.fixture
def running() -> Iterator[Host]:
    with host(answers) as one:
        yield one


def archived(folder: Path) -> Portion:
    (path,) = folder.glob("*.warc.gz")
    file = held_file(path)
    assert file is not None
    one = Source("s", SourceKind.WARC, path.as_uri())
    return warc.read(one, file, 0, Room(documents=100, max_bytes=100_000))


def test_what_a_run_fetched_can_be_read_again(running: Host, tmp_path: Path) -> None:
    folder = tmp_path / "kept" / "here"
    done = crawl(
        spec(tmp_path, running.site(), [source(running.site(), "/feed")], archive=str(folder))
    )
    assert done.code == 0, done.stderr
    portion = archived(folder)
    urls = {one.fetched.url for one in portion.documents}
    assert urls == {running.url(path) for path in ("/a", "/b", "/slow")}
    assert portion.problem is None
    (path,) = folder.glob("*.warc.gz")
    # Addresses hold keys, and answers what they open.
    assert [one.stat().st_mode & 0o777 for one in (folder, path)] == [0o700, 0o600]
    rows = list(ArchiveIterator(BytesIO(gzip.decompress(path.read_bytes()))))
    assert [row.rec_type for row in rows] == ["warcinfo", *["response"] * 4]
    assert running.url("/feed") in {row.rec_headers.get_header("WARC-Target-URI") for row in rows}


def test_a_run_that_is_told_to_end_closes_its_archive(running: Host, tmp_path: Path) -> None:
    wanted = spec(
        tmp_path, running.site(), [source(running.site(), "/feed")], archive=str(tmp_path / "w")
    )
    process = start(wanted)
    while "/b" not in running.paths():
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    finish(process)
    assert archived(tmp_path / "w").problem is None


def test_an_archive_that_cannot_be_written_does_not_stop_the_crawl(
    running: Host, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder can be made here")
    done = crawl(
        spec(
            tmp_path,
            running.site(),
            [source(running.site(), "/feed")],
            archive=str(tmp_path / "file"),
        )
    )
    assert (done.code, done.report["totals"]["fetched"]) == (0, 3)
    assert "the archive cannot be written" in done.stderr


def test_an_archive_keeps_no_more_than_it_may(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "test", max_bytes=20_000)
    for number in range(5):
        body = random.Random(number).randbytes(8_000)
        archive.keep(
            Response(f"https://a.org/{number}", headers={"Content-Type": "text/html"}, body=body),
            NOW,
        )
    archive.close()
    (path,) = tmp_path.glob("*.warc.gz")
    assert path.stat().st_size <= 20_000
    assert len(archived(tmp_path).documents) == 2
