"""By which keys reports find one another: in words, in the tables, and in a database from before
there were keys.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from crawler.ingest.ingest import ingest, rejudge
from storage.database.session import Database, Session
from storage.documents.verdicts import keys_of, requested_keys
from tests.storage.given import NOW, card, judged

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
    ingest(s, DOCUMENTS, (), now=NOW, run_id=None, crawl=False, max_age_days=None)


def test_codes_change_with_a_verdict_that_leaves_the_agreement_as_it_is(database: Database) -> None:
    with database.begin() as s:
        put(s)
        assert "SN" not in {code for _, code in codes(s)}
        verdict = DOCUMENTS[1].verdict
        scores = (*verdict.card.party_scores[:2], ("SN", 0.5))
        again = replace(DOCUMENTS[1], verdict=replace(verdict, card=card(party_scores=scores)))
        done = rejudge(s, [(2, again)], (), now=NOW, max_age_days=30)
        assert not any(change.document_ids for change in done.changes)
        assert "SN" in {code for _, code in codes(s)}
