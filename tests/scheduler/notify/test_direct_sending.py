"""Channels are served side by side: one that never answers or fails holds no other."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.notify.channels.message import (
    MAIL_LIFETIME,
    WEBHOOK_WAITS_S,
    next_mail_try,
    next_webhook_try,
)
from scheduler.notify.deliver import send_due
from scheduler.notify.direct_sending import send_directly, side_by_side
from storage.database.session import Database
from storage.notifications import deliveries
from tests.scheduler.given_digests import begun, collect, configured, opened
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.scheduler.notify.channels.silent_server import SilentServer, holding
from tests.storage.given import NOW, judged


def test_a_channel_that_fails_ends_the_work_of_the_others() -> None:
    end = time.monotonic() + 20

    def work(name: str, is_over: Callable[[], bool]) -> list[str]:
        if name == "broken":
            raise ZeroDivisionError
        while not is_over() and time.monotonic() < end:
            time.sleep(0.01)
        return [name]

    with pytest.raises(ZeroDivisionError):
        side_by_side(["broken", "busy"], work, lambda: False)
    assert time.monotonic() < end


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
    assert sorted(delivery.attempts for delivery in waiting) == [0] * 9 + [
        1,
        1,
    ]  # the file's and one mail
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


BEGUN = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
IDS = [f"msg_{number}" for number in range(500)]


def webhook_tries(message_id: str) -> list[datetime]:
    tries = [BEGUN]
    while following := next_webhook_try(message_id, len(tries), BEGUN, tries[-1]):
        tries.append(following)
    return tries


def test_the_last_of_ten_webhook_attempts_comes_after_three_days_for_every_message() -> None:
    assert sum(WEBHOOK_WAITS_S) == (75 * 60 + 35) * 60 + 5  # as the specification has it
    ends = [webhook_tries(message_id) for message_id in IDS]
    assert {len(tries) for tries in ends} == {10}
    assert min(tries[-1] for tries in ends) > BEGUN + timedelta(hours=72)
    assert max(tries[-1] for tries in ends) <= BEGUN + 1.1 * timedelta(seconds=sum(WEBHOOK_WAITS_S))


def test_messages_do_not_all_come_back_at_one_moment() -> None:
    assert len({next_webhook_try(message_id, 3, BEGUN, BEGUN) for message_id in IDS}) > 400


@pytest.mark.parametrize("message_id", IDS[:20])
def test_a_mail_waits_five_minutes_doubling_to_67_and_is_given_up_after_five_days(
    message_id: str,
) -> None:
    tries = [BEGUN]
    while following := next_mail_try(message_id, len(tries), BEGUN, tries[-1]):
        tries.append(following)
    waits = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(tries)]
    documented = [min(300 * 2**number, 4000) for number in range(len(waits))]
    assert all(1 <= wait / wanted <= 1.1 for wait, wanted in zip(waits, documented, strict=True))
    assert BEGUN + MAIL_LIFETIME - timedelta(seconds=4400) <= tries[-1] <= BEGUN + MAIL_LIFETIME


def test_what_the_receiver_asks_for_is_a_lower_bound() -> None:
    assert next_webhook_try("msg", 1, BEGUN, BEGUN, retry_after_s=900) == BEGUN + timedelta(
        seconds=900
    )
