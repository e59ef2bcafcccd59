"""Lists of what is at work here: sources, packs, checks, the ledger, users, tokens and runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from scheduler.views.columns import Column, Door, Table, moment
from scheduler.views.words.labels import Labels
from storage.source import SourceKind, Trust

if TYPE_CHECKING:  # they bring SQLAlchemy
    from scheduler.schedule.sources_due import Turn
    from spiders.catalog.packs import PackCounts
    from storage.source import Source
    from storage.sources.ledger import Tally
    from storage.sources.tables import Run, SourceCheck, SourceState
    from storage.users.accounts import Token, User

NOWHERE = frozenset[Door]()  # for columns that the terminal alone shows


# --- sources --------------------------------------------------------------------------------------


class ListedSource(NamedTuple):
    """A configured source with how it is doing; `check` is the last one at its present address."""

    turn: Turn
    state: SourceState
    schedule: str
    why: str
    check: SourceCheck | None
    changes: Sequence[str]
    now: datetime

    @property
    def source(self) -> Source:
        return self.turn.source


def _next(listed_source: ListedSource, _: Labels) -> str:
    """When a source is looked at next, in the local time of the reader."""
    if not listed_source.source.enabled:
        return "never"
    due_at = listed_source.turn.due_at
    minutes = round((due_at - listed_source.now).total_seconds() / 60)
    if minutes < 1:
        return "now"
    if minutes >= 20 * 60:
        return moment(due_at)
    near = f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
    return f"in {near}, {due_at.astimezone():%H:%M}"


def _state(listed_source: ListedSource, _: Labels) -> str:
    """How a source is doing: as the last poll or the last check saw it, whichever came later."""
    state, check, checked = listed_source.state, listed_source.check, ""
    if check and (not state.last_poll_at or check.checked_at > state.last_poll_at):
        found = "active" if check.alive else "inactive"
        problem = f"; {check.problem}" if check.problem else ""
        checked = f"checked {ago(check.checked_at, listed_source.now)}: {found}{problem}"
    if not listed_source.source.enabled:
        return "; ".join(filter(None, ("switched off", checked)))
    if checked:
        return checked
    if moved_to := state.moved(listed_source.source.url):
        return f"moved to {moved_to}"
    if state.failures:
        return f"failed {state.failures}x: {state.last_error}"
    if listed_source.changes:
        return listed_source.changes[0]
    if state.last_success_at:
        return f"well, {moment(state.last_success_at)}"
    return "not looked at yet" + ("" if listed_source.source.verified else ", unverified")


def ago(at: datetime, now: datetime) -> str:
    """ "today", "yesterday", "3 days ago", by the calendar of the reader."""
    days = (now.astimezone().date() - at.astimezone().date()).days
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"


SOURCES = Table[ListedSource](
    "sources",
    (
        Column("id", "string", "source.id", required=True),
        Column("kind", "string", "source.kind", values=SourceKind, required=True),
        Column("language", "string", "source.language", title="lang"),
        Column("country", "string", "source.country"),
        Column("url", "string", "source.url", title="address"),
        Column("enabled", "boolean", "source.enabled", required=True),
        Column("official", "boolean", "source.official", required=True),
        Column("trust", "string", "source.trust"),
        Column("verified", "boolean", "source.verified", required=True),
        Column("schedule", "string"),
        Column(
            "next_due_at",
            "datetime",
            lambda source: source.turn.due_at if source.source.enabled else None,
            cell=_next,
            title="next",
        ),
        Column("why", "string", title="why then"),
        Column("moved_to", "string", lambda source: source.state.moved(source.source.url)),
        Column("last_success_at", "datetime", "state.last_success_at"),
        Column("last_error", "string", "state.last_error"),
        Column("failures", "integer", "state.failures", required=True),
        Column("last_poll_at", "datetime", "state.last_poll_at"),
        Column("checked_at", "datetime", lambda source: source.check and source.check.checked_at),
        Column("check_alive", "boolean", lambda source: source.check and source.check.alive),
        Column("check_problem", "string", lambda source: source.check and source.check.problem),
        Column("changes", "list"),
        Column("state", "string", "state", NOWHERE, cell=_state),
    ),
    ("id", "kind", "language", "schedule", "next_due_at", "why", "state", "url"),
)

_MOST_NAMED = 5  # languages of a pack in the table; the other formats have all


def _languages(one: PackCounts, _: Labels) -> str:
    named = [f"{name} {times}" for name, times in one.languages.items()]
    return ", ".join(named[:_MOST_NAMED] + ["..."] * (len(named) > _MOST_NAMED))


def packs_table(chosen: Sequence[str]) -> Table[PackCounts]:
    """The packs of sources, of which the configuration has `chosen` some."""

    def marked(one: PackCounts, _: Labels) -> str:
        return one.name + (" (chosen)" if one.name in chosen else "")

    return Table["PackCounts"](
        "packs",
        (
            Column("pack", "string", "name", cell=marked, required=True),
            Column("about", "string", title="holds"),
            Column("chosen", "boolean", lambda counts: counts.name in chosen, required=True),
            Column("sources", "integer", required=True),
            Column(
                "trust",
                "object",
                cell=lambda counts, _: "\n".join(
                    f"{name} {counts.trust[name]}" for name in Trust if counts.trust.get(name)
                ),
            ),
            Column("languages", "object", cell=_languages),
            Column(
                "countries",
                "object",
                cell=lambda counts, _: str(len(set(counts.countries) - {"EU", "INT"})),
                title="states",
            ),
        ),
        ("pack", "sources", "trust", "countries", "languages", "about"),
    )


CHECKS = Table["SourceCheck"](
    "checks",
    (
        Column("id", "string", "source_id", required=True),
        Column("url", "string"),
        Column("checked_at", "datetime", required=True),
        Column(
            "alive",
            "boolean",
            cell=lambda check, _: "yes" if check.alive else "no",
            title="active",
            required=True,
        ),
        Column("items", "integer", cell=lambda check, _: str(check.items) if check.alive else ""),
        Column("newest_on", "date", title="newest"),
        Column("language", "string", title="lang"),
        Column("problem", "string", title="what is wrong"),
    ),
    ("id", "alive", "items", "newest_on", "language", "problem"),
)

# --- the ledger, and what it holds of the world ---------------------------------------------------

_STORED = ("stored", "changed")
_KNOWN = ("unchanged", "duplicate")
_REASONS_SHOWN = 3


class LedgerLine(NamedTuple):
    """What came of a source, or of all of a country or language."""

    name: str
    tally: Tally
    country: str | None = None
    language: str | None = None
    troubles: Sequence[str] = ()

    @property
    def known(self) -> int:
        return sum(self.tally.outcomes.get(name, 0) for name in _KNOWN)

    @property
    def reasons(self) -> Counter[str]:
        """Why documents were not stored."""
        stored = (*_STORED, *_KNOWN)
        outcomes = self.tally.outcomes.items()
        return Counter({name: number for name, number in outcomes if name not in stored})


def _number(path: str, name: str = "") -> Column[LedgerLine]:
    read = attrgetter(path)
    named = name or path.rpartition(".")[2]
    return Column(named, "integer", read, cell=lambda line, _: f"{read(line):,}", required=True)


def _polls(ledger_line: LedgerLine, _: Labels) -> str:
    failed = ledger_line.tally.polls_failed
    return f"{ledger_line.tally.polls:,}" + (f" ({failed:,} failed)" if failed else "")


def _not_stored(ledger_line: LedgerLine, _: Labels) -> str:
    """ "12: robots 9, http_404 2, timeout 1"."""
    reasons = ledger_line.reasons
    if not reasons:
        return "0"
    shown = ", ".join(f"{name} {n:,}" for name, n in reasons.most_common(_REASONS_SHOWN))
    return f"{reasons.total():,}: {shown}{' ...' if len(reasons) > _REASONS_SHOWN else ''}"


def _sorted(name: str) -> Column[LedgerLine]:
    return Column(name, "object", lambda line: dict(sorted(getattr(line.tally, name).items())))


LEDGER = Table[LedgerLine](
    "ledger",
    (
        Column("source", "string", "name", required=True),
        Column("country", "string"),
        Column("language", "string"),
        Column("polls", "integer", "tally.polls", cell=_polls, required=True),
        *map(_number, ("tally.polls_failed", "tally.offered", "tally.new", "tally.again")),
        *map(_number, ("tally.fetched", "tally.stored", "known")),
        Column("not_stored", "integer", lambda line: line.reasons.total(), cell=_not_stored),
        _sorted("outcomes"),
        _sorted("left"),
        _number("tally.matched", "alerts"),
        _number("tally.reviewed", "to_review"),
        *map(_number, ("tally.titled", "tally.dated", "tally.cut")),
        _sorted("languages"),
        Column("newest_on", "date", "tally.newest_on"),
        Column("troubles", "list"),
    ),
    ("source", "polls", "new", "again", "stored", "known", "not_stored", "alerts", "to_review"),
)


# --- users, tokens, runs --------------------------------------------------------------------------


def _expires(token: Token, labels: Labels) -> str:
    if token.has_expired(datetime.now(UTC)):
        return labels.say("expired")
    return moment(token.expires_at, labels.say("never"))


USERS: Table[User] = Table(
    "users",
    (
        Column("name", "string", required=True),
        Column("role", "string", "role.value", required=True),
        Column("created_at", "datetime"),
        Column("last_login_at", "datetime", empty="never"),
        Column("seen_at", "datetime", empty="never"),
    ),
    ("name", "role", "created_at", "seen_at"),
)
TOKENS = Table["Token"](
    "tokens",
    (
        Column("id", "integer", required=True),
        Column("user", "string", "user.name", required=True),
        Column("scope", "string", "scope.value", required=True),
        Column("note", "string"),
        Column("created_at", "datetime"),
        Column("expires_at", "datetime", cell=_expires),
        Column("used_at", "datetime", empty="never"),
    ),
    ("id", "user", "scope", "note", "created_at", "expires_at", "used_at"),
)
RUNS: Table[Run] = Table(
    "runs", (Column("started_at", "datetime", required=True), Column("finished_at", "datetime"))
)
