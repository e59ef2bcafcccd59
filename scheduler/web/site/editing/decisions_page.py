"""What persons decided about the register, and taking it back."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from scheduler.decisions import curation
from scheduler.views.entry import entry_lines
from scheduler.views.words.lines import line
from scheduler.views.words.page import moment
from scheduler.web.site.addresses import NotHere, row_number
from scheduler.web.site.editing.acting import (
    answered_in_place,
    check_token,
    curator_for,
    leave,
    local_path,
)
from scheduler.web.site.editing.review_page import reopened
from scheduler.web.site.rendering import (
    UNDO,
    Line,
    Word,
    decision_line,
    is_partial,
    page,
    served_by,
    words_for,
)
from storage import queries
from storage.register.agreements import load_agreements
from storage.register.agreements import number as agreement_number
from storage.register.decisions import (
    decider,
    deciders,
    decision,
    decisions_about,
    decisions_before,
)
from storage.search import document_rows

router = APIRouter(include_in_schema=False)

PAGE = 40
SHOWN = 6  # documents of a decision that stand below it
_MOST_OF_ONE = 200  # decisions about one agreement
_LONGEST_TITLE = 80


@router.get("/decisions")
def decisions(request: Request, before: str = "", agreement: str = "", who: str = "") -> Response:
    """The log, newest first: of all agreements or of one, of all persons or of one."""
    words, last = words_for(request), row_number(before)
    with served_by(request).database.read() as s:
        by = decider(s, who) if who else None
        is_unknown, is_more = bool(who) and by is None, False
        if agreement:
            home = queries.agreement(s, agreement.upper())
            about = home.id if home else agreement.upper()
            found = decisions_about(s, about, _MOST_OF_ONE)
            if home is None and not found:
                raise NotHere
        else:
            found, about = decisions_before(s, last, PAGE + 1, by), ""
            is_more = len(found) > PAGE
        if is_unknown:
            found, is_more = [], False
        elif about and by:
            found = [one for one in found if by in (one.who, one.undone_by)]
        shown = found if about else found[:PAGE]
        lines = [decision_line(request, one) for one in shown]
        ids = sorted({id for one in lines for id in one["agreements"]})
        agreements = load_agreements(s, map(agreement_number, ids))
        numbers = {number for one in lines for number in one["documents"][:SHOWN]}
        rows = document_rows.report_rows(s, numbers)
        return page(
            request,
            s,
            "editing/decisions.html.j2",
            422 if is_unknown else 200,
            about=about,
            by=by,
            unknown=line(who, 80) if is_unknown else "",
            people=deciders(s),
            path=f"/decisions?{urlencode({'who': by})}" if by else "/decisions",
            lines=lines,
            # What their agreements are called now; none for one that is gone.
            names={one.id: one.name for one in entry_lines(s, agreements, words)},
            titles={number: line(row.title, _LONGEST_TITLE) for number, row in rows.items()},
            older="?" + urlencode({"before": shown[-1].id} | ({"who": by} if by else {}))
            if is_more
            else None,
            is_first=last is None,
        )


@router.post("/decisions/{number}/undo")
def undo(
    request: Request, number: str, back: Line = "", item: Word = "", token: Word = ""
) -> Response:
    who, served = check_token(request, UNDO, token), served_by(request)
    words, decided = words_for(request), row_number(number)
    with served.database.begin() as s:
        found = decision(s, decided) if decided else None
        if found is None:
            raise NotHere
        if found.undone_at is not None:
            undone = words.say(
                "page.decisions.undone_already",
                number=found.id,
                who=found.undone_by,
                moment=moment(found.undone_at, words),
            )
            raise HTTPException(409, undone)
        curation.undo(s, found.id, curator_for(served, who))
        home = queries.agreement(s, found.agreement_id or "")
    if item and is_partial(request):
        if item == (found.agreement_id or ""):
            return answered_in_place(request, item, found.id)
        return reopened(request, item, found.id)
    # To where the editor was, if that is still there; else to what the decision was about.
    to = local_path(back) or (f"/agreements/{home.id}" if home else "/decisions")
    return leave(request, to, [found.id])
