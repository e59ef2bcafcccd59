"""Documents of a file on their way into the register and a digest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from scheduler.configuration.config import Configuration
from scheduler.configuration.sections import AlertSettings
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.jobs.importing import import_lines
from storage.database.session import Database, Session, open_database
from storage.documents.tables import Documents
from storage.filter import Filter
from storage.lists.news import news_since
from storage.lists.queries import agreements
from storage.notifications.digests import claim_digest
from storage.notifications.outbox import queue_missed
from storage.records import GradeBasis
from storage.register.entry import Agreement
from tests.scheduler.given_digests import configured

NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)

# A press office writes each release on the form of the last one.
_STATUS_AGREEMENT = """
The European Union and {country} have signed a status agreement on Union border teams

{city}, {day} - The European Union and {country} today signed an agreement on operational
cooperation in border management. It allows the European Border and Coast Guard Agency to send
joint teams with executive powers to the borders of {country} with the consent of its authorities.
The agreement was signed for the Union by the Commissioner for Internal Affairs and for {country}
by the Minister of the Interior, {minister}, in {city}. "Irregular migration and the smuggling of
people concern us all, and we will only master them together", the Commissioner said. Officers of
the Agency will help with the control of the borders, with the identification of people who cross
them and with returns, under the command of {country}. Respect for fundamental rights is part of
every operation, and a complaint can be lodged by anyone who sees them violated. The text now goes
to both parliaments for approval."""
_READMISSION = """
{a} and {b} sign an agreement on the readmission of irregular migrants

{city}, {day} - {a} and {b} signed an agreement on the readmission of persons staying without
authorisation today in {city}. Under the agreement each side takes back its own nationals within
thirty days once their identity has been confirmed, and the consulates issue travel papers within
ten days. The interior ministers, {minister} and {colleague}, called the agreement a milestone in
the partnership of both countries. A committee of experts meets twice a year to follow how it is
applied, and training for border officers is planned from next spring. The agreement enters into
force once both sides have told each other that their procedures are completed."""


def _status_agreement(country: str, city: str, minister: str, day: str) -> str:
    return _STATUS_AGREEMENT.format(country=country, city=city, minister=minister, day=day)


def _readmission(a: str, b: str, city: str, minister: str, colleague: str, day: str) -> str:
    return _READMISSION.format(a=a, b=b, city=city, minister=minister, colleague=colleague, day=day)


RELEASES = (
    (_status_agreement("Serbia", "Belgrade", "Nebojša Petrović", "24 June 2025"), "2025-06-24"),
    (_status_agreement("Montenegro", "Podgorica", "Marko Vuković", "26 June 2025"), "2025-06-26"),
    (
        _status_agreement("Bosnia and Herzegovina", "Sarajevo", "Amir Hadžić", "27 June 2025"),
        "2025-06-27",
    ),
    (
        _readmission("Spain", "Senegal", "Dakar", "Pedro Vidal", "Moussa Diop", "2 July 2025"),
        "2025-07-02",
    ),
    (
        _readmission("Italy", "Ghana", "Accra", "Carla Riva", "Kofi Asante", "3 July 2025"),
        "2025-07-03",
    ),
)
PARTIES = [("BA", "EU"), ("ES", "SN"), ("EU", "ME"), ("EU", "RS"), ("GH", "IT")]


def _lines(releases: tuple[tuple[str, str], ...]) -> list[bytes]:
    lines = []
    for number, (release, published) in enumerate(releases):
        title, text = release.strip().split("\n\n")
        fields = {
            "id": str(number),
            "lang": "en",
            "title": title,
            "text": text,
            "published": published,
        }
        lines.append(json.dumps(fields | {"outlet": f"outlet-{number}.example"}).encode())
    return lines


@pytest.fixture
def chosen(tmp_path: Path, database_url: str) -> Configuration:
    return configured(tmp_path, database=database_url)


@pytest.fixture
def database(chosen: Configuration) -> Iterator[Database]:
    opened = open_database(chosen.database)
    yield opened
    opened.close()


def test_releases_on_one_form_are_told_as_the_agreements_that_they_are(
    database: Database, chosen: Configuration
) -> None:
    (subscription,) = chosen.subscriptions
    alerts = AlertSettings(max_age_days=36_500)
    told = replace(chosen, settings=chosen.settings.model_copy(update={"alerts": alerts}))
    done = import_lines(database, told, _lines(RELEASES), "releases.jsonl", now=NOW)
    assert done.relevant == len(RELEASES)
    with database.begin() as s:
        known = {one.id: one.parties for one in agreements(s, Filter())}
        claimed = claim_digest(s, subscription, NOW)
    assert sorted(known.values()) == PARTIES
    assert claimed is not None
    assert sorted(known[item.agreement_id or ""] for item in claimed.items) == PARTIES


def test_a_first_import_of_old_documents_floods_neither_digests_nor_what_is_new(
    database: Database, chosen: Configuration
) -> None:
    (subscription,) = chosen.subscriptions
    late = datetime(2027, 8, 1, 12, tzinfo=UTC)
    done = import_lines(database, chosen, _lines(RELEASES), "releases.jsonl", now=late)
    assert (done.relevant, done.pending) == (len(RELEASES), 0)
    assert done.summary.endswith("0 alerts pending (older than alerts.max_age_days is no news)")
    with database.begin() as s:
        assert queue_missed(s, chosen.subscriptions, NOW, late) == []
        assert claim_digest(s, subscription, late) is None
        news = news_since(s, late - timedelta(days=1), 9)
    assert (news.agreements, news.steps) == ((), ())


def test_a_split_recomputes_every_field_from_what_is_left(
    database: Database, chosen: Configuration
) -> None:
    curator = Curator("amina", "one paper each", NOW)
    import_lines(database, chosen, _lines(RELEASES[:2]), "releases.jsonl", now=NOW)
    with database.begin() as s:
        before = agreements(s, Filter())
        serbia, montenegro = sorted(before, key=lambda one: one.parties, reverse=True)
        whole = curation.merge(s, serbia.id, montenegro.id, curator).home
        curation.split(s, whole, montenegro.document_ids, curator)
        after = agreements(s, Filter())
    assert sorted(map(_as_told, after)) == sorted(map(_as_told, before))
    assert {one.grade_basis for one in after} == {GradeBasis.PERSON}  # who merged them had looked


def _as_told(agreement: Agreement) -> str:
    """All that an agreement says of itself but what a curator's word changes: the reasons for it,
    and how sure it is.
    """
    return repr(
        replace(
            agreement, id="", reasons=(), grade_basis=GradeBasis.SINGLE, grade_by="", grade_at=None
        )
    )


def test_an_archive_without_alerts_is_in_the_register_and_news_to_nobody(
    database: Database, chosen: Configuration
) -> None:
    (subscription,) = chosen.subscriptions
    done = import_lines(
        database, chosen, _lines(RELEASES[:4]), "releases.jsonl", now=NOW, alerts=False
    )
    assert (done.stored, done.relevant, done.pending) == (4, 4, 0)
    assert done.summary.endswith("; stored without alerts (--no-alerts)")
    fresh = _lines(RELEASES)[4:]
    import_lines(database, chosen, fresh, "fresh.jsonl", now=NOW)
    with database.begin() as s:
        known = {one.id: one.parties for one in agreements(s, Filter())}
        assert queue_missed(s, chosen.subscriptions, datetime(2000, 1, 1, tzinfo=UTC), NOW) == []
        claimed = claim_digest(s, subscription, NOW)
    assert sorted(known.values()) == PARTIES
    assert claimed is not None
    assert [known[item.agreement_id or ""] for item in claimed.items] == [("GH", "IT")]


def test_a_document_on_which_our_code_fails_is_named_and_the_others_are_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(s: Session, *arguments: Any) -> list[Any]:
        if s.scalar(select(Documents.id).where(Documents.external_id == "b")):
            raise ZeroDivisionError("a mistake of ours")
        return []

    monkeypatch.setattr("crawler.ingest.ingest.cluster", failing)
    chosen = configured(tmp_path)
    lines = [json.dumps({"id": name, "text": f"Text {name}."}).encode() for name in "abc"]
    with closing(open_database(chosen.database)) as database:
        done = import_lines(database, chosen, lines, "here", now=NOW)
    assert (done.read, done.stored, done.unstored) == (3, 2, 1)
    assert done.problems == ["b: ZeroDivisionError: a mistake of ours"]
