"""Storing documents: once, completely, in any language, with their verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from storage.database.session import Database, Session
from storage.database.sql import is_sqlite
from storage.documents import documents
from storage.documents.copies import copy_groups, join_copies, near_duplicates, stored_verdict
from storage.documents.documents import Origin, Stored, prune_unmatched, store, versions_of
from storage.documents.tables import Bands, Texts, Version
from storage.documents.texts import load_judgeable
from storage.documents.verdicts import keys_of, replace_verdict, requested_keys
from storage.filter import Filter
from storage.lists.queries import document_text, search
from storage.records import Card, Document, Judged, Judgement, Verdict
from storage.register.entry import Pin, PinKind
from storage.search.document_rows import report_rows
from tests.storage import filing
from tests.storage.given import CARD, NOW, add_pin, card, fingerprint, judged


def keep(s: Session, one: Judged, days_later: int = 0) -> Stored:
    return store(s, one, Origin(NOW + timedelta(days=days_later)))


def only(s: Session) -> list[int]:
    return [row.id for row in search(s, Filter(), everything=True)]


def test_a_document_comes_back_as_it_was_stored(database: Database) -> None:
    one = judged(language="fr", author="A. Diallo", source_id="rabat-news")
    with database.begin() as s:
        kept = keep(s, one)
    with database.read() as s:
        assert list(load_judgeable(s)) == [(kept.document_id, one.document)]
        (row,) = search(s, Filter())
        assert (row.external_id, row.card.parties, row.card.status) == (
            "doc-1",
            ("MA", "NE"),
            CARD.status,
        )
        assert (row.card.event_date, row.card.place, row.card.topics) == (
            CARD.event_date,
            "Rabat",
            CARD.topics,
        )
        assert (row.quote, row.score, row.agreement_id) == (one.quote, 7.5, None)
        verdict, _, _ = stored_verdict(s, kept.document_id)
        assert verdict.evidence == one.verdict.evidence


def test_the_same_id_is_the_same_document(s: Session) -> None:
    first = keep(s, judged())
    again = keep(s, judged())
    moved = keep(s, judged(url="https://elsewhere.example/1"))
    assert (first.created, again.created, moved.created) == (True, False, False)
    assert {first.document_id, again.document_id, moved.document_id} == set(only(s))


def test_without_an_id_the_address_tells(s: Session) -> None:
    assert keep(s, judged(1, external_id=None)).created
    assert not keep(s, judged(1, external_id=None)).created
    assert keep(s, judged(1, external_id=None, url="https://other.example/")).created


def test_without_id_and_address_the_text_tells(s: Session) -> None:
    bare: dict[str, Any] = {"external_id": None, "url": None}
    assert keep(s, judged(1, **bare)).created
    assert not keep(s, judged(1, **bare)).created
    assert keep(s, judged(2, **bare)).created


def test_titles_alone_are_told_apart(s: Session) -> None:
    bare: dict[str, Any] = {"external_id": None, "url": None, "text": ""}
    assert keep(s, judged(1, **bare)).created
    assert keep(s, judged(2, **bare)).created
    assert not keep(s, judged(2, **bare)).created


def test_a_crawl_meets_what_was_imported(s: Session) -> None:
    imported = keep(s, judged(1))
    crawled = keep(s, judged(1, external_id=None))
    assert crawled == Stored(imported.document_id, created=False, changed=False)


def test_an_import_names_what_was_crawled(s: Session) -> None:
    crawled = keep(s, judged(1, external_id=None))
    imported = keep(s, judged(1, external_id="doc-9"))
    assert imported.document_id == crawled.document_id
    assert keep(s, judged(2, external_id="doc-9", url=None)).document_id == crawled.document_id


def test_two_ids_with_one_address_stay_two(s: Session) -> None:
    assert keep(s, judged(1, url="https://news.example/live")).created
    assert keep(s, judged(2, url="https://news.example/live")).created


def test_a_changed_text_is_seen_and_judged_anew(s: Session) -> None:
    first = keep(s, judged(1, text="They will sign tomorrow."))
    second = judged(1, text="They signed on Tuesday, in Rabat.", card=card(place="Salé"))
    assert keep(s, second, days_later=1) == Stored(
        first.document_id, created=False, changed=True, before="They will sign tomorrow."
    )
    (row,) = search(s, Filter(query="tuesday"))
    assert row.card.place == "Salé"
    assert list(search(s, Filter(query="tomorrow"))) == []
    assert document_text(s, row.id) == second.document.text


def test_gaps_are_filled_but_a_crawl_replaces_nothing(s: Session) -> None:
    bare: dict[str, Any] = {"external_id": None, "published_on": None, "outlet": None}
    kept = keep(s, judged(1, **bare))
    keep(s, judged(1, external_id=None, published_on=date(2026, 3, 9)))
    keep(s, judged(1, external_id=None, published_on=date(2026, 3, 12), outlet="other.example"))
    row = report_rows(s, [kept.document_id])[kept.document_id]
    assert (row.published_on, row.outlet) == (date(2026, 3, 9), "news.example")


def test_an_import_corrects_the_date(s: Session) -> None:
    kept = keep(s, judged(1, published_on=date(2026, 3, 9)))
    keep(s, judged(1, published_on=date(2026, 3, 12)))
    assert report_rows(s, [kept.document_id])[kept.document_id].published_on == date(2026, 3, 12)


def test_a_date_in_the_future_does_not_stay_on_top(s: Session) -> None:
    wrong = keep(s, judged(1, published_on=date(2099, 1, 1)))
    today = keep(s, judged(2, published_on=NOW.date() + timedelta(days=1)), days_later=1)
    assert only(s) == [today.document_id, wrong.document_id]


def test_characters_that_no_database_takes_keep_their_place(s: Session) -> None:
    bad = keep(
        s,
        judged(1, title="a\x00b", text="They \ud83d signed \x00 it.", external_id="x\x00\udc00"),
    )
    assert document_text(s, bad.document_id) == "They \ufffd signed \ufffd it."
    assert not keep(
        s,
        judged(1, title="a\x00b", text="They \ud83d signed \x00 it.", external_id="x\x00\udc00"),
    ).created


def test_addresses_and_texts_of_any_length_are_stored(s: Session) -> None:
    words = "".join(f"word{number} " for number in range(60_000))
    long = "https://news.example/" + "a" * 9_000
    kept = keep(s, judged(1, external_id=None, url=long, text=words))
    assert not keep(s, judged(1, external_id=None, url=long, text=words)).created
    assert [row.id for row in search(s, Filter(query="word17"))] == [kept.document_id]


def test_a_new_verdict_replaces_the_old_one(s: Session) -> None:
    one = judged()
    marked = replace(one, fingerprint=fingerprint(one.document.text, 1, 2, 3))
    kept = keep(s, marked)
    nothing = Verdict(relevant=False, score=0.5, threshold=5.0, language="en")
    replace_verdict(s, kept.document_id, Judgement(nothing), marked.fingerprint, NOW)
    assert list(search(s, Filter(parties=("MA",)), everything=True)) == []
    assert s.scalar(select(func.count()).select_from(Bands)) == 0
    (row,) = search(s, Filter(), everything=True)
    assert (row.relevant, row.score) == (False, 0.5)


def test_old_unmatched_texts_go_and_their_addresses_stay(s: Session) -> None:
    old = keep(s, judged(1, relevant=False))
    matched = keep(s, judged(2))
    young = keep(s, judged(3, relevant=False), days_later=5)
    assert prune_unmatched(s, NOW + timedelta(days=1)) == 1
    assert [document_id for document_id, _ in load_judgeable(s)] == [
        matched.document_id,
        young.document_id,
    ]
    assert (
        list(search(s, Filter(query="agency"), everything=True))
        == list(search(s, Filter(), everything=True))[:2]
    )
    assert not keep(s, judged(1, relevant=False)).created
    assert document_text(s, old.document_id) is not None  # seen again: kept again


def test_the_text_of_a_document_that_a_curator_named_is_kept(s: Session) -> None:
    named, other, _ = [keep(s, judged(number, relevant=False)).document_id for number in range(3)]
    add_pin(s, Pin(PinKind.CANNOT_LINK, named, other, who="anna", why="two papers", at=NOW))
    assert prune_unmatched(s, NOW + timedelta(days=1)) == 1
    assert [document_id for document_id, _ in load_judgeable(s)] == [named, other]


def test_documents_are_loaded_in_batches_while_verdicts_are_written(s: Session) -> None:
    for number in range(7):
        keep(s, judged(number))
    seen = []
    for document_id, document in load_judgeable(s, batch=3):
        replace_verdict(
            s, document_id, Judgement(judged().verdict), fingerprint(document.text), NOW
        )
        seen.append(document_id)
    assert seen == sorted(only(s))
    assert [document_id for document_id, _ in load_judgeable(s, seen[2:4])] == seen[2:4]


@pytest.fixture
def copies(database: Database) -> Database:
    """Documents 1 and 2 share two bands, 3 shares one with 2; 4 is Spanish, 5 not relevant."""
    bands = {1: (1, 2, 3), 2: (2, 3, 4), 3: (4, 5, 6), 4: (1, 2, 3), 5: (1, 2, 3)}
    with database.begin() as s:
        for number, of_document in bands.items():
            language = "es" if number == 4 else "en"
            one = judged(number, language=language, relevant=number != 5)
            keep(s, replace(one, fingerprint=fingerprint(one.document.text, *of_document)))
    return database


def test_documents_that_share_bands_are_found(copies: Database) -> None:
    with copies.read() as s:
        assert near_duplicates(s, fingerprint("x", 1, 2, 3), "en", 1) == {2: 2}
        assert near_duplicates(s, fingerprint("x", 3, 4), "en") == {2: 2, 1: 1, 3: 1}
        assert near_duplicates(s, fingerprint("x"), "en") == {}
        other_version = replace(fingerprint("x", 1, 2), algorithm="test-2")
        assert near_duplicates(s, other_version, "en") == {}


@pytest.mark.parametrize("order", [[(1, 2), (2, 3)], [(2, 3), (1, 2)], [(3, 2), (2, 1), (1, 3)]])
def test_copies_share_a_group_in_whatever_order_they_are_found(
    copies: Database, order: list[tuple[int, int]]
) -> None:
    with copies.begin() as s:
        before = copy_groups(s, [1, 2, 3, 4])
        for pair in order:
            join_copies(s, pair)
        after = copy_groups(s, [1, 2, 3, 4])
    assert {after[number] for number in (1, 2, 3)} == {min(before[number] for number in (1, 2, 3))}
    assert after[4] == before[4]


def test_search_and_texts_stay_in_step(s: Session) -> None:
    keep(s, judged(1, text="first version"))
    keep(s, judged(1, text="second version"))
    assert s.scalar(select(func.count()).select_from(Texts)) == 1
    assert len(list(search(s, Filter(query="second")))) == 1
    assert list(search(s, Filter(query="first"))) == []


def test_an_unknown_card_is_stored(s: Session) -> None:
    keep(
        s,
        Judged(
            Document("", "text", "und"),
            Verdict(True, 9, 5, "und", card=Card()),
            fingerprint("text"),
            folded="text",
            quote="",
        ),
    )
    (row,) = search(s, Filter())
    assert row.card == Card()


def test_parts_are_looked_up_by_their_index_also_where_there_are_none(database: Database) -> None:
    of_one = "SELECT id FROM documents AS page WHERE NOT EXISTS (SELECT 1 FROM documents AS part "
    with database.begin() as s:
        if not is_sqlite(s):
            pytest.skip("PostgreSQL joins with them")
        for number in range(300):
            keep(s, judged(external_id=f"doc-{number}", text=f"{CARD.place} {number} " * 9))
        s.execute(text("ANALYZE"))
    with database.read() as s:
        plan = s.execute(text(f"EXPLAIN QUERY PLAN {of_one} WHERE part.part_of = page.id)")).all()
    assert not any(row.detail.startswith("SCAN part") for row in plan)


TWO = {"IT": True, "TN": True, "LY": False}
ONE = {"IT": True, "TN": False}
ALONE = {"IT": True}
NOBODY = {"IT": False, "TN": False}


@pytest.mark.parametrize(
    ("a", "b", "meet"),
    [
        (TWO, {"IT": True, "TN": True, "FR": True}, True),
        (TWO, {"IT": True, "LY": True}, False),
        (TWO, ONE, False),
        (ONE, NOBODY, True),
        (ONE, {"IT": True, "FR": False}, False),
        (ALONE, {"IT": True}, True),
        (ALONE, TWO, False),
        (ALONE, {}, False),
    ],
)
def test_reports_meet(a: dict[str, bool], b: dict[str, bool], meet: bool) -> None:
    assert bool(keys_of(a) & requested_keys(b)) is meet
    assert bool(keys_of(b) & requested_keys(a)) is meet


def test_who_names_one_code_finds_all_that_name_it_and_are_not_of_two_parties() -> None:
    assert requested_keys(ALONE) & keys_of(ONE)
    assert not requested_keys(ONE) & keys_of(ALONE)


def keys(s: Session) -> list[tuple[str, int]]:
    return [
        (row[0], row[1])
        for row in s.execute(text("SELECT key, document_id FROM match_keys ORDER BY 2, 1"))
    ]


def codes(s: Session) -> list[tuple[int, str]]:
    return [
        (row[0], row[1])
        for row in s.execute(text("SELECT agreement_id, code FROM agreement_codes ORDER BY 1, 2"))
    ]


DOCUMENTS = [
    judged(1, card=card(parties=("AL", "IT", "LY"))),
    judged(2),
    judged(3, card=card(parties=("MA",), party_scores=(("MA", 2.0), ("ES", 1.0), ("FR", 1.0)))),
    judged(4, card=card(parties=())),
    judged(5, relevant=False),
]


def put(s: Session) -> None:
    filing.put(s, DOCUMENTS)


def test_codes_change_with_a_verdict_that_leaves_the_agreement_as_it_is(s: Session) -> None:
    put(s)
    assert "SN" not in {code for _, code in codes(s)}
    verdict = DOCUMENTS[1].verdict
    scores = (*verdict.card.party_scores[:2], ("SN", 0.5))
    again = replace(DOCUMENTS[1], verdict=replace(verdict, card=card(party_scores=scores)))
    replace_verdict(s, 2, again.judgement, again.fingerprint, NOW)
    assert not any(change.document_ids for change in filing.file_reports(s, NOW))
    assert "SN" in {code for _, code in codes(s)}


DAY = timedelta(days=1)


def collect(database: Database, one: Judged, days: int = 0) -> None:
    with database.begin() as s:
        now = NOW + days * DAY
        filing.put(s, [one], now=now)


def stored(database: Database) -> list[Version]:
    with database.read() as s:
        return versions_of(s, 1)


def test_a_document_that_did_not_change_has_one_version(database: Database) -> None:
    collect(database, judged(1))
    collect(database, judged(1), days=1)
    (only,) = stored(database)
    assert (only.number, only.seen_at) == (1, NOW)


def test_each_text_stays_with_the_time_at_which_it_was_seen(database: Database) -> None:
    for days, words in enumerate(("They talked.", "They signed.", "They ratified.")):
        collect(database, judged(1, text=words), days)
    assert [(version.number, version.text, version.seen_at) for version in stored(database)] == [
        (1, "They talked.", NOW),
        (2, "They signed.", NOW + DAY),
        (3, "They ratified.", NOW + 2 * DAY),
    ]


def test_the_first_and_the_last_of_very_many_stay(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_VERSIONS", 3)
    for number in range(1, 8):
        collect(database, judged(1, text=f"Version {number} of it."))
    assert [version.number for version in stored(database)] == [1, 5, 6, 7]


def test_with_the_text_of_what_never_matched_its_versions_go(database: Database) -> None:
    for words in ("It rained.", "It rained again."):
        collect(database, judged(1, text=words, relevant=False, published_on=date(2026, 1, 1)))
    with database.begin() as s:
        assert prune_unmatched(s, NOW + DAY) == 1
    assert stored(database) == []
