"""Trials that the page begins: a child process tries a site or a rule, so that no reader waits for
it and nothing from outside is read in the process that answers.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from storage.database.session import Database
from storage.errors import AccordwatchError
from storage.trials import TrialKind, begin_trial, end_trial

COMMAND: Sequence[str] = (sys.executable, "-P", "-m", "scheduler.trials.child")
# A site of six slow answers, or a rule over as much as is read of the archive. Then the child is
# ended: `storage.trials.LOST_AFTER` is longer.
LIMIT_S = {TrialKind.SITE: 120.0, TrialKind.RULE: 90.0}
_log = logging.getLogger(__name__)

Found = dict[str, Any]


def begin(
    database: Database,
    configuration: Path,
    kind: TrialKind,
    asked: dict[str, Any],
    who: str,
    clock: Callable[[], datetime],
) -> int | None:
    """Begin a trial and return its number; None while another of its kind is at work.

    Its row in the database says when it has ended, and what it found.
    """
    with database.begin() as s:
        number = begin_trial(s, kind, asked, who, clock())
    if number is not None:
        job = {"kind": kind, "configuration": str(configuration), "asked": asked}
        work = (database, number, job, LIMIT_S[kind], clock)
        Thread(target=_finish, args=work, name=f"trial {number}", daemon=True).start()
    return number


def _finish(
    database: Database,
    number: int,
    job: Found,
    limit_s: float,
    clock: Callable[[], datetime],
) -> None:
    found = tried(job, limit_s)
    try:
        with database.begin() as s:
            end_trial(s, number, found, clock())
    except AccordwatchError as error:  # the page says later that the trial was lost
        _log.warning("what trial %d found could not be kept: %s", number, error)


def tried(job: Found, limit_s: float) -> Found:
    """What the child says; {"fault": name, "line": text} where it could not do its work."""
    child = subprocess.Popen(  # noqa: S603 - our own module
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # so that its own child ends with it
    )
    try:
        said, complaints = child.communicate(json.dumps(job).encode(), timeout=limit_s)
    except subprocess.TimeoutExpired:
        return {"fault": "too_long", "line": ""}
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
    try:
        found: Found = json.loads(said)
    except ValueError:
        lines = complaints.decode(errors="replace").strip().splitlines()
        return {"fault": "died", "line": lines[-1][:300] if lines else f"exit {child.returncode}"}
    return found
