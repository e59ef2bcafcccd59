"""The stamp of the register: a random word that changes with the register.

A process that keeps a part of the register in memory compares stamps to see whether another process
has changed the register since.
"""

from __future__ import annotations

import secrets

from sqlalchemy import func, select

from storage.database.session import Session
from storage.database.statements import put
from storage.register.tables import Decisions, RegisterStamp

_STAMP = select(RegisterStamp.stamp)
_DECIDED = select(func.max(Decisions.id), func.max(Decisions.undone_at))


def stamp(s: Session) -> str | None:
    """Return the stamp of the last change; None if the register was never changed."""
    return s.scalar(_STAMP)


def shown_stamp(s: Session) -> str:
    """Return what changes with all that readers are shown of the register: with its stamp, and with
    decisions that touch no report, such as a name that was given.
    """
    last, undone_at = s.execute(_DECIDED).one()
    return f"{stamp(s)} {last} {undone_at}"


def restamp(s: Session) -> str:
    """Replace the stamp, because the register or its input has changed, and return the new one."""
    word = secrets.token_hex(16)
    put(s, RegisterStamp, "id", {"id": 1, "stamp": word})
    return word
