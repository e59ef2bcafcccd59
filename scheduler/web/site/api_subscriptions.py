"""`/api/v1/subscriptions`: a program subscribes for the user of its token, as people do by the form
of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from scheduler.configuration.query import query_of
from scheduler.configuration.user_subscriptions import with_users
from scheduler.notify.subscriptions.making import LetterRefused, make
from scheduler.web.site.addresses import NotHere
from scheduler.web.site.api import Number, json_answer
from scheduler.web.site.context import Context, InContext
from scheduler.web.site.gate import READER
from scheduler.web.site.pages.subscriptions_page import do, feed_address, requester, selected_by
from storage.errors import AccordwatchError, ConfigurationError, DatabaseError
from storage.notifications import user_subscriptions
from storage.notifications.tables import UserSubscription
from storage.notifications.user_subscriptions import Personal
from storage.subscription import SubscriptionKind

router = APIRouter(tags=["subscriptions"])


class WantedSubscription(BaseModel):
    """What the form of the page asks for."""

    model_config = ConfigDict(extra="forbid")

    kind: SubscriptionKind = SubscriptionKind.MAIL
    selection: str = Field("", max_length=8000, description="As in an address: party=LY&topic=visa")
    name: str = Field(max_length=300)
    address: str = Field(
        "", max_length=300, description="Whose reader confirms it; none of a feed."
    )
    rate: str = "weekly on monday at 07:00"
    timezone: str = "UTC"
    language: str = "en"


class OwnSubscription(WantedSubscription):
    id: int
    state: str = Field(description="unconfirmed, active, paused, or misfit.")
    made_at: datetime
    feed: str | None = Field(None, description="Its secret address, which is told once.")


class OwnSubscriptions(BaseModel):
    items: Sequence[OwnSubscription]
    next: None = None


@router.get("/subscriptions", responses={200: {"model": OwnSubscriptions}}, dependencies=[READER])
def own_subscriptions(context: InContext) -> Response:
    """The subscriptions that the token's user has made."""
    with context.read() as s:
        people = with_users(s, context.chosen).people
    own = [person for person in people if person.stored.user_id == context.visitor.user_id]
    return json_answer(context, {"items": list(map(_row, own)), "next": None})


@router.post(
    "/subscriptions",
    status_code=201,
    responses={201: {"model": OwnSubscription}},
    dependencies=[READER],
)
def subscribe_by_token(context: InContext, wanted: WantedSubscription) -> Response:
    """Subscribe. One by mail sends nothing until the reader of the mailbox has confirmed it by a
    link; a feed's address is in the answer alone.
    """
    visitor, now = context.visitor, context.now()
    typed = UserSubscription(
        **wanted.model_dump(exclude={"selection"}),
        filter=selected_by(wanted.selection, context.words)["filter"],
        made_by=visitor.name or "",
        made_at=now,
        page=context.page_address,
        user_id=visitor.user_id,
    )
    try:
        made = make(context.served.database, context.chosen, typed, requester(context), now)
    except (LetterRefused, ConfigurationError) as error:
        raise HTTPException(422, str(error)) from error
    except DatabaseError:
        raise
    except AccordwatchError as error:  # names hosts and ports
        raise HTTPException(502, "the confirmation could not be mailed") from error
    stored, secret = made
    row = _row(_personal(context, stored)) | {"feed": feed_address(context, secret) or None}
    return JSONResponse(row | {"made_at": now.isoformat()}, 201)


@router.delete("/subscriptions/{number}", status_code=204, dependencies=[READER])
def end_by_token(context: InContext, number: Number) -> Response:
    """End a subscription of the token's user."""
    with context.read() as s:
        stored = user_subscriptions.numbered(s, number)
    if stored is None or stored.user_id != context.visitor.user_id:
        raise NotHere  # whose it is, is nobody's business
    do(context, number, "end")
    return Response(status_code=204)


def _personal(context: Context, stored: UserSubscription) -> Personal:
    with context.read() as s:
        people = with_users(s, context.chosen).people
    return next(person for person in people if person.stored.id == stored.id)


def _row(personal: Personal) -> dict[str, Any]:
    stored = personal.stored
    selection = "" if personal.misfit else query_of(stored.filter).address("").removeprefix("?")
    row: dict[str, Any] = {"id": stored.id, "selection": selection, "state": personal.state}
    for name in ("kind", "name", "address", "rate", "timezone", "language", "made_at"):
        row[name] = getattr(stored, name)
    return row | {"feed": None}
