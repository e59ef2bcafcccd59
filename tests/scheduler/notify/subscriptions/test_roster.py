"""Who left a subscription is seen everywhere, can be taken back, and loses nothing by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.jobs.health.report import examine
from scheduler.notify.deliver import send_due
from scheduler.web.operations import unsubscribe
from storage.database.session import Database
from tests.scheduler.command_line import accordwatch, json_lines
from tests.scheduler.given_digests import collect, configured, opened, register
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.storage.given import card, judged

MAIL = """
channels:
  - {{id: office, kind: email, to: [{to}], sender: watch@ngo.example, host: 127.0.0.1, port: {port}, security: none,
     unsubscribe: "https://watch.example/unsubscribe"}}
"""
AT_ONCE = "subscriptions:\n  - {id: everything, channels: [office], rate: immediately}\n"
NOW = datetime.now(UTC)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        yield server


def watch(
    folder: Path, server: MailServer, to: str, more: str = ""
) -> tuple[Database, Configuration]:
    """A watch whose first digest has gone out."""
    chosen = configured(folder, AT_ONCE + more, MAIL.format(port=server.port, to=to))
    database = opened(chosen)
    collect(database, chosen, judged(1), now=NOW)
    send_due(database, chosen, now=NOW)
    return database, chosen


def leave(database: Database, chosen: Configuration, server: MailServer, recipient: str) -> None:
    """One click on the link in the mail."""
    link = next(
        str(message["List-Unsubscribe"]) for to, message in server.accepted if to == recipient
    )
    token = link.partition("?t=")[2].rstrip(">")
    assert unsubscribe(database, chosen, token, is_done=True)[0] == 200


def test_who_left_is_shown_by_list_preview_and_doctor_and_is_taken_back(
    tmp_path: Path, server: MailServer
) -> None:
    never = "  - {id: other, channels: [office], rate: monthly on 1 at 07:00, filter: {parties: [DE]}}\n"
    database, chosen = watch(tmp_path, server, "ana@ngo.example, ben@ngo.example", never)
    leave(database, chosen, server, "ben@ngo.example")
    way_back = "accordwatch subscriptions resubscribe everything ben@ngo.example"
    row, other = json_lines("subscriptions", "list", cwd=tmp_path)
    assert other["left"] == []
    assert row["recipients"] == [{"channel": "office", "recipient": "ana@ngo.example"}]
    assert [one["recipient"] for one in row["left"]] == ["ben@ngo.example"]
    assert (row["last_digest"], row["next_digest_at"], row["pending"]) == (1, None, 0)
    assert way_back in accordwatch("digest", "show", cwd=tmp_path).stderr
    (finding,) = (finding for finding in examine(database, chosen, NOW) if "left" in finding.name)
    assert (finding.level, way_back in finding.line) == ("warning", True)
    assert "ben@ngo.example unsubscribed" in finding.line
    taken_back = accordwatch(*way_back.split()[1:], cwd=tmp_path)
    assert (taken_back.returncode, "receives everything again" in taken_back.stderr) == (0, True)
    collect(database, chosen, judged(2, card=card(parties=("IT", "TN"))), now=NOW)
    assert send_due(database, chosen, now=NOW).delivered == 2
    database.close()
    again = accordwatch(*way_back.split()[1:], cwd=tmp_path)
    assert again.returncode == 2
    assert "ben@ngo.example did not leave everything; who left it: nobody" in again.stderr


def test_what_nobody_receives_is_sent_to_nobody_and_waits(
    tmp_path: Path, server: MailServer
) -> None:
    database, chosen = watch(tmp_path, server, "ana@ngo.example")
    leave(database, chosen, server, "ana@ngo.example")
    collect(database, chosen, judged(2, card=card(parties=("IT", "TN"))), now=NOW)
    assert send_due(database, chosen, now=NOW).claimed == 0
    assert "subscription:everything:nobody" in [
        finding.name for finding in examine(database, chosen, NOW)
    ]
    accordwatch("subscriptions", "resubscribe", "everything", "office", cwd=tmp_path)
    assert send_due(database, chosen, now=NOW).delivered == 1
    database.close()


def test_the_next_digest_of_each_subscription_is_listed(tmp_path: Path) -> None:
    weekly = 'subscriptions:\n  - {id: w, channels: [file], rate: "weekly on monday at 07:00"}\n'
    register(tmp_path, judged(1), more=weekly, now=NOW - timedelta(hours=1))
    listed = accordwatch("subscriptions", "list", "--format", "jsonl", cwd=tmp_path)
    row = json.loads(listed.stdout)
    due = datetime.fromisoformat(row["next_digest_at"])
    assert (due.isoweekday(), due.hour, row["pending"], row["last_digest"]) == (1, 7, 1, None)
    table = accordwatch("subscriptions", "list", cwd=tmp_path).stdout
    assert f"{due.astimezone():%Y-%m-%d %H:%M}" in table  # no name of a month, in no language
