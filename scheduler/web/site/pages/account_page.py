"""What a user does to their own account: password, mail address and language, tokens, sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from scheduler.access import accounts
from scheduler.access.accounts import LONGEST, Refused
from scheduler.notify.subscriptions.making import LetterRefused, checked_address
from scheduler.views.words.lines import line
from scheduler.views.words.phrases import in_words
from scheduler.web.site.addresses import LANGUAGE_COOKIE, NotHere, client_of, row_number
from scheduler.web.site.context import YEAR_S, Context, InContext, Line, Text, Word
from scheduler.web.site.gate import COOKIE, READER
from scheduler.web.site.pages.login_page import (
    DIFFER,
    GUESSED,
    log_change,
    logged_out,
    password_checked,
)
from storage.database.session import Session
from storage.errors import ConfigurationError
from storage.languages import SPOKEN_LANGUAGES
from storage.phrases import Phrase
from storage.users import logins, users
from storage.users.accounts import TokenScope, User

router = APIRouter(include_in_schema=False)

ACCOUNT, PASSWORD = "/account", "/account/password"
DAYS = (30, 90, 365)  # for which a token is offered; else it is valid until it is removed
_SAVED = ("contact", "password", "revoked")  # what was done a moment ago


@router.get(ACCOUNT, dependencies=[READER])
def account(context: InContext, saved: str = "") -> Response:
    return _page(context, saved=saved if saved in _SAVED else "")


class AccountForm(BaseModel):
    """What the forms of the account carry, each its own."""

    deed: Word = ""
    address: Line = ""
    language: Word = ""
    note: Line = ""
    scope: Word = "read"
    days: Word = ""
    number: Word = ""
    token: Word = ""


@router.post(ACCOUNT, dependencies=[READER])
def change(context: InContext, form: Annotated[AccountForm, Form()]) -> Response:
    """Save address and language, make or remove a token, or end all sessions."""
    context.check_form(ACCOUNT, form.token)
    if form.deed == "contact":
        return _save_contact(context, form.address, form.language)
    if form.deed == "token":
        note = line(form.note, accounts.LONGEST_NOTE)
        return _make_token(context, note, form.scope, form.days)
    with context.begin() as s:
        own, removed = _own(context, s), row_number(form.number)
        if form.deed == "everywhere":
            logins.end_sessions(s, own.id)
        elif form.deed != "revoke" or not removed or not logins.remove_token(s, removed, own.id):
            raise NotHere
    if form.deed == "everywhere":
        log_change(context, "all sessions ended", own.name)
        return logged_out(context)
    log_change(context, f"token {removed} removed", own.name)
    return context.see(f"{ACCOUNT}?saved=revoked")


def _save_contact(context: Context, address: str, language: str) -> Response:
    typed = {"address": address[:300], "language": language}
    if language and language not in SPOKEN_LANGUAGES:
        return _page(context, "contact", Phrase("This language is not available."), typed=typed)
    try:
        address = checked_address(address) if address.strip() else ""
    except LetterRefused as error:
        return _page(context, "contact", error.line, typed=typed)
    with context.begin() as s:
        own = _own(context, s)
        accounts.set_contact(s, own, address, language)
    log_change(context, "mail address and language saved", own.name)
    answer = context.see(f"{ACCOUNT}?saved=contact")
    # What was chosen before in this browser would hide the language of the account.
    context.set_cookie(answer, LANGUAGE_COOKIE, language, YEAR_S if language else 0)
    return answer


def _make_token(context: Context, note: str, scope: str, days: str) -> Response:
    typed = {"note": note, "scope": scope, "days": days}
    if not note:
        return _page(context, "token", Phrase("Say what the token is for."), typed=typed)
    if scope not in list(TokenScope) or days not in ("", *map(str, DAYS)):
        raise NotHere
    now = context.now()
    expires_at = now + timedelta(days=int(days)) if days else None
    try:
        with context.begin() as s:
            own = _own(context, s)
            wanted = logins.NewToken(TokenScope(scope), note, now, expires_at)
            number, made = accounts.make_token(s, own, wanted)
    except ConfigurationError as error:
        fault = Phrase("Nothing was changed: {why}.", why=error.line)
        return _page(context, "token", fault, typed=typed)
    log_change(context, f"token {number} added to {scope}", own.name)
    return _page(context, made=made)


@router.post(PASSWORD, dependencies=[READER])
async def change_password(
    context: InContext, password: Text = "", new: Text = "", again: Text = "", token: Word = ""
) -> Response:
    """Change the password, for who knows the one before. Other sessions end."""
    visitor = context.check_form(PASSWORD, token)
    name = visitor.name or ""

    async def refuse(fault: str | None, wait_s: int | None = None) -> Response:
        return await run_in_threadpool(_page, context, "password", fault, wait_s=wait_s)

    if visitor.user_id is None:
        raise NotHere
    if new != again:
        return await refuse(DIFFER)
    attempt = accounts.Attempt(name, password, client_of(context.request), context.now())
    change = partial(accounts.change_password, context.served.database, attempt, new)
    try:
        made = await password_checked(context, change)
    except ConfigurationError:
        return await refuse(GUESSED)
    if made is None:
        return await refuse(None, 5)
    if isinstance(made, Refused):
        await run_in_threadpool(context.served.access_log.login_refused, made, attempt)
        fault = Phrase("The current password is wrong.") if made.wait_s is None else None
        return await refuse(fault, made.wait_s)
    await run_in_threadpool(log_change, context, "password changed", name)
    answer = context.see(f"{ACCOUNT}?saved=password")
    if visitor.way == "session":
        context.set_cookie(answer, COOKIE, made, int(LONGEST.total_seconds()))
    return answer


def _own(context: Context, s: Session) -> User:
    """The visitor's account. Raises NotHere on a page without users."""
    visitor = context.visitor
    own = users.user_named(s, visitor.name or "") if visitor.user_id is not None else None
    if own is None:
        raise NotHere
    return own[0]


def _page(
    context: Context,
    part: str = "",
    fault: str | None = None,
    typed: Mapping[str, str] | None = None,
    **shown: Any,
) -> Response:
    """`fault` is what was wrong in the form of a `part` that held `typed`."""
    values = {"wait_s": None, "saved": "", "made": "", **shown}  # `made`: a new token
    code = 422 if fault else 429 if values["wait_s"] else 200
    with context.read() as s:
        own = _own(context, s)
        blank = {"note": "", "scope": "read", "days": str(DAYS[1])}
        return context.page(
            s,
            "access/account.html.j2",
            code,
            own=own,
            filled={"address": own.address, "language": own.language, **blank, **(typed or {})},
            faults={part: in_words(fault, context.language)} if fault else {},
            tokens=logins.tokens(s, own.id),
            now=context.now(),
            scopes=[scope for scope in TokenScope if scope.role in own.role.included],
            days=DAYS,
            **values,
        )
