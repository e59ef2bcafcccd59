"""Logging in and out, the link with which somebody sets a password, and the users, for admins."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import partial
from secrets import token_urlsafe

import anyio
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from scheduler.access import accounts
from scheduler.access.accounts import LONGEST, Refused, checked_name, log_in
from scheduler.access.passwords import LINK_LASTS, LINKS, new_link, set_by_link
from scheduler.access.secret_values import stored_hash
from scheduler.views.words.page import moment
from scheduler.views.words.phrases import Phrase, fault_in_words
from scheduler.web.site.addresses import NotHere, client_of, language_for, safe_next
from scheduler.web.site.gate import COOKIE, Way, identify_visitor
from scheduler.web.site.rendering import (
    Line,
    Text,
    Word,
    check_form,
    page,
    page_address,
    see,
    served_by,
    set_cookie,
    visitor_of,
    words_for,
)
from storage.errors import ConfigurationError
from storage.users import users
from storage.users.logins import end_session
from storage.users.records import Role

router = APIRouter(include_in_schema=False)

ACTION, LEAVING = "/login", "/logout"
_BEFORE = "accordwatch_login"  # ties the form to the browser that asked for it, before any session
_BEFORE_S = 3600
_LONGEST_NAME = 200  # none is longer: what is, is nobody's
_MOST_WAITING = 32  # each check takes 64 MiB; two at once, and a short queue, hold the rest off


@router.get("/login")
def login_page(request: Request, next: str = "/", chosen: str = "") -> Response:
    """The form; who is logged in goes on. It says so if a password was just `chosen`."""
    served = served_by(request)
    if identify_visitor(served, request, Way.PAGE, served.now()) is not None:
        return see(request, safe_next(next))
    return _form(request, next, is_chosen=chosen == "1")


@router.post("/login")
async def login(
    request: Request, name: Text = "", password: Text = "", token: Text = "", next: Text = "/"
) -> Response:
    """Begin a session. The page does not tell whether name or password was wrong."""
    before = request.cookies.get(_BEFORE, "")[:100]
    expected = _form_token(request, before).encode()
    if not before or not hmac.compare_digest(expected, token.encode("utf-8", "replace")):
        return await run_in_threadpool(_form, request, next, name, fault="stale", code=403)
    served, address = served_by(request), client_of(request)
    named = name.strip()[:_LONGEST_NAME]
    log, now = served.access_log, served.now()
    check = partial(log_in, served.database, named, password, address, now)
    made = await password_checked(request, check)
    if made is None:
        return await run_in_threadpool(_form, request, next, name, wait_s=5, code=503)
    if isinstance(made, Refused):
        await run_in_threadpool(log.login_refused, made, named, address, now)
        code, fault = (403, "wrong") if made.wait_s is None else (429, "")
        shown = partial(_form, request, next, name, fault=fault, wait_s=made.wait_s, code=code)
        return await run_in_threadpool(shown)
    await run_in_threadpool(log.logged_in, named, address, now)
    answer = see(request, safe_next(next))
    set_cookie(request, answer, COOKIE, made, int(LONGEST.total_seconds()))
    return answer


async def password_checked(
    request: Request, check: Callable[[], str | Refused]
) -> str | Refused | None:
    """What a check of a password has found; None if too many wait for theirs."""
    limiter: anyio.CapacityLimiter = request.app.state.password_checks
    if limiter.statistics().tasks_waiting >= _MOST_WAITING:
        return None
    return await anyio.to_thread.run_sync(check, limiter=limiter)


@router.post("/logout")
def logout(request: Request, token: Word = "") -> Response:
    check_form(request, LEAVING, token)
    with served_by(request).database.begin() as s:
        end_session(s, stored_hash(request.cookies.get(COOKIE, "")))
    return logged_out(request)


def logged_out(request: Request) -> Response:
    answer = see(request, ACTION)
    set_cookie(request, answer, COOKIE, "", 0)
    answer.headers["Clear-Site-Data"] = '"cache"'  # on a shared machine, nobody goes back to it
    return answer


def _form(
    request: Request,
    wanted: str,
    name: str = "",
    *,
    fault: str = "",
    wait_s: int | None = None,
    code: int = 200,
    is_chosen: bool = False,
) -> Response:
    """The form, tied to the browser that it is given to."""
    before = request.cookies.get(_BEFORE, "")[:100] or token_urlsafe(16)
    answer = page(
        request,
        None,
        "access/login.html.j2",
        code,
        token=_form_token(request, before),
        wanted=safe_next(wanted),
        name=name[:_LONGEST_NAME].replace("\0", ""),
        fault=fault,
        wait_s=wait_s,
        is_chosen=is_chosen,
    )
    set_cookie(request, answer, _BEFORE, before, _BEFORE_S)
    if wait_s is not None:
        answer.headers["Retry-After"] = str(wait_s)
    return answer


def _form_token(request: Request, before: str) -> str:
    signed = f"{ACTION} {before}".encode("utf-8", "replace")
    return hmac.new(served_by(request).secret, signed, hashlib.sha256).hexdigest()


USERS = "/users"
_LONGEST_TYPED = 254


@router.get("/password/{secret}")
def choose_password(request: Request, secret: str) -> Response:
    return _password_form(request, secret)


@router.post("/password/{secret}")
def keep_password(request: Request, secret: str, password: Text = "", again: Text = "") -> Response:
    """Set the password, once. The secret in the address is what allows it."""
    served = served_by(request)
    if password != again:
        return _password_form(request, secret, "differ", 422)
    try:
        name = set_by_link(served.database, secret, password, served.now())
    except ConfigurationError:
        return _password_form(request, secret, "length", 422)
    if name is None:
        return _password_form(request, secret)
    served.access_log.password_set(name, client_of(request), served.now())
    return see(request, "/login?chosen=1")


def _password_form(request: Request, secret: str, fault: str = "", code: int = 200) -> Response:
    served = served_by(request)
    with served.database.read() as s:
        user = users.user_of_link(s, stored_hash(secret), served.now())
    if user is None:  # the link was used, or is too old
        return page(request, None, "access/password.html.j2", 404, is_used_up=True)
    shown = {"is_used_up": False, "name": user.name, "address": f"{LINKS}/{secret}", "fault": fault}
    return page(request, None, "access/password.html.j2", code, **shown)


@router.get(USERS)
def all_users(request: Request) -> Response:
    return _users(request)


@router.post(USERS)
def change_users(
    request: Request, name: Line = "", role: Word = "reader", deed: Word = "add", token: Word = ""
) -> Response:
    """Add a user, or make a link for one who is there, or change the role, or remove the user."""
    check_form(request, USERS, token)
    if deed == "add":
        return _add_user(request, name, role)
    if deed == "link":
        return _with_link(request, name)
    return _change_user(request, name, deed, role)


def _add_user(request: Request, name: str, role: str) -> Response:
    served, filled = served_by(request), {"name": name[:_LONGEST_TYPED], "role": role}
    try:
        name = checked_name(name)
    except ConfigurationError:
        return _users(request, filled, Phrase("page.people.faults.user_name"))
    wanted = Role(role) if role in list(Role) else Role.READER
    with served.database.begin() as s:
        if wanted is not Role.ADMIN and not users.is_anybody(s):
            return _users(request, filled, Phrase("page.people.account.first"))
        is_new = users.add_user(s, name, wanted, "", served.now())
    if not is_new:
        return _users(request, filled, Phrase("page.people.faults.taken", {"name": name}))
    log_change(request, f"user added as {wanted}", name)
    return _with_link(request, name)


def _with_link(request: Request, name: str) -> Response:
    """Show a new link, once: the admin hands it over, by whatever way they trust."""
    served = served_by(request)
    link = new_link(served.database, name, served.now())
    if link is None:
        raise NotHere
    log_change(request, "link for a password made", name)
    base = page_address(request) or str(request.base_url).rstrip("/")
    until = moment(served.now() + LINK_LASTS, words_for(request))
    notice = Phrase("page.people.account.made", {"name": name, "until": until})
    return _users(request, notice=notice, link=base + link)


def _change_user(request: Request, name: str, deed: str, role: str) -> Response:
    served, by = served_by(request), visitor_of(request).user_id
    with served.database.begin() as s:
        found = users.user_named(s, name)
        if found is None or deed not in ("role", "remove") or role not in list(Role):
            raise NotHere
        user, wanted = found[0], Role(role)
        try:
            if deed == "role":
                accounts.change_role(s, user, wanted, by)
            else:
                accounts.remove(s, user, by)
        except ConfigurationError as error:
            fault = fault_in_words(error.line, language_for(request))
            return _users(request, fault=Phrase("page.people.account.refused", {"why": fault}))
    if deed == "remove":
        log_change(request, "user removed", user.name)
        notice = Phrase("page.people.account.removed", {"name": user.name})
    else:
        log_change(request, f"role changed to {wanted}", user.name)
        new = Phrase(f"page.login.roles.{wanted}")
        notice = Phrase("page.people.account.role_changed", {"name": user.name, "role": new})
    return _users(request, notice=notice)


def log_change(request: Request, what: str, name: str) -> None:
    """Note in the log of the page what the visitor did to a user or a token."""
    served, by = served_by(request), visitor_of(request).name or ""
    served.access_log.changed_on_page(what, name, by, served.now())


def _users(
    request: Request,
    filled: dict[str, str] | None = None,
    fault: Phrase | None = None,
    notice: Phrase | None = None,
    link: str = "",
) -> Response:
    with served_by(request).database.read() as s:
        found = users.users(s)
        return page(
            request,
            s,
            "access/users.html.j2",
            users=found,
            roles=list(Role) if found else [Role.ADMIN],
            filled=filled or {"name": "", "role": "reader"},
            fault=fault,
            notice=notice,
            link=link,
        )
