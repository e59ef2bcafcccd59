"""`users` and `tokens` as commands: what they keep, say and refuse."""

from __future__ import annotations

import getpass
import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.warm.passwords import hashed_in_earnest

PASSWORD = "four unrelated words"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    succeed("init", cwd=tmp_path)
    return tmp_path


def add(folder: Path, name: str, role: str, text: str = PASSWORD) -> None:
    options = ("--role", role, "--password-stdin")
    succeed("users", "add", name, *options, cwd=folder, text=f"{text}\n")


def listed(folder: Path, what: str) -> list[dict[str, object]]:
    return json_lines(what, "list", cwd=folder)


@pytest.mark.parametrize(
    ("what", "hint"), [("users", "accordwatch users add"), ("tokens", "accordwatch tokens add")]
)
def test_an_empty_list_says_what_to_type(folder: Path, what: str, hint: str) -> None:
    done = accordwatch(what, "list", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert hint in done.stderr


def test_where_nobody_is_a_user_a_command_for_one_says_how_to_add_the_first(folder: Path) -> None:
    done = accordwatch("users", "role", "nobody", "admin", cwd=folder)
    said = "there is no user 'nobody'; add the first: accordwatch users add NAME --role admin"
    assert (done.returncode, done.stderr) == (2, f"accordwatch: {said}\n")


def test_a_user_is_added_changed_and_removed(folder: Path) -> None:
    add(folder, "amina", "reader")
    assert [(one["name"], one["role"]) for one in listed(folder, "users")] == [("amina", "reader")]
    succeed("users", "role", "Amina", "editor", cwd=folder)
    assert listed(folder, "users")[0]["role"] == "editor"
    gone = accordwatch("users", "remove", "amina", cwd=folder)
    assert "nobody is left" in gone.stderr
    assert listed(folder, "users") == []


def test_changes_of_users_and_tokens_leave_a_line_for_an_auditor(folder: Path) -> None:
    add(folder, "amina", "reader")
    accordwatch("users", "role", "amina", "editor", cwd=folder)
    made = accordwatch("tokens", "add", "amina", "--scope", "read", cwd=folder).stdout.strip()
    accordwatch("tokens", "remove", "1", cwd=folder)
    accordwatch(
        "users", "password", "amina", "--password-stdin", cwd=folder, text=f"{PASSWORD} more\n"
    )
    accordwatch("users", "remove", "amina", cwd=folder)
    log = (folder / "access.log").read_text(encoding="utf-8")
    assert made not in log
    by = f", by {json.dumps(getpass.getuser())}"
    assert [line.partition(" ")[2] for line in log.splitlines()] == [
        f'user added as reader for "amina"{by}',
        f'role changed to editor for "amina"{by}',
        f'token 1 added to read for "amina"{by}',
        f'token removed for "1"{by}',
        f'password changed for "amina"{by}',
        f'user removed for "amina"{by}',
    ]


def test_a_link_is_printed_for_a_user_without_a_password(folder: Path) -> None:
    done = accordwatch("users", "add", "amina", "--no-password", cwd=folder)
    assert "accordwatch users password amina --link" in done.stderr
    made = accordwatch("users", "password", "Amina", "--link", cwd=folder)
    assert re.fullmatch(r"/password/[\w-]{43}\n", made.stdout)
    assert "site.url" in made.stderr
    kept = b"".join(path.read_bytes() for path in folder.glob("*.db*"))
    assert made.stdout.strip().rpartition("/")[2].encode() not in kept


def test_of_a_password_only_the_hash_is_kept(folder: Path) -> None:
    with hashed_in_earnest():
        add(folder, "amina", "reader")
    kept = b"".join(path.read_bytes() for path in folder.glob("*.db*"))
    assert PASSWORD.encode() not in kept
    assert b"$argon2id$v=19$m=65536,t=3,p=4$" in kept


@pytest.mark.parametrize("name", ["", "a:b", "a b", "x" * 65, "a\0b", "-\u202ex", "a/b"])
def test_what_cannot_be_a_name_is_refused(folder: Path, name: str) -> None:
    options = ("--password-stdin", "--", name)
    done = accordwatch("users", "add", *options, cwd=folder, text=f"{PASSWORD}\n")
    assert done.returncode == 2
    assert "cannot be a name" in done.stderr
    assert listed(folder, "users") == []


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_a_password_that_is_too_short_or_long_is_refused(folder: Path, password: str) -> None:
    options = ("--password-stdin",)
    done = accordwatch("users", "add", "amina", *options, cwd=folder, text=f"{password}\n")
    assert done.returncode == 2
    assert f"the password has {len(password)} characters" in done.stderr
    assert password not in done.stderr or not password


def test_without_a_terminal_a_password_is_not_asked_for(folder: Path) -> None:
    done = accordwatch("users", "add", "amina", cwd=folder)
    assert done.returncode == 2
    assert "--password-stdin" in done.stderr


def test_one_name_is_one_user(folder: Path) -> None:
    add(folder, "Amina", "reader")
    done = accordwatch("users", "add", "AMINA", "--password-stdin", cwd=folder, text=PASSWORD)
    assert done.returncode == 2
    assert "Amina is there already" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("role", "ben", "admin"),
        ("remove", "ben"),
        ("password", "ben", "--password-stdin"),
        ("password", "ben", "--link"),
    ],
)
def test_who_is_unknown_is_answered_with_who_is_known(
    folder: Path, command: tuple[str, ...]
) -> None:
    add(folder, "amina", "reader")
    done = accordwatch("users", *command, cwd=folder, text=PASSWORD)
    assert done.returncode == 2
    assert "there is no user 'ben'; there is: amina" in done.stderr


def test_a_token_is_shown_once_and_its_hash_kept(folder: Path) -> None:
    add(folder, "amina", "editor")
    options = ("--scope", "edit", "--days", "30", "--note", "notebook")
    made = accordwatch("tokens", "add", "amina", *options, cwd=folder)
    assert re.fullmatch(r"aw_[\w-]{43}\n", made.stdout)
    (kept,) = listed(folder, "tokens")
    assert (kept["user"], kept["scope"], kept["note"]) == ("amina", "edit", "notebook")
    stored = b"".join(path.read_bytes() for path in folder.glob("*.db*"))
    assert made.stdout.strip().encode() not in stored
    assert made.stdout.strip() not in accordwatch("tokens", "list", cwd=folder).stdout


def test_a_reader_gets_no_token_that_edits(folder: Path) -> None:
    add(folder, "amina", "reader")
    done = accordwatch("tokens", "add", "amina", "--scope", "edit", cwd=folder)
    assert done.returncode == 2
    assert "amina is a reader" in done.stderr


def test_tokens_go_by_id_and_with_their_user(folder: Path) -> None:
    add(folder, "amina", "editor")
    for _ in range(2):
        accordwatch("tokens", "add", "amina", "--scope", "read", cwd=folder)
    succeed("tokens", "remove", "1", cwd=folder)
    assert [one["id"] for one in listed(folder, "tokens")] == [2]
    accordwatch("users", "remove", "amina", cwd=folder)
    assert listed(folder, "tokens") == []


@pytest.mark.parametrize("number", ["0", "-1", "7", "99999999999999999999"])
def test_a_token_that_is_not_there_is_named(folder: Path, number: str) -> None:
    done = accordwatch("tokens", "remove", "--", number, cwd=folder)
    assert done.returncode == 2
    assert f"there is no token {number}" in done.stderr


def test_lists_are_tables_and_csv_too(folder: Path) -> None:
    add(folder, "أمينة", "admin")
    accordwatch("tokens", "add", "أمينة", "--scope", "read", cwd=folder)
    assert "أمينة" in accordwatch("users", "list", cwd=folder).stdout
    assert "never" in accordwatch("tokens", "list", cwd=folder).stdout
    printed = accordwatch("users", "list", "--format", "csv", cwd=folder).stdout
    assert printed.splitlines()[0] == "name,role,created_at,last_login_at,seen_at"


@pytest.mark.parametrize(
    ("second", "code", "said"),
    [(PASSWORD, 0, "may log in"), ("other", 2, "the two passwords differ")],
)
def test_on_a_terminal_a_password_is_asked_for_twice_and_not_shown(
    folder: Path, second: str, code: int, said: str
) -> None:
    terminal, of_command = pty.openpty()
    command = [sys.executable, "-P", "-m", "scheduler.cli", "users", "add", "amina"]
    with (
        subprocess.Popen(
            command,
            cwd=folder,
            stdin=of_command,
            stdout=of_command,
            stderr=of_command,
            start_new_session=True,
        ) as process,
        hanging_up(terminal),
    ):
        os.close(of_command)
        shown = until_it_says(terminal, b"Password of amina: ")
        os.write(terminal, PASSWORD.encode() + b"\n")
        shown += until_it_says(terminal, b"Repeat the password: ")
        os.write(terminal, second.encode() + b"\n")
        shown += until_it_says(terminal, said.encode())
        assert process.wait(60) == code
    assert PASSWORD.encode() not in shown


@contextmanager
def hanging_up(terminal: int) -> Iterator[None]:
    """Close a terminal at the end, whatever happens."""
    try:
        yield
    finally:
        os.close(terminal)


def until_it_says(terminal: int, expected: bytes) -> bytes:
    shown = b""
    while expected not in shown:
        # What is never said ends the test, and hanging up ends the command that waits for words.
        assert select.select([terminal], [], [], 60)[0], shown
        shown += os.read(terminal, 1000)
    return shown
