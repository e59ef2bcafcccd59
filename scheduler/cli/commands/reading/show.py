"""`show`: the life of one agreement, or of all agreements between two parties, step by step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from crawler.ingest.vouching import why_certain
from crawler.register.certainty import Grounds
from crawler.register.steps import says
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say, shown, stdout
from scheduler.cli.wording import (
    agreement_names,
    card_line,
    certainty_name,
    label,
    names,
    place_name,
    status_name,
    topic_names,
    words,
)
from scheduler.configuration.config import Configuration
from scheduler.configuration.party_names import corridor_fault, corridor_meant
from scheduler.exchange.citation import EntryCitation
from scheduler.exchange.package import TITLE
from scheduler.words.certainty import because
from scheduler.words.heard import text_sentence, voice_sentences
from scheduler.words.page import words_of
from storage import queries
from storage.errors import AccordwatchError
from storage.filter import Filter, Known
from storage.first_voices import heard_of
from storage.register.given_names import given_names
from storage.register.records import Agreement, Heard, Step, is_listed
from storage.search import document_rows

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
    """Show the life of an agreement: dated steps, each with its quote and its reports."""
    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        found = _find(s, what)
        ids = [
            document
            for agreement in found
            for document in (*agreement.document_ids, *agreement.mentions)
        ]
        reports = document_rows.report_rows(s, ids)
        called = agreement_names(found, given_names(s, [agreement.id for agreement in found]))
        grounds = {agreement.id: why_certain(s, agreement) for agreement in found}
        heard = heard_of(s, found, reports)
    for agreement in sorted(found, key=_minted):
        if cite is not None:
            cited = _citation(chosen, agreement, called[agreement.id])
            written = {"text": cited.as_sentence, "bibtex": cited.as_bibtex, "ris": cited.as_ris}
            stdout().print(Text(written[cite]().replace("\r\n", "\n").rstrip("\n")), soft_wrap=True)
            continue
        _print_life(
            agreement, called[agreement.id], grounds[agreement.id], reports, heard[agreement.id]
        )


def _find(s: Any, what: str) -> list[Agreement]:
    if _ID.fullmatch(what):
        asked = what.upper()
        agreement = queries.agreement(s, asked)
        if agreement is None:
            raise AccordwatchError(
                f"{asked}: no agreement has this id; see: accordwatch agreements"
            )
        if agreement.id != asked:
            say(f"{asked} was merged into {agreement.id}")
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
    """How to cite an agreement: under the address of the data set, as no page may be open."""
    own = chosen.settings.dataset
    return EntryCitation(
        id=agreement.id,
        name=name,
        register=own.title or TITLE,
        publisher=own.publisher,
        address=own.address,
        seen_on=datetime.now(UTC).date(),
        language=words().language,
    )


def _minted(agreement: Agreement) -> int:
    """The number in the id. Ids are given in the order in which agreements become known."""
    return int(agreement.id.removeprefix("A"))


def _print_life(
    agreement: Agreement,
    name: str,
    grounds: Grounds,
    reports: dict[int, document_rows.DocumentRow],
    heard: Heard,
) -> None:
    out = stdout()
    out.print(Text(f"{agreement.id}  {shown(name)}", style="bold"))
    if agreement.title != name:
        out.print(Text(f"  “{shown(agreement.title)}”", style="italic"))
    topics = topic_names(agreement.topics)
    card = (card_line(agreement.instrument, agreement.status), _place(agreement))
    what = words().say("comma").join(filter(None, card))
    out.print(Text(f"  {names(agreement.parties)}{words().say('colon')}{what}"))
    sure = certainty_name(agreement.certainty)
    out.print(Text(f"  {sure}{words().say('colon')}{shown(because(grounds, words()))}"))
    for said in _heard(agreement, heard):
        out.print(Text(f"  {said}"), soft_wrap=True)
    if topics:
        out.print(Text(f"  {topics}", style="dim"))
    for kind, other in agreement.links:
        out.print(Text(f"  {kind} {other}", style="dim"))
    for step in agreement.history:
        _print_step(out, step, agreement, reports)
    for row in document_rows.rows_in_order(reports, agreement.mentions):
        out.print(Text(f"  {label('mentioned')}  {_report(row)}", style="dim"), soft_wrap=True)
    for reason in agreement.reasons:
        style = "yellow" if reason.startswith("review") else "dim"
        out.print(Text(f"  {label('why')}: {shown(reason)}", style=style))
    out.print()


def _heard(agreement: Agreement, heard: Heard) -> Iterator[str]:
    """Yield who was first, and where the text is."""
    said, joint = words_of(words().language), words().say("comma")
    colon = words().say("colon")
    if heard.voice is not None:
        voice = shown(joint.join(voice_sentences(heard.voice, said)))
        yield f"{said.say('page.first_voice.name')}{colon}{voice}"
    text = text_sentence(agreement, heard, said)
    if text:
        yield shown(f"{said.say('page.text')}{colon}{text} {heard.text_url or ''}".rstrip())


def _place(agreement: Agreement) -> str:
    return shown(place_name(agreement.place, agreement.place_key))


def _print_step(
    out: Console, step: Step, agreement: Agreement, reports: dict[int, document_rows.DocumentRow]
) -> None:
    day = Text(f"  {step.on or label('undated')!s:<12}", style="dim")
    status = status_name(step.status, agreement.instrument) or label("status_unknown")
    support = Text(_support(step, reports), style="dim")
    out.print(day + Text(status, style="green") + Text(_expected(step)) + support)
    if step in agreement.in_doubt:
        doubt = words_of(words().language).say("page.step_in_doubt")
        out.print(Text(f"{'':14}{doubt}", style="yellow"), soft_wrap=True)
    if step.quote:
        out.print(Text(f"{'':14}“{shown(step.quote)}”", style="italic"))
    for row in document_rows.rows_in_order(reports, step.document_ids):
        out.print(Text(f"{'':14}{_report(row)}"), soft_wrap=True)


def _expected(step: Step) -> str:
    """The day for which the next step is announced."""
    if step.expected_on is None:
        return ""
    said = words().say("expected_on", day=words().day(step.expected_on))
    return f"{words().say('comma')}{said}"


def _support(step: Step, reports: dict[int, document_rows.DocumentRow]) -> str:
    """How many of the step's reports say its status, if only some do. If none does, a curator said
    it.
    """
    rows = document_rows.rows_in_order(reports, step.document_ids)
    saying = sum(says(row.status, step) for row in rows)
    return "" if saying in (0, len(rows)) else f"  {label('support', n=saying, all=len(rows))}"


def _report(row: document_rows.DocumentRow) -> str:
    if is_listed(row.source_id):
        known = words_of(words().language).say("page.known.from", list=shown(row.outlet or ""))
        return f"[{row.id}] {known}: {shown(row.quote)}"
    where = shown(row.url or row.external_id or "")
    day = row.published_on or label("undated")
    outlet, title = shown(row.outlet or ""), shown(row.title)
    return f"[{row.id}] {day} {row.language} {outlet}: {title}  {where}"
