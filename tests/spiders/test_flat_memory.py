"""A crawl of many pages holds no more memory than one of few."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_MOST_MB = 10


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_ten_thousand_pages_take_no_more_memory_than_two_thousand() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.crawl.memory"],
        capture_output=True,
        text=True,
        check=True,
        timeout=3000,
    )
    assert json.loads(done.stdout.splitlines()[-1])["growth_mb"] <= _MOST_MB, done.stdout
