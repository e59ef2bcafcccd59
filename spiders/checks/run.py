"""Tries sources once, in a child process: Twisted's reactor starts only once in a process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Timer
from typing import IO

from pydantic import TypeAdapter

from spiders.checks.verdict import CheckJob, failed
from spiders.fetch.settings import CrawlSettings
from storage.records import Source
from storage.sources.checks import SourceCheck

COMMAND: Sequence[str] = (sys.executable, "-P", "-m", "spiders.checks.process")

_CHECK = TypeAdapter(SourceCheck)
_SLACK_S = 60.0  # to start Python, to fetch robots.txt, and to wait out a Crawl-delay


def check_sources(sources: Sequence[Source], settings: CrawlSettings) -> Iterator[SourceCheck]:
    """Try each source once; yield what was found, as the answers come, one for each source.

    Hosts are asked at the same time, each by one request at a time and with `crawl.delay_s` between
    them. If the child ends early or says nothing for very long, the rest failed.
    """
    waiting = {source.id: source for source in sources}
    with tempfile.TemporaryFile() as complaints:
        for check in _answers(sources, settings, complaints):
            if waiting.pop(check.source_id, None) is not None:
                yield check
        why = _last_line(complaints)
    for source in waiting.values():
        line = f"failed: the process that checks ended before it came to this source{why}"
        yield failed(source, line, datetime.now(UTC))


def _answers(
    sources: Sequence[Source], settings: CrawlSettings, complaints: IO[bytes]
) -> Iterator[SourceCheck]:
    patience_s = 2 * settings.timeout_s * (settings.redirects + 2) + _SLACK_S
    with (
        _job(sources, settings) as job,
        subprocess.Popen(  # noqa: S603 - our own module
            COMMAND, stdin=job, stdout=subprocess.PIPE, stderr=complaints
        ) as child,
    ):
        watch = _watch(child, patience_s)
        try:
            for line in child.stdout or ():
                watch.cancel()
                yield _CHECK.validate_json(line)
                watch = _watch(child, patience_s)
        finally:
            watch.cancel()
            child.kill()


@contextmanager
def _job(sources: Sequence[Source], settings: CrawlSettings) -> Iterator[IO[bytes]]:
    """What the child is told, as a file: a pipe would fill before the child reads."""
    with tempfile.TemporaryFile() as job:
        job.write(CheckJob(sources=tuple(sources), crawl=settings).model_dump_json().encode())
        job.seek(0)
        yield job


def _watch(child: subprocess.Popen[bytes], patience_s: float) -> Timer:
    """Ends a child that says nothing for `patience_s`."""
    timer = Timer(patience_s, child.kill)
    timer.daemon = True
    timer.start()
    return timer


def _last_line(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    return f": {lines[-1]}" if lines else ""
