"""`subscriptions preview`: what a subscription, or typed filters, would have told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter as get
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, typed_query
from scheduler.cli.listing import print_list
from scheduler.cli.output import Format, check_excel, say
from scheduler.cli.wording import words
from scheduler.notify.subscriptions.rehearsal import Foretold, Rehearsal, rehearse
from scheduler.views.agreements import Entry
from scheduler.views.columns import Column, Table
from scheduler.views.words.labels import Labels
from storage.errors import ConfigurationError
from storage.records import NewsKind, Status
from storage.register.given_names import given_names
from storage.subscription import Subscription


def _news(one: ToldEntry, _: Labels) -> str:
    return one.told.kind.replace("_", " ")


def _agreement_id(one: ToldEntry) -> str | None:
    return one.entry.agreement.id if one.entry else None


def _name(one: ToldEntry, _: Labels) -> str:
    return one.entry.name if one.entry else one.told.title


def _status(one: ToldEntry, labels: Labels) -> str:
    status = one.told.status
    return labels.status(status, None) if status else labels.say("terminal.unknown")


class ToldEntry(NamedTuple):
    """What would have been told, and the entry of its agreement, if it belongs to one."""

    told: Foretold
    entry: Entry | None


TOLD = Table[ToldEntry](
    "told",
    (
        Column("on", "date", get("told.on"), required=True, title="day"),
        Column("news", "string", get("told.kind"), values=NewsKind, cell=_news),
        Column("agreement_id", "string", _agreement_id, title="id"),
        Column("name", "string", lambda one: one.entry and one.entry.name, cell=_name),
        Column("status", "string", get("told.status"), values=Status, cell=_status),
        Column("step_on", "date", get("told.step_on")),
        Column("parties", "list", lambda one: one.entry.agreement.parties if one.entry else ()),
        Column("topics", "list", lambda one: one.entry.agreement.topics if one.entry else ()),
        Column("title", "string", get("told.title")),
        Column("document_ids", "list", get("told.document_ids")),
    ),
    ("on", "news", "agreement_id", "name", "status"),
)


def preview(
    subscription: Annotated[
        str | None,
        Parameter(help="Id of a subscription in the configuration; none: the filters alone."),
    ] = None,
    /,
    *,
    query: Annotated[
        str, Parameter(show_default=False, help="Words that must all stand in a report.")
    ] = "",
    filters: FilterOptions | None = None,
    format: Annotated[
        Format, Parameter(help="table for people; jsonl and csv for programs.")
    ] = "table",
    excel: Annotated[
        bool, Parameter(negative="", help="csv that Excel opens with its accents and Arabic.")
    ] = False,
) -> None:
    """Print what a subscription would have told over all that is stored, newest first, and how many
    items a week.
    """
    from scheduler.configuration.people import with_people
    from scheduler.notify.recipients import find_subscription

    check_excel(format, excel)
    asked = typed_query(query, filters)
    left = [f"--{name}" for name in asked.left_out() if name not in ("since", "until")]
    if left:
        raise ConfigurationError(
            f"a subscription has no room for {', '.join(left)}: leave it to search"
        )
    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        named = Subscription("these filters", ())
        if subscription:
            named = find_subscription(with_people(s, chosen), subscription)
        typed = asked.but(since=None, until=None).model_dump(exclude_defaults=True)
        wanted = replace(named, filter=named.filter.but(**typed))
        rehearsal = rehearse(s, wanted, asked.until or datetime.now(UTC).date(), asked.since)
        concerned = [one.agreement.id for one in rehearsal.told if one.agreement]
        given = given_names(s, concerned)
        say_unknown_names(s, chosen, filters)
    found = [_entry_of(one, given) for one in rehearsal.told]
    print_list(TOLD, found, format, excel=excel)
    say(_in_short(rehearsal, wanted.id))


def _entry_of(one: Foretold, given: Mapping[str, str]) -> ToldEntry:
    if one.agreement is None:
        return ToldEntry(one, None)
    return ToldEntry(one, Entry(one.agreement, words().language, given.get(one.agreement.id)))


def _in_short(rehearsal: Rehearsal, subject: str) -> str:
    """ "12 from 2025-01-01 to 2025-06-30: 0.46 a week, 3 in the fullest one, from 2025-03-03
    on".
    """
    if not rehearsal.told:
        advice = "widen the filter, or collect first: accordwatch run"
        return f"{subject} would have told nothing of what is stored; {advice}"
    monday, most = rehearsal.fullest_week
    from_to = f"{len(rehearsal.told)} from {rehearsal.since} to {rehearsal.until}"
    rate = f"{_rate(rehearsal.a_week)} a week"
    return f"{from_to}: {rate}, {most} in the fullest one, from {monday} on"


def _rate(a_week: float) -> str:
    """A number with two significant digits, never in scientific notation."""
    return f"{a_week:.0f}" if a_week >= 9.5 else f"{a_week:.2g}"
