"""Sentences about the system are stored with their English form, no longer with a code of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "a0003"
down_revision = "a0002"
branch_labels = None
depends_on = None

FORMS = {
    "over": "over: {trouble}",
    "as_is": "{said}",
    "reader_fails": "the second reader {model} does not read: {why} ({waiting} texts wait; alerts go out as the rules judge them; try: accordwatch reader check)",
    "reader_key": "the second reader {model} cannot be asked: {why} (alerts go out as the rules judge them)",
    "channel_closed": "the channel {channel} is closed: {why} (open it and send again: accordwatch digest send)",
    "not_arrived": ("{n} delivery by {channel} did not arrive: {why} (send again: accordwatch digest send)", "{n} deliveries by {channel} did not arrive: {why} (send again: accordwatch digest send)"),
    "gap": "nothing ran for {hours} hours, from {since} to {to}: cron, the daemon or the machine was down; what sources still offer is collected now",
    "no_runs": "nothing was collected yet; begin with: accordwatch run",
    "clock_back": "the last run lies in the future ({at}): the clock was set back; check it",
    "no_run_since": "no run since {at}; is the daemon, or cron, running?",
    "crawls_failed": ("{fault}; {n} crawl without a report since {at}; the log says more; if it stays, update Accordwatch or report it", "{fault}; {n} crawls in a row without a report since {at}; the log says more; if it stays, update Accordwatch or report it"),
    "job_fails": "the daemon's job {job} keeps failing: {why}",
    "set_aside": ("{n} document could not be stored because of a fault of Accordwatch; tried again after an upgrade; please report it: {newest}", "{n} documents could not be stored because of a fault of Accordwatch; tried again after an upgrade; please report it: {newest}"),
    "worker_waits": "the worker {worker} waits: {why}",
    "no_worker": "no worker takes the jobs of the queue {queue}; waiting: {n}; start one: accordwatch worker",
    "jobs_failed": "jobs ({kind}) that failed within a week: {n}; the logs of the workers say why; see: accordwatch queue",
    "disk": "the disk of {folder} is nearly full: {room}; make room",
    "unreadable": "the database cannot be read: {why}",
    "unwritable": "nothing can be written to the database: {why}",
    "host_refuses": "the host {host} refuses us ({sources}); ask its owners, or poll less often",
    "source_does": "the source {source} {what}",
    "moved": "answers at {address} now; change its url",
    "moved_home": "leads to the home page now, {address}; find what took its place: accordwatch sources add {address}",
    "fails": "fails since {at}: {why} ({remedy})",
    "never_worked": "fails and never worked: {why} ({remedy})",
    "no_reason": "no reason was recorded",
    "remedy_check": "try: accordwatch sources check {source}",
    "remedy_find": "find what took its place: accordwatch sources add {home}",
    "remedy_parked": "its domain is for sale; find its new address, or: accordwatch sources remove {source}",
    "remedy_suspended": "its host has shut it down; to see when it is back: accordwatch sources check {source}",
    "remedy_dns": "its name is gone, or this machine's network; find its new address",
    "remedy_robots": "its robots.txt forbids it now; ask its owners, or: accordwatch sources remove {source}",
    "remedy_login": "it requires a password now; replace it by another source",
    "offers_nothing": "answers, but offers nothing any more; has its page moved? {address}",
    "nothing_new": "has had nothing new since {at}, {times} times as long as usual",
    "dates_stopped": "has new addresses, but its newest document is of {day}; find what took its place: accordwatch sources add {home}",
}


def upgrade() -> None:
    _rewrite("incidents", "name", sa.column("line"), _with_form)
    _rewrite("pending_notifications", "id", sa.column("detail"), _with_form)
    _rewrite("digests", "id", sa.column("items", sa.JSON), _with_forms)


def _rewrite(
    name: str, key: str, column: sa.ColumnClause[Any], change: Callable[[Any], Any]
) -> None:
    table, connection = sa.table(name, sa.column(key), column), op.get_bind()
    stored = table.c[column.name]
    with_code = sa.cast(stored, sa.Text).contains("say")
    for number, text in connection.execute(sa.select(table.c[key], stored).where(with_code)).all():
        row = sa.update(table).where(table.c[key] == number)
        connection.execute(row.values({column.name: change(text)}))


def _with_forms(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**item, "detail": _with_form(item.get("detail", ""))} for item in items]


def _with_form(text: str) -> str:
    if not text.startswith('{"say":'):
        return text
    try:
        return json.dumps(_named(json.loads(text)), ensure_ascii=False)
    except (ValueError, TypeError, LookupError):
        return text


def _named(value: Any) -> Any:
    if not isinstance(value, dict) or "with" not in value:
        return value
    values = {name: _named(one) for name, one in value["with"].items()}
    if "form" in value:
        return {"form": value["form"], "with": values}
    form = FORMS[value["say"]]
    form, *plural = form if isinstance(form, tuple) else (form,)
    return {"form": form, **({"plural": plural[0]} if plural else {}), "with": values}


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")
