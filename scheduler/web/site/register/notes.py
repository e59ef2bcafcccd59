"""Notes of persons about an agreement, which the team shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean, line
from scheduler.views.words.page import moment, words_of
from scheduler.web.site.access.gate import Visitor
from scheduler.web.site.filters.addresses import Forbidden, NotHere, language_for
from scheduler.web.site.rendering import served_by, visitor_of
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.register.agreements import resolve
from storage.users import notes
from storage.users.notes import Note
from storage.users.records import Role

router = APIRouter(include_in_schema=False)

LONGEST_NOTE = 2000


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


def notes_of(request: Request, s: Session, agreement_id: str, words: Labels) -> dict[str, Any]:
    """The notes about an agreement, and the token of the form that adds one."""
    visitor = visitor_of(request)
    found = notes.notes_about(s, agreement_id)
    return {
        "notes": [_line(one, visitor, words) for one in found],
        "noting": visitor.form_token(f"/agreements/{agreement_id}/notes"),
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
