"""A curator's decisions about the register.

They are stored as pins on reports, which every later partition takes into account until somebody
undoes the decision.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from crawler.ingest.clustering import look_up
from crawler.ingest.ingest import ingest, rejudge_stored, replace_judgement
from crawler.ingest.listing import take_back
from crawler.process.process import judge_article, judge_document
from scheduler.decisions.curated_fields import (
    agreement_of,
    checked_field,
    home_of,
    refuse_no_report,
    written_field,
)
from scheduler.decisions.curator import Curator, Decided, changed, cluster, decide, note
from scheduler.views.words.lines import clean, web_address
from storage.database.session import Session
from storage.documents.second_readings import forget_answers
from storage.documents.texts import load_judgeable
from storage.errors import AccordwatchError
from storage.lists import queries
from storage.records import Document, Judged
from storage.register.decisions import decision, given_names, set_undone, text_pins
from storage.register.entry import (
    FIELDS,
    Agreement,
    Decision,
    DecisionKind,
    Pin,
    PinKind,
    documents_of,
)
from storage.review.audit import Group
from storage.review.review_queue import is_waiting

LONGEST_NAME = 160  # as much as digests show of a headline


class PartiesMissingError(AccordwatchError):
    """A document can be no report, since neither its text nor a person says who the parties are."""


def merge(s: Session, first: str, second: str, curator: Curator) -> Decided:
    """Two agreements become one. `home` of the result is the id that remains."""
    agreement, other = agreement_of(s, first), agreement_of(s, second)
    if agreement.id == other.id:
        raise AccordwatchError(f"{first} and {second} are one agreement already")
    pinned = curator.pin(PinKind.MUST_LINK, _first(agreement), other_document_id=_first(other))
    touched = {*agreement.document_ids, *other.document_ids}
    decided = curator.decision(DecisionKind.MERGE, [pinned], agreement.id, other.id)
    number = decide(s, curator, decided, touched=touched)
    return Decided(number, home_of(s, _first(agreement)))


def split(s: Session, agreement_id: str, document_ids: Sequence[int], curator: Curator) -> Decided:
    """These reports become an agreement of their own: `other`. The rest stays `home`."""
    whole = agreement_of(s, agreement_id)
    held = (*whole.document_ids, *whole.mentions)
    leaving = list(dict.fromkeys(document_ids))
    staying = [document for document in held if document not in leaving]
    _check_split(whole.id, held, leaving, staying)
    pinned = [
        curator.pin(PinKind.MUST_LINK, leaving[0], other_document_id=other) for other in leaving[1:]
    ]
    pinned += [
        curator.pin(PinKind.CANNOT_LINK, left, other_document_id=stayed)
        for left in leaving
        for stayed in staying
    ]
    decided = curator.decision(DecisionKind.SPLIT, pinned, whole.id)
    number = decide(s, curator, decided, touched=set(held))
    return Decided(number, home_of(s, staying[0]), home_of(s, leaving[0]))


def _check_split(
    agreement_id: str, held: Collection[int], leaving: Sequence[int], staying: Sequence[int]
) -> None:
    strangers = set(leaving) - set(held)
    if not leaving:
        wrong = "say which documents leave"
    elif strangers:
        wrong = f"document {min(strangers)} is no report of {agreement_id}"
    elif not staying:
        wrong = "no report would stay"
    else:
        return
    raise AccordwatchError(f"{wrong}; see: accordwatch show {agreement_id}")


def keep_together(s: Session, document_id: int, curator: Curator) -> Decided:
    """A report belongs to the agreement in which it stands, `home` of the result."""
    home = agreement_of(s, home_of(s, document_id))
    others = [one for one in (*home.document_ids, *home.mentions) if one != document_id]
    if not others:
        raise AccordwatchError(f"document {document_id} is the only report of {home.id}")
    pinned = curator.pin(PinKind.MUST_LINK, document_id, other_document_id=others[0])
    touched = documents_of(home)
    decided = curator.decision(DecisionKind.TOGETHER, [pinned], home.id)
    number = decide(s, curator, decided, touched=touched)
    return Decided(number, home_of(s, document_id))


def keep_apart(s: Session, first: str, second: str, curator: Curator) -> Decided:
    """Two agreements are two, whatever their reports have in common."""
    agreement, other = agreement_of(s, first), agreement_of(s, second)
    if agreement.id == other.id:
        raise AccordwatchError(
            f"{first} and {second} are one agreement; see: accordwatch curate split"
        )
    pinned = [
        curator.pin(PinKind.CANNOT_LINK, here, other_document_id=there)
        for here in sorted(documents_of(agreement))
        for there in sorted(documents_of(other))
    ]
    touched = documents_of(agreement) | documents_of(other)
    decided = curator.decision(DecisionKind.APART, pinned, agreement.id, other.id)
    number = decide(s, curator, decided, touched=touched)
    return Decided(number, agreement.id, other.id)


def move(s: Session, document_id: int, target_id: str, curator: Curator) -> Decided:
    """A report leaves its agreement for another one, `home` of the result."""
    target = agreement_of(s, target_id)
    home = agreement_of(s, home_of(s, document_id))
    if home.id == target.id:
        raise AccordwatchError(f"document {document_id} stands in {target.id} already")
    others = [other for other in (*home.document_ids, *home.mentions) if other != document_id]
    pinned = [
        curator.pin(PinKind.CANNOT_LINK, document_id, other_document_id=other) for other in others
    ]
    pinned.append(curator.pin(PinKind.MUST_LINK, document_id, other_document_id=_first(target)))
    touched = {*home.document_ids, *target.document_ids}
    decided = curator.decision(DecisionKind.MOVE, pinned, home.id, target.id)
    number = decide(s, curator, decided, touched=touched)
    return Decided(number, home_of(s, document_id))


def correct(s: Session, document_id: int, field: str, value: str, curator: Curator) -> Decided:
    """Set a field of a report's card to what the curator says. This may move the report to another
    agreement; `home` of the result is the one in which it now stands.
    """
    home = home_of(s, document_id)
    pinned = curator.pin(PinKind.FIELD, document_id, field=field, value=checked_field(field, value))
    decided = curator.decision(DecisionKind.CORRECT, [pinned], home)
    number = decide(s, curator, decided)
    return Decided(number, home_of(s, document_id))


# Of the fields of an entry, those of its present step; the others are of all of its reports.
_OF_STEP = frozenset({"status", "event_date", "place"})


def correct_entry(
    s: Session, agreement_id: str, field: str, value: str, curator: Curator
) -> Decided:
    """Set a field of an entry: a decision about all of the reports that say it."""
    agreement = agreement_of(s, agreement_id)
    step, checked = agreement.current if field in _OF_STEP else None, checked_field(field, value)
    reports = sorted(step.document_ids if step else documents_of(agreement))
    pinned = [
        curator.pin(PinKind.FIELD, document, field=field, value=checked) for document in reports
    ]
    decided = curator.decision(DecisionKind.CORRECT, pinned, agreement.id)
    number = decide(s, curator, decided, touched=documents_of(agreement))
    return Decided(number, home_of(s, reports[0]))


def set_irrelevant(
    s: Session, document_id: int, curator: Curator, audited: Group | None = None
) -> Decided:
    """Whatever the rules say. `audited`: the group that it was drawn from, if any."""
    is_open = audited is not None or is_waiting(s, document_id)
    home = None if is_open else home_of(s, document_id)
    out = curator.pin(PinKind.IRRELEVANT, document_id)
    pinned = [out, *_audit_pins(document_id, curator, audited)]
    decided = curator.decision(DecisionKind.IRRELEVANT, pinned, home)
    return Decided(decide(s, curator, decided))


def set_no_agreement(s: Session, agreement_id: str, curator: Curator) -> Decided:
    """An entry of the register is no agreement: none of its documents reports one. It is a single
    decision, so that a single undo brings all of it back, under its id.
    """
    agreement = agreement_of(s, agreement_id)
    pinned = [
        curator.pin(PinKind.IRRELEVANT, document) for document in sorted(documents_of(agreement))
    ]
    decided = curator.decision(DecisionKind.IRRELEVANT, pinned, agreement.id)
    return Decided(decide(s, curator, decided))


def confirm(s: Session, agreement_id: str, curator: Curator) -> Decided:
    """A person looked at an entry, and it is an agreement. Each report is an answer, too."""
    agreement = agreement_of(s, agreement_id)
    reports = [id_ for id_ in agreement.document_ids if id_ not in agreement.listed] or [
        _first(agreement)
    ]
    pinned = [curator.pin(PinKind.CONFIRMED, document) for document in sorted(set(reports))]
    decided = curator.decision(DecisionKind.CONFIRM, pinned, agreement.id)
    return Decided(decide(s, curator, decided), agreement.id)


def confirm_report(
    s: Session, document_id: int, fields: Mapping[str, str], curator: Curator
) -> Decided:
    """A report is about an agreement, which confirms its entry, but no other report."""
    home = home_of(s, document_id)
    corrected = {field: checked_field(field, value) for field, value in fields.items()}
    pinned = [curator.pin(PinKind.CONFIRMED, document_id), *curator.pins(document_id, corrected)]
    decided = curator.decision(DecisionKind.CONFIRM, pinned, home)
    number = decide(s, curator, decided)
    return Decided(number, home_of(s, document_id))


def enter(s: Session, document: Document, fields: Mapping[str, str], curator: Curator) -> Decided:
    """A document that a person brings is a report, with these fields. It is stored, and `home` of
    the result is the agreement in which it stands. Raises AccordwatchError if it is stored already.
    """
    judged = judge_document(document, curator.rules(), with_card=True)
    subscriptions, now = curator.subscriptions, curator.at
    done = ingest(s, [judged], subscriptions, now=now, run_id=None, crawl=False, max_age_days=None)
    if (stored := done.stored[0]) is None:
        raise AccordwatchError(done.problems[0].message)
    number = stored.document_id
    if not stored.created:
        raise AccordwatchError(f"document {number} is stored already")
    written = {field: written_field(judged.verdict.card, field) for field in FIELDS}
    differing = {field: value for field, value in fields.items() if value != written[field]}
    accept = confirm_report if queries.agreements_of(s, [number]) else set_relevant
    return accept(s, number, differing, curator)


def set_relevant(
    s: Session,
    document_id: int,
    fields: Mapping[str, str],
    curator: Curator,
    audited: Group | None = None,
) -> Decided:
    """A document that the rules missed is a report, with these fields. The others are read from its
    text. `audited`: the group that it was drawn from, if this answers the audit.
    """
    judged = _missed(s, document_id, curator)
    values = {field: written_field(judged.verdict.card, field) for field in FIELDS}
    values |= {field: checked_field(field, value) for field, value in fields.items()}
    if not values["parties"]:
        raise PartiesMissingError(
            f"document {document_id} does not say who the parties are; add parties=MA,NE"
        )
    written = {field: value for field, value in values.items() if value or field in fields}
    pinned = [curator.pin(PinKind.RELEVANT, document_id), *curator.pins(document_id, written)]
    pinned += _audit_pins(document_id, curator, audited)
    judged_anew = {document_id: judged}
    decided = curator.decision(DecisionKind.RELEVANT, pinned)
    number = decide(s, curator, decided, judged=judged_anew)
    return Decided(number, home_of(s, document_id))


def _audit_pins(document_id: int, curator: Curator, audited: Group | None) -> list[Pin]:
    return [curator.pin(PinKind.AUDIT, document_id, value=audited)] if audited else []


def attach_text(s: Session, agreement_id: str, url: str, curator: Curator) -> Decided:
    """The text of an agreement stands at this address, whatever the register knows of it."""
    agreement, address = agreement_of(s, agreement_id), web_address(url.strip())
    if address is None:
        raise AccordwatchError(f"{clean(url)[:200]!r} is no address like https://example.org/a")
    known = text_pins(s, documents_of(agreement), PinKind.TEXT)
    if any(pin.value == address for pins in known.values() for pin in pins):
        raise AccordwatchError(f"{address} is attached to {agreement.id} already")
    pinned = curator.pin(PinKind.TEXT, _first(agreement), value=address)
    decided = curator.decision(DecisionKind.TEXT, [pinned], agreement.id)
    return Decided(decide(s, curator, decided), agreement.id)


def note_search(s: Session, agreement_id: str, where: str, curator: Curator) -> Decided:
    """Somebody searched for the text of an agreement at these places, and found none."""
    agreement, text = agreement_of(s, agreement_id), _short(where, "say where you searched in")
    pinned = [curator.pin(PinKind.SEARCHED, _first(agreement), value=text)]
    decided = curator.decision(DecisionKind.SEARCHED, pinned, agreement.id)
    return Decided(note(s, decided), agreement.id)


def rename(s: Session, agreement_id: str, name: str, curator: Curator) -> Decided:
    """Every reader sees this name. After a split it stays with most of these reports."""
    agreement, new_name = agreement_of(s, agreement_id), _short(name, "a name has")
    named = agreement.document_ids or agreement.mentions
    pinned = [curator.pin(PinKind.NAME, document, value=new_name) for document in named]
    was = {"name": given_names(s, [agreement.id]).get(agreement.id, "")}
    pinned += changed(named[0], was, {"name": new_name})
    decided = curator.decision(DecisionKind.RENAME, pinned, agreement.id)
    return Decided(note(s, decided), agreement.id)


def _short(written: str, what: str) -> str:
    text = clean(written)
    if not text or len(text) > LONGEST_NAME:
        raise AccordwatchError(f"{what} 1 to {LONGEST_NAME} characters; this one has {len(text)}")
    return text


def undo(s: Session, number: int, curator: Curator) -> Decision:
    """A decision no longer counts, and what it did is taken back. Returns it as it was."""
    original = decision(s, number)
    if original is None:
        raise AccordwatchError(f"no decision has the number {number}; see: accordwatch decisions")
    if original.undone_at is not None:
        when = f"{original.undone_at:%Y-%m-%d %H:%M}"
        raise AccordwatchError(
            f"decision {number} was undone already, by {original.undone_by} on {when}"
        )
    if original.kind is DecisionKind.LIST:
        set_undone(s, number, curator.who, curator.at)
        take_back(s, number, curator.at)
        return original
    named = {
        document
        for pin in original.pins
        for document in (pin.document_id, pin.other_document_id)
        if document
    }
    look_up(s, named)
    set_undone(s, number, curator.who, curator.at)
    if original.kind is DecisionKind.RELEVANT:
        for document_id, document in load_judgeable(s, named):
            replace_judgement(s, document_id, judge_article(document, curator.rules()), curator.at)
    if original.kind is DecisionKind.READ:
        forget_answers(s, original.who, original.at)
        changed_at, most_days = curator.at, None  # a person looked
        rejudge_stored(s, named, curator.subscriptions, now=changed_at, max_age_days=most_days)
    elif original.kind not in (DecisionKind.RENAME, DecisionKind.SEARCHED):
        former = {
            pin.document_id: pin.value
            for pin in original.pins
            if pin.kind is PinKind.HOME and pin.value
        }
        cluster(s, named, curator, former=former)
    return original


def _missed(s: Session, document_id: int, curator: Curator) -> Judged:
    """The document as a report. Raises AccordwatchError if it is one already, or cannot be one."""
    home = queries.agreements_of(s, [document_id]).get(document_id)
    if home is not None:
        hint = f"to change what it says: accordwatch curate correct {document_id} ..."
        raise AccordwatchError(f"document {document_id} is a report of {home} already; {hint}")
    refuse_no_report(s, document_id)
    for _, document in load_judgeable(s, [document_id]):
        return judge_document(document, curator.rules(), with_card=True)
    raise AccordwatchError(
        f"the text of document {document_id} is no longer kept; import it again first"
    )


def _first(agreement: Agreement) -> int:
    return (agreement.document_ids or agreement.mentions)[0]
