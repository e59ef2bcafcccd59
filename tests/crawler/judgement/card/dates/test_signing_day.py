"""Whether the day that a text gives is that of the signature."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.dates.signing_clause import is_signing_day
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
        ("en", "The two states signed an agreement on farm work in the town of Galle on Monday."),
        ("fr", "Les ministres ont signé, mercredi, un accord de réadmission."),
        ("it", "I ministri hanno firmato ieri un accordo sui rimpatri."),
        ("pt", "Os ministros assinaram, terça-feira, um acordo de readmissão."),
        ("de", "Die Minister haben am Dienstag in Rabat ein Abkommen über Pflege unterzeichnet."),
        ("ar", "وقع وزيرا الداخلية في البلدين في القدس، الأربعاء، اتفاقا بشأن العمالة."),
        ("fr", "Le Maroc et le Niger ont signé un accord de réadmission à Rabat jeudi."),
        ("es", "Los ministros firmaron, el jueves en Rabat, un acuerdo de readmisión."),
        ("it", "I ministri hanno firmato un accordo di riammissione a Rabat giovedì."),
        ("pt", "Os ministros assinaram um acordo de readmissão em Rabat na quinta-feira."),
        ("de", "Am Dienstag wurde in Rabat ein Abkommen über Pflege unterzeichnet."),
        (
            "de",
            "In Rabat unterzeichneten die Minister der beiden Staaten am Dienstag ein Abkommen.",
        ),
        ("ar", "وقع المغرب والنيجر اتفاقا بشأن العمالة في الرباط يوم الخميس."),
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
        ("de", "Am Dienstag lobte der Verband das Abkommen, das die Minister unterzeichnet haben."),
        ("de", "Am Dienstag lobte der Verband das mit Niger unterzeichnete Abkommen sehr."),
        ("en", "The minister who signed the agreement with Niger spoke of it on Thursday."),
        (
            "en",
            "The agreement they signed with Niger last year was praised by the head on Thursday.",
        ),
        ("es", "El ministro defendió el jueves en el parlamento el acuerdo firmado con Níger."),
        ("it", "Il ministro ha difeso giovedì in parlamento l'accordo firmato con il Niger."),
        ("pt", "O ministro defendeu quinta-feira no parlamento o acordo assinado com o Níger."),
        ("ar", "دافع الوزير الخميس أمام البرلمان عن الاتفاق الذي وقع مع النيجر."),
        ("en", "After Morocco signed an agreement with Niger forty people went home on Thursday."),
        ("en", "A week after Morocco signed the agreement with Niger a plane landed on Thursday."),
        ("en", "Morocco signed an agreement with Niger and sent back forty people on Thursday."),
        ("en", "The two states signed an agreement whose text was published on Thursday."),
        ("en", "The ministers signed a pact last month in Rabat to a protest on Thursday."),
        ("fr", "L'accord signé avec le Niger est, jeudi, devant le parlement un accord contesté."),
        ("de", "Am Dienstag begann die Anwerbung und das Abkommen wurde im März unterzeichnet."),
        ("de", "Das dort unterzeichnete Abkommen lobte der Verband am Dienstag als ein Abkommen."),
        ("ar", "وقع المغرب اتفاقا مع النيجر وفق ما أعلنت الوزارة الخميس."),
        ("ar", "بعد أن وقع المغرب اتفاقا مع النيجر أعاد أربعين شخصا الخميس."),
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
