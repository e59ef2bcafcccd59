"""Taking a decision that a form asks for: who, whether the register is still what they saw, and
what the next page shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from scheduler.configuration.people import everybody
from scheduler.curation import Curator, Decided
from scheduler.views.entry import entry_lines
from scheduler.web.site.editing.decision_words import decision_line
from scheduler.web.site.editing.seen import (
    EditorSaw,
    decided_since,
    is_unchanged,
    read_seen,
    seen_now,
)
from scheduler.web.site.installation import Installation
from scheduler.web.site.language import language_for
from scheduler.web.site.problems import Forbidden
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.words.lines import clean
from scheduler.words.page import words_of
from storage import queries
from storage.access.records import Role
from storage.database.session import Session

NO_REASON = "decided on the page"  # kept where an editor gave none
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for. `action` is its address, without the path that the page lies under.

    `said` is the wish in words, and `fields` is what the form carried beside token and stamps, so
    that it can be sent again. `seen` are the stamps of the agreements that it is about.
    """

    action: str
    said: str
    token: str
    seen: Sequence[str]
    why: str = ""
    fields: Sequence[tuple[str, str]] = ()


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
    told = everybody(served.database, served.chosen).subscriptions
    return Curator(who, reason, served.now(), told, served.rules)


def decide_unless_changed(
    request: Request,
    wish: Wish,
    take: Callable[[Session, Curator], Sequence[Decided]],
    *,
    to: str = "",
) -> Response:
    """Take the decisions in one transaction and lead `to` a page of ours, or to the agreement that
    they are about. It says what was done and offers to undo it.

    If an agreement is not what the editor saw, nothing is done, and the answer says what happened.
    Raises FormFault if `take` does; then nothing is done either.
    """
    who = check_token(request, wish.action, wish.token)
    served = served_by(request)
    stamps = [found for found in map(read_seen, wish.seen) if found is not None]
    if not stamps or len(stamps) < len(wish.seen):
        raise HTTPException(422, words_of(language_for(request)).say("page.edit.unreadable"))
    try:
        with served.database.begin() as s:
            if not all(is_unchanged(s, seen) for seen in stamps):
                raise _Changed
            decided = take(s, curator_for(served, who, wish.why))
    except _Changed:
        return _conflict(request, wish, stamps)
    return leave(request, to or _target(decided), [one.number for one in decided])


def leave(request: Request, path: str, numbers: Sequence[int]) -> Response:
    """To a page of ours that says what was decided."""
    root = request.scope.get("root_path", "")
    done = ",".join(map(str, numbers))
    return RedirectResponse(f"{root}{path}{'&' if '?' in path else '?'}done={done}", 303)


def _target(decided: Sequence[Decided]) -> str:
    home = decided[-1].home
    return f"/agreements/{home}" if home else "/decisions"


def _conflict(request: Request, wish: Wish, stamps: Sequence[EditorSaw]) -> Response:
    served, words = served_by(request), words_of(language_for(request))
    visitor = visitor_of(request)
    with served.database.read() as s:
        since = {one.id: one for seen in stamps for one in decided_since(s, seen)}
        now = [_as_it_is(s, seen, words) for seen in stamps]
        return page(
            request,
            s,
            "editing/conflict.html.j2",
            409,
            wish=wish,
            since=[
                decision_line(since[number], visitor, visitor.may(Role.EDITOR), words)
                for number in sorted(since, reverse=True)
            ],
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
