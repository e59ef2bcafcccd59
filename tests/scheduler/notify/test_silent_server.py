"""A server that never answers holds nobody but those who receive through it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.notify.deliver import send_due
from scheduler.notify.direct_sending import send_directly
from storage.database.session import Database
from storage.notifications import deliveries
from tests.scheduler.given_digests import begun, collect, configured, opened
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.scheduler.notify.channels.silent_server import SilentServer, holding
from tests.storage.given import NOW, judged

RECIPIENTS = [f"reader{number}@ngo.example" for number in range(10)]
CHANNELS = """
alerts: {{operator: [office, file]}}
channels:
  - id: office
    kind: email
    to: [{to}]
    sender: watch@ngo.example
    host: 127.0.0.1
    port: {port}
    security: none
    timeout_s: {timeout_s}
"""
SUBSCRIPTIONS = """
subscriptions:
  - {id: everything, channels: [office, file], rate: immediately}
"""


def given(folder: Path, port: int, timeout_s: float = 20) -> tuple[Database, Configuration]:
    channels = CHANNELS.format(to=", ".join(RECIPIENTS), port=port, timeout_s=timeout_s)
    chosen = configured(folder, SUBSCRIPTIONS, channels)
    database = opened(chosen)
    begun(database, chosen, NOW - timedelta(days=1))
    collect(database, chosen, judged(1), now=NOW)
    return database, chosen


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[SilentServer]:
    """It lets go of those who wait once the digest of another channel is there."""
    with holding(lambda: any((tmp_path / "digests").glob("*.eml"))) as server:
        yield server


def test_other_channels_do_not_wait_and_a_channel_without_answer_is_left_for_this_pass(
    tmp_path: Path, silent: SilentServer
) -> None:
    database, chosen = given(tmp_path, silent.port)
    sent = send_due(database, chosen, now=NOW)
    database.close()
    assert (sent.delivered, sent.waiting) == (1, 1)
    assert (silent.connections, silent.let_go) == (1, 1)
    (problem,) = sent.problems
    assert "cannot be reached" in problem
    assert problem.endswith("; 9 more by office wait for it")


def test_a_channel_that_was_left_is_tried_again_and_loses_nothing(tmp_path: Path) -> None:
    server = MailServer()
    with holding(lambda: False) as silent:
        database, chosen = given(tmp_path, silent.port, timeout_s=0.2)
        send_due(database, chosen, now=NOW)
        assert send_due(database, chosen, now=NOW + timedelta(minutes=1)).failed == 0
        assert silent.connections == 1
    with database.read() as s:
        waiting = deliveries.read_deliveries(s, True)
    assert sorted(one.attempts for one in waiting) == [0] * 9 + [1, 1]  # the file's and one mail
    with serving(server):
        database.close()
        again = CHANNELS.format(to=", ".join(RECIPIENTS), port=server.port, timeout_s=20)
        chosen = configured(tmp_path, SUBSCRIPTIONS, again)
        database = opened(chosen)
        assert send_due(database, chosen, now=NOW + timedelta(minutes=6)).delivered == 10
    database.close()
    assert sorted(server.recipients) == RECIPIENTS


def test_the_operator_is_told_directly_on_other_channels_meanwhile(
    tmp_path: Path, silent: SilentServer
) -> None:
    database, chosen = given(tmp_path, silent.port)
    database.close()
    accepted, problems = send_directly(chosen, ["the disk is full"], NOW)
    assert accepted == 1
    assert (silent.connections, silent.let_go) == (1, 1)
    assert len(problems) == 1
