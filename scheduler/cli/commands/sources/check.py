"""`sources check`: tries sources once from this machine, and keeps what it found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from cyclopts import Parameter
from rich.progress import TimeElapsedColumn

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import (
    Format,
    counted,
    print_csv,
    print_jsonl,
    print_table,
    say,
    shown,
    stderr,
)
from scheduler.cli.terminal.progress import moving_line
from scheduler.configuration.config import Configuration
from storage.errors import ConfigurationError
from storage.records import Source
from storage.sources.checks import SourceCheck, save_check

COLUMNS = ("id", "alive", "items", "newest", "lang", "what is wrong")


def check(
    source: Annotated[tuple[str, ...], Parameter(help="Ids; none: all that are switched on.")] = (),
    /,
    *,
    pack: Annotated[
        tuple[str, ...],
        Parameter(help="All of a pack that comes with us, chosen or not: `sources packs`."),
    ] = (),
    format: Annotated[
        Format, Parameter(help="table for people; jsonl and csv for programs.")
    ] = "table",
) -> int:
    """Try each source once from here, and keep what was found for `sources list`. No document is
    fetched or stored. Exit 1 if some are not alive.
    """
    chosen = configuration()
    wanted = _wanted(chosen, source, pack)
    with opened_database(chosen) as database:
        checks = []
        for found in _watched(chosen, wanted):
            with database.begin() as s:
                save_check(s, found)
            checks.append(found)
    _print(sorted(checks, key=_worst_first), format)
    dead = sum(not found.alive for found in checks)
    say(f"{len(checks) - dead} of {counted(len(checks), 'source')} alive")
    return 1 if dead else 0


def _wanted(chosen: Configuration, ids: Sequence[str], packs: Sequence[str]) -> tuple[Source, ...]:
    """The named sources, and those of the named packs, as the configuration changes them; without
    names all that are switched on.
    """
    known = {one.id: one for one in chosen.sources}
    of_packs = {one.id: known.get(one.id, one) for one in _in_packs(packs)}
    there = of_packs | known
    if unknown := [name for name in ids if name not in there]:
        raise ConfigurationError(
            f"no source has the id {', '.join(unknown)}; see: accordwatch sources list"
        )
    if ids:
        return tuple(there[name] for name in dict.fromkeys(ids))
    looked_at = of_packs if packs else known
    return tuple(one for one in looked_at.values() if one.enabled)


def _in_packs(names: Sequence[str]) -> Iterator[Source]:
    from spiders.catalog.packs import PACKS, bundled_pack

    for name in names:
        if name not in PACKS:
            raise ConfigurationError(
                f"{name!r} is not a pack of sources; there is {', '.join(PACKS)}"
            )
        for source in bundled_pack(name):
            yield source.to_source()


def _watched(chosen: Configuration, wanted: Sequence[Source]) -> Iterator[SourceCheck]:
    """The checks as they come: a moving line on a terminal, a line each in a log."""
    from spiders.checks.run import check_sources

    console = stderr()
    said = "{task.completed:.0f}/{task.total:.0f}  {task.fields[alive]} alive"
    with moving_line(console, "checking", said, TimeElapsedColumn()) as progress:
        task = progress.add_task("check", total=len(wanted), alive=0)
        alive = 0
        for found in check_sources(wanted, chosen.settings.crawl):
            alive += found.alive
            progress.update(task, advance=1, alive=alive)
            if not console.is_terminal:
                say(f"{found.source_id}: {shown(_in_words(found))}")
            yield found


def _in_words(found: SourceCheck) -> str:
    if not found.alive:
        return str(found.problem)
    said = f"alive: {counted(found.items, 'document')} offered"
    return f"{said}; {found.problem}" if found.problem else said


def _worst_first(found: SourceCheck) -> tuple[bool, bool, str]:
    return found.alive, found.problem is None, found.source_id


def _print(checks: Sequence[SourceCheck], format: Format) -> None:
    if format == "jsonl":
        print_jsonl(map(_row, checks))
    elif format == "csv":
        print_csv([_row(found) for found in checks])
    else:
        print_table("", COLUMNS, [_cells(found) for found in checks])


def _row(found: SourceCheck) -> dict[str, Any]:
    return {
        "id": found.source_id,
        "url": found.url,
        "checked_at": found.checked_at.isoformat(),
        "alive": found.alive,
        "items": found.items,
        "newest_on": found.newest_on.isoformat() if found.newest_on else None,
        "language": found.language,
        "problem": found.problem,
    }


def _cells(found: SourceCheck) -> tuple[str, ...]:
    return (
        found.source_id,
        "yes" if found.alive else "no",
        str(found.items) if found.alive else "",
        str(found.newest_on or ""),
        found.language or "",
        found.problem or "",
    )
