"""`curate ...`: a person's decisions about the register, with who, when and why."""

from __future__ import annotations

import getpass
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from scheduler import curation
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import print_jsonl, print_table, say
from scheduler.curation import Curator
from storage import queries

if TYPE_CHECKING:
    from scheduler.config import Configuration

Why = Annotated[str, Parameter(help="The reason; it is kept with the decision.")]
Who = Annotated[str | None, Parameter(help="Who decides; else the name of this login.")]
AgreementId = Annotated[str, Parameter(help="Id of an agreement: A17.")]
DocumentId = Annotated[int, Parameter(help="Number of a document, as `show` prints it.")]


def merge(first: AgreementId, second: AgreementId, /, *, why: Why, who: Who = None) -> None:
    """Two agreements are one."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        remains = curation.merge(s, first, second, _curator(chosen, who, why))
    say(f"merged into {remains}; the other id leads there")


def split(
    agreement: AgreementId,
    /,
    *documents: Annotated[int, Parameter(help="Documents that become an agreement of their own.")],
    why: Why,
    who: Who = None,
) -> None:
    """Some reports of an agreement are about another one."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        stays, leaves = curation.split(s, agreement, documents, _curator(chosen, who, why))
    say(f"split: the rest stays {stays}, documents {', '.join(map(str, documents))} are {leaves}")


def move(document: DocumentId, agreement: AgreementId, /, *, why: Why, who: Who = None) -> None:
    """A report is about another agreement."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        home = curation.move(s, document, agreement, _curator(chosen, who, why))
    say(f"document {document} stands in {home} now")


def correct(
    document: DocumentId,
    field: Annotated[str, Parameter(help=f"One of {', '.join(curation.FIELDS)}.")],
    value: Annotated[str, Parameter(help="What is right; parties and topics with commas: MA,NE.")],
    /,
    *,
    why: Why,
    who: Who = None,
) -> None:
    """A field of a report is wrong."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        home = curation.correct(s, document, field, value, _curator(chosen, who, why))
    say(f"{field} of document {document} is {value} now; it stands in {home}")


def irrelevant(document: DocumentId, /, *, why: Why, who: Who = None) -> None:
    """A document reports no agreement."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        curation.set_irrelevant(s, document, _curator(chosen, who, why))
    say(f"document {document} is out of the register")


def list_decisions() -> None:
    """List all decisions, oldest first."""
    with opened_database(configuration()) as database, database.read() as s:
        decided = queries.decisions(s)
    if not decided:
        say("No decision has been taken yet.")
        return
    rows = [
        (
            f"{pin.at:%Y-%m-%d %H:%M}" if pin.at else "",
            pin.who,
            pin.kind.replace("_", " "),
            str(pin.document_id),
            str(pin.other_document_id or f"{pin.field or ''} {pin.value or ''}".strip()),
            pin.why,
        )
        for pin in decided
    ]
    print_table("", ("when", "who", "decision", "document", "with", "why"), rows)


def export() -> None:
    """Print corrected documents as labelled articles, for `rules test --labelled`."""
    with opened_database(configuration()) as database, database.read() as s:
        print_jsonl(list(curation.labelled(s)))


def _curator(chosen: Configuration, who: str | None, why: str) -> Curator:
    name = who or os.environ.get("USER") or getpass.getuser()
    return Curator(name, why, datetime.now(UTC), chosen.subscriptions)
