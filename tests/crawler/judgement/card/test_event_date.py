"""The day of the step, resolved against publication."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.event_date import EventDate, find_event_date, number_in_words
from crawler.judgement.card.parties.party_mentions import find_setting
from crawler.judgement.card.status import find_status
from crawler.judgement.text.grammar import load_grammars
from crawler.judgement.text.reading import read
from storage.letters import fold_text
from storage.records import DateBasis
from tests.crawler.judgement.lexicon import words_alone

_PUBLISHED = date(2023, 5, 12)  # a Friday


def _found(
    text: str, language: str, published_on: date | None = _PUBLISHED, title: str = ""
) -> EventDate:
    reading = read(title, text, language, words_alone())
    clauses = find_clauses(reading, published_on)
    return find_event_date(reading, published_on, clauses, find_status(reading, clauses))


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("fr", "Ils ont signé un accord le 9 mai 2023 à Lomé.", date(2023, 5, 9)),
        ("fr", "Ils ont signé un accord le 1er mai.", date(2023, 5, 1)),
        ("en", "They signed the agreement on May 9.", date(2023, 5, 9)),
        ("en", "They signed the agreement on 9 May 2023.", date(2023, 5, 9)),
        ("de", "Am 9. Mai unterzeichneten sie das Abkommen.", date(2023, 5, 9)),
        ("pt", "Assinaram o acordo a 9 de Maio.", date(2023, 5, 9)),
        ("es", "Firmaron el convenio el 9 de mayo de 2023.", date(2023, 5, 9)),
        ("ar", "وقع الوزيران المذكرة يوم ٩ ماي ٢٠٢٣", date(2023, 5, 9)),
        ("ar", "وقع الوزيران المذكرة في 9 أيار/مايو 2023", date(2023, 5, 9)),
        ("ar", "وقع الوزيران المذكرة في 28 أبريل", date(2023, 4, 28)),
        ("ar", "وقع الوزيران المذكرة في التاسع من مايو", date(2023, 5, 9)),
        ("ar", "وقع الوزيران المذكرة في الثامن والعشرين من أبريل", date(2023, 4, 28)),
        ("ar", "وقع الوزيران المذكرة في الثاني عشر من أبريل", date(2023, 4, 12)),
        ("de", "Am 9.5. unterzeichneten sie das Abkommen.", date(2023, 5, 9)),
        ("de", "Sie unterzeichneten das Abkommen am 9.5.", date(2023, 5, 9)),
        ("it", "Hanno firmato l'accordo il 09/05/2023.", date(2023, 5, 9)),
        ("en", "They signed the agreement on Wednesday.", date(2023, 5, 10)),
        ("en", "They signed the agreement on Friday.", _PUBLISHED),
        ("en", "They signed the agreement last Friday.", date(2023, 5, 5)),
        ("it", "Hanno firmato ieri l'accordo.", date(2023, 5, 11)),
        ("ar", "وقع الوزيران أول أمس مذكرة تفاهم", date(2023, 5, 10)),
        ("pt", "Assinaram o acordo na terça-feira (9).", date(2023, 5, 9)),
    ],
)
def test_days_in_the_sentence_of_the_act(language: str, text: str, day: date) -> None:
    assert _found(text, language)[:2] == (day, DateBasis.TEXT)


def test_months_of_the_maghreb_and_the_levant() -> None:
    assert _found("وقع البلدان اتفاقا في 18 دجنبر", "ar", date(2024, 12, 20))[0] == date(
        2024, 12, 18
    )
    assert _found("وقع البلدان اتفاقا في 3 غشت", "ar", date(2024, 8, 5))[0] == date(2024, 8, 3)
    assert _found("وقع البلدان اتفاقا في 31 جويلية", "ar", date(2024, 8, 2))[0] == date(2024, 7, 31)
    assert _found("وقع البلدان اتفاقا في 20 كانون الثاني", "ar", date(2024, 1, 22))[0] == date(
        2024, 1, 20
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Ils ont paraphé, le 9 courant à Lomé, un accord."),
        ("en", "They signed the agreement on the 9th of this month."),
        ("de", "Am 9. d. M. unterzeichneten sie das Abkommen."),
        ("es", "Suscribieron el convenio el 9 del presente mes."),
        ("it", "Hanno firmato l'accordo il 9 del corrente mese."),
        ("pt", "Assinaram o acordo no passado dia 9."),
        ("ar", "وقع الوزيران المذكرة يوم 9 من الشهر الجاري"),
    ],
)
def test_a_day_without_a_month_is_that_of_this_month(language: str, text: str) -> None:
    assert _found(text, language)[:2] == (date(2023, 5, 9), DateBasis.TEXT)


def test_a_day_that_only_has_its_number_is_the_latest_before_publication() -> None:
    assert _found("Assinaram o acordo no dia 28.", "pt")[0] == date(2023, 4, 28)
    assert _found("Assinaram o acordo no dia 2 de maio.", "pt")[0] == date(2023, 5, 2)
    assert _found("Assinaram um acordo, que será lido no próximo dia 9.", "pt")[0] == _PUBLISHED


def test_the_day_of_the_signature_is_not_that_of_what_is_still_to_come() -> None:
    text = (
        "Completate le procedure interne, l'accordo, fatto a Roma il 2 novembre 2021, entrerà in "
        "vigore il 1° giugno 2023."
    )
    assert _found(text, "it")[:2] == (_PUBLISHED, DateBasis.PUBLISHED)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "They signed the agreement on Christmas Eve."),
        ("fr", "Ils ont signé l'accord la veille de Noël."),
        ("es", "Firmaron el convenio en Nochebuena."),
        ("de", "An Heiligabend unterzeichneten sie das Abkommen."),
        ("it", "Hanno firmato l'accordo alla vigilia di Natale."),
        ("pt", "Assinaram o acordo na véspera de Natal."),
        ("ar", "وقع الوزيران المذكرة عشية عيد الميلاد"),
    ],
)
def test_a_feast_is_a_day(language: str, text: str) -> None:
    assert _found(text, language, date(2023, 1, 2))[0] == date(2022, 12, 24)


def test_what_is_stopped_or_taken_up_again_began_on_the_day_since_which_it_is() -> None:
    assert _found("The agreement is suspended since Wednesday.", "en")[0] == date(2023, 5, 10)
    resumed = "Volvieron a poner en marcha desde el miércoles el acuerdo."
    assert _found(resumed, "es")[0] == date(2023, 5, 10)


def test_a_notice_is_of_the_day_of_entry_into_force_and_not_of_the_last_note() -> None:
    text = (
        "Por ordem superior se torna público que, em 2 de Março e 14 de Abril de 2023, foram"
        " recebidas notas em que se comunica terem sido cumpridos os respectivos requisitos"
        " internos do Acordo sobre vistos entre Portugal e a Índia.\n\nNos termos do artigo 15,"
        " o Acordo entrou em vigor em 2 de Maio de 2023.\n\nLisboa, 10 de Maio de 2023."
    )
    assert _found(text, "pt")[0] == date(2023, 5, 2)


def test_without_a_day_it_is_that_of_publication() -> None:
    assert _found("They signed an agreement.", "en") == (_PUBLISHED, DateBasis.PUBLISHED, ())


def test_without_publication_only_a_whole_date_counts() -> None:
    assert _found("They signed an agreement on Monday.", "en", None) == (None, None, ())
    assert _found("They signed an agreement on 9 May 2023.", "en", None)[0] == date(2023, 5, 9)


@pytest.mark.parametrize(
    "text",
    [
        "They signed an agreement that runs until 31 December 2023.",  # validity
        "They signed an agreement that replaces the one of 9 May 2011.",  # long past
        "The agreement will be signed on Monday.",  # still to come
        "They signed an agreement that starts on 1 June.",  # still to come
    ],
)
def test_other_dates_do_not_date_the_step(text: str) -> None:
    assert _found(text, "en")[:2] == (_PUBLISHED, DateBasis.PUBLISHED)


def test_the_modal_verb_is_not_the_month() -> None:
    assert _found("They signed a pact; 9 may leave in 3 weeks.", "en")[1] is not None
    assert _found("Under the pact signed on Tuesday, workers may stay.", "en")[0] == date(
        2023, 5, 9
    )


def test_evidence_is_the_word_of_the_day() -> None:
    text = "They signed the agreement on Wednesday."
    (evidence,) = _found(text, "en")[2]
    assert (evidence.rule, text[evidence.start : evidence.end]) == ("card.event_date", "Wednesday")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Since 1 May, the agreement on nurses is in force."),
        ("fr", "Depuis le 1er mai, l'accord sur les jeunes est en vigueur."),
        ("de", "Seit dem 1. Mai gilt das Abkommen über Pflegekräfte."),
        ("es", "El convenio de temporeros está en vigor desde el 1 de mayo."),
        ("it", "Dal 1° maggio è in vigore l'accordo sui visti."),
        ("pt", "Desde 1 de maio está em vigor o acordo de vistos."),
        ("ar", "منذ 1 مايو أصبح اتفاق العمالة ساري المفعول"),
    ],
)
def test_the_day_that_opens_its_time_is_that_of_entering_into_force(
    language: str, text: str
) -> None:
    assert _found(text, language)[0] == date(2023, 5, 1)


def test_the_day_of_talks_that_began_earlier_does_not_date_a_signature() -> None:
    text = "They signed the protocol on Thursday. The meeting began on 8 May."
    assert _found(text, "en")[0] == date(2023, 5, 11)


def test_the_day_of_a_dateline_is_that_of_the_text() -> None:
    text = "LOME, May 12 (Reuters) - The two ministers signed an agreement on Tuesday."
    reading = read("", text, "en", words_alone())
    clauses = find_clauses(reading, _PUBLISHED)
    step, dateline = find_status(reading, clauses), find_setting(reading).dateline
    found = find_event_date(reading, _PUBLISHED, clauses, step, dateline)
    assert found[0] == date(2023, 5, 9)


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "They signed the labour agreement two days ago.", date(2023, 5, 10)),
        ("en", "The labour pact was inked a week ago.", date(2023, 5, 5)),
        ("fr", "Ils ont signé il y a trois jours un accord.", date(2023, 5, 9)),
        ("fr", "Ils ont signé la veille un accord à Bamako.", date(2023, 5, 11)),
        ("fr", "Ils ont signé un accord à la veille du sommet.", _PUBLISHED),
        ("de", "Sie haben vor zwei Tagen ein Abkommen unterzeichnet.", date(2023, 5, 10)),
        ("de", "Am Vortag unterzeichneten sie das Abkommen.", date(2023, 5, 11)),
        ("es", "Firmaron hace cuatro días un convenio.", date(2023, 5, 8)),
        ("it", "Hanno firmato due giorni fa un accordo.", date(2023, 5, 10)),
        ("pt", "Assinaram há cinco dias um acordo.", date(2023, 5, 7)),
        ("ar", "وقع الوزيران قبل يومين اتفاقية العمالة", date(2023, 5, 10)),
    ],
)
def test_days_are_counted_back_from_publication(language: str, text: str, day: date) -> None:
    assert _found(text, language)[0] == day


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Fiji and Nauru signed the labour agreement on December 19 last year."),
        ("fr", "La France et le Mali ont signé le 19 décembre dernier un accord."),
        ("de", "Sie haben am 19. Dezember vergangenen Jahres ein Abkommen unterzeichnet."),
        ("es", "España y Malí firmaron el pasado 19 de diciembre un convenio."),
        ("ar", "وقعت تونس ومالي في 19 ديسمبر الماضي اتفاقية العمالة"),
    ],
)
def test_what_was_signed_long_ago_is_not_of_the_day_of_print(language: str, text: str) -> None:
    found = _found(text, language)
    assert found[:2] == (date(2022, 12, 19), DateBasis.TEXT)


def test_a_day_long_past_is_not_that_of_what_is_done_today() -> None:
    text = "The parliament today ratified the agreement signed on December 19 last year."
    assert _found(text, "en")[0] == _PUBLISHED


_GRAMMARS = load_grammars()


@pytest.mark.parametrize(
    ("language", "words", "number"),
    [
        ("en", "twenty-second", 22),
        ("en", "nineteen hundred and ninety-two", 1992),
        ("en", "one thousand nine hundred and seventy-one", 1971),
        ("en", "two thousand and eleven", 2011),
        ("fr", "premier", 1),
        ("fr", "vingt et un", 21),
        ("fr", "mil neuf cent quatre-vingt-dix-neuf", 1999),
        ("fr", "deux mille vingt-quatre", 2024),
        ("es", "veintidós", 22),
        ("es", "treinta y uno", 31),
        ("es", "mil novecientos noventa y cinco", 1995),
        ("es", "dos mil veintitrés", 2023),
        ("it", "ventuno", 21),
        ("it", "millenovecentonovantotto", 1998),
        ("it", "duemilaventi", 2020),
        ("pt", "vinte e nove", 29),
        ("pt", "mil novecentos e oitenta e seis", 1986),
        ("pt", "dois mil e dezanove", 2019),
        ("de", "einundzwanzigsten", 21),
        ("de", "dritten", 3),
        ("de", "neunzehnhundertsechsundneunzig", 1996),
        ("de", "zweitausendzwölf", 2012),
        ("ar", "الحادي والثلاثين", 31),
        ("ar", "التاسع عشر", 19),
        ("ar", "ألف وتسعمائة وخمس وثمانين", 1985),
        ("ar", "ألفين واثنتين وعشرين", 2022),
    ],
)
def test_numbers_in_words(language: str, words: str, number: int) -> None:
    known = _GRAMMARS[language].number_words
    assert number_in_words(fold_text(words).split(), known) == number


def test_other_words_are_no_number() -> None:
    known = _GRAMMARS["en"].number_words
    assert number_in_words(["november"], known) is None
    assert number_in_words(["and"], known) is None
    assert number_in_words([], known) is None
