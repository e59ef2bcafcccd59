"""SIGKILL at each boundary and at random: nothing lost, and what repeats bears the same id."""

from __future__ import annotations

import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scheduler.notify.deliver import LEASE_S
from tests.scheduler.given_digests import SOURCES
from tests.scheduler.notify import one_pass
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.scheduler.notify.one_pass import BOUNDARIES
from tests.warm import start as warm

CONFIGURATION = """
channels:
  - {{id: office, kind: email, to: [ana@ngo.example], sender: watch@ngo.example, host: 127.0.0.1, port: {port},
     security: none}}
subscriptions:
  - {{id: everything, channels: [office], rate: immediately, max_items: 1000, unconfirmed: full}}
"""
# The server has it, and we die before we have written that down: the one thing that no client can
# avoid.
REPEATING = ("after send", "in acknowledge")
MODULE = "tests.scheduler.notify.one_pass"
NEXT_S = LEASE_S + 60  # later, when a dead process's lease has ended


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        yield server


@pytest.fixture
def path(tmp_path: Path, server: MailServer) -> Path:
    path = tmp_path / "accordwatch.yaml"
    path.write_text(CONFIGURATION.format(port=server.port) + SOURCES, encoding="utf-8")
    return path


@contextmanager
def begun_pass(
    path: Path, numbers: range, seconds: float, boundary: str = "", *, to_be_killed: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """A pass that has begun: what it imports is behind it. One that we kill is a child of ours,
    whose end we see at once; one that kills itself begins warm.
    """
    between = [str(numbers[0]), str(numbers[-1]), str(seconds), *([boundary] if boundary else [])]
    start = [sys.executable, "-m", MODULE] if to_be_killed else warm.command(MODULE)
    process = subprocess.Popen([*start, str(path), *between], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process:
        process.stdout.readline()
        yield process


def run(path: Path, numbers: range, seconds: float, boundary: str = "") -> int:
    """The pass's exit code."""
    with begun_pass(path, numbers, seconds, boundary) as process:
        return process.wait(60)


def whole(path: Path) -> bool:
    with sqlite3.connect(path.parent / "accordwatch.db") as line:
        checked = (
            line.execute("PRAGMA integrity_check").fetchall(),
            line.execute("PRAGMA foreign_key_check").fetchall(),
        )
    line.close()
    return checked == ([("ok",)], [])


# How a mail names an agreement: below it, or at the end of its line in the list of further ones.
REFERENCE = re.compile(r"^ +Reference (A\d+)|^- .* · (A\d+)\)\r?$", re.MULTILINE)


def told(server: MailServer) -> Counter[str]:
    """How often each agreement was told in mails of different ids."""
    by_id = {str(message["Message-ID"]): message for _, message in server.accepted}
    counted: Counter[str] = Counter()
    for message in by_id.values():
        text = message.get_body(("plain",))
        assert text is not None
        counted.update(below or listed for below, listed in REFERENCE.findall(text.get_content()))
    return counted


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_kill_at_a_boundary_loses_nothing_and_repeats_only_under_the_same_id(
    path: Path, server: MailServer, boundary: str
) -> None:
    one = range(1, 2)
    assert run(path, one, 0, boundary) == -signal.SIGKILL
    assert run(path, one, NEXT_S) == 0
    assert run(path, one, 2 * NEXT_S) == 0
    assert len(set(server.message_ids)) == 1
    assert len(server.accepted) == (2 if boundary in REPEATING else 1)
    assert whole(path)


def test_more_agreements_than_a_mail_shows_in_full_are_told_in_it(
    path: Path, server: MailServer
) -> None:
    # Some 45 have room; many kills before anything is stored leave more than that to one digest.
    one_pass.main(str(path), "1", "50", "0")
    assert set(told(server).values()) == {1}
    assert len(told(server)) == 50


def kill_at_random(path: Path, server: MailServer, kills: int, seed: int) -> None:
    """`kills` processes killed at random moments of a pass, documents coming all the while; then
    one that lives.
    """
    chance = random.Random(seed)
    with begun_pass(path, range(1), 0, to_be_killed=True) as process:
        begun = time.monotonic()
        assert process.wait(60) == 0
        length_s = time.monotonic() - begun
    killed = number = 0
    while killed < kills:
        number += 1
        coming = range(number, number + 1)
        with begun_pass(path, coming, number * NEXT_S, to_be_killed=True) as process:
            time.sleep(chance.uniform(0, length_s))
            process.kill()
            killed += process.wait(60) == -signal.SIGKILL
    # What was killed before it was stored comes again, as it would from the frontier.
    assert run(path, range(number + 1), (number + 1) * NEXT_S) == 0
    assert run(path, range(number + 1), (number + 2) * NEXT_S) == 0
    assert whole(path)
    counted = told(server)
    assert len(counted) == number + 1
    assert set(counted.values()) == {1}
    repeats = Counter(server.message_ids)
    assert sum(count - 1 for count in repeats.values()) <= kills


def test_kills_at_random_moments(path: Path, server: MailServer) -> None:
    kill_at_random(path, server, kills=4, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_two_hundred_kills_at_random_moments(path: Path, server: MailServer) -> None:
    kill_at_random(path, server, kills=200, seed=2)
