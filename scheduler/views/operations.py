"""Users, tokens and runs as lists."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter as get
from typing import TYPE_CHECKING

from scheduler.views.columns import Column, Table, moment
from scheduler.views.words.labels import Labels

if TYPE_CHECKING:  # they bring SQLAlchemy
    from storage.sources.runs import Run
    from storage.users.records import Token, User


def _created(one: User | Token, _: Labels) -> str:
    return moment(one.created_at)


def _expires(token: Token, labels: Labels) -> str:
    if token.has_expired(datetime.now(UTC)):
        return labels.say("terminal.expired")
    return moment(token.expires_at, labels.say("terminal.never"))


def _used(token: Token, labels: Labels) -> str:
    return moment(token.used_at, labels.say("terminal.never"))


def _last_login(user: User, labels: Labels) -> str:
    return moment(user.last_login_at, labels.say("terminal.never"))


USERS = Table["User"](
    "users",
    (
        Column("name", "string", get("name"), required=True),
        Column("role", "string", get("role.value"), required=True),
        Column("created_at", "datetime", get("created_at"), cell=_created),
        Column("last_login_at", "datetime", get("last_login_at"), cell=_last_login),
    ),
    ("name", "role", "created_at", "last_login_at"),
)
TOKENS = Table["Token"](
    "tokens",
    (
        Column("id", "integer", get("id"), required=True),
        Column("user", "string", get("user.name"), required=True),
        Column("scope", "string", get("scope.value"), required=True),
        Column("note", "string", get("note")),
        Column("created_at", "datetime", get("created_at"), cell=_created),
        Column("expires_at", "datetime", get("expires_at"), cell=_expires),
        Column("used_at", "datetime", get("used_at"), cell=_used),
    ),
    ("id", "user", "scope", "note", "created_at", "expires_at", "used_at"),
)
RUNS: Table[Run] = Table(
    "runs",
    (
        Column("started_at", "datetime", get("started_at"), required=True),
        Column("finished_at", "datetime", get("finished_at")),
    ),
)
