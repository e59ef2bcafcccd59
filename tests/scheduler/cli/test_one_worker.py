"""What a command reads of a stranger's bytes is limited as in a crawl."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.cli.places import fetch_place, one_worker
from storage.errors import AccordwatchError, UnreadableError
from tests.scheduler.command_line import accordwatch


def _eat(megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


def test_a_worker_without_rules_reads_but_does_not_judge() -> None:
    with one_worker() as work:
        assert work(os.getpid) != os.getpid()
        with pytest.raises(UnreadableError, match="no rules"):
            work("judge_whole", None)


def test_what_takes_too_much_memory_is_refused() -> None:
    with one_worker() as work, pytest.raises(UnreadableError) as caught:
        work(_eat, 4096)
    assert caught.value.reason == "too_large"


def test_a_worker_that_is_no_more_is_told_in_one_line() -> None:
    with one_worker() as work:
        pass
    with pytest.raises(AccordwatchError, match="no worker process can run"):
        work(os.getpid)


def test_a_file_with_more_than_a_document_may_have_is_not_read_whole(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(512_000_000)
    done = accordwatch("extract", str(large))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "has more than 10,485,760 bytes; raise crawl.max_bytes" in done.stderr
    assert len(fetch_place(str(_of(tmp_path, 11_000_000)), share=5).body) == 11_000_000


def _of(folder: Path, size: int) -> Path:
    path = folder / "sitemap.xml"
    path.write_bytes(b" " * size)
    return path


def test_what_judges_a_file_imports_no_database() -> None:
    """SQLAlchemy takes as long to import as all the rest of `classify` and of a worker."""
    modules = "scheduler.cli.commands.judging.classification, crawler.worker"
    check = f"import sys, {modules}; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check]).returncode == 0


def test_a_file_that_came_from_no_address_is_one_line(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<title>Signed</title><p>Niger and Mali signed an agreement.</p>")
    done = accordwatch("extract", str(page), "--url", "http://[:1]:80/")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--url http://[:1]:80/ is no address of the web" in done.stderr
