"""`subscriptions preview`: what a subscription, or typed filters, would have told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, typed_query
from scheduler.cli.output import Format, check_excel, print_csv, print_jsonl, print_table, say
from scheduler.cli.wording import agreement_names, label, status_name
from scheduler.subscriptions.rehearsal import Foretold, Rehearsal, rehearse
from storage.database.session import Session
from storage.errors import ConfigurationError
from storage.register.given_names import given_names
from storage.subscription import Subscription

_COLUMNS = (
    "on",
    "news",
    "agreement_id",
    "name",
    "status",
    "step_on",
    "parties",
    "topics",
    "title",
    "document_ids",
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
        rows = _rows(s, rehearsal.told)
        say_unknown_names(s, chosen, filters)
    if format == "jsonl":
        print_jsonl(rows)
    elif format == "csv":
        print_csv(rows, _COLUMNS, excel=excel)
    elif rows:
        print_table("", ("day", "news", "id", "what", "status"), map(_cells, rows))
    say(_in_short(rehearsal, wanted.id))


def _rows(s: Session, told: Sequence[Foretold]) -> list[dict[str, Any]]:
    concerned = [one.agreement for one in told if one.agreement is not None]
    called = agreement_names(concerned, given_names(s, [one.id for one in concerned]))
    return [_row(one, called) for one in told]


def _row(one: Foretold, called: Mapping[str, str]) -> dict[str, Any]:
    agreement = one.agreement
    return {
        "on": one.on.isoformat(),
        "news": one.kind,
        "agreement_id": agreement.id if agreement else None,
        "name": called[agreement.id] if agreement else None,
        "status": one.status,
        "step_on": one.step_on.isoformat() if one.step_on else None,
        "parties": list(agreement.parties) if agreement else [],
        "topics": list(agreement.topics) if agreement else [],
        "title": one.title,
        "document_ids": list(one.document_ids),
    }


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    status = status_name(row["status"]) or label("unknown")
    news = row["news"].replace("_", " ")
    return (row["on"], news, row["agreement_id"] or "", row["name"] or row["title"], status)


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
