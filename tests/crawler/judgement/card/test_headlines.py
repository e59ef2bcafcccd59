"""The status that headlines tell, act by act and language by language: `headlines/<language>.txt`.

Each line has a status and a headline in our own wording, with no text below it: verbs in the
present and in the past, participles, nouns and infinitives.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.status import find_status
from crawler.judgement.judge import load_rules
from crawler.judgement.text.lexicon import Lexicon
from crawler.judgement.text.reading import read
from storage.records import Status

_FILES = sorted((Path(__file__).parent / "headlines").glob("*.txt"))
_PUBLISHED = date(2025, 5, 15)


@cache
def _lexicon() -> Lexicon:
    return load_rules().lexicon


def _read(headline: str, language: str, text: str = "") -> Status | None:
    reading = read(headline, text, language, _lexicon())
    return find_status(reading, find_clauses(reading, _PUBLISHED)).status


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_every_way_to_say_a_step_in_a_headline(file: Path) -> None:
    rows = [line.split("|", 1) for line in file.read_text("utf-8").splitlines()]
    read_as = {headline: _read(headline, file.stem) for _, headline in rows}
    assert read_as == {headline: Status(status) for status, headline in rows}


def test_all_languages_have_headlines_of_every_status() -> None:
    for file in _FILES:
        statuses = {line.split("|")[0] for line in file.read_text("utf-8").splitlines()}
        assert statuses == {status.value for status in Status}
    assert len(_FILES) == 7


def test_a_noun_tells_an_act_only_where_it_opens() -> None:
    headline = "Deputados debatem a ratificação do acordo migratório"
    assert _read(headline, "pt") is not Status.RATIFIED


@pytest.mark.parametrize(
    ("language", "headline", "status"),
    [
        ("de", "Athen und Ankara wollen bei Flüchtlingen enger zusammenarbeiten", Status.PROPOSED),
        ("en", "Oslo and Accra announce new asylum rules for both", Status.CONCLUDED),
    ],
)
def test_a_report_that_names_no_agreement_hints_at_its_status(
    language: str, headline: str, status: Status
) -> None:
    assert _read(headline, language) is status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The proposal made by the Minister of Labour to enter into a memorandum of understanding with Oman on migrant workers was approved by the Cabinet.",
         Status.CONCLUDED),
        ("The proposal of the Minister of Justice to sign the readmission agreement with Australia was approved by the Cabinet.",
         Status.CONCLUDED),
        ("The Cabinet on Tuesday approved the readmission agreement that was signed with Australia in March.",
         Status.RATIFIED),
    ],
)  # fmt: skip
def test_a_cabinet_that_approves_a_proposal_lets_a_minister_sign(text: str, status: Status) -> None:
    assert _read("Readmission agreement with Australia", "en", text) is status
