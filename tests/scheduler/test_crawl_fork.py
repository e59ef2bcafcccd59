"""The crawl of a `run`, forked before that opens anything, ends as others do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.source import Source, SourceKind
from tests.scheduler.command_line import succeed
from tests.spiders.crawls import source, spec
from tests.spiders.servers import ROOT, Site, bad_site
from tests.warm import start as warm


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with bad_site() as running:
        yield running


def _run(folder: Path, site: Site, watched: Source, *arguments: str) -> dict[str, Any]:
    path = folder / "wanted.json"
    wanted = spec(folder, site, [watched], timeout_s=60)
    path.write_text(wanted.model_dump_json(), encoding="utf-8")
    command = warm.command("tests.scheduler.forked_run", str(path), *arguments)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_a_crawl_that_was_forked_early_ends_in_order_and_begins_once(
    site: Site, tmp_path: Path
) -> None:
    watched = source(site, "/watched", SourceKind.PAGE)
    assert _run(tmp_path, site, watched) == {"code": 0, "fault": None, "left": [], "again": False}


_NOTED = """
import os, sys
from scheduler.cli.main import main
fork = os.fork
os.fork = lambda: print("forked", file=sys.stderr, flush=True) or fork()
sys.argv = ["accordwatch", "run", "--source", "nosuch"]
main()
"""


def test_run_imports_nothing_that_begins_threads_before_it_forks(tmp_path: Path) -> None:
    """NumPy does: then nothing can be forked, and a crawl imports everything anew."""
    succeed("init", cwd=tmp_path)
    command = (sys.executable, "-P", "-c", _NOTED)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("forked\n")


def test_a_crawl_that_is_not_needed_after_all_says_nothing(tmp_path: Path) -> None:
    succeed("init", cwd=tmp_path)
    command = (sys.executable, "-P", "-m", "scheduler.cli", "run", "--source", "nosuch")
    for _ in range(3):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        said = "accordwatch: no source has the id nosuch; see: accordwatch sources list\n"
        assert (done.returncode, done.stderr) == (2, said)


def test_a_crawl_that_was_forked_early_is_told_from_one_that_is_killed(
    site: Site, tmp_path: Path
) -> None:
    said = _run(tmp_path, site, source(site, "/slow-feed"), "kill")  # /slow would take 20 s
    assert said["code"] == -9
    assert "killed by SIGKILL" in said["fault"]
    assert said["left"] == []
