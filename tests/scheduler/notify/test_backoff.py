"""When a failed delivery is tried again: never before the documented time, whatever the chance in
its id.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.notify.channels.message import (
    MAIL_LIFETIME,
    WEBHOOK_WAITS_S,
    next_mail_try,
    next_webhook_try,
)

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
