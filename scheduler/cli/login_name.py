"""The name of the login that a command was given from."""

from __future__ import annotations

import getpass
import os

from storage.errors import ConfigurationError


def login_name() -> str:
    """The name of this login. Raises ConfigurationError where it has none, as in a container that
    runs under a number.
    """
    try:
        return os.environ.get("USER") or getpass.getuser()
    except (KeyError, OSError) as error:  # up to Python 3.12, and from 3.13 on
        raise ConfigurationError("this login has no name: write yours, --who NAME") from error
