"""`show`: the life of one agreement, or of all agreements between two parties, step by step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any, Literal

from cyclopts import Parameter, validators
from rich.console import Console
from rich.text import Text

from crawler.differences import Edit, differences
from crawler.ingest.vouching import why_certain
from crawler.register.grade import Grounds
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.explanation import reader_lines
from scheduler.cli.output import label, moment, names, paged, print_jsonl, say, shown, stdout, words
from scheduler.configuration.config import Configuration
from scheduler.configuration.party_names import corridor_fault, corridor_meant
from scheduler.exchange.citation import EntryCitation
from scheduler.views.entry import (
    LONGEST_QUOTE,
    LONGEST_TITLE,
    because,
    expected_in_words,
    first_report_sentences,
    grade_name,
    outlet_of,
    support_of,
    text_sentence,
    title_of,
    topics_in_words,
)
from scheduler.views.register_entries import Entry, entries_of
from scheduler.views.verdicts import linkage_in_words, version_rows
from scheduler.views.words.lines import clean, line, web_address
from scheduler.views.words.names import place_in
from storage.documents.copies import stored_verdict
from storage.documents.documents import versions_of
from storage.documents.tables import Version
from storage.errors import AccordwatchError
from storage.filter import Filter, Known
from storage.lists import queries
from storage.register.entry import Agreement, Step
from storage.register.list_rows import is_listed
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
        agreements = sorted(
            _find(s, what), key=lambda agreement: int(agreement.id.removeprefix("A"))
        )
        entries, grounds = entries_of(s, agreements, language), why_certain(s, agreements)
    for entry in entries:
        if cite is None:
            _print_life(entry, grounds[entry.agreement.id])
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
    agreements = queries.agreements(s, Filter(corridors=(f"{first}-{second}",), known=Known.YES))
    if not agreements:
        say(f"No agreement between {names((first, second))} is in the register.")
    return agreements


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


def _print_life(entry: Entry, grounds: Grounds) -> None:
    out, agreement, provenance = stdout(), entry.agreement, entry.provenance
    here, page = words(), words()
    comma, colon, name = here.say(", "), here.say(": "), entry.name
    out.print(Text(f"{agreement.id}  {name}", style="bold"))
    headline = line(agreement.title, LONGEST_TITLE)
    if headline not in ("", name):
        out.print(Text(f"  “{headline}”", style="italic"))
    card = (
        here.instrument(agreement.instrument) if agreement.instrument else "",
        here.status(agreement.status, agreement.instrument) if agreement.status else "",
        expected_in_words(agreement.expected_on, here),
        place_in(here.language, agreement.place, agreement.place_key),
    )
    what = comma.join(filter(None, card)) or words().say("unknown")
    out.print(Text(f"  {names(agreement.parties)}{colon}{what}"))
    out.print(Text(f"  {grade_name(agreement.grade, here)}{colon}{because(grounds, here)}"))
    if provenance.first_report:
        sentences = comma.join(first_report_sentences(provenance.first_report, page))
        first = f"  {page.say('First reported by')}{colon}{sentences}"
        out.print(Text(shown(first)), soft_wrap=True)
    if text := text_sentence(agreement, provenance, page):
        name, where = page.term("page.columns.text"), web_address(provenance.text_url) or ""
        out.print(Text(shown(f"  {name}{colon}{text} {where}".rstrip())), soft_wrap=True)
    if agreement.topics:
        out.print(Text(f"  {comma.join(topics_in_words(agreement.topics, here))}", style="dim"))
    for kind, other in agreement.links:
        out.print(Text(f"  {page.term(f'page.linkage.{kind}', agreement=other)}", style="dim"))
    rows = dict(entry.documents)
    for step in agreement.history:
        _print_step(out, agreement, step, document_rows.rows_in_order(rows, step.document_ids))
    for row in document_rows.rows_in_order(rows, agreement.mentions):
        out.print(Text(f"  {label('mentioned')}  {_report(row)}", style="dim"), soft_wrap=True)
    for reason in agreement.reasons:
        style = "yellow" if reason.is_in_doubt else "dim"
        out.print(Text(f"  {label('why')}: {shown(linkage_in_words(reason, page))}", style=style))
    out.print()


def _print_step(
    out: Console, agreement: Agreement, step: Step, reports: Sequence[document_rows.DocumentRow]
) -> None:
    day = Text(f"  {step.on or words().say('undated')!s:<12}", style="dim")
    expected = expected_in_words(step.expected_on, words())
    if expected:
        expected = f"{words().say(', ')}{expected}"
    support = ""
    if supporting := support_of(step, reports):
        some, total = supporting
        sentence = words().say("{some} of {all} reports name this status", some=some, all=total)
        support = f"  {sentence}"
    status = label("status_unknown")
    if step.status:
        status = words().status(step.status, agreement.instrument)
    out.print(day + Text(status, style="green") + Text(expected) + Text(support, style="dim"))
    if step in agreement.in_doubt:
        doubt = words().say(
            "Uncertain: only one outlet reports it, so the status of the agreement does "
            "not take it into account."
        )
        out.print(Text(f"{'':14}{doubt}", style="yellow"), soft_wrap=True)
    if quote := line(step.quote, LONGEST_QUOTE):
        out.print(Text(f"{'':14}“{quote}”", style="italic"))
    for row in reports:
        out.print(Text(f"{'':14}{_report(row)}"), soft_wrap=True)


def _report(row: document_rows.DocumentRow) -> str:
    if is_listed(row.source_id):
        known = words().say("From the list “{list}”", list=outlet_of(row))
        return f"[{row.id}] {known}: {line(row.quote, LONGEST_QUOTE)}"
    day, where = row.published_on or words().say("undated"), clean(row.url or row.external_id or "")
    title = title_of(row, words())
    return f"[{row.id}] {day} {row.language} {outlet_of(row)}: {title}  {where}"


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
        if row is None:
            raise AccordwatchError(f"{number}: there is no document with this number")
        reading = stored_verdict(s, number)[0].second_reading
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
        gone = "Withdrawn: its page has not been there since {at}."
        out.print(Text(f"  {words().say(gone, at=moment(withdrawn))}", style="yellow"))


def _pairs(
    versions: list[Version], between: tuple[int, int] | None
) -> list[tuple[Version, Version]]:
    if between is None:
        return list(pairwise(versions))
    by_number = {version.number: version for version in versions}
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
    passages = differences(before.text, after.text, additions_only=additions)
    if before.title != after.title:
        passages = [*differences(before.title, after.title, additions_only=additions), *passages]
    for passage in passages:
        shown_line = Text("  ")
        for at, piece in enumerate(passage):
            words = shown(piece.text)
            shown_line.append(" " if at else "")
            marked = words if out.is_terminal else _MARKS[piece.change].format(words)
            shown_line.append(marked, _STYLES[piece.change])
        out.print(shown_line, soft_wrap=True)
    if not passages:
        out.print(Text(label("no_changes"), style="dim"))
