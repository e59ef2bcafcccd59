"""Cookies with which hosts let us pass their consent page, so that runs need not pass it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from storage.database.session import Session
from storage.database.statements import upsert
from storage.sources.tables import CookieJars

_KEPT_FOR = timedelta(days=7)  # then the page is asked anew; so a jar that went bad is forgotten


def keep_cookies(s: Session, host: str, cookies: Sequence[dict[str, Any]], now: datetime) -> None:
    """Record the cookies of a host ("host:port")."""
    values = {"cookies": list(cookies), "kept_until_at": now + _KEPT_FOR}
    statement = upsert(s, CookieJars).values(host=host, **values)
    s.execute(statement.on_conflict_do_update(index_elements=["host"], set_=values))


def kept_cookies(s: Session, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return the cookies of each host, and delete those that are kept no longer."""
    s.execute(delete(CookieJars).where(CookieJars.kept_until_at <= now))
    return {row.host: row.cookies for row in s.execute(select(CookieJars.host, CookieJars.cookies))}
