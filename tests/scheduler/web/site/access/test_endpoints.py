"""Every address of the application, called as everybody: who may enter stands in one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest
from fastapi import FastAPI

from scheduler.web.site.gate import Endpoint, UndeclaredError, Way
from storage.users.accounts import Role
from tests.scheduler.web.site.access.team import ROLES, Team
from tests.scheduler.web.site.running import ENDPOINTS

ROOT = Path(__file__).parents[5]
WHO = ("", "rita", "edda", "ada", "read", "edit")
# A new name in a path wants a value here, or its address is called with braces in it.
VALUES = {
    "{pair}": "IT-TN",
    "{agreement_id}": "A1",
    "{number}": "1",
    "{version}": "1",
    "{document_id}": "1",
    "{name}": "everything",
    "{language}": "fr",
    "{path:path}": "site.css",
    "{signature}": "1.guess",
    "{says}": "right",
    "{secret}": "guess",
    "{source}": "fleuve",
    "{party}": "MA",
}
# Whoever knows such an address may enter, and nobody can guess one.
SECRET = {
    "/mail/{signature}",
    "/answers/{says}/{agreement_id}/{signature}",
    "/feeds/{secret}/feed.atom",
    "/password/{secret}",
    "/unsubscribe",
}
ADMINS = {"/users", "/sources/add", "/sources/{source}"}
PUBLIC = {"/static/{path:path}", "/healthz", "/login"}
CHANGING = {
    ("POST", "/review"),
    ("POST", "/api/v1/review/{document_id}"),
}
LET_IN = {200, 302, 422}  # 422: a form with next to nothing in it was read
# Programs alone, each for the user of its token.
OWN = {
    ("POST", "/api/v1/subscriptions"): LET_IN,
    ("DELETE", "/api/v1/subscriptions/{number}"): {404},
}
EDITING = {
    "/agreements/{agreement_id}/edit",
    "/agreements/{agreement_id}/merge",
    "/add",
    "/documents/{number}/edit",
    "/review/{number}",
}
# These look for the token of their form before anything else.
FORMS = {
    "/agreements/{agreement_id}/split",
    "/agreements/{agreement_id}/apart",
    "/agreements/{agreement_id}/text",
    "/agreements/{agreement_id}/searched",
    "/add",
    "/agreements/{agreement_id}/together",
    "/sources/look",
    "/sources/pause",
    "/sources/add",
    "/sources/add/keep",
    "/sources/{source}/try",
    "/sources/{source}/remove",
    "/agreements/{agreement_id}/merge",
    "/agreements/{agreement_id}/rename",
    "/agreements/{agreement_id}/irrelevant",
    "/agreements/{agreement_id}/confirm",
    "/agreements/{agreement_id}/correct",
    "/documents/{number}/correct",
    "/documents/{number}/move",
    "/documents/{number}/irrelevant",
    "/decisions/{number}/undo",
    "/logout",
    "/rules",
    "/subscribe",
    "/subscribe/{number}",
    "/users",
    "/account",
    "/account/password",
    "/agreements/{agreement_id}/notes",
    "/notes/{number}/remove",
}
TO_LOGIN, UNKNOWN, TOO_LITTLE = {303}, {401}, {403}


def expected(endpoint: Endpoint, who: str) -> set[int]:
    """The codes that may come, written out here as those who run the page think of it."""
    is_page, is_token = endpoint.way is Way.PAGE, who in ("read", "edit")
    is_somebody = who != "" and not (is_page and is_token)
    if endpoint.path in SECRET:
        return {404}
    if endpoint.path in PUBLIC:
        if endpoint.method == "POST":
            return TOO_LITTLE  # the form came without its token
        return {303} if endpoint.path == "/login" and is_somebody else LET_IN
    if not is_somebody:
        return TO_LOGIN if is_page else UNKNOWN
    if endpoint.method == "POST" and endpoint.path in FORMS:
        return TOO_LITTLE  # the form came without its token
    if endpoint.path in ADMINS:
        return LET_IN if who == "ada" else TOO_LITTLE
    if endpoint.path in EDITING:
        return LET_IN if who in ("edda", "ada") else TOO_LITTLE
    if (endpoint.method, endpoint.path) in OWN:
        return OWN[endpoint.method, endpoint.path] if is_token else TOO_LITTLE
    if (endpoint.method, endpoint.path) in CHANGING:
        return LET_IN if who in (("edda", "ada") if is_page else ("edit",)) else TOO_LITTLE
    return LET_IN


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(
    "endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}"
)
def test_each_address_lets_in_whom_the_table_says(
    logged_in: Team, endpoint: Endpoint, who: str
) -> None:
    path = endpoint.path
    for name, value in VALUES.items():
        path = path.replace(name, value)
    form = {"token": "x"} if endpoint.method != "GET" else None
    answer = logged_in.ask(path, who, endpoint.method, form=form)
    assert answer.code in expected(endpoint, who), answer.text
    if answer.code == 303 and who not in ROLES:
        assert answer.headers["location"].startswith("/login")
    if answer.code == 401:
        assert "Bearer" in answer.headers["www-authenticate"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


PROOF = {Way.PAGE: "session", Way.API: "session or token", Way.FEED: "session, token or Basic"}


def rows_of(endpoints: Sequence[Endpoint]) -> Iterator[str]:
    """The table of docs/page.md: who may read and send what, and how they prove who they are."""
    for need, way in product((None, *Role), Way):
        own = [endpoint for endpoint in endpoints if (endpoint.need, endpoint.way) == (need, way)]
        gets, posts = (
            ", ".join(
                f"`{endpoint.path}`" for endpoint in own if (endpoint.method == "GET") is is_read
            )
            for is_read in (True, False)
        )
        if own:
            yield f"| {need or 'anybody'} | {PROOF[way] if need else ''} | {gets} | {posts} |"


def test_the_docs_say_who_may_enter_at_each_address() -> None:
    rows = rows_of(sorted(ENDPOINTS, key=lambda endpoint: endpoint.path))
    assert "\n".join(rows) in (ROOT / "docs/page.md").read_text(encoding="utf-8")


def test_an_address_without_a_declared_role_keeps_the_page_from_starting(
    logged_in: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scheduler.web.site import application
    from scheduler.web.site.pages import sources_page as sources

    monkeypatch.setattr(sources, "router", _with_one_more(sources.router))
    with pytest.raises(UndeclaredError, match="GET /backdoor"):
        application.create_site(logged_in.site.served)


def _with_one_more(router: object) -> object:
    app = FastAPI()
    app.include_router(router)  # type: ignore[arg-type]

    @app.get("/backdoor")
    def backdoor() -> str:
        return "open"

    return app.router


@pytest.mark.parametrize("path", ["/nowhere", "/agreements/A99", "/openapi.json", "/docs", "/.env"])
def test_a_stranger_does_not_learn_what_is_not_here(logged_in: Team, path: str) -> None:
    answer = logged_in.ask(path)
    assert (answer.code, answer.headers["location"].partition("?")[0]) == (303, "/login")
    assert logged_in.ask(path, "rita").code == 404


@pytest.mark.parametrize(
    "path",
    [
        *("//", "/%2e%2e/review", "/static/../review", "/static/%2e%2e/review", "/Review", "/%00"),
        # what is public is only called so: within another path, behind it, in its query
        *("/review/static/site.css", "/review?to=/static/site.css", "/review;/login"),
        *("/review/login", "/static/site.css/../../review", "/documents/1/healthz"),
        "/review%2fstatic",
    ],
)
def test_a_bent_path_is_no_way_around_the_gate(logged_in: Team, path: str) -> None:
    answer = logged_in.ask(path)
    assert answer.code in (303, 404)
    assert "doubtful" not in answer.text


@pytest.mark.parametrize("up", ["..", "%2e%2e", "..%2f..", "%252e%252e", "..\\\\..", "htmx/../.."])
@pytest.mark.parametrize("file", ["application.py", "guard.py", "etc/passwd"])
def test_no_file_beside_the_public_ones_is_served(logged_in: Team, up: str, file: str) -> None:
    answer = logged_in.ask(f"/static/{up}/{file}", "ada")
    assert answer.code == 404
    assert "import" not in answer.text


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_another_method_is_no_way_around_the_gate(logged_in: Team, method: str) -> None:
    form: dict[str, str] | None = {} if method in ("PUT", "DELETE", "PATCH", "TRACE") else None
    assert logged_in.ask("/api/v1/agreements", "", method, form=form).code == 401
