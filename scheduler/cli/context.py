"""What commands open by the options of every command: the configuration and its database."""

from __future__ import annotations

import getpass
import os
from contextlib import closing
from typing import TYPE_CHECKING

from scheduler.cli.invocation import INVOCATION
from scheduler.configuration.config import Configuration, find_configuration, load_configuration
from storage.errors import ConfigurationError

if TYPE_CHECKING:
    from storage.database.session import Database


def configuration() -> Configuration:
    """The configuration of this invocation. Raises ConfigurationError."""
    return load_configuration(INVOCATION.get().config)


def configuration_if_any() -> Configuration | None:
    """The configuration, for commands that work without one; None if there is none. Raises
    ConfigurationError if --config names one that is not there, or if it cannot be used.
    """
    named = INVOCATION.get().config
    try:
        path = find_configuration(named)
    except ConfigurationError:
        if named is not None:
            raise
        return None
    return load_configuration(path)


def opened_database(chosen: Configuration) -> closing[Database]:
    from storage.database.session import open_database  # what only judges needs no database

    return closing(open_database(chosen.database))


def login_name() -> str:
    """The login's name, from which a command was given. Raises ConfigurationError if it has none,
    as in a container.
    """
    try:
        return os.environ.get("USER") or getpass.getuser()
    except (KeyError, OSError) as error:  # up to Python 3.12, and from 3.13 on
        raise ConfigurationError("this login has no name: write yours, --who NAME") from error
