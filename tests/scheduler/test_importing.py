"""Documents of a file on their way into the register and a digest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from scheduler.configuration.config import Configuration
from scheduler.configuration.sections import AlertSettings
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.jobs.documents_file import read_documents
from scheduler.jobs.importing import import_lines
from storage.database.session import Database, Session, open_database
from storage.documents.tables import Documents
from storage.errors import ConfigurationError
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
        known = {agreement.id: agreement.parties for agreement in agreements(s, Filter())}
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
        serbia, montenegro = sorted(before, key=lambda agreement: agreement.parties, reverse=True)
        whole = curation.merge(s, serbia.id, montenegro.id, curator).home
        curation.split(s, whole, montenegro.document_ids, curator)
        after = agreements(s, Filter())
    assert sorted(map(_as_told, after)) == sorted(map(_as_told, before))
    assert {agreement.grade_basis for agreement in after} == {
        GradeBasis.PERSON
    }  # who merged them had looked


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
        known = {agreement.id: agreement.parties for agreement in agreements(s, Filter())}
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


def test_a_document_needs_only_a_title() -> None:
    (document,) = read_documents(
        BytesIO('{"title": "Le Maroc et le Niger signent une déclaration"}\n\n'.encode()), "a.jsonl"
    )
    assert (document.title, document.text, document.external_id) == (
        "Le Maroc et le Niger signent une déclaration",
        "",
        None,
    )


def test_all_fields_arrive() -> None:
    line = (
        '{"id": "x1", "lang": "fr", "title": "T", "text": "La ministre a signé un accord avec son homologue.", '
        '"published": "2025-07-29", "outlet": "a.example", "source_url": "https://a.example/1"}\n'
    )
    (document,) = read_documents(BytesIO(line.encode()), "a.jsonl")
    assert (document.external_id, document.language, document.published_on) == (
        "x1",
        "fr",
        date(2025, 7, 29),
    )
    assert (document.outlet, document.url) == ("a.example", "https://a.example/1")


@pytest.mark.parametrize(
    ("address", "published", "day"),
    [
        ("https://a.example/2019/02/14/signed", "", date(2019, 2, 14)),
        ("https://a.example/2019-02-14-signed", "", date(2019, 2, 14)),
        ("https://a.example/2019/02/14/signed", "2019-02-15", date(2019, 2, 15)),
        ("https://a.example/20190214/signed", "", None),  # may be a number of another kind
        ("https://a.example/2019/02/signed", "", None),
        ("https://a.example/2019/02/30/signed", "", None),
    ],
)
def test_a_document_without_a_day_is_of_the_day_in_its_address(
    address: str, published: str, day: date | None
) -> None:
    line = f'{{"title": "Signed", "published": "{published}", "source_url": "{address}"}}'
    (document,) = read_documents(BytesIO(line.encode()), "a.jsonl")
    assert document.published_on == day


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "9999-12-31", ""])
def test_how_programs_write_no_day_is_no_day(written: str) -> None:
    line = f'{{"title": "Signed yesterday", "published": "{written}"}}'
    (document,) = read_documents(BytesIO(line.encode()), "a.jsonl")
    assert document.published_on is None


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('{"title": "x"', "a.jsonl:1:14: not a JSON object"),
        ("[1]", "a.jsonl:1: a line should be a JSON object"),
        ('{"id": "x"}', "neither title nor text"),
        ('{"title": 3}', "title: should be text, not int"),
        ('{"title": ' + "[" * 100_000, "a.jsonl:1: nests too deeply"),
        ('{"title": "x", "id": ' + "9" * 5_000 + "}", "a.jsonl:1: holds a number that is too long"),
        ('{"title": "x", "published": "2012-20-16"}', "'2012-20-16' is not a day like 2025-07-28"),
        ('{"title": "x", "published": "soon"}', "'soon' is not a day like 2025-07-28"),
    ],
)
def test_a_wrong_line_is_named(line: str, wanted: str) -> None:
    with pytest.raises(ConfigurationError, match=r".") as caught:
        list(read_documents(BytesIO(line.encode()), "a.jsonl"))
    assert wanted in str(caught.value)


def test_a_line_that_cannot_be_read_harms_no_other() -> None:
    good = '{"title": "Le Maroc et le Niger signent une déclaration"}\n'
    bad = [
        good.encode("cp1252"),
        good.encode("utf-16"),
        good.encode("utf-16-le"),
        b"[" * 100_000 + b"\n",
        b"9" * 5_000 + b"\n",
    ]
    lines = b"".join(one + good.encode() for one in bad)
    faults: list[int] = []
    documents = list(
        read_documents(BytesIO(lines), "a.jsonl", lambda number, _: faults.append(number))
    )
    assert [document.title for document in documents] == [
        "Le Maroc et le Niger signent une déclaration"
    ] * len(bad)
    assert faults == [1, 3, 5, 7, 9]


def test_a_mark_at_the_start_of_the_file_is_no_fault() -> None:
    assert len(list(read_documents(BytesIO(b'\xef\xbb\xbf{"title": "x"}'), "a.jsonl"))) == 1


def test_half_a_character_is_replaced() -> None:
    (document,) = read_documents(BytesIO(b'{"id": "\\ud800", "title": "a\\ud83d b"}'), "a.jsonl")
    assert (document.external_id, document.title) == ("\ufffd", "a\ufffd b")
