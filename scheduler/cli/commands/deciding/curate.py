"""`curate ...`: a person's decisions about the register, with who, when and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from crawler.judgement.judge import Rules
from scheduler.cli.context import configuration, configured_rules, login_name, opened_database
from scheduler.cli.output import print_jsonl, print_table, say
from scheduler.decisions import curation
from scheduler.decisions.curation import Curator
from scheduler.decisions.labelled_articles import labelled
from storage.register.decisions import decisions
from storage.register.records import Decision, DecisionKind, Pin, PinKind

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from storage.database.session import Session

Why = Annotated[str, Parameter(help="The reason; saved with the decision.")]
_NO_WHY = "decided on the command line"  # kept where nobody gave a reason, as on the page
Who = Annotated[str | None, Parameter(help="Who decides; else the name of this login.")]
AgreementId = Annotated[str, Parameter(help="Id of an agreement: A17.")]
DocumentId = Annotated[int, Parameter(help="Number of a document, as `show` prints it.")]


def merge(
    first: AgreementId, second: AgreementId, /, *, why: Why = _NO_WHY, who: Who = None
) -> None:
    """Two agreements are one."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        decided = curation.merge(s, first, second, curator_of(s, chosen, who, why))
    _say(decided.number, f"merged into {decided.home}; the other id leads there")


def split(
    agreement: AgreementId,
    /,
    *documents: Annotated[int, Parameter(help="Documents that become an agreement of their own.")],
    why: Why = _NO_WHY,
    who: Who = None,
) -> None:
    """Some reports of an agreement are about another one."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        decided = curation.split(s, agreement, documents, curator_of(s, chosen, who, why))
    stand = "stands" if len(set(documents)) == 1 else "stand"
    left = f"{documents_in_words(set(documents))} {stand} in {decided.other} now"
    _say(decided.number, f"split: {left}, the rest stays {decided.home}")


def move(
    document: DocumentId, agreement: AgreementId, /, *, why: Why = _NO_WHY, who: Who = None
) -> None:
    """A report is about another agreement."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        decided = curation.move(s, document, agreement, curator_of(s, chosen, who, why))
    _say(decided.number, f"document {document} stands in {decided.home} now")


def correct(
    document: DocumentId,
    field: Annotated[str, Parameter(help=f"One of {', '.join(curation.FIELDS)}.")],
    value: Annotated[
        str, Parameter(help="What is right; parties and topics with commas: MA,NE; empty: unknown.")
    ],
    /,
    *,
    why: Why = _NO_WHY,
    who: Who = None,
) -> None:
    """A field of a report is wrong."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        decided = curation.correct(s, document, field, value, curator_of(s, chosen, who, why))
    said = f"{field} of document {document} is {value or 'unknown'} now"
    _say(decided.number, f"{said}; it stands in {decided.home}")


def irrelevant(
    named: Annotated[
        str,
        Parameter(help="Number of a document, as `show` prints it, or id of an agreement: A17."),
    ],
    /,
    *,
    why: Why = _NO_WHY,
    who: Who = None,
) -> None:
    """A document reports no agreement; or an entry is none, with all of its reports."""
    chosen = configuration()
    is_document = named.isascii() and named.isdigit()
    with opened_database(chosen) as database, database.begin() as s:
        curator = curator_of(s, chosen, who, why)
        if is_document:
            decided = curation.set_irrelevant(s, int(named), curator)
        else:
            decided = curation.set_no_agreement(s, named, curator)
    what = f"document {named} is" if is_document else f"{named.upper()} and its reports are"
    _say(decided.number, f"{what} out of the register")


def relevant(
    document: DocumentId,
    /,
    *,
    parties: Annotated[str | None, Parameter(help="Codes with commas: MA,NE.")] = None,
    instrument: Annotated[str | None, Parameter(help="treaty, agreement, declaration ...")] = None,
    topics: Annotated[str | None, Parameter(help="With commas: visa,labour_mobility.")] = None,
    status: Annotated[str | None, Parameter(help="signed, negotiating, in_force ...")] = None,
    event_date: Annotated[str | None, Parameter(help="The day of the step: 2025-07-28.")] = None,
    place: Annotated[str | None, Parameter(help="Where it happened.")] = None,
    why: Why = _NO_WHY,
    who: Who = None,
) -> None:
    """A document that the rules missed reports an agreement. Fields that are not given are read
    from its text.
    """
    written = {
        "parties": parties,
        "instrument": instrument,
        "topics": topics,
        "status": status,
        "event_date": event_date,
        "place": place,
    }
    fields = {field: value for field, value in written.items() if value is not None}
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        decided = curation.set_relevant(s, document, fields, curator_of(s, chosen, who, why))
    _say(decided.number, f"document {document} is a report of {decided.home} now")


def confirm(agreement: AgreementId, /, *, why: Why = "read it", who: Who = None) -> None:
    """A person looked at an entry, and it is an agreement."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        decided = curation.confirm(s, agreement, curator_of(s, chosen, who, why))
    _say(decided.number, f"{decided.home} is confirmed")


def rename(
    agreement: AgreementId,
    name: Annotated[str, Parameter(help="What every reader sees from now on.")],
    /,
    *,
    why: Why = "a better name",
    who: Who = None,
) -> None:
    """An agreement has a better name."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        decided = curation.rename(s, agreement, name, curator_of(s, chosen, who, why))
    _say(decided.number, f"{decided.home} is called “{name}” now")


def undo(
    number: Annotated[int, Parameter(help="Number of a decision, as `curate list` prints it.")],
    /,
    *,
    who: Who = None,
) -> None:
    """Take a decision back."""
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        undone = curation.undo(s, number, curator_of(s, chosen, who, ""))
    say(f"undone: {in_words(undone)}")


def list_decisions() -> None:
    """List all decisions, oldest first, each with the number that `curate undo` takes."""
    with opened_database(configuration()) as database, database.read() as s:
        decided = decisions(s)
    if not decided:
        say("No decision has been taken yet.")
        return
    rows = [
        (str(one.id), f"{one.at:%Y-%m-%d %H:%M}", one.who, in_words(one) + _undone(one), one.why)
        for one in decided
    ]
    print_table("", ("undo", "when", "who", "decision", "why"), rows)


def _undone(decision: Decision) -> str:
    when = f"{decision.undone_at:%Y-%m-%d %H:%M}" if decision.undone_at else ""
    return f" (undone by {decision.undone_by}, {when})" if when else ""


def export() -> None:
    """Print corrected documents as labelled articles, for `rules test --labelled`."""
    with opened_database(configuration()) as database, database.read() as s:
        print_jsonl(list(labelled(s)))


def _say(number: int, what: str) -> None:
    say(f"{what}; to take it back: accordwatch curate undo {number}")


def curator_of(s: Session, chosen: Configuration, who: str | None, why: str) -> Curator:
    """The person who decides, with the configured rules, which are loaded when they are first
    needed.
    """
    from scheduler.configuration.user_subscriptions import with_users

    name = login_name() if who is None else who

    @cache
    def rules() -> Rules:
        return configured_rules(chosen)

    subscriptions = with_users(s, chosen).subscriptions
    return Curator(name, why, datetime.now(UTC), subscriptions, rules)


# --- a curator's decisions in words ---------------------------------------------------------------


def in_words(decision: Decision) -> str:
    """A line such as "split A47: document 38 apart from 6 others". Agreements have the ids that
    they had when it was decided.
    """
    return _WORDS[decision.kind](decision)


def _merged(decision: Decision) -> str:
    if decision.agreement_id and decision.other_agreement_id:
        return f"merged {decision.other_agreement_id} and {decision.agreement_id}"
    return f"merged what {documents_in_words(_named(decision.pins))} report"


def _split(decision: Decision) -> str:
    apart = [pin for pin in decision.pins if pin.kind is PinKind.CANNOT_LINK]
    leaving = {pin.document_id for pin in apart}
    others = len({pin.other_document_id for pin in apart} - leaving)
    noun = "other" if others == 1 else "others"
    whole = decision.agreement_id or "an agreement"
    return f"split {whole}: {documents_in_words(leaving)} apart from {others} {noun}"


def _moved(decision: Decision) -> str:
    origin = f" from {decision.agreement_id}" if decision.agreement_id else ""
    linked = [pin.other_document_id for pin in decision.pins if pin.kind is PinKind.MUST_LINK]
    beside = linked[0] if linked else None
    target = decision.other_agreement_id or f"the agreement of document {beside}"
    return f"moved {documents_in_words(_first(decision.pins))}{origin} to {target}"


def _corrected(decision: Decision) -> str:
    pin = decision.pins[0]
    home = f" ({decision.agreement_id})" if decision.agreement_id else ""
    return f"corrected document {pin.document_id}{home}: {pin.field} is {pin.value or 'unknown'}"


def _ruled_out(decision: Decision) -> str:
    home = f" of {decision.agreement_id}" if decision.agreement_id else ""
    out = [pin.document_id for pin in decision.pins if pin.kind is PinKind.IRRELEVANT]
    return f"ruled out {documents_in_words(out)}{home}{_in_audit(decision)}"


def _added(decision: Decision) -> str:
    given = [pin for pin in decision.pins if pin.kind is PinKind.FIELD]
    fields = ", ".join(f"{pin.field} {pin.value}" for pin in given)
    return f"added {documents_in_words(_first(decision.pins))}{_in_audit(decision)}: {fields}"


def _in_audit(decision: Decision) -> str:
    return " in the audit" if any(pin.kind is PinKind.AUDIT for pin in decision.pins) else ""


def _confirmed(decision: Decision) -> str:
    return f"confirmed {decision.agreement_id or 'an agreement'}"


def _renamed(decision: Decision) -> str:
    return f"renamed {decision.agreement_id or 'an agreement'}: “{decision.pins[0].value}”"


def _listed(decision: Decision) -> str:
    return f"imported the list “{decision.list_name}”"


_WORDS: Mapping[DecisionKind, Callable[[Decision], str]] = {
    DecisionKind.MERGE: _merged,
    DecisionKind.SPLIT: _split,
    DecisionKind.MOVE: _moved,
    DecisionKind.CORRECT: _corrected,
    DecisionKind.IRRELEVANT: _ruled_out,
    DecisionKind.RELEVANT: _added,
    DecisionKind.CONFIRM: _confirmed,
    DecisionKind.RENAME: _renamed,
    DecisionKind.LIST: _listed,
}


def _first(pins: Iterable[Pin]) -> list[int]:
    return [pin.document_id for pin in pins][:1]


def _named(pins: Iterable[Pin]) -> set[int]:
    numbers = {number for pin in pins for number in (pin.document_id, pin.other_document_id)}
    return {number for number in numbers if number}


def documents_in_words(numbers: Iterable[int]) -> str:
    """ "documents 3, 5 and 8"."""
    ordered = sorted(numbers)
    if len(ordered) == 1:
        return f"document {ordered[0]}"
    return f"documents {', '.join(map(str, ordered[:-1]))} and {ordered[-1]}"
