"""The table of channel kinds covers what the configuration accepts; a subscription has one id."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from scheduler.configuration.sections import Channel
from scheduler.configuration.user_subscriptions import with_users
from scheduler.notify.channels.table import CHANNEL_KINDS, find_subscription
from storage.errors import ConfigurationError
from storage.notifications import user_subscriptions
from tests.scheduler.given_digests import configured
from tests.storage.given import NOW, kept_mail
from tests.storage.opened import session


def test_each_kind_that_can_be_configured_stands_in_the_table_under_its_name() -> None:
    union, *_ = get_args(Channel)
    configurable = {
        name: settings
        for settings in get_args(union)
        for name in get_args(settings.model_fields["kind"].annotation)
    }
    assert {name: kind.settings for name, kind in CHANNEL_KINDS.items()} == configurable


@pytest.mark.parametrize(
    "state", [{}, {"paused_at": NOW}, {"confirmed_at": None}], ids=["runs", "paused", "unconfirmed"]
)
def test_a_subscription_is_found_by_its_id_in_whatever_state(
    tmp_path: Path, state: dict[str, None]
) -> None:
    chosen = configured(tmp_path)
    with session(chosen.database) as s:
        number = user_subscriptions.add(s, kept_mail(**state))
        everybodys = with_users(s, chosen)
    assert find_subscription(everybodys, f"person-{number}").name == "Border talks"
    assert find_subscription(everybodys, "everything").name == "Every agreement"


@pytest.mark.parametrize("more", ["", "subscriptions: []"], ids=["one", "none"])
def test_an_unknown_id_is_answered_with_the_known_ones(tmp_path: Path, more: str) -> None:
    chosen = configured(tmp_path, *([more] if more else []))
    known = "none" if more else "everything"
    with pytest.raises(ConfigurationError, match=f"'gone'; subscriptions are: {known}$"):
        find_subscription(chosen, "gone")
