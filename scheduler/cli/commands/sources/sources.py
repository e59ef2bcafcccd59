"""`sources list|remove|switch`: what is polled, and how each source is doing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import understood
from scheduler.cli.output import (
    Format,
    Shape,
    counted,
    print_csv,
    print_jsonl,
    print_list,
    print_table,
    say,
    shown,
    words,
)
from scheduler.configuration.edit import as_yaml, enable_source, remove_source
from scheduler.jobs.health.source_findings import changes_of_sources, source_findings
from scheduler.schedule.sources_due import polls_of, schedule_of, turns_of, why_then
from scheduler.searching.states import (
    StateCoverage,
    coverage_of,
    facts_of,
    no_party_in_words,
    state_as_json,
    state_meant,
    watched_in_words,
)
from scheduler.views.columns import moment
from scheduler.views.entry import outlet_of, title_of
from scheduler.views.operations import LEDGER, SOURCES, LedgerLine, ListedSource, packs_table
from spiders.catalog.opml import write_opml
from spiders.catalog.packs import PACKS, counts_of
from storage.errors import ConfigurationError
from storage.source import SourceKind
from storage.sources.ledger import MOST_DAYS, Tally, tallies, total
from storage.sources.states import source_checks, source_states
from storage.sources.tables import SourceState


def sources_list(
    *,
    packs: Annotated[
        bool, Parameter(negative="", help="The packs of sources that come with us instead.")
    ] = False,
    format: Annotated[
        Literal["table", "jsonl", "csv", "pack", "opml"],
        Parameter(
            help="jsonl and csv for programs; pack for `sources add`, opml for feed readers."
        ),
    ] = "table",
) -> None:
    if format == "pack" or format == "opml":
        _export(format)
    elif packs:
        try:
            chosen = configuration().settings.packs
        except ConfigurationError:
            chosen = ()
        print_list(packs_table(chosen), [counts_of(name) for name in PACKS], format)
        if format == "table":
            hint = "packs: [maghreb, international]"
            say(f"choose some with a line in accordwatch.yaml, such as: {hint}")
    else:
        _list(format)


def _list(format: Format) -> None:
    chosen, now = configuration(), datetime.now(UTC)
    with opened_database(chosen) as database, database.read() as s:
        states, checks, changes = source_states(s), source_checks(s), changes_of_sources(s)
        rows = []
        for turn in turns_of(s, chosen.sources, now):
            source, check = turn.source, checks.get(turn.source.id)
            state = states.get(source.id) or SourceState(source.id)
            row = ListedSource(
                turn,
                state,
                schedule_of(source),
                why_then(source, state, polls_of(s, source)),
                check if check is not None and check.url == source.url else None,
                changes.get(source.id, []),
                now,
            )
            rows.append(row)
    print_list(SOURCES, rows, format)
    if format == "table" and not rows:
        say("no sources yet: `sources add URL` adds one, `sources list --packs` what comes with us")
    elif format == "table":
        say(f"{counted(len(rows), 'source')}; accordwatch sources check ID looks at one now")


def _export(format: Literal["pack", "opml"]) -> None:
    """Print the configured sources as a pack, or the feeds among them as OPML."""
    settings, now = configuration().settings, datetime.now(UTC)
    sources = settings.all_sources
    if format == "opml":
        sys.stdout.write(write_opml(sources, now))
        others = sum(source.kind is not SourceKind.FEED for source in sources)
        if others:
            say(f"{others} sources are no feeds and left out: OPML has no place for them")
        return
    sys.stdout.write(f"# {now:%Y-%m-%d}: sources of an Accordwatch\nschema: 1\nsources:\n")
    for source in sources:
        if source.cron is not None and source.timezone is None:  # elsewhere the default may differ
            source = source.model_copy(update={"timezone": settings.schedule.timezone})
        for line in as_yaml(source):
            sys.stdout.write(line + "\n")


SourceId = Annotated[str, Parameter(help="Id of a source, as `sources list` shows it.")]


def sources_remove(source: SourceId, /) -> None:
    lines = remove_source(configuration().path, source)
    say(f"{source} is removed; what was collected from it stays")
    say("to add it again, write below sources:")
    for line in lines:
        say(line)


def sources_switch(
    source: SourceId,
    state: Annotated[Literal["on", "off"], Parameter(help="Whether it is checked.")],
    /,
) -> None:
    enable_source(configuration().path, source, state == "on")
    if state == "on":
        say(f"{source} is switched on; look at it once with: accordwatch sources check {source}")
    else:
        say(f"{source} is switched off; on again: accordwatch sources switch {source} on")


# --- `coverage`: what was requested of each source, and what it brought ---------------------------

_DAYS = Number(gte=1, lte=MOST_DAYS)


def coverage(
    *,
    days: Annotated[int, Parameter(help="Of so many days, today included.", validator=_DAYS)] = 7,
    party: Annotated[
        str, Parameter(help="How complete the register is for this state or body instead.")
    ] = "",
    format: Shape = "table",
) -> None:
    chosen, now = configuration(), datetime.now(UTC)
    if party:
        with understood():
            code = state_meant(party)
        with opened_database(chosen) as database, database.read() as s:
            _print_state(coverage_of(s, code, chosen.sources, now, words()), format)
        return
    since = now.date() - timedelta(days=days - 1)
    with opened_database(chosen) as database, database.read() as s:
        counted = {name: total(found.values()) for name, found in tallies(s, since).items()}
        troubles: dict[str, list[str]] = {}
        for finding in source_findings(s, chosen.enabled, now, chosen.settings.monitor):
            troubles.setdefault(finding.name.split(":")[1], []).append(finding.line)
    lines = [
        LedgerLine(
            source.id,
            counted.get(source.id, Tally()),
            source.country,
            source.language,
            troubles.get(source.id, ()),
        )
        for source in chosen.sources
        if source.enabled or source.id in counted
    ]
    print_list(LEDGER, lines, format)
    if format == "table":
        _print_sums(lines, days)


def _print_state(state: StateCoverage, format: Format) -> None:
    labels = words()
    facts = facts_of(state, labels)
    if format == "jsonl":
        print_jsonl([state_as_json(state, labels)])
        return
    if format == "csv":
        print_csv({"what": fact.text, "number": fact.number} for fact in facts)
        return
    name = labels.party(state.party)
    print_table(
        labels.say("{party}: coverage", party=name),
        ("", ""),
        [(fact.text, labels.number(fact.number)) for fact in facts],
    )
    headings = map(labels.say, ("Source", "Language", "Kind", "Last response", "Reports"))
    rows = [
        (
            source.name,
            source.language or "",
            source.kind or "",
            moment(source.last_success_at),
            str(source.reports),
        )
        for source in state.sources
    ]
    if rows:
        print_table(
            "",
            (*headings, labels.say("Last report")),
            [
                (*row, str(source.last_report_on or ""))
                for row, source in zip(rows, state.sources, strict=True)
            ],
        )
    if (last := state.last_report) is not None:
        title, outlet = (shown(one) for one in (title_of(last, labels), outlet_of(last)))
        on = f"{last.published_on or labels.say('no date')}"
        say(f"{labels.say('Last report')}{labels.say(': ')}{title} ({outlet}, {on})")
    about = (no_party_in_words(state, labels), watched_in_words(state, labels))
    for sentence in filter(None, (*about, *state.missed)):
        say(sentence)
    if state.is_empty:
        say(
            labels.say(
                "Nothing is known of {party} yet, and no source of it is watched. To add one:",
                party=name,
            )
            + " accordwatch sources add URL"
        )


def _print_sums(lines: Sequence[LedgerLine], days: int) -> None:
    labels = words()
    for key in ("country", "language"):
        by_name: dict[str, list[Tally]] = {}
        for ledger_line in lines:
            by_name.setdefault(getattr(ledger_line, key) or "none", []).append(ledger_line.tally)
        rows = [
            LEDGER.cells(LedgerLine(name, total(found)), labels)
            for name, found in sorted(by_name.items())
        ]
        print_table(f"By {key}", (key, *LEDGER.headings(labels)[1:]), rows)
    polled = sum(line.tally.polls > 0 for line in lines)
    stored = sum(line.tally.stored for line in lines)
    last = "today" if days == 1 else f"the last {days} days"
    say(
        f"{stored:,} documents stored in {last}, from {len(lines)} sources, {polled} of them polled"
    )
    for ledger_line in lines:
        for trouble in ledger_line.troubles:
            say(f"- {trouble}")
