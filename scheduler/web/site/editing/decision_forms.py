"""Taking the decision of a form: who decides, whether the register is still what they saw, and
what the next page shows.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, Field
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from scheduler.configuration.party_names import party_meant
from scheduler.configuration.user_subscriptions import everybody
from scheduler.decisions.curated_fields import checked_field, written_field
from scheduler.decisions.curator import Curator, Decided
from scheduler.notify.corrections import tell
from scheduler.views.decisions import NO_REASON
from scheduler.views.register_entries import Entry, named_entries
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import clean, isolated, line
from scheduler.web.site.addresses import NotHere
from scheduler.web.site.context import TOLD, UNTOLD, Context
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.lists import queries
from storage.records import Card
from storage.register.agreements import resolve
from storage.register.decisions import decision, decisions_about, given_names, last_decision, pins
from storage.register.entry import FIELDS, Agreement, Decision, DecisionKind, documents_of
from storage.users.accounts import Role, User
from storage.users.users import user_named

LONGEST_REASON = 500
_log = logging.getLogger(__name__)


class SentForm(BaseModel):
    """What the forms of decisions carry, each its own. `seen` are the stamps of the agreements that
    it is about; `back` is the list in which it stands, to which the answer leads; `target` is an
    agreement that was picked, and `target_id` one whose id was written; `tell` is a
    colleague who is to be told.
    """

    back: str = Field(default="", max_length=2000)
    why: str = Field(default="", max_length=LONGEST_REASON)
    seen: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=2)
    token: str = Field(default="", max_length=64)
    document: list[str] = Field(default=[])
    other: str = Field(default="", max_length=20)
    name: str = Field(default="", max_length=1000)
    target: str = Field(default="", max_length=20)
    target_id: str = Field(default="", max_length=20)
    tell: str = Field(default="", max_length=200)


class FormFault(Exception):
    """What was written into a form cannot be done: sentences for the reader, by field."""

    def __init__(self, **faults: str) -> None:
        super().__init__(*faults.values())
        self.faults = faults


class _Changed(Exception):
    """The register is not what the editor saw."""


def ruled_out_by(s: Session, agreement_id: str) -> Decision | None:
    """The last decision, not undone, that what had this id is no agreement."""
    about = decisions_about(s, agreement_id, _MOST_DECISIONS)
    ruled_out = (one for one in about if one.kind is DecisionKind.IRRELEVANT)
    return next((one for one in ruled_out if one.undone_at is None), None)


def curator_for(context: Context, who: str, why: str = "") -> Curator:
    """The person who decides on the page, with the reason that they gave, if any."""
    reason = clean(why)[:LONGEST_REASON] or NO_REASON
    subscriptions = everybody(context.served.database, context.chosen).subscriptions
    return Curator(who, reason, context.now(), subscriptions, context.served.rules)


def decide_unless_changed(
    context: Context,
    form: SentForm,
    wanted: str,
    take: Callable[[Session, Curator], Sequence[Decided]],
    again: Callable[[Mapping[str, str]], Response] | None = None,
    **fields: Sequence[str],
) -> Response:
    """Take the decisions in one transaction and lead to the agreement that they are about. It says
    what was done and offers to undo it.

    If an agreement is not what the editor saw, nothing is done, and the answer says what happened;
    `wanted` is the decision in words, and `fields` is what the form carried, so that it can be sent
    again. If `take` raises FormFault, nothing is done either, and the answer is `again`.
    """
    who = context.check_decider(action_of(context), form.token)
    stamps = [stamp for stamp in map(read_seen, form.seen) if stamp is not None]
    if not stamps or len(stamps) < len(form.seen):
        raise HTTPException(
            422,
            context.words.say(
                "The form is incomplete, and nothing was changed. Load the page again."
            ),
        )
    colleague = _colleague(context, form.tell)
    try:
        with context.begin() as s:
            if not all(is_unchanged(s, seen) for seen in stamps):
                raise _Changed
            decided = take(s, curator_for(context, who, form.why))
    except _Changed:
        return _conflict(context, form, wanted, fields, stamps)
    except FormFault as fault:
        if again is None:
            raise
        return again(fault.faults)
    told = _tell(context, colleague, stamps[0].agreement_id, decided) if colleague else ""
    if context.is_partial:
        return answered_in_place(context, stamps[0].agreement_id, decided[-1].number)
    return leave(context, [one.number for one in decided], decided[-1].home, form.back, told)


def _colleague(context: Context, name: str) -> User | None:
    """Who is to be told; None for nobody. Raises HTTPException for who cannot be."""
    if not name:
        return None
    with context.read() as s:
        account = user_named(s, name)
    if account is None or not account[0].address:
        unknown = isolated(line(name, 80), context.words.direction)
        raise HTTPException(
            422,
            context.words.say("{name} has no account with a mail address here.", name=unknown),
        )
    return account[0]


def _tell(context: Context, colleague: User, place: str, decided: Sequence[Decided]) -> str:
    """Tell a colleague by mail what was decided and stays so, whether or not the mail leaves."""
    with context.read() as s:
        decisions = [
            one for one in (decision(s, each.number) for each in decided) if one is not None
        ]
        entry = queries.agreement(s, decided[-1].home or place)
        words = labels_of(colleague.language or context.language)
        name = named_entries(s, [entry], words.language)[0].name if entry else place
    page = context.page_address
    address = f"{page}/agreements/{entry.id if entry else place}" if page else ""
    try:
        tell(context.chosen, colleague, decisions, name, address)
    except AccordwatchError as error:
        _log.warning("%s was not told of decision %s: %s", colleague.name, decisions[-1].id, error)
        return UNTOLD
    return TOLD


def answered_in_place(context: Context, place: str, number: int) -> Response:
    """What was decided, in the place of an entry; the entry itself where it was undone."""
    with context.read() as s:
        decided, entry = decision(s, number), queries.agreement(s, place)
        if decided is None:
            raise NotHere
        reopened = [entry] if entry is not None and decided.undone_at is not None else []
        return context.page(
            s,
            "editing/answered.html.j2",
            place=place,
            answered=decided,
            entries=reopened,
            answers=answer_stamps(context, s, reopened),
        )


def answer_stamps(context: Context, s: Session, agreements: Sequence[Agreement]) -> dict[str, str]:
    """The stamp of each entry for the buttons beside it (Right, Wrong, Correct), by id; none for
    who may not decide.
    """
    may_decide = context.visitor.may(Role.EDITOR)
    return _stamps(s, agreements, context.now()) if may_decide else {}


def action_of(context: Context) -> str:
    """The address of a form, without the path that the page lies under."""
    action: str = context.request.scope["route"].path.format(**context.request.path_params)
    return action


_LOCAL = re.compile(r"/(?:review|decisions|duplicates)?(?:\?[\w.~%&=+,:-]*)?")


def leave(
    context: Context, numbers: Sequence[int], home: str = "", back: str = "", told: str = ""
) -> Response:
    """Lead to a page that shows these decisions: to `back`, if that is a list of ours that the
    form came from; else to the agreement `home`, if there is one. `told`: whether a colleague was
    told by mail.
    """
    path = back if _LOCAL.fullmatch(back) else ""
    path = path or (f"/agreements/{home}" if home else "/decisions")
    done = ",".join([*map(str, numbers), *filter(None, [told])])
    return context.see(f"{path}{'&' if '?' in path else '?'}done={done}")


def _conflict(
    context: Context,
    form: SentForm,
    wanted: str,
    fields: Mapping[str, Sequence[str]],
    stamps: Sequence[Stamp],
) -> Response:
    words = context.words
    if context.is_partial:
        raise HTTPException(
            409,
            words.say(
                "The agreement has changed since you opened the form, so your change was not "
                "saved. Compare both, and repeat it if it is still right."
            ),
        )
    with context.read() as s:
        since: dict[int, Decision] = {}
        for seen in stamps:
            since |= _decided_since(s, seen)
        there = [queries.agreement(s, agreement_id) for agreement_id, *_ in stamps]
        agreements = {agreement.id: agreement for agreement in there if agreement is not None}
        fresh = [seen_now(s, agreement, context.now()) for agreement in agreements.values()]
        return context.page(
            s,
            "editing/conflict.html.j2",
            409,
            wanted=wanted,
            form=form,
            action=action_of(context),
            fields=[(name, value) for name, values in fields.items() for value in values],
            since=[since[number] for number in sorted(since, reverse=True)],
            now=[
                Current(
                    stamp.agreement_id,
                    named_entries(s, [agreement], words.language)[0] if agreement else None,
                )
                for stamp, agreement in zip(stamps, there, strict=True)
            ],
            # The same form can be sent again, unless one is gone or two have become one.
            fresh=fresh if len(agreements) == len(stamps) else [],
        )


_WRITTEN = re.compile(r"(A\d{1,9})\.([0-9a-f]{32})\.(\d{1,12})\.(\d{1,12})")
_MOST_DECISIONS = 50  # of one agreement, that are searched for what others did


class Current(NamedTuple):
    """An agreement that a form is about, as it is now; without an entry once it is gone."""

    id: str
    entry: Entry | None


class Stamp(NamedTuple):
    """An agreement at a moment: its id and digest, the last decision of the register then, and the
    time in seconds since 1970, by the clock of the server. Forms carry it, joined with points.
    """

    agreement_id: str
    digest: str
    decision: int
    at_s: int


def seen_now(s: Session, agreement: Agreement, now: datetime) -> str:
    """The stamp of an agreement as it is stored now, as a form carries it."""
    return _stamps(s, [agreement], now)[agreement.id]


def _stamps(s: Session, agreements: Sequence[Agreement], now: datetime) -> dict[str, str]:
    last, at_s, digests = last_decision(s), int(now.timestamp()), _digests(s, agreements)
    return {
        agreement.id: f"{agreement.id}.{digests[agreement.id]}.{last}.{at_s}"
        for agreement in agreements
    }


def read_seen(written: str) -> Stamp | None:
    """The stamp that a form brought back; None if it is none."""
    match = _WRITTEN.fullmatch(written)
    return Stamp(match[1], match[2], int(match[3]), int(match[4])) if match else None


def is_unchanged(s: Session, seen: Stamp) -> bool:
    """Whether the agreement is still what the editor saw, under the same id."""
    agreement_id, digest, *_ = seen
    if resolve(s, agreement_id) != agreement_id:
        return False
    agreement = queries.agreement(s, agreement_id)
    return agreement is not None and _digests(s, [agreement])[agreement.id] == digest


def _decided_since(s: Session, seen: Stamp) -> dict[int, Decision]:
    """What was decided or undone about the agreement after the editor saw it, by number."""
    agreement_id, _, decision, at_s = seen
    ids = {agreement_id, resolve(s, agreement_id) or agreement_id}
    about = [one for id in ids for one in decisions_about(s, id, _MOST_DECISIONS)]
    return {
        one.id: one
        for one in about
        if one.id > decision or (one.undone_at and int(one.undone_at.timestamp()) >= at_s)
    }


def _digests(s: Session, agreements: Sequence[Agreement]) -> dict[str, str]:
    """What stands in agreements, and what persons decided about them, as short text by id."""
    names = given_names(s, [one.id for one in agreements])
    decided = pins(s, sorted({number for one in agreements for number in documents_of(one)}))
    digests = {}
    for agreement in agreements:
        held = documents_of(agreement)
        own = [pin for pin in decided if {pin.document_id, pin.other_document_id} & held]
        content = repr((agreement, names.get(agreement.id), own))
        digests[agreement.id] = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:32]
    return digests


# --- the six fields of a card as inputs -----------------------------------------------------------

_LONGEST_SHOWN = 300  # characters of a value that could not be read
_LISTS = frozenset({"parties", "topics"})


def card_as_written(card: Card | Agreement) -> dict[str, str]:
    """The fields of a card as an editor would write them."""
    return {field: written_field(card, field) for field in FIELDS}


def read_card(
    form: FormData, words: Labels
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """What a form says of a card, by field: the values as they are stored, those that differ from
    what the editor saw, and what could not be read. `was_status` is what the form
    showed as the status when it was made; a field without it counts as changed.
    """
    values, changes, faults = dict[str, str](), dict[str, str](), dict[str, str]()
    for field in FIELDS:
        was = form.get(f"was_{field}")
        if field not in form and was is None:
            continue
        typed = raw = ",".join(str(value) for value in form.getlist(field))
        if field == "parties":  # people write codes in small letters, and names of states
            parts = (part.strip() for part in raw.replace("،", ",").split(","))
            typed = ",".join(party_meant(part[:100]) or part for part in parts if part)
        try:
            values[field] = checked_field(field, typed)
        except AccordwatchError:
            values[field] = clean(raw[:_LONGEST_SHOWN])
            faults[field] = words.term(f"page.edit.faults.{field}")
            strangers = [part for part in typed.split(",") if part and not party_meant(part)]
            if field == "parties" and strangers:
                named = isolated(line(words.listed(strangers), 120), words.direction)
                faults[field] = words.say("Unknown: {names}.", names=named) + " " + faults[field]
            continue
        if was is None or _comparable(field, values[field]) != _comparable(field, str(was)):
            changes[field] = values[field]
    return values, changes, faults


def card_form(
    card: Card | Agreement,
    words: Labels,
    values: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the template of the fields takes: `was` of the card, and `card` with what stands in the
    fields: `values` that were typed, else those of the card.
    """
    was = card_as_written(card)
    written = was | dict(values or {})
    codes = written["parties"].split(",")
    inputs = {
        "written": written,
        "faults": faults or {},
        # By their names, so that an editor sees what the codes stand for.
        "named_parties": words.listed(words.short_party(code) for code in codes if code),
    }
    return {"card": inputs, "was": was}


def _comparable(field: str, value: str) -> object:
    return frozenset(value.split(",")) if field in _LISTS else value
