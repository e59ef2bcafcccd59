"""`subscriptions add|pause|resume|end`, with a real mail server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.notifications import user_subscriptions
from storage.users import users
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import SUBSCRIPTIONS, configured, opened
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.storage.given import kept_mail
from tests.storage.opened import session


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, mails: MailServer) -> Path:
    channels = f"""
site: {{url: https://watch.example}}
channels:
  - {{id: team, kind: email, to: [team@ngo.example], sender: watch@ngo.example, host: 127.0.0.1,
     port: {mails.port}, security: none}}
"""
    opened(configured(tmp_path, SUBSCRIPTIONS, channels)).close()
    return tmp_path


def listed(folder: Path) -> dict[str, dict[str, Any]]:
    printed = accordwatch("subscriptions", "list", "--format", "jsonl", cwd=folder).stdout
    return {one["id"]: one for one in map(json.loads, printed.splitlines())}


def test_an_address_gets_alerts_after_it_has_confirmed(folder: Path, mails: MailServer) -> None:
    done = accordwatch(
        *("subscriptions", "add", "amina@ngo.example", "--corridor", "IT-TN"),
        *("--rate", "immediately", "--mail-language", "fr"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    ((recipient, mail),) = mails.accepted
    assert (recipient, mail["Content-Language"]) == ("amina@ngo.example", "fr")
    assert "https://watch.example/mail/1." in str(mail.get_content())
    one = listed(folder)["person-1"]
    assert (one["state"], one["rate"]) == ("unconfirmed", "immediately")
    assert listed(folder)["everything"]["made_by"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("amina",), "no mail address"),
        (("a@b.example", "--timezone", "Mars"), "no time zone"),
        (("a@b.example", "--rate", "yearly"), "Choose a frequency"),
        (("a@b.example", "--party", "Atlantis"), "Atlantis"),
        (("a@b.example", "--as-of", "2026-01-01"), "--as-of: alerts tell what is new"),
    ],
)
def test_what_cannot_be_is_one_line(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = accordwatch("subscriptions", "add", *arguments, cwd=folder)
    assert done.returncode != 0
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_one_is_paused_resumed_and_ended(folder: Path) -> None:
    with session(configured(folder).database) as s:
        user_subscriptions.add(s, kept_mail())
    assert listed(folder)["person-1"]["state"] == "active"
    for state in ("paused", "active"):
        assert accordwatch("subscriptions", "change", "person-1", state, cwd=folder).returncode == 0
        assert listed(folder)["person-1"]["state"] == state
    assert "edda" in accordwatch("subscriptions", "list", cwd=folder).stdout
    assert accordwatch("subscriptions", "change", "person-1", "ended", cwd=folder).returncode == 0
    assert "person-1" not in listed(folder)
    again = accordwatch("subscriptions", "change", "everything", "paused", cwd=folder)
    assert again.returncode != 0
    assert "changed there" in again.stderr


def test_with_a_user_go_their_subscriptions(folder: Path) -> None:
    accordwatch("users", "add", "nour", "--no-password", cwd=folder)
    with session(configured(folder).database) as s:
        found = users.user_named(s, "nour")
        assert found
        user_subscriptions.add(s, kept_mail(user_id=found[0].id))
    assert accordwatch("users", "remove", "nour", cwd=folder).returncode == 0
    assert "person-1" not in listed(folder)


def test_an_id_of_people_is_refused_in_the_file(folder: Path) -> None:
    file = folder / "accordwatch.yaml"
    file.write_text("subscriptions:\n  - {id: person-17, channels: [file]}\n", encoding="utf-8")
    done = accordwatch("subscriptions", "list", cwd=folder)
    assert done.returncode == 2
    assert "subscriptions[0].id: an id like person-17" in done.stderr
