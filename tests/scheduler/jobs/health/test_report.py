"""What is wrong, and what `doctor` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from crawler.judgement.probability import encoder
from crawler.judgement.probability.rates import FALSE_ALARMS
from scheduler.configuration.config import Configuration
from scheduler.jobs.health import findings
from scheduler.jobs.health.findings import Finding, of_disks
from scheduler.jobs.health.report import examine, troubles
from scheduler.jobs.passes import settle
from scheduler.notify.deliver import send_due
from scheduler.notify.direct_sending import send_tests
from scheduler.schedule.sources_due import count_alive
from storage.database.session import Database
from storage.documents.quarantine import Untried, set_aside
from storage.notifications import deliveries, digests, receivers
from storage.notifications.tables import PendingNotifications
from storage.source import Source, SourceKind
from storage.sources.ledger import Tally, write
from storage.sources.states import finish_run, record_poll, start_run
from storage.sources.tables import Poll, Run
from tests.scheduler.given_digests import SUBSCRIPTIONS, collect, configured, opened
from tests.scheduler.notify.channels.hook_receiver import SECRET, Receiver, receiving
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.storage.given import card, deliveries_of, judged

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
Given = Callable[..., tuple[Database, Configuration]]


@pytest.fixture
def given(tmp_path: Path) -> Iterator[Given]:
    databases: list[Database] = []

    def make(*arguments: str) -> tuple[Database, Configuration]:
        chosen = configured(tmp_path, *arguments)
        databases.append(opened(chosen))
        with databases[-1].begin() as s:
            finish_run(s, start_run(s, NOW - HOUR), NOW, {})
        return databases[-1], chosen

    yield make
    for database in databases:
        database.close()


def poll(
    database: Database,
    hours_ago: float,
    error: str | None = None,
    *,
    offered: int = 20,
    new: int = 1,
) -> None:
    at = NOW - hours_ago * HOUR
    with database.begin() as s:
        record_poll(s, "fleuve", Poll(at, error is None, offered, new), error)
        tally = Tally(1, int(error is not None), offered=offered, new=new)
        write(s, at, [("fleuve", tally)])


def names(database: Database, chosen: Configuration) -> list[str]:
    return [finding.name for finding in troubles(database, chosen, NOW)]


def test_a_source_that_failed_once_is_alive(given: Given) -> None:
    database, chosen = given()
    poll(database, 2)
    poll(database, 1, "timeout: no answer")
    with database.read() as s:
        assert count_alive(s, chosen.sources, NOW, 3).alive == 1
    assert names(database, chosen) == []


def test_a_source_of_working_days_is_alive_over_a_weekend(given: Given) -> None:
    database, chosen = given()
    (source,) = chosen.sources
    source = replace(source, cron="0 6,18 * * mon-fri")
    friday = datetime(2026, 3, 13, 18, 0, tzinfo=UTC)
    with database.begin() as s:
        record_poll(s, "fleuve", Poll(friday, True, 20, 1))
        assert count_alive(s, [source], friday + timedelta(days=3), 3).alive == 1
        assert count_alive(s, [source], friday + timedelta(days=4), 3).alive == 0


def test_a_source_that_fails_three_times_is_named_with_since_when_and_why(given: Given) -> None:
    database, chosen = given()
    poll(database, 9)
    for hours in (3, 2, 1):
        poll(database, hours, "timeout: no complete answer")
    (finding,) = troubles(database, chosen, NOW)
    assert finding.name == "source:fleuve:fails"
    assert "fails since 2026-03-12 00:00 UTC: timeout: no complete answer" in finding.line
    with database.read() as s:
        assert count_alive(s, chosen.sources, NOW, 3).alive == 0


@pytest.mark.parametrize("reason", ["http_403", "http_429", "paused"])
def test_a_host_that_refuses_us_is_named_once(given: Given, reason: str) -> None:
    database, chosen = given()
    for hours in (3, 2, 1):
        poll(database, hours, f"{reason}: refused")
    (finding,) = troubles(database, chosen, NOW)
    assert finding.name == "host:fleuve.example:refuses"
    assert "(fleuve)" in finding.line


def test_a_silent_and_an_emptied_source_are_told_apart(given: Given) -> None:
    database, chosen = given()
    for hours in range(200, 80, -2):
        poll(database, hours)
    for hours in range(80, 0, -8):
        poll(database, hours, new=0)
    assert names(database, chosen) == ["source:fleuve:silent"]
    for part in (0.9, 0.6, 0.3):
        poll(database, part, offered=0, new=0)
    assert names(database, chosen) == ["source:fleuve:empty"]


def test_digests_that_do_not_arrive_are_named_with_the_last_reason(given: Given) -> None:
    database, chosen = given()
    poll(database, 1)
    collect(database, chosen, judged(1), now=NOW)
    with database.begin() as s:
        claimed = digests.claim_digest(s, chosen.subscriptions[0], NOW)
        assert claimed is not None
        (delivery,) = deliveries_of(s, claimed)
        deliveries.failed(s, delivery.id, NOW, "550 no such mailbox", None)
        receivers.close_channel(s, "desk", "410", NOW)
    found = {finding.name: finding.line for finding in troubles(database, chosen, NOW)}
    assert found.keys() == {"channel:desk:closed", "channel:file:fails"}
    assert "1 delivery by file did not arrive: 550 no such mailbox" in found["channel:file:fails"]
    assert "channel:file:fails" not in [
        finding.name for finding in troubles(database, chosen, NOW + timedelta(days=31))
    ]


def test_an_agreement_that_was_left_out_is_named_until_a_run_queues_it(given: Given) -> None:
    database, chosen = given()
    collect(database, chosen, judged(1), now=NOW)
    with database.begin() as s:
        s.execute(delete(PendingNotifications))  # as a fault might
    (told,) = [
        finding
        for finding in examine(database, chosen, NOW)
        if finding.name == "subscription:everything:missed"
    ]
    assert told.line == "A1 was never sent to everything; the next run will do it: accordwatch run"
    assert settle(database, chosen, NOW) == ["A1 was never sent to everything: it is pending now"]
    assert "subscription:everything:missed" not in [
        finding.name for finding in examine(database, chosen, NOW)
    ]
    with database.read() as s:
        assert [
            item.agreement_id for item in digests.preview(s, chosen.subscriptions[0], NOW).items
        ] == ["A1"]


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(of_disks([tmp_path])) == []
    monkeypatch.setattr("storage.disk_room.shutil.disk_usage", lambda folder: Usage(10**12, 10**8))
    (finding,) = of_disks([tmp_path, tmp_path])
    assert "100 MB free" in finding.line


class Usage:
    def __init__(self, total: int, free: int) -> None:
        self.total, self.free = total, free


def run_at(hours_ago: float) -> Run:
    at = NOW - hours_ago * HOUR
    return Run(1, at, at, {"totals": {"stored": 10}})


def of_runs(*runs: Run, cron: str | None = None) -> list[str]:
    source = Source("a", SourceKind.FEED, "https://a.example/", cron=cron)
    return [finding.name for finding in findings.of_runs(runs, NOW, [source])]


def test_no_run_for_long_and_a_clock_that_went_back() -> None:
    assert of_runs() == ["runs"]
    assert of_runs(run_at(1)) == []
    assert of_runs(run_at(30)) == ["runs"]
    assert of_runs(run_at(30), cron="0 6 * * *") == []
    assert of_runs(run_at(80), cron="0 6 * * *") == ["runs"]
    assert of_runs(run_at(-3)) == ["clock"]


def test_doctor_says_what_is_well_and_what_to_do(
    given: Given, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CHAT", raising=False)
    (tmp_path / "mine.yaml").write_text("schema: 1\nconcepts: [\n")
    database, chosen = given(
        "rules: {files: [mine.yaml]}\n", "channels:\n  - {id: team, kind: chat, url: {env: CHAT}}\n"
    )
    poll(database, 1)
    found = examine(database, chosen, NOW)
    levels: dict[str, list[Finding]] = {}
    for finding in found:
        levels.setdefault(finding.level, []).append(finding)
    assert {finding.name for finding in levels["well"]} == {
        "configuration",
        "database",
        "sources",
        "channel:file",
        "encoder",
        "reader",
        "false-alarms",
    }
    assert {finding.name for finding in levels["warning"]} == {
        "contact",
        "operator",
        "subscriptions",
    }
    assert {finding.name for finding in levels["problem"]} == {"rules", "channel:team"}
    assert any("mine.yaml:" in finding.line for finding in levels["problem"])
    assert all("\n" not in finding.line for finding in found)


@pytest.mark.parametrize("fault", ["missing", "changed"])
def test_doctor_says_what_ails_the_sentence_encoder(
    given: Given, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(encoder, "encoder_fault", lambda: fault)
    (found,) = (finding for finding in examine(*given(), NOW) if finding.name == "encoder")
    assert (found.level, "pip install" in found.line) == ("warning", True)


def test_doctor_warns_of_a_database_that_everybody_can_read(given: Given, tmp_path: Path) -> None:
    database, chosen = given()
    assert "permissions" not in {finding.name for finding in examine(database, chosen, NOW)}
    (tmp_path / "accordwatch.db").chmod(0o644)
    assert "permissions" in {finding.name for finding in examine(database, chosen, NOW)}


def test_doctor_calls_it_a_problem_when_all_sources_fail(given: Given) -> None:
    database, chosen = given(
        "  - {id: b, kind: feed, url: https://b.example/, enabled: false}\n" + SUBSCRIPTIONS
    )
    poll(database, 1, "dns: the name does not resolve")
    (finding,) = (
        finding for finding in examine(database, chosen, NOW) if finding.name == "sources"
    )
    assert (finding.level, finding.line[:24]) == ("problem", "0 of 1 sources responded")


MAIL = """channels:
  - {{id: office, kind: email, to: [ana@ngo.example, ben@ngo.example], sender: watch@ngo.example, host: 127.0.0.1,
     port: {port}, security: none}}
"""
BY_MAIL = "subscriptions:\n  - {id: everything, channels: [office], rate: immediately}\n"


def test_doctor_names_all_faults_of_a_channel(given: Given, tmp_path: Path) -> None:
    more = "none, ca_file: nowhere.pem, username: ana, password: {env: NO_SUCH_PASSWORD}}"
    database, chosen = given(BY_MAIL, MAIL.format(port=9).replace("none}", more))
    lines = [
        finding.line
        for finding in examine(database, chosen, NOW)
        if finding.name.startswith("channel:office")
    ]
    assert [next(sign for sign in FAULTS if sign in line) for line in lines] == list(FAULTS)


FAULTS = ("ca_file nowhere.pem cannot be read", "NO_SUCH_PASSWORD", "cannot be reached")


def test_doctor_says_that_a_mail_server_is_down_what_waits_for_it_and_since_when(
    given: Given,
) -> None:
    with serving(MailServer()) as server:
        database, chosen = given(BY_MAIL, MAIL.format(port=server.port))
        found = {finding.name: finding for finding in examine(database, chosen, NOW)}
        assert found["channel:office"].level == "well"
    collect(database, chosen, judged(1), now=NOW)
    (problem,) = send_due(database, chosen, now=NOW).problems
    assert "1 more by office waits for it" in problem
    collect(database, chosen, judged(2, card=card(parties=("IT", "TN"))), now=NOW)
    found = {finding.name: finding for finding in examine(database, chosen, NOW)}
    assert found["channel:office"].level == "problem"
    assert "cannot be reached" in found["channel:office"].line
    waits = found["waiting:channel:office"]
    assert (
        waits.level,
        "2 deliveries by office wait since 2026-03-12 09:00 UTC" in waits.line,
    ) == ("warning", True)
    pending = found["waiting:items:everything"].line
    assert pending == "1 item for everything waits for the next digest since 2026-03-12 09:00 UTC"


@pytest.mark.parametrize(
    ("kind", "secret", "said"),
    [
        (
            "webhook, url: 'http://127.0.0.1:9/', allow_private: true, secrets: [{env: BROKEN}]",
            "password",
            "whsec_",
        ),
        (
            "webhook, url: 'http://127.0.0.1:9/', allow_private: true, secrets: [{env: BROKEN}]",
            SECRET,
            "reached",
        ),
        ("chat, url: {env: BROKEN}", "nonsense", "Apprise"),
        ("file, folder: /proc/digests", "", "cannot be written"),
    ],
)
def test_doctor_tries_each_channel(
    given: Given, monkeypatch: pytest.MonkeyPatch, kind: str, secret: str, said: str
) -> None:
    monkeypatch.setenv("BROKEN", secret)
    database, chosen = given(SUBSCRIPTIONS, f"channels:\n  - {{id: team, kind: {kind}}}\n")
    (finding,) = (
        finding for finding in examine(database, chosen, NOW) if finding.name == "channel:team"
    )
    assert (finding.level, said in finding.line, secret in finding.line) == (
        "problem",
        True,
        not secret,
    )


def test_a_test_is_sent_to_each_recipient_of_each_channel(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    hook = "  - {{id: desk, kind: webhook, url: '{url}', secrets: [{{env: HOOK_SECRET}}], allow_private: true}}\n"
    refused = {"ben@ngo.example": "550 no such mailbox"}
    with serving(MailServer(refused=refused)) as server, receiving(Receiver()) as receiver:
        _, chosen = given(BY_MAIL, MAIL.format(port=server.port) + hook.format(url=receiver.url))
        tested = list(send_tests(chosen, datetime.now(UTC)))
    assert [(channel, refused) for channel, _, refused in tested] == [
        ("office", False),
        ("office", True),
        ("desk", False),
        ("file", False),
    ]
    assert server.recipients == ["ana@ngo.example"]
    assert len(receiver.accepted) == 1
    assert "550 no such mailbox" in tested[1][1]


def test_doctor_calls_nothing_well_while_a_source_is_dead(given: Given) -> None:
    database, chosen = given("  - {id: b, kind: feed, url: https://b.example/}\n" + SUBSCRIPTIONS)
    poll(database, 1)
    (finding,) = (
        finding for finding in examine(database, chosen, NOW) if finding.name == "sources"
    )
    assert (finding.level, finding.line[:22]) == ("warning", "1 of 2 sources active;")


def test_doctor_says_what_false_alarms_to_expect(given: Given) -> None:
    database, chosen = given()
    collect(database, chosen, judged(1), now=NOW)
    (found,) = [
        finding for finding in examine(database, chosen, NOW) if finding.name == "false-alarms"
    ]
    assert found.line == (
        f"documents of the last day: 1 (1 a day); at {FALSE_ALARMS:.3g} false alarms in 10,000, "
        f"{FALSE_ALARMS / 10_000:.2g} false alarms a day are expected; that is too few to set it by alerts.false_alarms_per_day"
    )


def test_documents_that_are_set_aside_are_counted_with_the_newest_fault(given: Given) -> None:
    database, chosen = given()
    with database.begin() as s:
        for number in (1, 2):
            document, at = judged(number).document, NOW + number * HOUR
            set_aside(s, Untried(document.url or "", "fleuve", document), f"KeyError: {number}", at)
    (finding,) = (
        trouble
        for trouble in troubles(database, chosen, NOW)
        if trouble.name == "documents:set-aside"
    )
    assert finding.level == "problem"
    assert finding.line.startswith(
        "2 documents could not be stored because of a fault of Accordwatch"
    )
    assert finding.line.endswith("https://news.example/2: KeyError: 2")
