"""The log of who was refused and who was let in: `access.log` beside the configuration, for
fail2ban and for auditors.

A line is `2026-03-12T09:30:00Z failed login from 192.0.2.7 for "amina"`: what strangers write comes
last and quoted, so that it can feign no line and no address.
"""

from __future__ import annotations

import getpass
import json
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from scheduler.access.login import Refused

NAME = "access.log"
# Strangers must not be able to fill the disk; a file more is kept, `access.log.1`.
_MOST_BYTES = 10 * 1024 * 1024
_LONGEST_NAME = 100
_log = logging.getLogger(__name__)


class AccessLog:
    """Writes lines into the file, and hands each to `echo` as well. A log that cannot be written
    keeps nobody from logging in.
    """

    def __init__(self, folder: Path, echo: Callable[[str], None] | None = None) -> None:
        self._path, self._echo = folder / NAME, echo

    def login_refused(self, refused: Refused, name: str, address: str, now: datetime) -> None:
        """Note that somebody was not let in, or after too many tries not even heard."""
        if refused.wait_s is not None:
            said, end = "login not tried", f", locked for {refused.wait_s} s"
        else:
            locked = refused.locked_for_s
            said, end = "failed login", f", locked for {locked} s" if locked else ""
        self._write(f"{said} from {address or 'unknown'} for {_quoted(name)}{end}", now)

    def logged_in(self, name: str, address: str, now: datetime) -> None:
        self._write(f"login from {address or 'unknown'} for {_quoted(name)}", now)

    def changed_on_page(self, what: str, name: str, admin: str, now: datetime) -> None:
        """Note what an admin did on the page to a user."""
        self._write(f"{what} for {_quoted(name)}, by {_quoted(admin)}", now)

    def password_set(self, name: str, address: str, now: datetime) -> None:
        """Note that a password was set by such a link."""
        self._write(f"password set by link from {address or 'unknown'} for {_quoted(name)}", now)

    def token_refused(self, why: str, address: str, now: datetime) -> None:
        self._write(f"refused token from {address or 'unknown'}: {why}", now)

    def changed(self, what: str, name: str, now: datetime) -> None:
        """Note what was done on the command line to a user, and by which user of the system."""
        self._write(f"{what} for {_quoted(name)}, by {_quoted(_system_user())}", now)

    def _write(self, said: str, now: datetime) -> None:
        if self._echo is not None:
            self._echo(said)
        try:
            self._append(f"{now:%Y-%m-%dT%H:%M:%SZ} {said}\n")
        except OSError as error:
            _log.warning("cannot write %s: %s; let it be written", self._path, error.strerror)

    def _append(self, line: str) -> None:
        with suppress(FileNotFoundError):
            if self._path.stat().st_size >= _MOST_BYTES:
                self._path.replace(self._path.with_name(f"{NAME}.1"))
        # Opened for each line, so that logrotate may move it, and processes may share it.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        handle = os.open(self._path, flags, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


def _quoted(name: str) -> str:
    return json.dumps(name[:_LONGEST_NAME])


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user that has no name
        return str(os.getuid())
