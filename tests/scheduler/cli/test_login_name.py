"""The name of the login that a command was given from."""

from __future__ import annotations

import os

import pytest

from scheduler.cli.context import login_name
from storage.errors import ConfigurationError

_NOBODY = 2**31 - 7  # no system gives this number to a user


def test_a_login_without_a_name_is_asked_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: _NOBODY)
    with pytest.raises(ConfigurationError, match="--who NAME"):
        login_name()
