"""The same results on the workers of a Dask scheduler."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import LocalCluster

from crawler.judgement.judge import load_rules
from crawler.worker import RulesSpec
from scheduler.backfill.on_dask import read_on_dask
from scheduler.backfill.results import ArchiveResult
from storage.errors import AccordwatchError
from tests.scheduler.backfill.given import held, reader, web_archive


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a scheduler with one worker, in this process."""
    with LocalCluster(  # type: ignore[no-untyped-call]  # Dask has no types
        n_workers=1, processes=False, dashboard_address=None, host="127.0.0.1", protocol="tcp"
    ) as cluster:
        yield cluster.scheduler_address


def test_each_archive_is_read_there(cluster: str, tmp_path: Path) -> None:
    files = [held(web_archive(tmp_path / f"{n}.warc.gz", dull=n)) for n in (1, 2)]
    order = replace(reader(tmp_path).order, rules=load_rules().version)
    heard: list[ArchiveResult] = []
    done = read_on_dask(cluster, files, order, RulesSpec(warm=False), heard.append)
    assert [(one.name, one.read, one.found, one.ended) for one in done] == [
        (files[0].name, 2, 1, True),
        (files[1].name, 3, 1, True),
    ]
    assert len(heard) == 2


def test_a_worker_with_other_rules_is_refused(cluster: str, tmp_path: Path) -> None:
    file = held(web_archive(tmp_path / "a.warc.gz"))
    with pytest.raises(AccordwatchError, match="install the same version of accordwatch on both"):
        read_on_dask(cluster, [file], reader(tmp_path).order, RulesSpec(warm=False), lambda _: None)


def test_a_scheduler_that_is_not_there_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.backfill.on_dask._REACHED_WITHIN_S", 0.2)
    file = held(web_archive(tmp_path / "a.warc.gz"))
    with pytest.raises(AccordwatchError, match=r"127\.0\.0\.1:9: no Dask scheduler answers"):
        read_on_dask("tcp://127.0.0.1:9", [file], reader(tmp_path).order, RulesSpec(), print)


def test_a_scheduler_that_goes_away_is_one_clear_line(tmp_path: Path) -> None:
    """Dask would log a traceback of many lines."""
    file, said = held(web_archive(tmp_path / "a.warc.gz")), _Said()
    client = logging.getLogger("distributed.client")
    client.addHandler(said)
    command = [sys.executable, "-c", _SCHEDULER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as scheduler:
        assert scheduler.stdout is not None
        address = scheduler.stdout.readline().strip()
        with pytest.raises(AccordwatchError, match="no Dask scheduler answers; what was read is"):
            read_on_dask(address, [file], reader(tmp_path).order, RulesSpec(), print)
    client.removeHandler(said)
    assert said.lines == []


class _Said(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


# It dies as soon as somebody has given it something to do.
_SCHEDULER = """
import asyncio, os
from distributed import Scheduler

async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
        print(scheduler.address, flush=True)
        while not scheduler.tasks:
            await asyncio.sleep(0.01)
        os._exit(1)

asyncio.run(main())
"""
