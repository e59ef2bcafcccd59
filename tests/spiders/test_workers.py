"""What is at hand is read again if its worker was killed."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from crawler.pool import WorkerPool
from crawler.worker import RulesSpec
from spiders import workers
from spiders.workers import Workers
from storage.errors import UnreadableError


def _killed_at_first(sign: Path, times: int) -> int:
    """As the kernel does where memory is short."""
    tries = len(sign.read_text()) if sign.exists() else 0
    if tries < times:
        sign.write_text("x" * (tries + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return tries


def _broken(sign: Path) -> None:
    with sign.open("a") as file:
        file.write("x")
    raise UnreadableError("broken", "it is damaged")


def test_what_is_at_hand_is_read_again_if_its_worker_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "BACK_OFF_S", (0.0, 0.0))
    with WorkerPool(RulesSpec(), workers=1) as pool:
        read = Workers(pool).run
        assert asyncio.run(read(_killed_at_first, tmp_path / "a", 2)) == 2
        with pytest.raises(UnreadableError, match="ended its worker"):
            asyncio.run(read(_killed_at_first, tmp_path / "b", 9))
        with pytest.raises(UnreadableError, match="damaged"):
            asyncio.run(read(_broken, tmp_path / "c"))
    assert (tmp_path / "c").read_text() == "x"
