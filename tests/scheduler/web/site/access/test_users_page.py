"""An admin changes roles and removes users on the page, never the last admin, and not themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.access import accounts
from storage.errors import ConfigurationError
from storage.notifications import user_subscriptions
from storage.users import logins, users
from storage.users.accounts import Role, User
from tests.scheduler.web.site.access.team import Team, until
from tests.scheduler.web.site.access.test_accounts import submit
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import kept_mail


def user(page: Team, name: str) -> User | None:
    with page.database.read() as s:
        found = users.user_named(s, name)
    return found and found[0]


def role(page: Team, name: str) -> Role | None:
    found = user(page, name)
    return found.role if found else None


def test_a_changed_role_holds_from_the_next_request_on_and_is_logged(page: Team) -> None:
    assert page.ask("/add", "rita").code == 403
    done = submit(page, "ada", "/users", "/users", name="rita", deed="role", role="editor")
    assert "The role of rita is now: editor." in done.text
    assert page.ask("/add", "rita").code == 200
    log = (page.site.served.chosen.folder / "access.log").read_text(encoding="utf-8")
    assert 'role changed to editor for "rita", by "ada"' in log


def test_who_is_removed_is_out_at_once_with_tokens_and_subscriptions(page: Team) -> None:
    edda = user(page, "edda")
    assert edda
    with page.database.begin() as s:
        user_subscriptions.add(s, kept_mail(user_id=edda.id))
    shown = page.ask("/users", "ada").text
    assert "Their sessions, tokens and subscriptions end at once." in shown
    done = submit(page, "ada", "/users", "/users", name="edda", deed="remove")
    assert "edda was removed." in done.text
    assert page.ask("/", "edda").code == 303
    with page.database.read() as s:
        assert (logins.tokens(s), user_subscriptions.everybodys(s)) == ([], [])
    log = (page.site.served.chosen.folder / "access.log").read_text(encoding="utf-8")
    assert 'user removed for "edda", by "ada"' in log


@pytest.mark.parametrize("form", [{"deed": "remove"}, {"deed": "role", "role": "reader"}])
def test_nobody_removes_or_lowers_themselves(page: Team, form: dict[str, str]) -> None:
    submit(page, "ada", "/users", "/users", name="edda", deed="role", role="admin")
    refused = submit(page, "ada", "/users", "/users", name="ADA", **form)
    assert (refused.code, "only another admin can do this to ada" in refused.text) == (422, True)
    assert role(page, "ada") is Role.ADMIN
    own = re.findall(r"(?s)<tr>.*?</tr>", page.ask("/users", "ada").text)[1]
    assert "<bdi>ada</bdi>" in own
    assert 'value="remove"' not in own


def test_the_last_admin_stays_though_who_asks_was_one_a_moment_ago(page: Team) -> None:
    ada, edda = user(page, "ada"), user(page, "edda")
    assert ada
    assert edda
    with page.database.begin() as s:
        with pytest.raises(ConfigurationError, match="ada is the last admin"):
            accounts.remove(s, ada, by=edda.id)
        with pytest.raises(ConfigurationError, match="ada is the last admin"):
            accounts.change_role(s, ada, Role.EDITOR, by=edda.id)
        users.set_role(s, "edda", Role.ADMIN)
        accounts.change_role(s, ada, Role.EDITOR, by=edda.id)
    assert role(page, "ada") is Role.EDITOR


@pytest.mark.parametrize(
    "form",
    [
        {"name": "nobody", "deed": "remove"},
        {"name": "rita", "deed": "role", "role": "owner"},
        {"name": "rita", "deed": "promote"},
    ],
)
def test_a_deed_that_there_is_not_changes_nothing(page: Team, form: dict[str, str]) -> None:
    assert submit(page, "ada", "/users", "/users", **form).code == 404
    assert role(page, "rita") is Role.READER


def test_the_page_says_when_somebody_was_last_there(page: Team) -> None:
    page.clock.move(hours=2)
    page.ask("/", "rita")
    until(lambda: (found := user(page, "rita")) is not None and found.seen_at == page.clock.at)
    assert "12 March 2026, 11:30 UTC" in page.ask("/users", "ada").text


def test_a_link_says_until_when_it_works(page: Team) -> None:
    made = submit(page, "ada", "/users", "/users", name="rita", deed="link")
    assert "once, until 15 March 2026, 09:30 UTC" in made.text
    assert "until 15 March" not in page.ask("/users", "ada").text


# --- a page that has no users yet -----------------------------------------------------------------


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path) as site:
        yield site


def added(local: Site, role: str) -> int:
    shown = local.ask("/users").text
    found = re.search(r'name="token" value="([^"]+)"', shown)
    assert found
    form = {"name": "amina", "deed": "add", "role": role, "token": found[1]}
    return local.ask("/users", "POST", form).code


def test_the_first_user_is_an_admin_so_that_somebody_can_add_the_others(local: Site) -> None:
    assert "The first user is an admin" in local.ask("/users").text
    assert added(local, "reader") == 422
    assert added(local, "admin") == 200
    assert local.ask("/users").code == 303


def test_a_page_without_users_has_no_accounts(local: Site) -> None:
    assert local.ask("/account").code == 404
