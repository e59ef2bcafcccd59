"""The table of channel kinds covers what the configuration accepts."""

from __future__ import annotations

from typing import get_args

from scheduler.configuration.sections import Channel
from scheduler.notify.channels.table import CHANNEL_KINDS


def test_each_kind_that_can_be_configured_stands_in_the_table_under_its_name() -> None:
    union, *_ = get_args(Channel)
    configurable = {
        name: settings
        for settings in get_args(union)
        for name in get_args(settings.model_fields["kind"].annotation)
    }
    assert {name: kind.settings for name, kind in CHANNEL_KINDS.items()} == configurable
