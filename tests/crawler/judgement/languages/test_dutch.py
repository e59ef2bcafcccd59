"""A new language is a folder of YAML: Dutch, loaded beside the shipped ones, without a change of
code. It bears a code for private use (ISO 639-2), so that a real Dutch can be added. Its forty
sentences are our own, by the hand that wrote its words: they show that files are enough, not how
well Dutch of others is read.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.judgement.judge import Rules, judge, load_rules, rule_files
from crawler.judgement.rules.check import CheckReport, check
from storage.records import DateBasis, Document, Instrument, Status, Topic

CODE = "qnl"
DUTCH = Path(__file__).parent / CODE
SIGNED = Document(
    "Nederland en Marokko tekenen akkoord over terugname van migranten",
    "Nederland en Marokko hebben dinsdag in Rabat een overeenkomst over de terugname van migranten "
    "ondertekend. De ministers spraken na afloop van een nieuw begin.\n"
    "Volgens het akkoord werkt Marokko mee aan de terugkeer van uitgeprocedeerde asielzoekers.",
    CODE,
    published_on=date(2024, 3, 7),  # a Thursday
)
TRANSFER = Document(
    "Spits uit Marokko tekent tot 2027",
    "De voetbalclub uit Utrecht heeft dinsdag een akkoord over de transfersom bereikt. "
    "De spits scoorde vorig seizoen twaalf keer in de hoogste competitie van Marokko.",
    CODE,
    published_on=date(2024, 3, 7),
)

SENTENCES = [
    json.loads(line) for line in (DUTCH / "sentences.jsonl").read_text("utf-8").splitlines()
]
# "Will be signed next week" names no day, so that it counts as a plan and not as agreed.
NO_DAY = "announced-2"


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(languages=(DUTCH,))


@pytest.fixture(scope="module")
def checked() -> CheckReport:
    return check(rule_files(languages=(DUTCH,)))


def test_the_folder_has_no_fault(checked: CheckReport) -> None:
    assert checked.problems == ()


def test_an_agreement_is_found_with_parties_status_and_day(rules: Rules) -> None:
    verdict = judge(SIGNED, rules)
    assert verdict.relevant
    assert verdict.found_by == ("migration-cooperation",)
    assert verdict.card.parties == ("MA", "NL")
    assert verdict.card.status is Status.SIGNED
    assert (verdict.card.event_date, verdict.card.event_date_basis) == (
        date(2024, 3, 5),
        DateBasis.TEXT,
    )
    assert verdict.card.instrument is Instrument.AGREEMENT
    assert verdict.card.topics == (Topic.READMISSION,)
    assert verdict.card.place_key == "rabat"


def test_the_transfer_of_a_player_is_not_found(rules: Rules) -> None:
    assert not judge(TRANSFER, rules).relevant


def test_without_the_folder_nothing_of_it_is_known() -> None:
    assert not judge(SIGNED, load_rules()).relevant


def test_the_shipped_languages_say_the_same_beside_it(rules: Rules) -> None:
    english = Document(
        "Fiji and Tonga sign migration agreement",
        "Fiji and Tonga signed an agreement on labour migration on Tuesday.",
        "en",
        published_on=date(2024, 3, 7),
    )
    alone, beside = judge(english, load_rules()), judge(english, rules)
    assert (alone.card, alone.score) == (beside.card, beside.score)


@pytest.mark.parametrize("row", SENTENCES, ids=[row["id"] for row in SENTENCES])
def test_forty_sentences_are_read_as_a_dutch_reader_does(row: dict[str, Any], rules: Rules) -> None:
    verdict = judge(Document(row["title"], row["text"], CODE, published_on=date(2024, 3, 7)), rules)
    assert verdict.outcome == ("alert" if row["relevant"] else "silent")
    if row["relevant"]:
        assert sorted(verdict.card.parties) == row["parties"]
        status = Status.PROPOSED if row["id"] == NO_DAY else Status(row["status"])
        assert verdict.card.status is status
