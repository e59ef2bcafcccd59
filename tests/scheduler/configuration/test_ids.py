"""Ids of the configuration become names of files and parts of addresses."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from scheduler.configuration.sections import (
    ChatChannel,
    EmailChannel,
    FileChannel,
    SubscriptionSettings,
    WebhookChannel,
)
from spiders.catalog.sources import SourceSettings

MODELS = (
    *(SourceSettings, SubscriptionSettings),
    *(FileChannel, EmailChannel, WebhookChannel, ChatChannel),
)


@pytest.mark.parametrize(
    "written", ["../up", "a/b", "a\\b", ".", "..", "a\n", "a\0", "", "é", "~a"]
)
@pytest.mark.parametrize("model", MODELS)
def test_an_id_is_no_path(model: type[BaseModel], written: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"id": written})
    assert ("id",) in [fault["loc"] for fault in caught.value.errors()]
