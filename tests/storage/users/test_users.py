"""Users, sessions, tokens and attempts on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.database.session import Database, Session
from storage.users import logins, users
from storage.users.accounts import Role, TokenScope
from tests.storage.given import NOW


def user_id(database: Database, name: str = "Amina", role: Role = Role.READER) -> int:
    with database.begin() as s:
        users.add_user(s, name, role, "hash", NOW)
        found = users.user_named(s, name)
        assert found
        return found[0].id


def test_a_name_is_there_once_however_it_is_written(database: Database) -> None:
    user_id(database)
    with database.begin() as s:
        assert not users.add_user(s, "AMINA", Role.ADMIN, "other", NOW)
        found = users.user_named(s, "amina")
    assert found
    assert (found[0].name, found[0].role, found[1]) == ("Amina", Role.READER, "hash")


def test_sessions_and_tokens_go_with_their_user(database: Database) -> None:
    number = user_id(database)
    with database.begin() as s:
        logins.start_session(s, "a" * 64, number, NOW)
        logins.add_token(s, number, "b" * 64, logins.NewToken(TokenScope.READ, "", NOW, None))
    with database.begin() as s:
        assert users.remove_user(s, "amina")
    with database.read() as s:
        assert logins.session_of(s, "a" * 64) is None
        assert logins.token_of(s, "b" * 64) is None
        assert not users.is_anybody(s)


def test_an_id_of_a_token_is_never_given_again(database: Database) -> None:
    number = user_id(database)
    with database.begin() as s:
        first = logins.add_token(
            s, number, "b" * 64, logins.NewToken(TokenScope.READ, "", NOW, None)
        )
        logins.remove_token(s, first)
        assert (
            logins.add_token(s, number, "c" * 64, logins.NewToken(TokenScope.READ, "", NOW, None))
            > first
        )


@pytest.mark.parametrize(
    ("role", "scope", "may"),
    [
        (Role.READER, TokenScope.EDIT, {Role.READER}),
        (Role.EDITOR, TokenScope.EDIT, {Role.READER, Role.EDITOR}),
        (Role.ADMIN, TokenScope.EDIT, {Role.READER, Role.EDITOR}),
        (Role.ADMIN, TokenScope.READ, {Role.READER}),
    ],
)
def test_a_token_may_what_both_its_scope_and_its_user_may(
    database: Database, role: Role, scope: TokenScope, may: set[Role]
) -> None:
    number = user_id(database, role=role)
    with database.begin() as s:
        logins.add_token(s, number, "b" * 64, logins.NewToken(scope, "", NOW, None))
        token = logins.token_of(s, "b" * 64)
    assert token
    assert token.roles == may


def test_attempts_are_kept_replaced_and_forgotten(s: Session) -> None:
    logins.put_attempts(s, "k", 1, NOW)
    logins.put_attempts(s, "k", 2, NOW, NOW + timedelta(seconds=5))
    assert logins.attempts_of(s, "k") == (2, NOW + timedelta(seconds=5))
    logins.forget_old_attempts(s, NOW)
    assert logins.attempts_of(s, "k") is not None
    logins.forget_old_attempts(s, NOW + timedelta(seconds=1))
    assert logins.attempts_of(s, "k") is None


def test_a_role_and_a_password_can_be_changed(database: Database) -> None:
    number = user_id(database)
    with database.begin() as s:
        logins.start_session(s, "a" * 64, number, NOW)
        assert users.set_role(s, "AMINA", Role.ADMIN)
        found = logins.session_of(s, "a" * 64)
        assert found
        assert found[0].role is Role.ADMIN
        assert users.set_password(s, "amina", "new")
        assert logins.session_of(s, "a" * 64) is None
        assert not users.set_role(s, "nobody", Role.ADMIN)
        assert not users.set_password(s, "nobody", "x")
