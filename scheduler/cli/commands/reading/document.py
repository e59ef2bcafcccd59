"""`document`: one document with its text, and what changed in it since it was seen first."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal

from cyclopts import Parameter, validators
from rich.console import Console
from rich.text import Text

from crawler.differences import Edit, Passage, differences
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import moment, print_jsonl, say, shown, stdout
from scheduler.cli.terminal.paging import paged
from scheduler.cli.wording import label
from scheduler.views.verdicts import version_rows
from storage.documents.versions import Version, versions_of
from storage.errors import AccordwatchError
from storage.search import document_rows
from storage.sources.revisits import withdrawn_at

_STYLES = {Edit.SAME: "", Edit.REMOVED: "red strike", Edit.ADDED: "green"}
_MARKS = {Edit.SAME: "{}", Edit.REMOVED: "[-{}-]", Edit.ADDED: "{{+{}+}}"}


def document(
    number: Annotated[
        int,
        Parameter(
            help="Number of the document, as search and show print it.",
            validator=validators.Number(lt=2**63),  # what either database can compare
        ),
    ],
    /,
    *,
    diff: Annotated[
        bool, Parameter(negative="", help="Show what changed in the text, version by version.")
    ] = False,
    between: Annotated[
        tuple[int, int] | None,
        Parameter(help="The two versions to compare, such as 1 3; else each with the next."),
    ] = None,
    additions: Annotated[
        bool, Parameter(negative="", help="Of the changes, only what was added.")
    ] = False,
    format: Annotated[
        Literal["text", "jsonl"], Parameter(help="text; or jsonl: a version a line.")
    ] = "text",
) -> None:
    """Show a document's text, or with --diff what changed in it since it was seen first."""
    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        row = document_rows.report_rows(s, [number]).get(number)
        versions, withdrawn = versions_of(s, number), withdrawn_at(s, number)
    if row is None:
        raise AccordwatchError(f"{number}: there is no document with this number")
    if format == "jsonl":
        print_jsonl(version_rows(versions))
        return
    pairs = _pairs(versions, between) if diff or additions or between else None
    out = stdout()
    with paged(out):
        _print_head(out, row, withdrawn)
        if pairs is not None:
            for before, after in pairs:
                _print_changes(before, after, additions)
        elif versions:
            out.print(Text(shown(versions[-1].text)), soft_wrap=True)
    if not versions:
        say("the text was deleted when its time was over; title and address are kept")
    elif pairs is None and len(versions) > 1:
        say(f"{len(versions)} versions; what changed: accordwatch document {number} --diff")
    elif pairs == []:
        say("its text has not changed since it was seen first")


def _print_head(out: Console, row: document_rows.DocumentRow, withdrawn: datetime | None) -> None:
    out.print(Text(f"[{row.id}] {shown(row.title)}", style="bold"))
    about = (row.outlet, row.published_on, row.language, row.url)
    out.print(Text("  " + "  ".join(shown(str(one)) for one in about if one), style="dim"))
    if withdrawn is not None:
        out.print(Text("  " + label("withdrawn", at=moment(withdrawn)), style="yellow"))


def _pairs(
    versions: list[Version], between: tuple[int, int] | None
) -> list[tuple[Version, Version]]:
    if between is None:
        return list(pairwise(versions))
    by_number = {one.number: one for one in versions}
    for number in between:
        if number not in by_number:
            there = ", ".join(map(str, by_number)) or "none"
            raise AccordwatchError(f"version {number} is not kept; these are: {there}")
    return [(by_number[between[0]], by_number[between[1]])]


def _print_changes(before: Version, after: Version, additions: bool) -> None:
    out = stdout()
    out.print()
    says = label("version", n=after.number, at=moment(after.seen_at))
    out.print(Text(says, style="bold"))
    found = differences(before.text, after.text, additions_only=additions)
    if before.title != after.title:
        found = [*differences(before.title, after.title, additions_only=additions), *found]
    for passage in found:
        out.print(_shown(passage, colour=out.is_terminal), soft_wrap=True)
    if not found:
        out.print(Text(label("no_changes"), style="dim"))


def _shown(passage: Passage, *, colour: bool) -> Text:
    line = Text("  ")
    for at, piece in enumerate(passage):
        words = shown(piece.text)
        line.append(" " if at else "")
        line.append(words if colour else _MARKS[piece.change].format(words), _STYLES[piece.change])
    return line
