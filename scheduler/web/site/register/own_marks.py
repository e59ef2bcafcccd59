"""What persons add to an agreement: notes, which the team shares, and a star of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from scheduler.web.site.access.visitor import Visitor
from scheduler.web.site.language import language_for
from scheduler.web.site.moments import moment
from scheduler.web.site.problems import Forbidden, NotHere
from scheduler.web.site.register.agreement_lines import agreement_lines
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.words.labels import Labels
from scheduler.words.lines import clean, line
from scheduler.words.page import words_of
from storage.access import notes
from storage.access.notes import Note
from storage.access.records import Role
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.register.agreements import load_agreements, number, resolve

router = APIRouter(include_in_schema=False)

LONGEST_NOTE = 2000
_MOST_STARRED = 500


class NoteFault(AccordwatchError):
    """A note without a word, or one that is too long."""


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note as the page shows it. `token` is of the form that removes it; "" if who asks may
    not.
    """

    id: int
    who: str
    at: str
    paragraphs: Sequence[str]
    token: str


def marks_of(request: Request, s: Session, agreement_id: str, words: Labels) -> dict[str, Any]:
    """The notes about an agreement, whether it is starred, and the tokens of the forms."""
    visitor = visitor_of(request)
    found = notes.notes_about(s, agreement_id)
    return {
        "notes": [_line(one, visitor, words) for one in found],
        "noting": visitor.form_token(f"/agreements/{agreement_id}/notes"),
        "starring": visitor.form_token(f"/agreements/{agreement_id}/star"),
        "is_starred": notes.is_starred(s, visitor.user_id, agreement_id),
        "longest_note": LONGEST_NOTE,
    }


@router.post("/agreements/{agreement_id}/notes")
def add_note(
    request: Request,
    agreement_id: str,
    text: str = Form("", max_length=4 * LONGEST_NOTE),
    token: str = Form("", max_length=64),
) -> Response:
    """Keep a note about an agreement."""
    _check(request, f"/agreements/{agreement_id}/notes", token)
    written = "\n".join(clean(part) for part in text.splitlines()).strip()
    if not 0 < len(written) <= LONGEST_NOTE:
        words = words_of(language_for(request))
        raise NoteFault(words.say("page.people.faults.note", n=words.number(LONGEST_NOTE)))
    served = served_by(request)
    with served.database.begin() as s:
        home = _home(s, agreement_id)
        who = visitor_of(request).name or ""
        made = notes.add_note(s, home, who, written, served.now())
    return _back(request, f"/agreements/{home}#note-{made}")


@router.post("/notes/{number}/remove")
def remove_note(
    request: Request,
    number: int,
    agreement: str = Form("", max_length=20),
    token: str = Form("", max_length=64),
) -> Response:
    """Remove a note of one's own; an admin removes any."""
    visitor = visitor_of(request)
    _check(request, f"/notes/{number}/remove", token)
    owner = None if visitor.may(Role.ADMIN) else visitor.name or ""
    with served_by(request).database.begin() as s:
        home = _home(s, agreement)
        if not notes.remove_note(s, number, owner):
            raise NotHere
    return _back(request, f"/agreements/{home}#notes")


@router.post("/agreements/{agreement_id}/star")
def set_star(
    request: Request,
    agreement_id: str,
    deed: str = Form("star", max_length=10),
    token: str = Form("", max_length=64),
) -> Response:
    """Star an agreement, or take the star away."""
    _check(request, f"/agreements/{agreement_id}/star", token)
    served, own = served_by(request), visitor_of(request).user_id
    with served.database.begin() as s:
        home = _home(s, agreement_id)
        if deed == "unstar":
            notes.unstar(s, own, home)
        else:
            notes.star(s, own, home, served.now())
    return _back(request, f"/agreements/{home}")


@router.get("/starred")
def starred(request: Request) -> Response:
    """The agreements that who asks keeps an eye on, the last one first."""
    words = words_of(language_for(request))
    with served_by(request).database.read() as s:
        ids = notes.starred(s, visitor_of(request).user_id)[:_MOST_STARRED]
        found = {one.id: one for one in load_agreements(s, map(number, ids))}
        lines = agreement_lines(s, [found[one] for one in ids if one in found], words)
        return page(request, s, "register/starred.html.j2", lines=lines)


def _line(one: Note, visitor: Visitor, words: Labels) -> NoteLine:
    may_remove = visitor.may(Role.ADMIN) or one.who == (visitor.name or "")
    return NoteLine(
        id=one.id,
        who=line(one.who, 80) or words.say("page.people.here"),
        at=moment(one.written_at, words),
        paragraphs=one.text.split("\n"),
        token=visitor.form_token(f"/notes/{one.id}/remove") if may_remove else "",
    )


def _check(request: Request, action: str, token: str) -> None:
    if not visitor_of(request).is_form_token(action, token):
        raise Forbidden


def _home(s: Session, agreement_id: str) -> str:
    """The agreement, or what became of it. Raises NotHere if there is none."""
    home = resolve(s, agreement_id)
    if home is None:
        raise NotHere
    return home


def _back(request: Request, path: str) -> Response:
    return RedirectResponse(request.scope.get("root_path", "") + path, 303)
