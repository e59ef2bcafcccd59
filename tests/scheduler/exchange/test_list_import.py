"""A list enters the register as known, is never news, and leaves it as a whole."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.exchange.list_import import Extent, ImportOrder, import_list
from scheduler.exchange.list_rows import opened_rows, read_rows
from scheduler.jobs.importing import import_lines
from scheduler.jobs.reclassify import reclassify
from scheduler.notify.digest.build import build
from scheduler.notify.digest.render import render
from scheduler.notify.subscriptions.states import rehearse
from scheduler.views.changes import changes_since
from scheduler.views.words.labels import labels_of
from storage.database.session import Database
from storage.filter import Filter, Known
from storage.lists import queries
from storage.lists.news import news_since
from storage.notifications.digests import claim_digest
from storage.notifications.outbox import queue_missed
from storage.records import Status
from storage.register.decisions import decisions, rows_named
from storage.register.entry import Agreement, NamedRow
from storage.search.counts import read_columns
from tests.scheduler.exchange.given_lists import NOW, OURS, ROWS, imported, written
from tests.scheduler.given_digests import configured
from tests.storage.pending import pending

CURATOR = Curator("amina", "", NOW)
ALL = Filter(known=Known.YES)
RENEWED = {
    "id": "renewed",
    "lang": "en",
    "title": "Italy and Libya renew migration memorandum",
    "text": "Italy and Libya on Thursday renewed their memorandum of understanding on migration, "
    "signed in February 2017, for three more years, the Italian interior ministry said in Rome. "
    "The memorandum provides for the training of the Libyan coast guard and for the return of "
    "migrants intercepted at sea.",
    "published": "2025-07-31",
    "outlet": "example.org",
}


def known(database: Database, flt: Filter = ALL) -> dict[str, Agreement]:
    """The agreements of the register by their parties."""
    with database.read() as s:
        return {"-".join(agreement.parties): agreement for agreement in queries.agreements(s, flt)}


def life(agreement: Agreement) -> list[tuple[str | None, str]]:
    return [(step.status, str(step.on)) for step in agreement.history]


def reported(database: Database, configuration: Configuration) -> None:
    lines = [json.dumps(RENEWED).encode()]
    import_lines(database, configuration, lines, "news", now=NOW + timedelta(days=1))


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    return configured(tmp_path)


def test_each_row_is_an_agreement_with_its_steps(database: Database, tmp_path: Path) -> None:
    done, _ = imported(database, written(tmp_path, ROWS))
    assert (done.read, done.known, done.faults) == (2, 2, [])
    agreements = known(database)
    assert life(agreements["AL-EU"]) == [("signed", "2005-04-14"), ("in_force", "2006-05-01")]
    assert (agreements["IT-LY"].place, agreements["IT-LY"].first_reported_at) == ("Rome", None)
    with database.read() as s:
        rows = rows_named(s, agreements["IT-LY"].listed)
    assert set(rows.values()) == {NamedRow("row 3", "https://example.org/it-ly")}


def test_it_is_listed_only_for_whoever_asks(database: Database, tmp_path: Path) -> None:
    imported(database, written(tmp_path, ROWS))
    assert known(database, Filter()) == {}
    assert len(known(database, Filter(known=Known.ONLY))) == 2
    with database.read() as s:
        assert read_columns(s).corridors == []
        assert queries.counts(s).agreements == 0
        news = news_since(s, NOW - timedelta(days=1), 9)
    assert (news.agreements, news.steps) == ((), ())


def test_a_list_is_no_news_for_anybody(
    database: Database, tmp_path: Path, configuration: Configuration
) -> None:
    imported(
        database, written(tmp_path, ["IT; LY,Memorandum,memorandum_of_understanding,2025-07-30"])
    )
    with database.begin() as s:
        missed = queue_missed(s, configuration.subscriptions, NOW - timedelta(days=30), NOW)
        waiting = [pending(s, subscription.id) for subscription in configuration.subscriptions]
    assert missed == []
    assert not any(waiting)


def test_a_report_of_a_new_step_joins_the_row_and_is_told_once_as_a_step(
    database: Database, tmp_path: Path, configuration: Configuration
) -> None:
    imported(database, written(tmp_path, ROWS))
    reported(database, configuration)
    reported(database, configuration)
    agreements = known(database, Filter())
    assert life(agreements["IT-LY"]) == [("signed", "2017-02-02"), ("renewed", "2025-07-31")]
    (subscription,) = configuration.subscriptions
    with database.read() as s:
        (told,) = pending(s, subscription.id)
    assert (told.kind, told.agreement_id) == ("new_step", agreements["IT-LY"].id)


@pytest.mark.parametrize("is_first", [True, False])
def test_what_a_list_has_is_told_as_an_update_with_both_dates_whichever_came_first(
    database: Database, tmp_path: Path, configuration: Configuration, is_first: bool
) -> None:
    if is_first:
        imported(database, written(tmp_path, ROWS))
    reported(database, configuration)
    if not is_first:
        imported(database, written(tmp_path, ROWS))
    (subscription,) = configuration.subscriptions
    later = NOW + timedelta(days=2)
    with database.begin() as s:
        news = news_since(s, NOW - timedelta(days=1), 9)
        learnt, _ = changes_since(s, Filter(), NOW - timedelta(days=1), 9)
        claimed = claim_digest(s, subscription, later)
        assert claimed is not None
        mail = render(build(s, subscription, claimed.items, now=later, in_full=True))
    assert (news.agreements, len(news.steps)) == ((), 1)
    (line,) = learnt
    assert line.news(labels_of("en")) == "Update"
    dates = "in a list since 1 August 2025, reported now: {}"
    assert line.dates(labels_of("en")) == dates.format("2 August 2025")
    assert "[Update" in mail.text
    assert "New agreement" not in mail.text
    assert dates.format("31 July 2025") in re.sub("[\u2066-\u2069]", "", mail.text)


def test_a_subscription_s_preview_calls_nothing_new_that_a_list_has(
    database: Database, tmp_path: Path, configuration: Configuration
) -> None:
    imported(database, written(tmp_path, ROWS))
    reported(database, configuration)
    (subscription,) = configuration.subscriptions
    with database.read() as s:
        items, _ = rehearse(s, subscription, NOW.date())
    assert [item.kind for item in items] == ["new_step"]


def test_importing_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, ROWS)
    imported(database, file)
    done, _ = imported(database, file)
    assert (done.unchanged, done.decision) == (2, None)
    with database.read() as s:
        assert len(decisions(s)) == 1


@pytest.mark.parametrize("misread", [["Absurdistan"], []], ids=["a fault", "no row"])
def test_nothing_leaves_a_list_while_a_row_cannot_be_read(
    database: Database, tmp_path: Path, misread: list[str]
) -> None:
    imported(database, written(tmp_path, ROWS))
    before = set(known(database))
    damaged = [ROWS[0].replace(ROWS[0].split(",")[0], one, 1) for one in misread]
    done, _ = imported(database, written(tmp_path, damaged))
    assert (done.left, done.decision) == (0, None)
    assert done.stayed > 0
    assert set(known(database)) == before


def test_a_list_that_changed_is_brought_up_to_date_and_may_be_taken_back(
    database: Database, tmp_path: Path
) -> None:
    imported(database, written(tmp_path, ROWS))
    ids = {parties: agreement.id for parties, agreement in known(database).items()}
    later = ROWS[1].replace("2017-02-02,,", "2017-02-02,2017-03-01,")
    done, _ = imported(database, written(tmp_path, [later]))
    assert done.left == 2  # the steps of the row that is gone
    agreements = known(database)
    assert list(agreements) == ["IT-LY"]
    assert [status for status, _ in life(agreements["IT-LY"])] == [Status.SIGNED, Status.IN_FORCE]
    with database.begin() as s:
        curation.undo(s, done.decision or 0, CURATOR)
    agreements = known(database)
    assert [status for status, _ in life(agreements["IT-LY"])] == [Status.SIGNED]
    assert life(agreements["AL-EU"]) == [("signed", "2005-04-14"), ("in_force", "2006-05-01")]
    assert agreements["IT-LY"].id == ids["IT-LY"]


def test_an_import_is_undone_as_a_whole_and_what_was_reported_stays(
    database: Database, tmp_path: Path, configuration: Configuration
) -> None:
    done, _ = imported(database, written(tmp_path, ROWS))
    reported(database, configuration)
    with database.begin() as s:
        curation.undo(s, done.decision or 0, CURATOR)
    agreements = known(database)
    assert {parties: life(agreement) for parties, agreement in agreements.items()} == {
        "IT-LY": [("renewed", "2025-07-31")]
    }
    again, _ = imported(database, written(tmp_path, ROWS))
    assert len(known(database)) == 2
    assert again.decision is not None


def test_today_s_rules_do_not_judge_rows(
    database: Database, tmp_path: Path, configuration: Configuration
) -> None:
    imported(database, written(tmp_path, ROWS))
    before = known(database)
    assert reclassify(database, configuration, now=NOW)[0] == 0
    assert known(database) == before


def test_two_rows_about_one_agreement_are_linked_and_not_doubled(
    database: Database, tmp_path: Path
) -> None:
    twin = ROWS[1].replace("2017-02-02", "2017-02-05").replace("Rome", "")
    visa = "EU; Albania,Agreement on visas,agreement,2005-04-14,2006-05-01,,,visa"
    done, received = imported(database, written(tmp_path, [*ROWS, twin, ROWS[0], visa]))
    assert [outcome.twin for outcome in received] == [None, None, 3, 2, None]
    assert done.twins == 2
    with database.read() as s:
        assert queries.count_agreements(s, Filter(known=Known.YES)) == 3


def test_a_row_joins_what_the_register_or_another_list_has(
    database: Database, tmp_path: Path, configuration: Configuration
) -> None:
    reported(database, configuration)
    theirs = replace(OURS, id="theirs")
    imported(database, written(tmp_path, ROWS))
    done, received = imported(database, written(tmp_path, ROWS), of=theirs)
    assert done.joined == 1
    assert [outcome.is_reported for outcome in received] == [False, True]
    assert len(known(database)) == 2


def test_a_dry_run_says_what_would_happen_and_stores_nothing(
    database: Database, tmp_path: Path
) -> None:
    file = written(tmp_path, ROWS)
    received: list[object] = []
    with opened_rows(file) as found:
        rows = read_rows(found, file, NOW.date())[1]
        order = ImportOrder(OURS, "", NOW, extent=Extent.DRY_RUN)
        done = import_list(database, rows, order, received.append)
    assert (done.known, len(received)) == (2, 2)
    assert known(database) == {}
    with database.read() as s:
        assert queries.counts(s).documents == 0
