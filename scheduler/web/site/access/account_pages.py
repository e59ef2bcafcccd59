"""Accounts as those who have them see them: a forgotten password, the link that sets one, what
somebody prefers; and for admins, who there is and an invitation.
"""

from __future__ import annotations

import logging

from fastapi import APIRouter, Form, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from scheduler.access.names import checked_name
from scheduler.access.secret_values import kept_hash
from scheduler.notify.account_letters import PASSWORDS, invite, send_reset, set_password
from scheduler.notify.letters import LetterRefused
from scheduler.web.site.access.login_page import is_own_form, strangers_form
from scheduler.web.site.language import COOKIE as LANGUAGE
from scheduler.web.site.language import language_for
from scheduler.web.site.problems import Forbidden, NotHere
from scheduler.web.site.rendering import YEAR_S, page, served_by, set_cookie, visitor_of
from scheduler.web.site.subscriptions.reached import maker_of, network_of, page_address
from scheduler.words.page import PageSentence
from storage.access import users
from storage.access.records import Role
from storage.errors import AccordwatchError, ConfigurationError, DatabaseError
from storage.languages import SPOKEN_LANGUAGES

router = APIRouter(include_in_schema=False)
_log = logging.getLogger(__name__)

FORGOTTEN, ACCOUNT, USERS = "/forgotten", "/account", "/users"
START_PAGES = ("/", "/search", "/changes", "/map", "/review")
_LONGEST = 254


@router.get(FORGOTTEN)
def forgotten(request: Request) -> Response:
    """Ask for a link that sets a new password."""
    return strangers_form(request, "access/forgotten.html.j2", FORGOTTEN, asked=False)


@router.post(FORGOTTEN)
def ask_for_link(
    request: Request,
    named: str = Form("", max_length=1000),
    token: str = Form("", max_length=64),
) -> Response:
    """Mail the link after the answer, which is the same whoever there is, in words and in time."""
    if not is_own_form(request, token, FORGOTTEN):
        raise Forbidden
    template, can_mail = "access/forgotten.html.j2", bool(page_address(request))
    code = 200 if can_mail else 503
    answer = strangers_form(request, template, FORGOTTEN, code, asked=can_mail)
    if can_mail:
        language, network = language_for(request), network_of(request)
        answer.background = BackgroundTask(_mail_link, request, named.strip(), language, network)
    return answer


def _mail_link(request: Request, named: str, language: str, network: str) -> None:
    served, page = served_by(request), page_address(request)
    if served.access_log is not None:
        served.access_log.link_asked(named, _address(request), served.now())
    try:
        chosen, now = served.chosen, served.now()
        send_reset(served.database, chosen, named[:_LONGEST], language, page, network, now)
    except AccordwatchError as error:
        _log.warning("a link for a new password was not sent: %s", error)


@router.get("/password/{secret}")
def choose_password(request: Request, secret: str) -> Response:
    """The form that sets a password, for whoever has the link."""
    return _password_form(request, secret)


@router.post("/password/{secret}")
def keep_password(
    request: Request,
    secret: str,
    password: str = Form("", max_length=5000),
    again: str = Form("", max_length=5000),
) -> Response:
    """Set the password, once. The secret in the address is what allows it."""
    served = served_by(request)
    if password != again:
        return _password_form(request, secret, "differ", 422)
    try:
        name = set_password(served.database, secret, password, served.now())
    except ConfigurationError:
        return _password_form(request, secret, "length", 422)
    if name is None:
        return _used_up(request)
    if served.access_log is not None:
        served.access_log.password_set(name, _address(request), served.now())
    return RedirectResponse(request.scope.get("root_path", "") + "/login?chosen=1", 303)


def _used_up(request: Request) -> Response:
    """Say that a link was used, or is too old, and how to go on."""
    return page(request, None, "access/password.html.j2", 404, is_used_up=True)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _password_form(request: Request, secret: str, fault: str = "", code: int = 200) -> Response:
    served = served_by(request)
    with served.database.read() as s:
        user = users.user_of_link(s, kept_hash(secret), served.now())
    if user is None:
        return _used_up(request)
    shown = {
        "is_used_up": False,
        "name": user.name,
        "address": f"{PASSWORDS}/{secret}",
        "fault": fault,
    }
    return page(request, None, "access/password.html.j2", code, **shown)


@router.get(ACCOUNT)
def account(request: Request) -> Response:
    """What who asks prefers."""
    visitor = visitor_of(request)
    with served_by(request).database.read() as s:
        found = users.user_named(s, visitor.name or "")
        if found is None:
            raise NotHere  # at this machine without users, there is nothing to keep
        return page(
            request,
            s,
            "access/account.html.j2",
            user=found[0],
            start_pages=START_PAGES,
            is_kept=request.query_params.get("kept") == "1",
            token=visitor.form_token(ACCOUNT),
        )


@router.post(ACCOUNT)
def keep_account(
    request: Request,
    language: str = Form("", max_length=10),
    start: str = Form("", max_length=100),
    token: str = Form("", max_length=64),
) -> Response:
    """Keep the language and the first page."""
    visitor = visitor_of(request)
    if visitor.user_id is None or not visitor.is_form_token(ACCOUNT, token):
        raise Forbidden
    spoken = language if language in SPOKEN_LANGUAGES else None
    first = start if start in START_PAGES else None
    with served_by(request).database.begin() as s:
        users.set_wishes(s, visitor.user_id, spoken, first)
    answer = RedirectResponse(f"{request.scope.get('root_path', '')}{ACCOUNT}?kept=1", 303)
    if spoken:
        set_cookie(request, answer, LANGUAGE, spoken, YEAR_S)
    return answer


@router.get(USERS)
def all_users(request: Request) -> Response:
    """Who may use the page, and the form that invites somebody."""
    return _users(request)


@router.post(USERS)
def invite_somebody(
    request: Request,
    name: str = Form("", max_length=1000),
    mail: str = Form("", max_length=1000),
    role: str = Form("reader", max_length=20),
    language: str = Form("en", max_length=10),
    token: str = Form("", max_length=64),
) -> Response:
    """Invite somebody by mail, or say what is in the way."""
    served, visitor = served_by(request), visitor_of(request)
    if not visitor.is_form_token(USERS, token):
        raise Forbidden
    spoken = language if language in SPOKEN_LANGUAGES else "en"
    filled = {"name": name[:_LONGEST], "mail": mail[:_LONGEST], "role": role, "language": spoken}
    try:
        invite(
            served.database,
            served.chosen,
            checked_name(name),
            Role(role) if role in list(Role) else Role.READER,
            mail,
            spoken,
            page_address(request),
            maker_of(request).network,
            served.now(),
        )
    except DatabaseError:
        raise
    except AccordwatchError as error:
        return _users(request, filled, _why_not(error))
    return _users(request, invited=mail.strip())


def _why_not(error: AccordwatchError) -> PageSentence:
    if isinstance(error, LetterRefused):
        return error.said
    key = "user_name" if isinstance(error, ConfigurationError) else "not_sent"
    return PageSentence(f"people.faults.{key}")


def _users(
    request: Request,
    filled: dict[str, str] | None = None,
    fault: PageSentence | None = None,
    invited: str = "",
) -> Response:
    with served_by(request).database.read() as s:
        return page(
            request,
            s,
            "access/users.html.j2",
            422 if fault else 200,
            users=users.users(s),
            roles=list(Role),
            filled=filled or {"name": "", "mail": "", "role": "reader", "language": "en"},
            fault=fault.in_words(language_for(request)) if fault else "",
            invited=invited,
            token=visitor_of(request).form_token(USERS),
        )
