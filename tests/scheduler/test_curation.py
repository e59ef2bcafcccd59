"""A curator's decision changes the register, and no later run undoes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crawler.ingest import ingest, rejudge
from scheduler import curation
from scheduler.curation import Curator
from scheduler.reclassify import difference
from storage import digests, queries
from storage.documents import load_judgeable
from storage.errors import AccordwatchError
from storage.records import (
    Card,
    Document,
    Filter,
    Fingerprint,
    Instrument,
    Judged,
    Status,
    Subscription,
    Topic,
    Verdict,
)
from storage.session import Database
from tests.storage.counting import statements

NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)
CURATOR = Curator("amina", "read both texts", NOW)


def report(number: int, parties: tuple[str, ...], day: date, topic: Topic = Topic.TRAFFICKING) -> Judged:
    document = Document(
        title=f"Report {number}",
        text=f"Text of report {number}.",
        language="en",
        published_on=day,
        external_id=str(number),
    )
    card = Card(
        parties=parties,
        instrument=Instrument.DECLARATION,
        topics=(topic,),
        status=Status.SIGNED,
        event_date=day,
        party_scores=tuple((party, 5.0) for party in parties),
    )
    return Judged(document, Verdict(True, 9.0, 5.0, "en", card=card), Fingerprint(f"hash-{number}"))


# The register's ids go by the day of the step: A1 is Italy and Tunisia in 2019, A2 Morocco and Niger.
REPORTS = (
    report(1, ("MA", "NE"), date(2025, 7, 28)),
    report(2, ("IT", "TN"), date(2019, 3, 1), Topic.LABOUR),
    report(3, ("IT", "TN"), date(2019, 3, 1), Topic.LABOUR),
)


@pytest.fixture
def database(database: Database) -> Database:
    """The register of these reports, in a database of each kind."""
    with database.begin() as s:
        ingest(s, REPORTS, (), now=NOW, run_id=None, crawl=False, max_age_days=30)
    return database


def groups(database: Database) -> set[frozenset[int]]:
    with database.read() as s:
        return {frozenset(agreement.document_ids) for agreement in queries.agreements(s, Filter())}


def judge_again(database: Database) -> None:
    with database.begin() as s:
        ids = [document_id for document_id, _ in load_judgeable(s)]
        rejudge(s, list(zip(ids, REPORTS, strict=True)), (), now=NOW, max_age_days=30)
        ingest(s, REPORTS, (), now=NOW, run_id=None, crawl=False, max_age_days=30)


def test_the_register_before_any_decision(database: Database) -> None:
    assert groups(database) == {frozenset({1}), frozenset({2, 3})}


def test_a_merge_survives_reclassification_and_a_new_import(database: Database) -> None:
    with database.begin() as s:
        remains = curation.merge(s, "A1", "A2", CURATOR)
    judge_again(database)
    assert groups(database) == {frozenset({1, 2, 3})}
    with database.read() as s:
        found = queries.agreement(s, "A2")
    assert found is not None
    assert found.id == remains


def test_a_split_survives_too(database: Database) -> None:
    with database.begin() as s:
        stays, leaves = curation.split(s, "A1", [3], CURATOR)
    assert stays != leaves
    judge_again(database)
    assert groups(database) == {frozenset({1}), frozenset({2}), frozenset({3})}


def test_a_late_report_that_is_split_off_is_owed(database: Database) -> None:
    office = Subscription("office", channels=("file",))
    with database.begin() as s:
        again = report(4, ("IT", "TN"), date(2019, 3, 1), Topic.LABOUR)
        ingest(s, [again], (office,), now=NOW, run_id=None, crawl=False, max_age_days=30)
        claimed = digests.claim_digest(s, office, NOW)
        assert claimed is not None
        late = report(5, ("IT", "TN"), date(2019, 3, 1), Topic.LABOUR)
        ingest(s, [late], (office,), now=NOW, run_id=None, crawl=False, max_age_days=30)
        _, leaves = curation.split(s, "A1", [5], replace(CURATOR, subscriptions=(office,)))
        (item,) = digests.preview(s, office, NOW).items
    assert (item.agreement_id, item.document_ids) == (leaves, (5,))


def test_a_report_moves(database: Database) -> None:
    with database.begin() as s:
        assert curation.move(s, 3, "A2", CURATOR) == "A2"
    judge_again(database)
    assert groups(database) == {frozenset({1, 3}), frozenset({2})}


def test_a_corrected_field_is_the_agreements_field_and_a_labelled_article(database: Database) -> None:
    with database.begin() as s:
        curation.correct(s, 1, "status", "ratified", CURATOR)
    judge_again(database)
    with database.read() as s:
        found = queries.agreement(s, "A2")
        (article,) = curation.labelled(s)
    assert found is not None
    assert found.status is Status.RATIFIED
    assert (article["id"], article["relevant"], article["status"]) == ("1", True, "ratified")


def test_an_irrelevant_document_leaves_the_register(database: Database) -> None:
    with database.begin() as s:
        curation.set_irrelevant(s, 1, CURATOR)
    judge_again(database)
    assert groups(database) == {frozenset({2, 3})}
    with database.read() as s:
        (article,) = curation.labelled(s)
    assert article["relevant"] is False


def test_an_irrelevant_document_leaves_search_and_counts(database: Database) -> None:
    with database.begin() as s:
        curation.set_irrelevant(s, 1, CURATOR)
    judge_again(database)
    with database.read() as s:
        assert {row.id for row in queries.search(s, Filter())} == {2, 3}
        assert {row.id: row.relevant for row in queries.search(s, Filter(), everything=True)} == {
            1: False,
            2: True,
            3: True,
        }
        assert (queries.counts(s).documents, queries.counts(s).relevant) == (3, 2)
        ruled_out, kept = (queries.report_rows(s, [document])[document] for document in (1, 2))
    assert difference(1, ruled_out, REPORTS[0]) is None
    assert difference(2, kept, Judged(REPORTS[1].document, NOTHING, REPORTS[1].fingerprint)) == "vanishes: [2] Report 2"


NOTHING = Verdict(False, 0.0, 5.0, "en")


def test_who_when_and_why_are_kept(database: Database) -> None:
    with database.begin() as s:
        curation.set_irrelevant(s, 1, CURATOR)
    with database.read() as s:
        (decided,) = queries.decisions(s)
    assert (decided.who, decided.why, decided.at) == ("amina", "read both texts", NOW)


def test_decisions_are_listed_without_reading_documents(database: Database) -> None:
    with database.begin() as s:
        curation.set_irrelevant(s, 1, CURATOR)
    with statements(database) as asked, database.read() as s:
        assert len(queries.decisions(s)) == 1
    (statement,) = asked
    assert "documents" not in statement


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("colour", "red", "fields are parties"),
        ("status", "agreed", "'agreed' is not one of proposed"),
        ("parties", "Morocco", "codes like MA,NE"),
        ("event_date", "monday", "a day like 2025-07-28"),
    ],
)
def test_a_wrong_correction_says_what_can_be_written(database: Database, field: str, value: str, wanted: str) -> None:
    with database.begin() as s, pytest.raises(AccordwatchError, match=wanted):
        curation.correct(s, 1, field, value, CURATOR)


def test_an_agreement_cannot_be_split_to_nothing(database: Database) -> None:
    with database.begin() as s, pytest.raises(AccordwatchError, match="no report would stay"):
        curation.split(s, "A1", [2, 3], CURATOR)
