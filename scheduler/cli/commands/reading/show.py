"""`show`: the life of one agreement, or of all agreements between two parties, step by step."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any, Literal

from cyclopts import Parameter, validators
from rich.console import Console
from rich.text import Text

from crawler.differences import Edit, differences
from crawler.ingest.vouching import why_certain
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.explanation import reader_lines
from scheduler.cli.output import label, moment, names, paged, print_jsonl, say, shown, stdout, words
from scheduler.configuration.config import Configuration
from scheduler.configuration.party_names import corridor_fault, corridor_meant
from scheduler.exchange.citation import EntryCitation
from scheduler.views.entry import EntryWords, ReportWords, StepWords, entry_in_words
from scheduler.views.register_entries import entries_of
from scheduler.views.verdicts import linkage_in_words, version_rows
from scheduler.views.words.page import words_of
from storage import queries
from storage.documents.documents import versions_of
from storage.documents.tables import Version
from storage.errors import AccordwatchError
from storage.filter import Filter, Known
from storage.register.records import Agreement
from storage.search import document_rows
from storage.sources.revisits import withdrawn_at

_ID = re.compile(r"[Aa]\d+")


def show(
    what: Annotated[
        str, Parameter(help="Id of an agreement (A17), or a corridor (IT-AL, Italy-Albania).")
    ],
    /,
    *,
    cite: Annotated[
        Literal["text", "bibtex", "ris"] | None,
        Parameter(help="Print how to cite it instead: a sentence, BibTeX or RIS."),
    ] = None,
) -> None:
    chosen, language = configuration(), words().language
    with opened_database(chosen) as database, database.read() as s:
        found = sorted(_find(s, what), key=lambda one: int(one.id.removeprefix("A")))
        entries = [(one, why_certain(s, one.agreement)) for one in entries_of(s, found, language)]
    for entry, grounds in entries:
        if cite is None:
            _print_life(entry.agreement, entry_in_words(entry, grounds, words_of(language)))
            continue
        cited = _citation(chosen, entry.agreement, entry.name)
        written = {"text": cited.as_sentence, "bibtex": cited.as_bibtex, "ris": cited.as_ris}
        stdout().print(Text(written[cite]().replace("\r\n", "\n").rstrip("\n")), soft_wrap=True)


def _find(s: Any, what: str) -> list[Agreement]:
    if _ID.fullmatch(what):
        agreement_id = what.upper()
        agreement = queries.agreement(s, agreement_id)
        if agreement is None:
            raise AccordwatchError(
                f"{agreement_id}: no agreement has this id; see: accordwatch agreements"
            )
        if agreement.id != agreement_id:
            say(f"{agreement_id} was merged into {agreement.id}")
        return [agreement]
    pair = corridor_meant(what)
    if pair is None:
        fault = corridor_fault(what) if "-" in what.strip("-") else None
        raise AccordwatchError(
            fault or f"{what}: neither an id like A17 nor a corridor like IT-AL or Italy-Albania"
        )
    first, _, second = pair.partition("-")
    found = queries.agreements(s, Filter(corridors=(f"{first}-{second}",), known=Known.YES))
    if not found:
        say(f"No agreement between {names((first, second))} is in the register.")
    return found


def _citation(chosen: Configuration, agreement: Agreement, name: str) -> EntryCitation:
    """How to cite an agreement: under the address of its page, or else of the data set."""
    own, page = chosen.settings.dataset, chosen.settings.site.url.rstrip("/")
    return EntryCitation(
        id=agreement.id,
        name=name,
        register=own.register_name,
        publisher=own.publisher,
        address=f"{page}/agreements/{agreement.id}" if page else own.address,
        seen_on=datetime.now(UTC).date(),
        language=words().language,
    )


def _print_life(found: Agreement, entry: EntryWords) -> None:
    out, one, comma, colon = stdout(), entry.line, words().say("comma"), words().say("colon")
    out.print(Text(f"{one.id}  {one.name}", style="bold"))
    if one.headline not in ("", one.name):
        out.print(Text(f"  “{one.headline}”", style="italic"))
    card = (one.instrument, one.status, one.expected, one.place)
    what = comma.join(filter(None, card)) or label("unknown")
    out.print(Text(f"  {names(found.parties)}{colon}{what}"))
    out.print(Text(f"  {one.grade_name}{colon}{entry.because}"))
    page = words_of(words().language)
    if entry.first_report:
        line = f"{page.say('page.first_report.name')}{colon}{comma.join(entry.first_report)}"
        out.print(Text(f"  {shown(line)}"), soft_wrap=True)
    if entry.text:
        line = f"{page.say('page.text')}{colon}{entry.text} {entry.text_url or ''}"
        out.print(Text(f"  {shown(line.rstrip())}"), soft_wrap=True)
    if one.topics:
        out.print(Text(f"  {comma.join(one.topics)}", style="dim"))
    for kind, other in found.links:
        out.print(Text(f"  {kind} {other}", style="dim"))
    for step in entry.steps:
        _print_step(out, step)
    for row in entry.mentions:
        out.print(Text(f"  {label('mentioned')}  {_report(row)}", style="dim"), soft_wrap=True)
    for reason in found.reasons:
        style = "yellow" if reason.is_in_doubt else "dim"
        line = linkage_in_words(reason, words_of(words().language))
        out.print(Text(f"  {label('why')}: {shown(line)}", style=style))
    out.print()


def _print_step(out: Console, step: StepWords) -> None:
    day = Text(f"  {step.day or label('undated')!s:<12}", style="dim")
    expected = f"{words().say('comma')}{step.expected}" if step.expected else ""
    support = ""
    if step.support:
        reporting, all_outlets = step.support
        support = f"  {label('support', n=reporting, all=all_outlets)}"
    status = step.status if step.stage else label("status_unknown")
    out.print(day + Text(status, style="green") + Text(expected) + Text(support, style="dim"))
    if step.in_doubt:
        doubt = words_of(words().language).say("page.step_in_doubt")
        out.print(Text(f"{'':14}{doubt}", style="yellow"), soft_wrap=True)
    if step.quote:
        out.print(Text(f"{'':14}“{step.quote}”", style="italic"))
    for row in step.reports:
        out.print(Text(f"{'':14}{_report(row)}"), soft_wrap=True)


def _report(row: ReportWords) -> str:
    if row.is_row:
        known = words_of(words().language).say("page.known.from", list=row.outlet)
        return f"[{row.id}] {known}: {row.quote}"
    day = row.day or label("undated")
    return f"[{row.id}] {day} {row.language} {row.outlet}: {row.title}  {row.where}"


# --- `document` -----------------------------------------------------------------------------------

_STYLES = {Edit.SAME: "", Edit.REMOVED: "red strike", Edit.ADDED: "green"}
_MARKS = {Edit.SAME: "{}", Edit.REMOVED: "[-{}-]", Edit.ADDED: "{{+{}+}}"}


def document(
    number: Annotated[
        int,
        Parameter(
            help="Number of the document, as search and show print it.",
            validator=validators.Number(lt=2**31),  # what PostgreSQL can compare
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
    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        row = document_rows.report_rows(s, [number]).get(number)
        versions, withdrawn = versions_of(s, number), withdrawn_at(s, number)
        reading = queries.second_reading(s, number)
    if row is None:
        raise AccordwatchError(f"{number}: there is no document with this number")
    if format == "jsonl":
        print_jsonl(version_rows(versions))
        return
    pairs = _pairs(versions, between) if diff or additions or between else None
    out = stdout()
    with paged(out):
        _print_head(out, row, withdrawn)
        for name, value in reader_lines(reading):
            out.print(Text(f"  {name:<14} ", style="dim") + Text(shown(value)), soft_wrap=True)
        if pairs is not None:
            for before, after in pairs:
                _print_changes(before, after, additions)
        elif versions:
            out.print(Text(shown(versions[-1].text)), soft_wrap=True)
    if not versions:
        say("the text was deleted after its retention period; title and address are stored")
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
            raise AccordwatchError(f"version {number} is not stored; these are: {there}")
    return [(by_number[between[0]], by_number[between[1]])]


def _print_changes(before: Version, after: Version, additions: bool) -> None:
    out = stdout()
    out.print()
    heading = label("version", n=after.number, at=moment(after.seen_at))
    out.print(Text(heading, style="bold"))
    found = differences(before.text, after.text, additions_only=additions)
    if before.title != after.title:
        found = [*differences(before.title, after.title, additions_only=additions), *found]
    for passage in found:
        line = Text("  ")
        for at, piece in enumerate(passage):
            words = shown(piece.text)
            line.append(" " if at else "")
            marked = words if out.is_terminal else _MARKS[piece.change].format(words)
            line.append(marked, _STYLES[piece.change])
        out.print(line, soft_wrap=True)
    if not found:
        out.print(Text(label("no_changes"), style="dim"))
