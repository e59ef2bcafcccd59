"""The same results as jobs of the workers of a team."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from crawler.judgement.judge import load_rules
from crawler.process.task import WantedDocuments
from scheduler.jobs.backfill.reading import ArchiveResult, job_of, order_of, read_on_workers
from scheduler.jobs.queue import JobQueue
from storage.database.session import Database
from storage.errors import AccordwatchError
from tests.conftest import ON_POSTGRESQL
from tests.scheduler.given_digests import SUBSCRIPTIONS, configured
from tests.scheduler.jobs.backfill.given import held, reader, web_archive
from tests.scheduler.jobs.workers.test_worker import Said, worked

if TYPE_CHECKING:
    from scheduler.jobs.daemon.host_system import Log

pytestmark = ON_POSTGRESQL


def test_an_order_goes_through_the_queue_unchanged(database: Database, tmp_path: Path) -> None:
    file = held(web_archive(tmp_path / "a.warc.gz"))
    wanted = WantedDocuments(date(2016, 1, 1), None, frozenset({"fr", "ar"}))
    order = replace(reader(tmp_path, wanted).order, columns={"text": "body"}, false_alarms=2.5)
    job = job_of(file, order)
    assert order_of(job.args) == (file, order)
    assert job.key != job_of(held(web_archive(tmp_path / "b.warc.gz")), order).key


def test_workers_read_each_archive_once(database: Database, tmp_path: Path) -> None:
    configured(tmp_path, SUBSCRIPTIONS, "", f'"{database.url}"')
    JobQueue(database.url).prepare()
    files = [held(web_archive(tmp_path / f"{n}.warc.gz", dull=n)) for n in (1, 2)]
    order = replace(reader(tmp_path).order, rules=load_rules().version)
    done: list[ArchiveResult] = []
    command = threading.Thread(
        target=lambda: done.extend(
            read_on_workers(database, files, order, lambda _: None, look_s=0.1)
        )
    )
    command.start()
    worked(tmp_path, cast("Log", Said()), lambda: not command.is_alive())
    assert [(result.name, result.read, result.found, result.ended) for result in done] == [
        (files[0].name, 2, 1, True),
        (files[1].name, 3, 1, True),
    ]


def test_a_worker_with_other_rules_refuses_and_the_archive_is_given_up(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(tmp_path, SUBSCRIPTIONS, "", f'"{database.url}"')
    JobQueue(database.url).prepare()
    monkeypatch.setattr("scheduler.jobs.backfill.reading._MOST_TRIES", 1)
    monkeypatch.setattr("storage.workers.queue.FIRST_REST_S", 0)
    file, said = held(web_archive(tmp_path / "a.warc.gz")), Said()
    order = replace(reader(tmp_path).order, rules="of another version")
    done: list[ArchiveResult] = []
    command = threading.Thread(
        target=lambda: done.extend(
            read_on_workers(database, [file], order, lambda _: None, look_s=0.1)
        )
    )
    command.start()
    worked(tmp_path, cast("Log", said), lambda: not command.is_alive())
    assert "each worker that read it failed" in str(done[0].problem)
    assert any("ordered with of another version" in str(more) for _, more in said.lines)


def test_where_nobody_leads_it_is_said(database: Database, tmp_path: Path) -> None:
    file = held(web_archive(tmp_path / "a.warc.gz"))
    with pytest.raises(AccordwatchError, match="nobody leads workers yet"):
        read_on_workers(database, [file], reader(tmp_path).order, lambda _: None)
