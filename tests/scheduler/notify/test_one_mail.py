"""One mail for the subscriptions of one person, one alert for one entry: nothing lost or twice."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.notify.deliver import LEASE_S, send_due, send_now
from storage.database.session import Database
from storage.notifications import receivers
from storage.notifications.outbox import queue_changes
from storage.records import Grade, Status
from storage.register.agreements import load_agreements
from storage.register.blocks import read_block
from storage.register.entry import Agreement
from storage.register.saving import save
from tests.scheduler.given_digests import SOURCES, begun, collect, configured, opened
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.scheduler.notify.one_pass import BOUNDARIES
from tests.scheduler.notify.test_kills import REPEATING, run, told, whole
from tests.storage.given import NOW, card, judged

CHANNEL = """
channels:
  - {{id: office, kind: email, to: [{to}], sender: watch@ngo.example, host: 127.0.0.1, port: {port},
     security: none, unsubscribe: "https://watch.example/unsubscribe"}}
"""
THREE = """
subscriptions:
  - {id: niger, name: Niger, channels: [office], rate: immediately, unconfirmed: full, filter: {parties: [NE]}}
  - {id: morocco, name: Morocco, channels: [office], rate: immediately, unconfirmed: full, filter: {parties: [MA]}}
  - {id: tunis, name: Tunisia, channels: [office], rate: immediately, unconfirmed: full, filter: {parties: [TN]}}
"""
MOROCCO_NIGER, ITALY_TUNISIA = judged(1), judged(2, card=card(parties=("IT", "TN")))
LATER = timedelta(seconds=LEASE_S + 60)
Open = Callable[..., tuple[Database, Configuration]]


@pytest.fixture
def given(tmp_path: Path) -> Iterator[Open]:
    databases: list[Database] = []

    def make(
        server: MailServer, subscriptions: str = THREE, to: str = "ana@ngo.example"
    ) -> tuple[Database, Configuration]:
        chosen = configured(tmp_path, subscriptions, CHANNEL.format(port=server.port, to=to))
        databases.append(opened(chosen))
        begun(databases[-1], chosen, NOW - timedelta(days=40))
        return databases[-1], chosen

    yield make
    for database in databases:
        database.close()


def texts(server: MailServer) -> list[str]:
    bodies = (message.get_body(("plain",)) for _, message in server.accepted)
    return [str(body.get_content()).replace("\r\n", "\n") for body in bodies if body is not None]


def test_one_person_gets_one_mail_that_tells_each_agreement_once_and_says_why(given: Open) -> None:
    with serving(MailServer()) as server:
        database, chosen = given(server)
        collect(database, chosen, MOROCCO_NIGER, ITALY_TUNISIA, now=NOW)
        sent = send_due(database, chosen, now=NOW)
        assert send_due(database, chosen, now=NOW + LATER).delivered == 0
    assert (sent.claimed, sent.delivered) == (3, 3)
    (text,) = texts(server)
    assert told(server) == {"A1": 1, "A2": 1}
    for party in ("Niger", "Morocco", "Tunisia"):
        assert f"Because you follow: {party}" in text
    assert text.count("1 agreement of this subscription is shown above") == 1
    assert text.count("https://watch.example/unsubscribe?t=") == 3


def test_each_section_has_a_way_out_of_its_own_subscription(given: Open) -> None:
    with serving(MailServer()) as server:
        database, chosen = given(server)
        collect(database, chosen, MOROCCO_NIGER, ITALY_TUNISIA, now=NOW)
        send_due(database, chosen, now=NOW)
    (text,) = texts(server)
    tokens = [line.partition("?t=")[2] for line in text.split("\n") if "?t=" in line]
    with database.read() as s:
        ends = [receivers.receiver_of(s, token) for token in tokens]
    assert [end and end.subscription_id for end in ends] == ["niger", "morocco", "tunis"]


@pytest.mark.parametrize("difference", ["rate: hourly", "language: fr"])
def test_another_rate_or_language_is_a_mail_of_its_own(given: Open, difference: str) -> None:
    changed = THREE.replace(
        "Morocco, channels: [office], rate: immediately",
        f"Morocco, channels: [office], {difference}",
    )
    with serving(MailServer()) as server:
        database, chosen = given(server, changed)
        collect(database, chosen, MOROCCO_NIGER, ITALY_TUNISIA, now=NOW)
        send_now(database, chosen, now=NOW + timedelta(hours=1))
    assert len(texts(server)) == 2


def test_people_of_one_channel_are_not_mixed(given: Open) -> None:
    with serving(MailServer()) as server:
        database, chosen = given(server, to="ana@ngo.example, ben@ngo.example")
        collect(database, chosen, MOROCCO_NIGER, ITALY_TUNISIA, now=NOW)
        send_due(database, chosen, now=NOW)
    assert sorted(server.recipients) == ["ana@ngo.example", "ben@ngo.example"]
    first, second = texts(server)
    assert set(first.split()) & set(second.split()) >= {"A1", "A2"}


def test_what_comes_between_two_tries_is_another_mail(given: Open) -> None:
    with serving(MailServer(replies=["451 later"])) as server:
        database, chosen = given(server)
        collect(database, chosen, MOROCCO_NIGER, now=NOW)
        send_due(database, chosen, now=NOW)
        collect(database, chosen, ITALY_TUNISIA, now=NOW)
        send_due(database, chosen, now=NOW + timedelta(hours=1))
    counted = Counter("A2" in text for text in texts(server))
    assert counted == {False: 1, True: 1}
    assert told(server) == {"A1": 1, "A2": 1}


@pytest.mark.parametrize("leaving", ["niger", "morocco"])
def test_who_leaves_one_subscription_still_gets_the_others_under_the_same_id(
    given: Open, leaving: str
) -> None:
    with serving(MailServer(replies=["451 later"])) as server:
        database, chosen = given(server)
        collect(database, chosen, MOROCCO_NIGER, ITALY_TUNISIA, now=NOW)
        send_due(database, chosen, now=NOW)
        with database.begin() as s:
            receivers.unsubscribe(s, leaving, "office", "ana@ngo.example", NOW)
        for hours in (1, 2, 3):
            send_due(database, chosen, now=NOW + timedelta(hours=hours))
    (text,) = texts(server)
    assert told(server) == {"A1": 1, "A2": 1}
    assert text.count("Because you follow: ") == 2


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_kill_at_a_boundary_loses_nothing_of_several_subscriptions_and_tells_nothing_twice(
    tmp_path: Path, boundary: str
) -> None:
    path, one = tmp_path / "accordwatch.yaml", range(1, 2)
    both = THREE.replace("parties: [NE]", "parties: [MA]")
    with serving(MailServer()) as server:
        channel = CHANNEL.format(port=server.port, to="ana@ngo.example")
        path.write_text(channel + SOURCES + both, encoding="utf-8")
        assert run(path, one, 0, boundary) == -signal.SIGKILL
        for number in (1, 2):
            assert run(path, one, number * (LEASE_S + 60)) == 0
    assert len(set(server.message_ids)) == 1
    assert len(server.accepted) == (2 if boundary in REPEATING else 1)
    assert told(server) == {"A1": 1}
    assert whole(path)


AT_ONCE = "subscriptions:\n  - {id: everything, channels: [file], rate: immediately}\n"
NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture
def chosen(tmp_path: Path) -> Configuration:
    return configured(tmp_path, AT_ONCE)


def sent(database: Database, chosen: Configuration) -> int:
    """Digests that go out now."""
    return send_due(database, chosen, now=NEXT_DAY).delivered


def recluster(database: Database, chosen: Configuration, *agreements: Agreement) -> None:
    """Put the register's reports together another way, and queue what that makes news."""
    with database.begin() as s:
        known = {
            document
            for agreement in load_agreements(s, range(1, 10))
            for document in agreement.document_ids
        }
        reports = read_block(s, known)[0]
        changes = save(s, reports, agreements, NEXT_DAY)
        queue_changes(s, chosen.subscriptions, changes, now=NEXT_DAY, oldest=None)


def stored(database: Database) -> list[Agreement]:
    with database.read() as s:
        return load_agreements(s, range(1, 10))


def test_one_that_stood_in_a_line_is_no_news_once_it_is_sure(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    assert sent(database, chosen) == 1
    assert [agreement.grade for agreement in stored(database)] == [Grade.UNCONFIRMED]
    other = judged(2)
    other = replace(other, document=replace(other.document, outlet="Another"))
    collect(database, chosen, other, now=NEXT_DAY)
    assert [agreement.grade for agreement in stored(database)] == [Grade.LIKELY]
    assert sent(database, chosen) == 0


def test_a_status_that_better_rules_read_differently_is_no_news(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    assert sent(database, chosen) == 1
    (agreement,) = stored(database)
    recluster(
        database,
        chosen,
        replace(
            agreement,
            status=Status.RATIFIED,
            history=(replace(agreement.history[0], status=Status.RATIFIED),),
        ),
    )
    assert sent(database, chosen) == 0
