"""`doctor` over an installation in which nothing is well, in the languages of its readers."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.exchange.known_list import sync_known_list
from scheduler.jobs.crawl_process import Ended
from scheduler.jobs.health.report import examine
from storage.documents.quarantine import Untried, set_aside
from storage.notifications import receivers
from storage.phrases import Phrase, packed
from storage.sources.states import finish_run, record_poll, start_run
from storage.sources.tables import FAULT, Poll
from tests.scheduler.command_line import accordwatch, succeed
from tests.scheduler.given_digests import configured, opened
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.storage.given import NOW, judged
from tests.storage.opened import session

BROKEN = """\
database: sqlite:///{folder}/accordwatch.db
alerts: {{operator: [office]}}
sources:
  - {{id: fleuve, kind: feed, url: "https://fleuve.example/rss", every: 1h}}
  - {{id: rive, kind: feed, url: "https://rive.example/rss", every: 1h}}
  - {{id: letters, kind: imap, url: "imaps://mail.example/INBOX", username: ana, password: {{env: NO_SUCH_PASSWORD}}}}
subscriptions:
  - {{id: everything, channels: [office, desk, papers], rate: immediately}}
channels:
  - {{id: office, kind: email, to: [ana@ngo.example], sender: watch@ngo.example, host: 127.0.0.1, port: 9, security: none,
     ca_file: nowhere.pem, username: ana, password: {{env: NO_SUCH_PASSWORD}}}}
  - {{id: desk, kind: webhook, url: "http://127.0.0.1:9/", secrets: [{{env: NO_SUCH_SECRET}}]}}
  - {{id: papers, kind: file, folder: /proc/digests}}
"""
# No sentence of ours does without all of these, and none of them is a word of the other languages.
ENGLISH = re.compile(r"\b(the|is|are|was|of|and|to|its|it|by|cannot|not|for|with|wait|has)\b")


def broken(folder: Path) -> None:
    """An installation with a trouble of nearly every kind."""
    (folder / "accordwatch.yaml").write_text(BROKEN.format(folder=folder), encoding="utf-8")
    now = datetime.now(UTC)
    with session(f"sqlite:///{folder}/accordwatch.db") as s:
        for hours in (3, 2, 1):
            at = now - timedelta(hours=hours)
            error = "http_404: https://fleuve.example/rss: answers 404"
            record_poll(s, "fleuve", Poll(at, False, 0, 0), error)
            record_poll(s, "rive", Poll(at, False, 0, 0), "http_403: refused")
            finish_run(s, start_run(s, at), at, {FAULT: packed(Ended(-9, None).fault or "")})
        document = judged(1).document
        set_aside(s, Untried(document.url or "", "fleuve", document), "KeyError: 2", now)
        form = "{where}: it accepts no more messages; the channel {channel} is closed"
        where = Phrase("{place} answered {code}", place="http://127.0.0.1:9", code=410)
        gone = Phrase(form, where=where, channel="desk")
        receivers.close_channel(s, "desk", gone, now)
        receivers.unsubscribe(s, "everything", "office", "ana@ngo.example", now)
    (folder / "accordwatch.db").chmod(0o644)


@pytest.mark.parametrize("locale", ["fr_FR.UTF-8", "es_ES.UTF-8", "ar_MA.UTF-8"])
def test_a_reader_of_another_language_finds_no_english_sentence(
    tmp_path: Path, locale: str
) -> None:
    broken(tmp_path)
    said = accordwatch("doctor", cwd=tmp_path, locale=locale)
    assert said.returncode == 1
    lines = said.stdout.splitlines()
    commands = r"accordwatch [a-z ]+|/\S+|\bno_\w+"  # these stay as they are typed
    assert [line for line in lines if ENGLISH.search(re.sub(commands, "", line))] == []
    assert len(lines) > 20


def test_a_fresh_installation_holds_no_documents_but_for_the_list_that_comes_with_us(
    tmp_path: Path,
) -> None:
    chosen = configured(tmp_path)
    with closing(opened(chosen)) as database:
        sync_known_list(database, True, NOW)
        line = next(
            finding.line for finding in examine(database, chosen, NOW) if finding.name == "database"
        )
    said = "the database holds documents: 0; of these, reports of agreements: 0; agreements: 0"
    assert line == said


def test_programs_and_readers_of_english_read_the_same(tmp_path: Path) -> None:
    broken(tmp_path)
    shown = accordwatch("doctor", cwd=tmp_path, locale="en_GB.UTF-8").stdout
    answer = accordwatch("doctor", "--format", "json", cwd=tmp_path, locale="fr_FR.UTF-8")
    findings = json.loads(answer.stdout)["findings"]
    assert all(finding.keys() == {"level", "name", "line"} for finding in findings)
    unwrapped = " ".join(shown.split())
    absent = [
        finding["line"]
        for finding in findings
        if " ".join(finding["line"].split()) not in unwrapped
    ]
    assert absent == []


MAIL = """\
database: sqlite:///{folder}/accordwatch.db
channels:
  - {{id: office, kind: email, to: [ana@ngo.example], sender: watch@ngo.example, host: 127.0.0.1, port: {port}, security: none}}
  - {{id: papers, kind: file, folder: digests}}
"""


def test_a_test_mail_goes_to_the_address_that_is_named(tmp_path: Path) -> None:
    with serving(MailServer()) as server:
        settings = MAIL.format(folder=tmp_path, port=server.port)
        (tmp_path / "accordwatch.yaml").write_text(settings, encoding="utf-8")
        succeed("doctor", "--mail", "me@elsewhere.example", cwd=tmp_path)
    assert server.recipients == ["me@elsewhere.example"]
    assert not (tmp_path / "digests").exists()


def test_without_a_mail_channel_a_test_mail_says_so(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    done = accordwatch("doctor", "--mail", "me@elsewhere.example", cwd=tmp_path)
    assert done.returncode == 2
    assert "no channel of kind email" in done.stderr


def test_an_installation_of_imports_alone_lacks_no_sources(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    assert "no sources; add some with" in accordwatch("doctor", cwd=tmp_path).stdout
    lines = '{"title": "Rabat"}\n{"title": "Rome"}\n'
    accordwatch("import", "-", cwd=tmp_path, text=lines)
    shown = accordwatch("doctor", cwd=tmp_path).stdout
    assert "well     2 documents, all imported; no source is crawled" in shown
    assert "no sources" not in shown
    assert "0 of 0 sources" not in shown
