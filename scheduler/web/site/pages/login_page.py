"""Logging in and out, the link with which somebody sets a password, and the users, for admins."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import partial
from secrets import token_urlsafe

import anyio
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from scheduler.access import accounts
from scheduler.access.accounts import LONGEST, Attempt, Refused, checked_name, log_in
from scheduler.access.passwords import LINK_LASTS, LINKS, new_link, set_by_link
from scheduler.access.secret_values import stored_hash
from scheduler.views.words.page import moment
from scheduler.views.words.phrases import term_phrase
from scheduler.web.site.addresses import NotHere, client_of, safe_next
from scheduler.web.site.context import Context, InContext, Line, Text, Word
from scheduler.web.site.gate import ADMIN, ANYBODY, COOKIE, READER, Way, identify_visitor
from storage.errors import ConfigurationError
from storage.phrases import Phrase
from storage.users import users
from storage.users.accounts import Role
from storage.users.logins import end_session

router = APIRouter(include_in_schema=False)

ACTION, LEAVING = "/login", "/logout"
_BEFORE = "accordwatch_login"  # ties the form to the browser that asked for it, before any session
_BEFORE_S = 3600
_LONGEST_NAME = 200  # none is longer: what is, is nobody's
_CODES = {"stale": 403, "wrong": 403, "often": 429, "busy": 503}  # answers, by what they say
_MOST_WAITING = 32  # each check takes 64 MiB; two at once, and a short queue, hold the rest off


@router.get("/login", dependencies=[ANYBODY])
def login_page(context: InContext, next: str = "/", chosen: str = "") -> Response:
    """The form; who is logged in goes on. It says so if a password was just `chosen`."""
    if identify_visitor(context.served, context.request, Way.PAGE, context.now()) is not None:
        return context.see(safe_next(next))
    return _form(context, next, notice="chosen" if chosen == "1" else "")


@router.post("/login", dependencies=[ANYBODY])
async def login(
    context: InContext, name: Text = "", password: Text = "", token: Text = "", next: Text = "/"
) -> Response:
    """Begin a session. The page does not tell whether name or password was wrong."""
    before = context.request.cookies.get(_BEFORE, "")[:100]
    expected = _form_token(context, before).encode()
    if not before or not hmac.compare_digest(expected, token.encode("utf-8", "replace")):
        return await run_in_threadpool(_form, context, next, name, "stale")
    named, address = name.strip()[:_LONGEST_NAME], client_of(context.request)
    attempt, log = Attempt(named, password, address, context.now()), context.served.access_log
    made = await password_checked(context, partial(log_in, context.served.database, attempt))
    if made is None:
        return await run_in_threadpool(_form, context, next, name, "busy", 5)
    if isinstance(made, Refused):
        await run_in_threadpool(log.login_refused, made, attempt)
        notice = "wrong" if made.wait_s is None else "often"
        return await run_in_threadpool(_form, context, next, name, notice, made.wait_s)
    await run_in_threadpool(log.logged_in, attempt)
    answer = context.see(safe_next(next))
    context.set_cookie(answer, COOKIE, made, int(LONGEST.total_seconds()))
    return answer


async def password_checked(
    context: Context, check: Callable[[], str | Refused]
) -> str | Refused | None:
    """What a check of a password has found; None if too many wait for theirs."""
    limiter: anyio.CapacityLimiter = context.request.app.state.password_checks
    if limiter.statistics().tasks_waiting >= _MOST_WAITING:
        return None
    return await anyio.to_thread.run_sync(check, limiter=limiter)


@router.post("/logout", dependencies=[READER])
def logout(context: InContext, token: Word = "") -> Response:
    context.check_form(LEAVING, token)
    with context.begin() as s:
        end_session(s, stored_hash(context.request.cookies.get(COOKIE, "")))
    return logged_out(context)


def logged_out(context: Context) -> Response:
    answer = context.see(ACTION)
    context.set_cookie(answer, COOKIE, "", 0)
    answer.headers["Clear-Site-Data"] = '"cache"'  # on a shared machine, nobody goes back to it
    return answer


def _form(
    context: Context, wanted: str, name: str = "", notice: str = "", wait_s: int | None = None
) -> Response:
    """The form, tied to the browser that it is given to. `notice` is what it says above."""
    before = context.request.cookies.get(_BEFORE, "")[:100] or token_urlsafe(16)
    answer = context.page(
        None,
        "access/login.html.j2",
        _CODES.get(notice, 200),
        token=_form_token(context, before),
        wanted=safe_next(wanted),
        name=name[:_LONGEST_NAME].replace("\0", ""),
        notice=notice,
        wait_s=wait_s,
    )
    context.set_cookie(answer, _BEFORE, before, _BEFORE_S)
    if wait_s is not None:
        answer.headers["Retry-After"] = str(wait_s)
    return answer


def _form_token(context: Context, before: str) -> str:
    signed = f"{ACTION} {before}".encode("utf-8", "replace")
    return hmac.new(context.served.secret, signed, hashlib.sha256).hexdigest()


USERS = "/users"
_LONGEST_TYPED = 254
DIFFER = Phrase("The two passwords differ.")
GUESSED = Phrase(
    "A password has 12 to 1,024 characters and is not easily guessed, such as four words that have "
    "nothing to do with each other."
)


@router.get("/password/{secret}", dependencies=[ANYBODY])
def choose_password(context: InContext, secret: str) -> Response:
    return _password_form(context, secret)


@router.post("/password/{secret}", dependencies=[ANYBODY])
def keep_password(
    context: InContext, secret: str, password: Text = "", again: Text = ""
) -> Response:
    """Set the password, once. The secret in the address is what allows it."""
    if password != again:
        return _password_form(context, secret, DIFFER)
    try:
        name = set_by_link(context.served.database, secret, password, context.now())
    except ConfigurationError:
        return _password_form(context, secret, GUESSED)
    if name is None:
        return _password_form(context, secret)
    context.served.access_log.password_set(name, client_of(context.request), context.now())
    return context.see("/login?chosen=1")


def _password_form(context: Context, secret: str, fault: Phrase | None = None) -> Response:
    with context.read() as s:
        user = users.user_of_link(s, stored_hash(secret), context.now())
    if user is None:  # the link was used, or is too old
        return context.page(None, "access/password.html.j2", 404, is_used_up=True)
    return context.page(
        None,
        "access/password.html.j2",
        is_used_up=False,
        name=user.name,
        address=f"{LINKS}/{secret}",
        fault=fault,
    )


@router.get(USERS, dependencies=[ADMIN])
def all_users(context: InContext) -> Response:
    return _users(context)


@router.post(USERS, dependencies=[ADMIN])
def change_users(
    context: InContext, name: Line = "", role: Word = "reader", deed: Word = "add", token: Word = ""
) -> Response:
    """Add a user, or make a link for one who is there, or change the role, or remove the user."""
    context.check_form(USERS, token)
    if deed == "add":
        return _add_user(context, name, role)
    if deed == "link":
        return _with_link(context, name)
    return _change_user(context, name, deed, role)


def _add_user(context: Context, name: str, role: str) -> Response:
    filled = {"name": name[:_LONGEST_TYPED], "role": role}
    try:
        name = checked_name(name)
    except ConfigurationError:
        return _users(
            context,
            filled,
            Phrase("This cannot be a name: write letters, digits and . _ - @ +, at most 64."),
        )
    wanted = Role(role) if role in list(Role) else Role.READER
    with context.begin() as s:
        if wanted is not Role.ADMIN and not users.is_anybody(s):
            return _users(
                context,
                filled,
                Phrase(
                    "The first user is an admin, who can add the others. From then on everybody"
                    " logs in."
                ),
            )
        is_new = users.add_user(s, name, wanted, "", context.now())
    if not is_new:
        return _users(context, filled, Phrase("{name} is there already.", name=name))
    log_change(context, f"user added as {wanted}", name)
    return _with_link(context, name)


def _with_link(context: Context, name: str) -> Response:
    """Show a new link, once: the admin hands it over, by whatever way they trust."""
    link = new_link(context.served.database, name, context.now())
    if link is None:
        raise NotHere
    log_change(context, "link for a password made", name)
    base = context.page_address or context.home
    until = moment(context.now() + LINK_LASTS, context.words)
    notice = Phrase(
        "Give this address to {name}. It sets a password, once, until {until}. It "
        "is shown only now.",
        name=name,
        until=until,
    )
    return _users(context, notice=notice, link=base + link)


def _change_user(context: Context, name: str, deed: str, role: str) -> Response:
    by = context.visitor.user_id
    with context.begin() as s:
        account = users.user_named(s, name)
        if account is None or deed not in ("role", "remove") or role not in list(Role):
            raise NotHere
        user, wanted = account[0], Role(role)
        try:
            if deed == "role":
                accounts.change_role(s, user, wanted, by)
            else:
                accounts.remove(s, user, by)
        except ConfigurationError as error:
            fault = Phrase("Nothing was changed: {why}.", why=error.line)
            return _users(context, fault=fault)
    if deed == "remove":
        log_change(context, "user removed", user.name)
        notice = Phrase("{name} was removed.", name=user.name)
    else:
        log_change(context, f"role changed to {wanted}", user.name)
        new = term_phrase(f"page.login.roles.{wanted}")
        notice = Phrase("The role of {name} is now: {role}.", name=user.name, role=new)
    return _users(context, notice=notice)


def log_change(context: Context, what: str, name: str) -> None:
    """Note in the log of the page what the visitor did to a user or a token."""
    by = context.visitor.name or ""
    context.served.access_log.changed_on_page(what, name, by, context.now())


def _users(
    context: Context,
    filled: dict[str, str] | None = None,
    fault: Phrase | None = None,
    notice: Phrase | None = None,
    link: str = "",
) -> Response:
    with context.read() as s:
        people = users.users(s)
        return context.page(
            s,
            "access/users.html.j2",
            users=people,
            roles=list(Role) if people else [Role.ADMIN],
            filled=filled or {"name": "", "role": "reader"},
            fault=fault,
            notice=notice,
            link=link,
        )
