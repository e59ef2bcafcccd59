"""The file channel."""

from __future__ import annotations

import os
from pathlib import Path

from scheduler.notify.channels.file import write
from tests.scheduler.notify.digest.samples import DIGEST


def test_digests_are_for_this_user_alone(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        written = write(tmp_path / "digests", DIGEST, "digest-7-abc")
    finally:
        os.umask(before)
    assert (tmp_path / "digests").stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in written] == [0o600, 0o600]
