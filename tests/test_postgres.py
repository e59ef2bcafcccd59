"""The PostgreSQL server of the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.scheduler.jobs.daemon.running_daemon import wait_until
from tests.spiders.servers import ROOT


def test_it_does_not_outlive_the_tests_however_they_end() -> None:
    command = [sys.executable, "-m", "tests.postgres"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        folder = Path(f"/proc/{pid}/cwd").readlink().parent
        assert folder.name.startswith("accordwatch-postgres-")
        process.kill()
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the server to end")
    wait_until(lambda: not folder.exists(), "its folder to go")
