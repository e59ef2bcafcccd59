"""Deciding about several agreements at once: which of a selection are agreements, and which not."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from scheduler import curation
from scheduler.curation import Curator, Decided
from scheduler.web.site.asked import kept_query
from scheduler.web.site.editing.acting import LONGEST_REASON, FormFault, Wish, decide_unless_changed
from scheduler.web.site.editing.seen import read_seen, seen_now
from scheduler.web.site.language import language_for
from scheduler.web.site.register.agreement_lines import agreement_lines
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.search.choices import chosen
from scheduler.words.page import words_of
from storage import queries
from storage.database.session import Session

router = APIRouter(include_in_schema=False)

PATH = "/several"
PAGE = 30  # agreements that can be ticked at once
_DECIDE = {"yes": curation.confirm, "no": curation.set_no_agreement}

Says = Literal["yes", "no"]


@router.get(PATH)
def several(request: Request) -> Response:
    """The agreements of a selection, each with a box to tick."""
    with served_by(request).database.read() as s:
        return _form(request, s, request.query_params)


@router.post(PATH)
def decide(
    request: Request,
    says: Annotated[Says, Form()] = "no",
    agreement: Annotated[tuple[str, ...], Form(max_length=PAGE)] = (),
    why: str = Form("", max_length=LONGEST_REASON),
    seen: Annotated[tuple[str, ...], Form(max_length=PAGE)] = (),
    selection: str = Form("", max_length=4000),
    token: str = Form("", max_length=64),
) -> Response:
    """Each ticked agreement is one, or is none: a decision each, in one transaction."""
    words = words_of(language_for(request))
    stamps = {one.agreement_id: str(one) for one in map(read_seen, seen) if one is not None}
    ticked = [one for one in stamps if one in agreement]
    kind = "confirm" if says == "yes" else "no_agreement"
    wanted = [words.say(f"page.decided.{kind}", home=one) for one in ticked]
    back = kept_query(selection).address(PATH)
    wish = Wish(
        action=PATH,
        said=words.say("page.edit.and").join(wanted),
        token=token,
        # An unread form has no stamps, and is refused as such.
        seen=[stamps[one] for one in ticked] or list(seen),
        why=why,
        fields=[
            ("says", says),
            ("selection", selection),
            *(("agreement", one) for one in ticked),
        ],
    )

    def take(s: Session, curator: Curator) -> list[Decided]:
        if not ticked:
            raise FormFault(several=words.say("page.several.none"))
        return [_DECIDE[says](s, one, curator) for one in ticked]

    try:
        return decide_unless_changed(request, wish, take, to=back)
    except FormFault as fault:
        with served_by(request).database.read() as s:
            return _form(request, s, QueryParams(selection), fault.faults, code=422)


def _form(
    request: Request,
    s: Session,
    given: QueryParams,
    faults: dict[str, str] | None = None,
    code: int = 200,
) -> Response:
    words, now = words_of(language_for(request)), served_by(request).now()
    selection, after = kept_query(str(given)), given.get("after")
    found = queries.agreements(s, selection.filter, PAGE + 1, after)
    shown = found[:PAGE]
    values: dict[str, Any] = {
        "selection": selection,
        "chosen": chosen(selection, {}, words, PATH),
        "lines": agreement_lines(s, shown, words),
        "seen": [str(seen_now(s, one, now)) for one in shown],
        "total": queries.count_agreements(s, selection.filter),
        "older": selection.address("", after=shown[-1].id) if len(found) > PAGE else None,
        "is_first": after is None,
        "kept": selection.address("").removeprefix("?"),
        "path": PATH,
        "token": visitor_of(request).form_token(PATH),
        "faults": faults or {},
    }
    return page(request, s, "editing/several.html.j2", code, **values)
