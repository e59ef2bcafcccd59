"""Whether the day that a text gives is that of the signature."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.dates.signing_day import is_signing_day
from crawler.judgement.card.event_date import find_event_date
from crawler.judgement.card.status import find_status
from crawler.judgement.judge import rule_files
from crawler.judgement.text.concepts import load_lexicon
from crawler.judgement.text.lexicon import Lexicon
from crawler.judgement.text.reading import read
from storage.records import DateBasis, Status

_PUBLISHED = date(2023, 5, 12)  # a Friday


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(path for path in rule_files().data if path.parent.name != "gazetteer")


def _dates_it(lexicon: Lexicon, language: str, title: str, text: str) -> bool:
    reading = read(title, text, language, lexicon)
    clauses = find_clauses(reading, _PUBLISHED)
    found = find_status(reading, clauses)
    _, basis, day = find_event_date(reading, _PUBLISHED, clauses, found)
    assert (found.status, basis) == (Status.SIGNED, DateBasis.TEXT)
    return is_signing_day(reading, found.evidence, day)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "An agreement on farm work was signed in Colombo on Monday, the authority said."),
        ("en", "The two states yesterday signed an agreement."),
        ("fr", "Les ministres ont signé mercredi à Rabat un accord de réadmission."),
        ("de", "Das Abkommen wurde am Dienstag unterzeichnet."),
        ("es", "Los ministros firmaron ayer el convenio."),
    ],
)
def test_a_day_beside_the_signature_is_its_own(lexicon: Lexicon, language: str, text: str) -> None:
    assert _dates_it(lexicon, language, "A new accord", text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "On Thursday the minister defended the agreement that was signed with Niger."),
        ("en", "The agreement was signed in Rabat, the minister told parliament on Monday."),
        ("fr", "Le ministre a défendu jeudi devant le parlement l'accord signé avec le Niger."),
        ("de", "Das Abkommen, das sie unterzeichnet haben, lobte der Verband am Dienstag."),
    ],
)
def test_a_day_of_what_is_said_of_it_is_not(lexicon: Lexicon, language: str, text: str) -> None:
    assert not _dates_it(lexicon, language, "A minister speaks", text)


def test_under_a_headline_that_tells_it_any_day_in_its_sentence_is_its_own(
    lexicon: Lexicon,
) -> None:
    text = "At a ceremony on Monday in the hall of the ministry they signed the agreement."
    assert _dates_it(lexicon, "en", "Ministers sign agreement", text)
    assert not _dates_it(lexicon, "en", "A ceremony in Rabat", text)


def test_a_day_in_figures_is_believed_under_such_a_headline_alone(lexicon: Lexicon) -> None:
    assert _dates_it(lexicon, "it", "Firmato l'accordo", "Hanno firmato l'accordo il 09/05/2023.")
    assert not _dates_it(lexicon, "it", "Un accordo", "Hanno firmato l'accordo il 09/05/2023.")
