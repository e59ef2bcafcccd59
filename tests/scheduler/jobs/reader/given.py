"""An installation with a second reader: one alert, and a subscription that is notified at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from scheduler.configuration.config import Configuration, load_configuration
from scheduler.jobs.health.report import examine
from scheduler.jobs.importing import import_lines
from scheduler.jobs.passes import held_back
from scheduler.notify.deliver import send_due
from storage.database.session import Database, open_database
from storage.documents.tables import SecondReadings
from storage.filter import Filter
from storage.lists.queries import agreements
from storage.notifications.outbox import begin
from storage.review.review_queue import count_waiting
from tests.scheduler.jobs.reader.chat_server import Reply

SIGNED = {
    "id": "signed",
    "lang": "en",
    "title": "Tunisia and Spain sign readmission agreement",
    "text": (
        "Tunisia and Spain signed an agreement on the readmission of irregular migrants in Tunis, "
        "the two interior ministers said. The agreement also covers the training of coast guards."
    ),
    "outlet": "example.org",
}
YES = {
    "answer": "yes",
    "quote": "Tunisia and Spain signed an agreement on the readmission of irregular migrants",
    "parties": ["Tunisia", "Spain"],
    "kind": "treaty",
    "agreement": "Spain-Tunisia readmission treaty",
    "status": "signed",
    "day": "",
    "topics": ["readmission_returns"],
    "cause": "",
}
NO = {"answer": "no", "cause": "recalled"}
KEY = "sk-very-secret-key-0123456789"


def says(answer: dict[str, Any]) -> Reply:
    return Reply(json.dumps(answer))


class Setting:
    """An installation with one alert and a subscription that is notified at once."""

    def __init__(self, folder: Path, url: str, more: str = "") -> None:
        self.folder = folder
        (folder / "key").write_text(KEY, encoding="utf-8")
        path = folder / "accordwatch.yaml"
        path.write_text(
            "sources:\n  - {id: a, kind: feed, url: https://a.example/rss}\n"
            "subscriptions:\n  - {id: all, channels: [file], rate: immediately}\n"
            f"reader:\n  url: {url}\n  model: small\n  api_key: {{file: {folder / 'key'}}}\n"
            f"  timeout_s: 5\n{more}",
            encoding="utf-8",
        )
        self.chosen: Configuration = load_configuration(path, environ={})
        self.database: Database = open_database(self.chosen.database)
        with self.database.begin() as s:
            begin(s, self.chosen.subscriptions, datetime.now(UTC) - timedelta(days=1))

    def collect(self, *documents: dict[str, Any]) -> None:
        today = datetime.now(UTC).date().isoformat()
        lines = [json.dumps({"published": today} | document).encode() for document in documents]
        import_lines(self.database, self.chosen, lines, "in.jsonl", now=datetime.now(UTC))

    def send(self, now: datetime | None = None) -> int:
        now = now or datetime.now(UTC)
        held = held_back(self.database, self.chosen, now)
        return send_due(self.database, self.chosen, now=now, held_back=held).delivered

    def register(self) -> list[Any]:
        with self.database.read() as s:
            return list(agreements(s, Filter()))

    def queue(self) -> int:
        with self.database.read() as s:
            return count_waiting(s)

    def end_waits(self) -> None:
        with self.database.begin() as s:
            s.execute(update(SecondReadings).values(next_try_at=datetime.now(UTC)))

    def reader_lines(self) -> list[str]:
        findings = examine(self.database, self.chosen, datetime.now(UTC))
        return [finding.line for finding in findings if finding.name.startswith("reader")]


def other(a: str, b: str) -> dict[str, Any]:
    text = SIGNED["text"].replace("Tunisia", a).replace("Spain", b).replace("Tunis", a)
    title = SIGNED["title"].replace("Tunisia", a).replace("Spain", b)
    return SIGNED | {"id": f"{a}-{b}", "title": title, "text": text}
