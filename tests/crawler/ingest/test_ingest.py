"""Storing, clustering and queueing as one: any order, any batches, any failure of one document."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crawler.ingest import ingest as ingesting
from crawler.ingest.ingest import Ingested, ingest, rejudge
from crawler.judgement.text.grammar import Grammar
from crawler.register.fingerprint import fingerprint
from crawler.register.quote import quote_of
from storage.database.session import Database, Session
from storage.documents.copies import copy_groups
from storage.documents.documents import Stored, find, versions_of
from storage.documents.site_bands import forget_bands
from storage.documents.tables import Documents, Matches
from storage.documents.texts import load_judgeable
from storage.filter import Filter
from storage.lists.queries import agreements, document_text, search
from storage.notifications.digests import claim_digest
from storage.records import Card, Fingerprint, Judged, NewsKind, Status, Topic, Verdict
from storage.register.entry import Agreement
from storage.search.document_rows import report_rows
from storage.sources.states import start_run
from storage.subscription import Subscription
from tests.storage.counting import statements
from tests.storage.given import CARD, NOW, card, judged
from tests.storage.pending import pending

DAILY = Subscription("daily", channels=("file",))
ITALY = card(parties=("AL", "IT"), topics=(Topic.ASYLUM,), place="Roma")
DOCUMENTS = [
    judged(1),
    judged(2, language="fr", card=card(party_scores=(("NE", 3.0), ("MA", 2.0), ("ES", 1.5)))),
    judged(
        3,
        card=card(status=None, event_date=None, event_date_basis=None),
        published_on=date(2026, 3, 12),
    ),
    judged(
        4,
        card=card(status=Status.RATIFIED, event_date=date(2026, 9, 1)),
        published_on=date(2026, 9, 2),
    ),
    judged(5, card=ITALY),
    judged(6, card=replace(ITALY, status=None), published_on=date(2026, 3, 10)),
    judged(7, relevant=False),
    judged(8, card=card(parties=(), party_scores=())),
]


def put(
    s: Session, documents: Sequence[Judged], *subscriptions: Subscription, **options: Any
) -> Ingested:
    kept = {"now": NOW, "run_id": None, "crawl": False, "max_age_days": 30} | options
    return ingest(s, documents, subscriptions, **kept)


def register(s: Session) -> set[tuple[Any, ...]]:
    """The register without ids: agreements by what they say and by their documents' own names."""
    return {_without_ids(s, agreement) for agreement in agreements(s, Filter())}


def _without_ids(s: Session, agreement: Agreement) -> tuple[Any, ...]:
    rows = report_rows(s, agreement.document_ids)
    history = tuple(
        (
            step.status,
            step.on,
            step.quote,
            frozenset(rows[number].external_id for number in step.document_ids),
        )
        for step in agreement.history
    )
    facts = (
        agreement.title,
        agreement.parties,
        agreement.topics,
        agreement.status,
        agreement.place,
    )
    return (*facts, agreement.first_reported_at, history)


def test_reports_of_one_event_become_one_agreement(s: Session) -> None:
    done = put(s, DOCUMENTS, DAILY)
    assert (len(done.stored), done.relevant, done.pending, done.problems) == (8, 7, 4, ())
    by_parties = {agreement.parties: agreement for agreement in agreements(s, Filter())}
    rabat = by_parties["MA", "NE"]
    assert [(step.status, sorted(step.document_ids)) for step in rabat.history] == [
        (Status.SIGNED, [1, 2, 3]),
        (Status.RATIFIED, [4]),
    ]
    assert (rabat.status, rabat.event_date) == (Status.RATIFIED, date(2026, 9, 1))


def test_an_irrelevant_document_that_is_no_near_miss_is_told_to_nobody(s: Session) -> None:
    everything = replace(DAILY, news=tuple(NewsKind))
    assert put(s, [judged(1, relevant=False)], everything).pending == 0
    assert put(s, [judged(1, relevant=False, text="Another text.")], everything).pending == 0


def test_documents_know_the_run_that_brought_them(s: Session) -> None:
    run_id = start_run(s, NOW)
    put(s, [judged(1)], run_id=run_id)
    assert s.scalar(select(Documents.run_id)) == run_id


def test_every_relevant_document_stands_in_exactly_one_place(s: Session) -> None:
    put(s, DOCUMENTS)
    placed = sorted(
        number
        for agreement in agreements(s, Filter())
        for number in (*agreement.document_ids, *agreement.mentions)
    )
    assert placed == sorted(row.id for row in search(s, Filter()))
    assert all(row.agreement_id for row in search(s, Filter()))


@pytest.mark.parametrize("seed", range(4))
def test_the_register_does_not_depend_on_order_or_batches(
    module_database: Database, seed: int
) -> None:
    with module_database.begin() as s:
        put(s, DOCUMENTS)
        expected = register(s)
        s.rollback()
    shuffled = random.Random(seed).sample(DOCUMENTS, len(DOCUMENTS))
    cut = 1 + seed * 2
    with module_database.begin() as s:
        put(s, shuffled[:cut])
        put(s, shuffled[cut:])
        assert register(s) == expected
        s.rollback()


def test_a_document_that_cannot_be_stored_harms_no_other(database: Database) -> None:
    bad = replace(judged(2), fingerprint=Fingerprint("0" * 64, (2**70,), "test-1"))
    with database.begin() as s:
        done = put(s, [judged(1), bad, judged(3)], DAILY)
        assert [kept is not None for kept in done.stored] == [True, False, True]
        (problem,) = done.problems
        assert (problem.index, problem.message.count("\n")) == (1, 0)
        assert problem.message.startswith("cannot be stored: ")
    with database.read() as s:
        assert sorted(row.external_id or "" for row in search(s, Filter(), everything=True)) == [
            "doc-1",
            "doc-3",
        ]


def test_a_transaction_that_fails_keeps_nothing(database: Database) -> None:
    def fail() -> None:
        with database.begin() as s:
            put(s, DOCUMENTS, DAILY)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with database.begin() as s:
        assert list(search(s, Filter(), everything=True)) == []
        assert put(s, DOCUMENTS, DAILY).pending == 4


def test_ids_last_when_more_is_imported(s: Session) -> None:
    put(s, DOCUMENTS[:1])
    put(s, DOCUMENTS)
    assert [agreement.id for agreement in agreements(s, Filter(parties=("MA", "NE")))] == ["A1"]


# --- copies of one text ---------------------------------------------------------------------------

AGENCY = (
    "Rabat, 10 March. The interior ministers of Morocco and Niger signed a joint declaration against smuggling on "
    "Tuesday. It sets up a committee that meets twice a year, and joint patrols along the desert road. The "
    "ministers spoke of a shared duty. Aid groups asked for the text, which has not been published so far."
)
OTHER = (
    "After months of talks the two governments have put their names to a paper on the trade in people. Officials in "
    "Niamey called the signature a turning point, while lawyers there doubt that anyone will read the fine print. "
    "Details were scarce, as neither side handed out copies to the journalists who had waited since the morning."
)


def of_text(number: int, text: str) -> Judged:
    one = judged(number, text=text)
    return replace(one, fingerprint=fingerprint(one.document.title, text))


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_copies_share_a_group_and_stay_listed(s: Session, order: tuple[int, ...]) -> None:
    edited = AGENCY.replace("on Tuesday", "yesterday").replace(" so far", "")
    texts = {1: AGENCY, 2: edited, 3: OTHER}
    for number in order:
        put(s, [of_text(number, texts[number])])
    names = {row.external_id: row.id for row in search(s, Filter())}
    copy_group_of = copy_groups(s, names.values())
    assert (
        copy_group_of[names["doc-1"]]
        == copy_group_of[names["doc-2"]]
        != copy_group_of[names["doc-3"]]
    )
    (agreement,) = agreements(s, Filter())
    assert sorted(agreement.document_ids) == [1, 2, 3]


# --- judging anew ---------------------------------------------------------------------------------


def again(s: Session, **verdict: Any) -> list[tuple[int, Judged]]:
    """Every stored document with its verdict changed."""
    return [
        (number, replace(judged(), document=document, verdict=replace(judged().verdict, **verdict)))
        for number, document in load_judgeable(s)
    ]


def test_judging_anew_tells_nothing_twice(s: Session) -> None:
    put(s, [judged(1), judged(2)], DAILY)
    claim_digest(s, DAILY, NOW)
    done = rejudge(
        s, again(s, card=card(status=Status.RATIFIED)), [DAILY], now=NOW, max_age_days=30
    )
    assert (done.relevant, done.pending) == (2, 0)
    assert done.stored == (
        Stored(1, created=False, changed=False),
        Stored(2, created=False, changed=False),
    )
    assert {change.agreement.id for change in done.changes} == {"A1"}
    (agreement,) = agreements(s, Filter())
    assert (agreement.id, agreement.status) == ("A1", Status.RATIFIED)


def test_what_is_irrelevant_by_today_s_rules_leaves_the_register(s: Session) -> None:
    put(s, [judged(1), judged(2)], DAILY)
    rejudge(s, again(s, relevant=False, card=Card()), [DAILY], now=NOW, max_age_days=30)
    assert agreements(s, Filter()) == []
    assert claim_digest(s, DAILY, NOW) is None


def test_what_becomes_relevant_is_pending_unless_it_is_old(s: Session) -> None:
    old = NOW.date() - timedelta(days=31)
    put(s, [judged(1, relevant=False), judged(2, relevant=False, published_on=old)], DAILY)
    found = again(s)
    assert rejudge(s, found[1:], [DAILY], now=NOW, max_age_days=30).pending == 0
    assert rejudge(s, found[:1], [DAILY], now=NOW, max_age_days=30).pending == 1


def test_another_party_moves_the_report(s: Session) -> None:
    put(s, [judged(1), judged(2)])
    moved = [(2, judged(2, card=card(parties=("AL", "IT"))))]
    rejudge(s, moved, [], now=NOW, max_age_days=30)
    assert {agreement.parties: agreement.document_ids for agreement in agreements(s, Filter())} == {
        ("MA", "NE"): (1,),
        ("AL", "IT"): (2,),
    }


def test_a_verdict_without_evidence_is_stored(s: Session) -> None:
    one = judged(1)
    verdict = Verdict(relevant=True, score=9, threshold=5, language="en")
    bare = replace(one, verdict=verdict, quote=quote_of(one.document, verdict, Grammar("en")))
    put(s, [bare])
    assert [row.quote for row in search(s, Filter())] == [bare.document.title]


LONG = " ".join(
    f"Sentence {number} of the statement is about roads and schools." for number in range(9)
)


def crawled(number: int, text: str, path: str, **values: Any) -> Judged:
    """A document that a crawl found, with the fingerprint of its text."""
    one = judged(number, relevant=False)
    found = {"external_id": None, "url": f"https://a.example{path}", "text": text} | values
    document = replace(one.document, **found)
    return replace(one, document=document, fingerprint=fingerprint(document.title, text))


def test_a_text_that_its_site_published_under_another_address_is_one_document(
    s: Session,
) -> None:
    put(s, [crawled(1, LONG, "/x")])
    again = put(s, [crawled(2, LONG, "/x-new-headline", title="Another headline")])
    assert again.stored == (Stored(1, created=False, changed=False),)
    others = [
        crawled(3, LONG, "/x", url="https://b.example/x"),
        crawled(4, LONG, "/later", published_on=date(2026, 9, 1)),
        crawled(5, "This article is gone.", "/5"),
        crawled(6, "This article is gone.", "/6", title="Another headline"),
    ]
    assert [one.created for one in put(s, others).stored if one] == [True] * 4


EDITED = LONG.replace("is about roads", "was about roads", 1)


def crawl(s: Session, *documents: Judged, **options: Any) -> list[Stored | None]:
    return list(put(s, documents, crawl=True, **options).stored)


def addresses(s: Session) -> list[str]:
    return list(s.scalars(select(Documents.url).order_by(Documents.id)))


def test_a_text_with_small_edits_at_another_address_of_its_site_is_one_document(
    s: Session,
) -> None:
    crawl(s, crawled(1, LONG, "/politics/x", title="One"))
    again = crawl(s, crawled(2, EDITED, "/world/x", title="One"))
    assert again == [Stored(1, created=False, changed=False)]
    assert addresses(s) == ["https://a.example/politics/x"]
    assert document_text(s, 1) == LONG


def test_a_text_with_small_edits_under_another_headline_is_a_version(s: Session) -> None:
    crawl(s, crawled(1, LONG, "/x", title="One"))
    new = crawled(2, EDITED, "/x-corrected", title="One, corrected")
    assert crawl(s, new) == [Stored(1, created=False, changed=True, before=LONG)]
    assert addresses(s) == ["https://a.example/x-corrected"]
    assert document_text(s, 1) == EDITED
    assert crawl(s, new) == [Stored(1, created=False, changed=False)]
    assert [version.text for version in versions_of(s, 1)] == [LONG, EDITED]


def test_a_nearly_same_text_elsewhere_or_at_another_time_is_a_document_of_its_own(
    s: Session,
) -> None:
    crawl(s, crawled(1, LONG, "/x", title="One"))
    others = [
        crawled(2, EDITED, "/x", url="https://b.example/x", title="One"),
        crawled(3, EDITED, "/later", title="One", published_on=date(2026, 3, 20)),
        crawled(4, EDITED, "/de", title="One", language="de"),
        crawled(5, f"{EDITED} More to come.", "/live", title="One"),
    ]
    others[-1] = replace(others[-1], parts=())
    assert [one.created for one in crawl(s, *others) if one] == [True] * 4


def test_texts_of_a_fortnight_ago_are_not_compared_any_more(s: Session) -> None:
    crawl(s, crawled(1, LONG, "/x", title="One"))
    later = NOW + timedelta(days=15)
    (stored,) = crawl(s, crawled(2, EDITED, "/y", title="One"), now=later)
    assert stored is not None
    assert stored.created
    assert forget_bands(s, later) == 8


def test_an_address_that_is_named_by_different_articles_is_not_believed(s: Session) -> None:
    other = " ".join(f"Paragraph {number} tells of a harbour and its ships." for number in range(9))
    first = crawled(1, LONG, "/news", own_url="https://a.example/1", title="One")
    second = crawled(2, other, "/news", own_url="https://a.example/2", title="Two")
    put(s, [first, second])
    assert s.scalars(select(Documents.url).order_by(Documents.id)).all() == [
        "https://a.example/news",
        "https://a.example/2",
    ]
    edited = crawled(1, f"{LONG} A correction.", "/news", own_url="https://a.example/1?amp")
    assert put(s, [edited]).stored == (Stored(1, created=False, changed=True, before=LONG),)


def test_what_waits_for_review_waits_although_two_outlets_report_it(s: Session) -> None:
    given: dict[str, Any] = {
        "relevant": False,
        "near_miss": True,
        "published_on": date(2026, 3, 11),
    }
    waiting = [
        judged(1, outlet="a.example", text="Rome and Tunis spoke about returns. " * 9, **given),
        judged(2, outlet="b.example", text="Tunis is to take people back, they say. " * 9, **given),
    ]
    likely = [replace(one, verdict=replace(one.verdict, probability=0.3)) for one in waiting]
    assert put(s, likely).relevant == 0
    assert not agreements(s, Filter())


@pytest.mark.parametrize("stage", ["cluster", "queue_changes", "document_news"])
def test_a_document_on_which_our_code_fails_costs_itself_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Whatever fails after the documents of a batch are in, nine of ten are stored and pending."""
    batch = [judged(number, card=card(place=f"Ort {number}")) for number in range(10)]
    poisoned = batch[6].document.url
    real = getattr(ingesting, stage)

    def failing(*arguments: Any, **options: Any) -> Any:
        with_it = find(session, batch[6].document, batch[6].fingerprint)
        if with_it is not None:
            raise ZeroDivisionError("a mistake\nof ours")
        return real(*arguments, **options)

    monkeypatch.setattr(ingesting, stage, failing)
    with database.begin() as s:
        session = s
        done = put(s, batch, DAILY)
    with database.read() as s:
        kept = {row.url for row in s.execute(select(Documents.url))}
        waiting = {
            number for notification in pending(s, "daily") for number in notification.document_ids
        }
    assert kept == {one.document.url for one in batch} - {poisoned}
    assert len(waiting) == 9
    assert [stored is None for stored in done.stored] == [number == 6 for number in range(10)]
    (problem,) = done.problems
    assert (problem.index, problem.is_fault) == (6, True)
    assert problem.message == "ZeroDivisionError: a mistake"


def ordinary(number: int, **values: Any) -> Judged:
    """A document that is no report, with a text of its own."""
    text = " ".join(f"word{number}x{place} and" for place in range(60))
    return crawled(number, text, f"/{number}", **values)


def report(one: Judged, says: Card = CARD) -> Judged:
    """The same document as a report."""
    return replace(one, verdict=judged(card=says).verdict)


def test_new_documents_take_few_statements(database: Database) -> None:
    with database.begin() as s, statements(database) as asked:
        stored = crawl(s, *map(ordinary, range(1, 31)))
    assert [one and one.document_id for one in stored] == list(range(1, 31))
    assert len(asked) < 25


def test_what_new_reports_are_found_by_takes_a_statement_for_each_table(
    database: Database,
) -> None:
    batch = [*map(ordinary, range(1, 21)), *map(report, map(ordinary, range(21, 31)))]
    with database.begin() as s, statements(database) as asked:
        crawl(s, *batch)
    written = Counter(one.split()[2] for one in asked if one.startswith("INSERT"))
    tables = ("documents", "texts", "matches", "site_bands", "bands", "match_keys", "arrivals")
    assert [written[table] for table in tables] == [1] * len(tables)


COPIED = ordinary(1).document.text
TEXTS_AGAIN = [
    ordinary(1),
    ordinary(2),
    crawled(3, COPIED, "/1-again"),
    crawled(4, COPIED.replace("word1x5 ", "word1x5a ", 1), "/1-edited"),
    judged(7),
    ordinary(8),
]
ADDRESSES_AGAIN = [
    ordinary(5),
    crawled(6, "Another text at a known address.", "/5"),
    judged(7),
    ordinary(8),
    crawled(9, ordinary(8).document.text, "/8"),
    ordinary(10),
]


COPY = ordinary(1).document.text.replace("word1x5 ", "word1x5a ", 1)
COPIED_REPORTS = [
    report(ordinary(1)),
    ordinary(2),
    report(crawled(3, COPY, "/1", url="https://b.example/1")),
    report(crawled(4, COPY, "/1", url="https://c.example/1", language="fr")),
    ordinary(5),
    ordinary(5),
    report(ordinary(6), card(event_date=None)),
]


@pytest.mark.parametrize(
    "batch", [TEXTS_AGAIN, ADDRESSES_AGAIN, COPIED_REPORTS], ids=["texts", "addresses", "reports"]
)
def test_a_batch_is_stored_as_its_documents_would_be_one_by_one(
    database: Database, batch: list[Judged]
) -> None:
    told = []
    for batches in ([batch], [[one] for one in batch]):
        with database.begin() as s:
            stored = [one for some in batches for one in crawl(s, *some) if one is not None]
            outcomes = [(one.created, one.changed, one.before) for one in stored]
            texts = [document_text(s, one.document_id) for one in stored]
            rows = select(Matches.copy_group, Matches.happened_on).order_by(Matches.document_id)
            told.append((outcomes, texts, addresses(s), s.execute(rows).all()))
            s.rollback()
    assert told[0] == told[1]
    assert {created for created, *_ in told[0][0]} == {True, False}


def test_of_new_documents_that_are_no_reports_one_that_cannot_be_stored_harms_no_other(
    s: Session, caplog: pytest.LogCaptureFixture
) -> None:
    batch = list(map(ordinary, range(1, 6)))
    nameless = replace(batch[2].document, title=None)  # type: ignore[arg-type]  # a fault of ours
    batch[2] = replace(batch[2], document=nameless)
    done = put(s, batch, crawl=True)
    assert [one is not None for one in done.stored] == [True, True, False, True, True]
    assert [(problem.index, problem.is_fault) for problem in done.problems] == [(2, False)]
    assert not caplog.records  # that a batch was taken apart is told of faults of ours
    assert addresses(s) == [batch[n].document.url for n in (0, 1, 3, 4)]
