"""`sources list|remove|disable|enable`: what is polled, and how each source is
doing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import (
    Format,
    counted,
    moment,
    print_csv,
    print_jsonl,
    print_table,
    say,
)

if TYPE_CHECKING:
    from scheduler.schedule.sources_due import Turn
    from storage.sources.checks import SourceCheck
    from storage.sources.states import SourceState


def list_sources(
    *,
    format: Annotated[
        Format, Parameter(help="table for people; jsonl and csv for programs.")
    ] = "table",
) -> None:
    """List the configured sources: when each is looked at, and how it is doing."""
    from scheduler.health.source_findings import changes_of_sources
    from scheduler.schedule.sources_due import polls_of, turns_of, why_then
    from storage.sources.checks import source_checks
    from storage.sources.states import SourceState, source_states

    chosen, now = configuration(), datetime.now(UTC)
    with opened_database(chosen) as database, database.read() as s:
        states, checks, changes = source_states(s), source_checks(s), changes_of_sources(s)
        turns = turns_of(s, chosen.sources, now)
        rows = []
        for turn in turns:
            state = states.get(turn.source.id) or SourceState(turn.source.id)
            why = why_then(turn.source, state, polls_of(s, turn.source))
            row = _row(turn, state, why, checks.get(turn.source.id))
            rows.append(row | {"changes": changes.get(turn.source.id, [])})
    if format == "jsonl":
        print_jsonl(rows)
        return
    if format == "csv":
        print_csv(rows)
        return
    if not rows:
        say("no sources yet; `sources add URL` adds one, `sources packs` lists what comes with us")
        return
    columns = ("id", "kind", "lang", "schedule", "next", "why then", "state", "address")
    cells = [
        (
            row["id"],
            row["kind"],
            row["language"] or "",
            row["schedule"],
            _next(turn, now),
            row["why"],
            _state(row, now),
            row["url"],
        )
        for row, turn in zip(rows, turns, strict=True)
    ]
    print_table("", columns, cells)
    say(f"{counted(len(rows), 'source')}; accordwatch sources check ID looks at one now")


SourceId = Annotated[str, Parameter(help="Id of a source, as `sources list` shows it.")]


def remove(source: SourceId, /) -> None:
    """Take a source out of the configuration. The documents that came from it stay."""
    from scheduler.configuration.edit import remove_source

    remove_source(configuration().path, source)
    say(f"{source} is removed; what was collected from it stays")


def disable(source: SourceId, /) -> None:
    """Stop looking at a source, but keep it in the list."""
    from scheduler.configuration.edit import enable_source

    enable_source(configuration().path, source, False)
    say(f"{source} is switched off; on again: accordwatch sources enable {source}")


def enable(source: SourceId, /) -> None:
    """Look at a source again."""
    from scheduler.configuration.edit import enable_source

    enable_source(configuration().path, source, True)
    say(f"{source} is switched on; look at it once with: accordwatch sources check {source}")


def _row(turn: Turn, state: SourceState, why: str, check: SourceCheck | None) -> dict[str, Any]:
    from scheduler.schedule.sources_due import schedule_of

    source = turn.source
    check = check if check is not None and check.url == source.url else None
    last_at = state.last_success_at
    return {
        "id": source.id,
        "kind": source.kind,
        "language": source.language,
        "country": source.country,
        "url": source.url,
        "enabled": source.enabled,
        "official": source.official,
        "trust": source.trust,
        "verified": source.verified,
        "schedule": schedule_of(source),
        "next_due_at": turn.due_at.isoformat() if source.enabled else None,
        "why": why,
        "moved_to": state.moved(source.url),
        "last_success_at": last_at.isoformat() if last_at else None,
        "last_error": state.last_error,
        "failures": state.failures,
        "last_poll_at": _iso(state.last_poll_at),
        "checked_at": _iso(check.checked_at if check else None),
        "check_alive": check.alive if check else None,
        "check_problem": check.problem if check else None,
    }


def _next(turn: Turn, now: datetime) -> str:
    """When a source is looked at next, in the local time of the person who asks."""
    if not turn.source.enabled:
        return "never"
    minutes = round((turn.due_at - now).total_seconds() / 60)
    if minutes < 1:
        return "now"
    local = turn.due_at.astimezone()
    if minutes >= 20 * 60:
        return moment(turn.due_at)
    near = f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
    return f"in {near}, {local:%H:%M}"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _state(row: Mapping[str, Any], now: datetime) -> str:
    """How a source is doing: as the last poll or the last check saw it, whichever came later."""
    checked, polled = row["checked_at"], row["last_poll_at"]
    check = _check(row, now) if checked and (not polled or checked > polled) else ""
    if not row["enabled"]:
        return "; ".join(filter(None, ("switched off", check)))
    if check:
        return check
    if row["moved_to"]:
        return f"moved to {row['moved_to']}"
    if row["failures"]:
        return f"failed {row['failures']}x: {row['last_error']}"
    if row["changes"]:
        return str(row["changes"][0])
    if row["last_success_at"]:
        return f"well, {moment(datetime.fromisoformat(row['last_success_at']))}"
    return "not looked at yet" + ("" if row["verified"] else ", unverified")


def _check(row: Mapping[str, Any], now: datetime) -> str:
    when = _ago(datetime.fromisoformat(row["checked_at"]), now)
    found = "alive" if row["check_alive"] else "not alive"
    return f"checked {when}: {found}" + (
        f"; {row['check_problem']}" if row["check_problem"] else ""
    )


def _ago(at: datetime, now: datetime) -> str:
    """ "today", "yesterday", "3 days ago", by the calendar of the person who asks."""
    days = (now.astimezone().date() - at.astimezone().date()).days
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
