"""Taking a decision that a form asks for: who, whether the register is still what they saw, and
what the next page shows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from scheduler.configuration.user_subscriptions import everybody
from scheduler.decisions.curation import Curator, Decided
from scheduler.views.entry import entry_lines
from scheduler.views.words.lines import clean
from scheduler.web.site.addresses import Forbidden, NotHere
from scheduler.web.site.installation import Installation
from scheduler.web.site.rendering import (
    decision_line,
    is_partial,
    page,
    see,
    served_by,
    visitor_of,
    words_for,
)
from storage import queries
from storage.database.session import Session
from storage.records import GradeBasis
from storage.register.agreements import resolve
from storage.register.decisions import (
    decision,
    decisions_about,
    given_names,
    last_decision,
    pins,
)
from storage.register.records import Agreement, Decision, documents_of
from storage.users.records import Role

NO_REASON = "decided on the page"  # kept where an editor gave none
LONGEST_REASON = 500


class SentForm(BaseModel):
    """What every form of a decision carries. `seen` are the stamps of the agreements that it is
    about; `back` is the list in which it stands, to which the answer leads.
    """

    back: str = Field("", max_length=2000)
    why: str = Field("", max_length=LONGEST_REASON)
    seen: list[Annotated[str, Field(max_length=100)]] = Field([], max_length=2)
    token: str = Field("", max_length=64)


class FormFault(Exception):
    """What was written into a form cannot be done: sentences for the reader, by field."""

    def __init__(self, **faults: str) -> None:
        super().__init__(*faults.values())
        self.faults = faults


class _Changed(Exception):
    """The register is not what the editor saw."""


def check_token(request: Request, action: str, token: str) -> str:
    """Return who decides. Raises Forbidden for a reader, and for a form without its token."""
    visitor = visitor_of(request)
    if visitor.name is None or not visitor.is_form_token(action, token):
        raise Forbidden
    return visitor.name


def curator_for(served: Installation, who: str, why: str = "") -> Curator:
    """The person who decides on the page, with the reason that they gave, if any."""
    reason = clean(why)[:LONGEST_REASON] or NO_REASON
    subscriptions = everybody(served.database, served.chosen).subscriptions
    return Curator(who, reason, served.now(), subscriptions, served.rules)


def decide_unless_changed(
    request: Request,
    form: SentForm,
    said: str,
    take: Callable[[Session, Curator], Sequence[Decided]],
    again: Callable[[Mapping[str, str]], Response] | None = None,
    **fields: Sequence[str],
) -> Response:
    """Take the decisions in one transaction and lead to the agreement that they are about. It says
    what was done and offers to undo it.

    If an agreement is not what the editor saw, nothing is done, and the answer says what happened;
    `said` is the wish in words, and `fields` is what the form carried, so that it can be sent
    again. If `take` raises FormFault, nothing is done either, and the answer is `again`.
    """
    who = check_token(request, action_of(request), form.token)
    served = served_by(request)
    stamps = [found for found in map(read_seen, form.seen) if found is not None]
    if not stamps or len(stamps) < len(form.seen):
        raise HTTPException(422, words_for(request).say("page.edit.unreadable"))
    try:
        with served.database.begin() as s:
            if not all(is_unchanged(s, seen) for seen in stamps):
                raise _Changed
            decided = take(s, curator_for(served, who, form.why))
    except _Changed:
        return _conflict(request, form, said, fields, stamps)
    except FormFault as fault:
        if again is None:
            raise
        return again(fault.faults)
    if is_partial(request):
        return answered_in_place(request, stamps[0].agreement_id, decided[-1].number)
    home = decided[-1].home
    to = local_path(form.back) or (f"/agreements/{home}" if home else "/decisions")
    return leave(request, to, [one.number for one in decided])


_LOCAL = re.compile(r"/(?:review|decisions|duplicates)?(?:\?[\w.~%&=+,:-]*)?")


def local_path(written: str) -> str:
    """The list of ours that a form came from, with its filters; "" if it is none."""
    return written if _LOCAL.fullmatch(written) else ""


def answered_in_place(request: Request, place: str, number: int) -> Response:
    """What was decided, for a script that puts it in the place of an entry; where it was undone,
    the entry itself.
    """
    words = words_for(request)
    with served_by(request).database.read() as s:
        found, entry = decision(s, number), queries.agreement(s, place)
        if found is None:
            raise NotHere
        reopened = [entry] if entry is not None and found.undone_at is not None else []
        return page(
            request,
            s,
            "editing/answered.html.j2",
            place=place,
            answered=decision_line(request, found),
            lines=entry_lines(s, reopened, words),
            answers=answer_forms(request, s, reopened),
        )


def answer_forms(
    request: Request, s: Session, found: Sequence[Agreement]
) -> dict[str, dict[str, str]]:
    """What the buttons beside each of these entries need (Right, Wrong, Correct), by id; nothing
    for who may not decide. There is no Right for what a person confirmed.
    """
    visitor = visitor_of(request)
    if not visitor.may(Role.EDITOR):
        return {}
    stamps = _stamps(s, found, served_by(request).now())
    forms = {}
    for one in found:
        reports = [number for number in one.document_ids if number not in one.listed]
        is_alone = len(reports) == 1
        forms[one.id] = {
            "seen": str(stamps[one.id]),
            "wrong": visitor.form_token(f"/agreements/{one.id}/irrelevant"),
            "right": ""
            if one.grade_basis is GradeBasis.PERSON
            else visitor.form_token(f"/agreements/{one.id}/confirm"),
            "correct": f"/documents/{reports[0]}/edit"
            if is_alone
            else f"/agreements/{one.id}/edit",
        }
    return forms


def action_of(request: Request) -> str:
    """The address of a form, without the path that the page lies under."""
    action: str = request.scope["route"].path.format(**request.path_params)
    return action


def leave(request: Request, path: str, numbers: Sequence[int]) -> Response:
    """To a page of ours that says what was decided."""
    done = ",".join(map(str, numbers))
    return see(request, f"{path}{'&' if '?' in path else '?'}done={done}")


def _conflict(
    request: Request,
    form: SentForm,
    said: str,
    fields: Mapping[str, Sequence[str]],
    stamps: Sequence[EditorSaw],
) -> Response:
    served, words = served_by(request), words_for(request)
    if is_partial(request):
        raise HTTPException(409, words.say("page.edit.conflict_said"))
    with served.database.read() as s:
        since = {one.id: one for seen in stamps for one in decided_since(s, seen)}
        now = [_as_it_is(s, seen, words) for seen in stamps]
        return page(
            request,
            s,
            "editing/conflict.html.j2",
            409,
            said=said,
            form=form,
            action=action_of(request),
            fields=[(name, value) for name, values in fields.items() for value in values],
            since=[decision_line(request, since[number]) for number in sorted(since, reverse=True)],
            now=now,
            fresh=_fresh_stamps(s, stamps, served),
        )


def _as_it_is(s: Session, seen: EditorSaw, words: Any) -> dict[str, Any]:
    found = queries.agreement(s, seen.agreement_id)
    if found is None:
        return {"id": seen.agreement_id, "line": None}
    return {"id": seen.agreement_id, "line": entry_lines(s, [found], words)[0]}


def _fresh_stamps(s: Session, stamps: Sequence[EditorSaw], served: Installation) -> list[str]:
    """Stamps with which the same wish can be sent again; none where an agreement is gone, or two
    have become one.
    """
    found = [queries.agreement(s, seen.agreement_id) for seen in stamps]
    there = [one for one in found if one is not None]
    if len({one.id for one in there}) < len(stamps):
        return []
    return [str(seen_now(s, one, served.now())) for one in there]


_WRITTEN = re.compile(r"(A\d{1,9})\.([0-9a-f]{32})\.(\d{1,12})\.(\d{1,12})")
_MOST_DECISIONS = 50  # of one agreement, that are searched for what others did meanwhile


@dataclass(frozen=True, slots=True)
class EditorSaw:
    """An agreement at a moment. `decision` was the last one of the register then, `at_s` the time
    in seconds since 1970, by the clock of the server.
    """

    agreement_id: str
    digest: str
    decision: int
    at_s: int

    def __str__(self) -> str:
        return f"{self.agreement_id}.{self.digest}.{self.decision}.{self.at_s}"


def seen_now(s: Session, found: Agreement, now: datetime) -> EditorSaw:
    """The stamp of an agreement as it is stored now."""
    return _stamps(s, [found], now)[found.id]


def _stamps(s: Session, found: Sequence[Agreement], now: datetime) -> dict[str, EditorSaw]:
    last, at_s, digests = last_decision(s), int(now.timestamp()), _digests(s, found)
    return {one.id: EditorSaw(one.id, digests[one.id], last, at_s) for one in found}


def read_seen(written: str) -> EditorSaw | None:
    """The stamp that a form brought back; None if it is none."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return None
    return EditorSaw(match[1], match[2], int(match[3]), int(match[4]))


def is_unchanged(s: Session, seen: EditorSaw) -> bool:
    """Whether the agreement is still what the editor saw, under the same id."""
    if resolve(s, seen.agreement_id) != seen.agreement_id:
        return False
    found = queries.agreement(s, seen.agreement_id)
    return found is not None and _digests(s, [found])[found.id] == seen.digest


def decided_since(s: Session, seen: EditorSaw) -> list[Decision]:
    """What was decided or undone about the agreement after the editor saw it, newest first."""
    current = resolve(s, seen.agreement_id) or seen.agreement_id
    about = {one.id: one for one in decisions_about(s, current, _MOST_DECISIONS)}
    about |= {one.id: one for one in decisions_about(s, seen.agreement_id, _MOST_DECISIONS)}
    return [about[number] for number in sorted(about, reverse=True) if _is_new(about[number], seen)]


def _is_new(one: Decision, seen: EditorSaw) -> bool:
    undone_at = one.undone_at
    return one.id > seen.decision or (
        undone_at is not None and int(undone_at.timestamp()) >= seen.at_s
    )


def _digests(s: Session, found: Sequence[Agreement]) -> dict[str, str]:
    """What stands in agreements, and what persons decided about them, as short text by id."""
    names = given_names(s, [one.id for one in found])
    decided = pins(s, sorted({number for one in found for number in documents_of(one)}))
    digests = {}
    for one in found:
        held = documents_of(one)
        own = [pin for pin in decided if {pin.document_id, pin.other_document_id} & held]
        said = repr((one, names.get(one.id), own))
        digests[one.id] = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]
    return digests
