"""`subscriptions add|pause|resume|end` with a real mail server, and `subscriptions preview`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scheduler.cli.commands.notifications import _rate
from storage.notifications import user_subscriptions
from storage.records import Status
from storage.users import users
from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.scheduler.given_digests import SUBSCRIPTIONS, configured, opened, register
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.storage.given import card, judged, kept_mail
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
    return {line["id"]: line for line in json_lines("subscriptions", "list", cwd=folder)}


def test_an_address_gets_alerts_after_it_has_confirmed(folder: Path, mails: MailServer) -> None:
    succeed(
        *("subscriptions", "add", "amina@ngo.example", "--corridor", "IT-TN"),
        *("--rate", "immediately", "--mail-language", "fr"),
        cwd=folder,
    )
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
        succeed("subscriptions", "change", "person-1", state, cwd=folder)
        assert listed(folder)["person-1"]["state"] == state
    assert "edda" in accordwatch("subscriptions", "list", cwd=folder).stdout
    succeed("subscriptions", "change", "person-1", "ended", cwd=folder)
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
    succeed("users", "remove", "nour", cwd=folder)
    assert "person-1" not in listed(folder)


def test_an_id_of_people_is_refused_in_the_file(folder: Path) -> None:
    file = folder / "accordwatch.yaml"
    file.write_text("subscriptions:\n  - {id: person-17, channels: [file]}\n", encoding="utf-8")
    done = accordwatch("subscriptions", "list", cwd=folder)
    assert done.returncode == 2
    assert "subscriptions[0].id: an id like person-17" in done.stderr


OF_TUNISIA = """
subscriptions:
  - {id: tunisia, channels: [file], filter: {parties: [TN], statuses: [signed]}}
"""
# 21 days, from the first report on.
UNTIL = ("--until", "2026-03-17")


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Morocco and Niger signed (11 March); Italy and Tunisia negotiated (25 February) and signed
    (10 March).
    """
    talks = card(parties=("IT", "TN"), status=Status.NEGOTIATING, event_date=date(2026, 2, 25))
    signed = card(parties=("IT", "TN"), event_date=date(2026, 3, 10))
    documents = (
        judged(1),
        judged(2, card=talks, published_on=date(2026, 2, 25)),
        judged(3, card=signed, published_on=date(2026, 3, 10)),
    )
    return register(tmp_path, *documents, more=OF_TUNISIA).folder


def rehearsed(stored: Path, *arguments: str) -> list[dict[str, Any]]:
    shown = succeed("subscriptions", "preview", *arguments, *UNTIL, "--format", "jsonl", cwd=stored)
    return [json.loads(line) for line in shown.stdout.splitlines()]


def test_without_a_subscription_or_filter_all_is_listed_newest_first(stored: Path) -> None:
    rows = rehearsed(stored)
    assert [(row["on"], row["news"], row["status"], row["document_ids"]) for row in rows] == [
        ("2026-03-11", "new_agreement", "signed", [1]),
        ("2026-03-10", "new_step", "signed", [3]),
        ("2026-02-25", "new_agreement", "negotiating", [2]),
    ]
    assert "Morocco–Niger declaration" in rows[0]["name"]


@pytest.mark.parametrize(
    ("arguments", "days"),
    [
        (("--corridor", "TN-IT"), ["2026-03-10", "2026-02-25"]),
        (("--status", "signed"), ["2026-03-11", "2026-03-10"]),
        (("--query", "copy number 1"), ["2026-03-11"]),
        (("--since", "2026-03-10"), ["2026-03-11", "2026-03-10"]),
        (("tunisia",), ["2026-03-10"]),
        (("tunisia", "--status", "negotiating"), ["2026-02-25"]),
        (("tunisia", "--party", "NE"), ["2026-03-11"]),
    ],
)
def test_what_is_typed_takes_the_place_of_what_the_subscription_says(
    stored: Path, arguments: tuple[str, ...], days: list[str]
) -> None:
    assert [row["on"] for row in rehearsed(stored, *arguments)] == days


def test_a_table_ends_with_how_many_a_week(stored: Path) -> None:
    shown = accordwatch("subscriptions", "preview", *UNTIL, cwd=stored)
    assert "New agreement" in shown.stdout
    assert (
        "3 from 2026-02-25 to 2026-03-17: 1 a week, 2 in the fullest one, from 2026-03-09 on"
        in shown.stderr
    )


def test_csv_has_a_header_and_every_row(stored: Path) -> None:
    shown = accordwatch("subscriptions", "preview", "--format", "csv", *UNTIL, cwd=stored)
    first, *others = csv.DictReader(io.StringIO(shown.stdout))
    assert (first["on"], first["parties"], len(others)) == ("2026-03-11", "MA; NE", 2)


def test_nothing_is_said_in_words(stored: Path) -> None:
    shown = accordwatch("subscriptions", "preview", "--party", "FJ", cwd=stored)
    assert (shown.returncode, shown.stdout) == (0, "")
    assert (
        "these filters would have sent nothing of what is stored; widen the filter" in shown.stderr
    )


@pytest.mark.parametrize("command", [("subscriptions", "preview"), ("search",), ("agreements",)])
def test_a_rule_that_nobody_is_named_is_said(stored: Path, command: tuple[str, ...]) -> None:
    shown = succeed(*command, "--rule", "whale", cwd=stored)
    assert "no rule has the id 'whale'; there is migration-cooperation" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("tunesia",), "no subscription has the id 'tunesia'; subscriptions are: tunisia"),
        (("--party", "XX"), "--party: “XX” is not a known party"),
        (("--since", "2026-04-01", "--until", "2026-03-01"), "--until: “2026-03-01” is before"),
        (("--excel",), "--excel goes with csv"),
    ],
)
def test_a_wrong_word_is_refused_in_a_line(
    stored: Path, arguments: tuple[str, ...], wanted: str
) -> None:
    shown = accordwatch("subscriptions", "preview", *arguments, cwd=stored)
    assert shown.returncode == 2
    assert wanted in shown.stderr


@pytest.mark.parametrize(
    ("a_week", "said"), [(0.049, "0.049"), (1.5, "1.5"), (9.96, "10"), (120.4, "120")]
)
def test_a_rate_is_never_a_power_of_ten(a_week: float, said: str) -> None:
    assert _rate(a_week) == said
