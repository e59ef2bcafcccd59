"""The users, for admins, and the link with which one sets a password."""

from __future__ import annotations

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from scheduler.access.names import checked_name
from scheduler.access.passwords import LINKS, new_link, set_by_link
from scheduler.access.secret_values import kept_hash
from scheduler.web.site.language import language_for
from scheduler.web.site.problems import Forbidden, NotHere
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.subscriptions.reached import page_address
from scheduler.words.page import PageSentence
from storage.access import users
from storage.access.records import Role
from storage.errors import ConfigurationError

router = APIRouter(include_in_schema=False)

USERS = "/users"
_LONGEST = 254


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
        name = set_by_link(served.database, secret, password, served.now())
    except ConfigurationError:
        return _password_form(request, secret, "length", 422)
    if name is None:
        return _used_up(request)
    if served.access_log is not None:
        address = request.client.host if request.client else ""
        served.access_log.password_set(name, address, served.now())
    return RedirectResponse(request.scope.get("root_path", "") + "/login?chosen=1", 303)


def _used_up(request: Request) -> Response:
    """Say that a link was used, or is too old, and how to go on."""
    return page(request, None, "access/password.html.j2", 404, is_used_up=True)


def _password_form(request: Request, secret: str, fault: str = "", code: int = 200) -> Response:
    served = served_by(request)
    with served.database.read() as s:
        user = users.user_of_link(s, kept_hash(secret), served.now())
    if user is None:
        return _used_up(request)
    shown = {"is_used_up": False, "name": user.name, "address": f"{LINKS}/{secret}", "fault": fault}
    return page(request, None, "access/password.html.j2", code, **shown)


@router.get(USERS)
def all_users(request: Request) -> Response:
    """Who may use the page, and the form that adds somebody."""
    return _users(request)


@router.post(USERS)
def change_users(
    request: Request,
    name: str = Form("", max_length=1000),
    role: str = Form("reader", max_length=20),
    deed: str = Form("add", max_length=10),
    token: str = Form("", max_length=64),
) -> Response:
    """Add a user, or make a link for one who is there. The link is shown once: the admin hands it
    over, by whatever way they trust.
    """
    served, visitor = served_by(request), visitor_of(request)
    if not visitor.is_form_token(USERS, token):
        raise Forbidden
    if deed == "add":
        filled = {"name": name[:_LONGEST], "role": role}
        try:
            name = checked_name(name)
        except ConfigurationError:
            return _users(request, filled, PageSentence("people.faults.user_name"))
        wanted = Role(role) if role in list(Role) else Role.READER
        with served.database.begin() as s:
            is_new = users.add_user(s, name, wanted, "", served.now())
        if not is_new:
            return _users(request, filled, PageSentence("people.faults.taken", {"name": name}))
        _note(request, f"user added as {wanted}", name)
    link = new_link(served.database, name, served.now())
    if link is None:
        raise NotHere
    _note(request, "link for a password made", name)
    base = page_address(request) or str(request.base_url).rstrip("/")
    return _users(request, made=(name, base + link))


def _note(request: Request, what: str, name: str) -> None:
    served = served_by(request)
    if served.access_log is not None:
        by = visitor_of(request).name or ""
        served.access_log.changed_on_page(what, name, by, served.now())


def _users(
    request: Request,
    filled: dict[str, str] | None = None,
    fault: PageSentence | None = None,
    made: tuple[str, str] | None = None,
) -> Response:
    with served_by(request).database.read() as s:
        return page(
            request,
            s,
            "access/users.html.j2",
            422 if fault else 200,
            users=users.users(s),
            roles=list(Role),
            filled=filled or {"name": "", "role": "reader"},
            fault=fault.in_words(language_for(request)) if fault else "",
            made=made,
            token=visitor_of(request).form_token(USERS),
        )
