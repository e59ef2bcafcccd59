"""What the register matches on: recalled dates, numbers, names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawler.judgement.card import clue_search as module
from crawler.judgement.card.clue_search import find_clues
from crawler.judgement.card.status import STATUS_RULE
from crawler.judgement.judge import load_rules
from crawler.judgement.text.lexicon import Lexicon
from crawler.judgement.text.reading import read
from storage.records import Card, Evidence, Status, Zone
from tests.crawler.judgement.lexicon import load_lexicon
from tests.growth import cost_ratio

FOLDER = Path(module.__file__).parents[1]
LEAD = "The ministers met on Monday in the capital and spoke to the press for an hour. " * 5


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    names = ("states-africa.yaml", "capitals.yaml")
    words = [
        file for name in ("clues", "dates") for file in FOLDER.glob(f"languages/*/{name}.yaml")
    ]
    return load_lexicon([*words, *(FOLDER / "gazetteer" / name for name in names)])


def clues(
    lexicon: Lexicon, text: str, language: str = "en", title: str = "", kind: str = "ref:"
) -> list[str]:
    """Clues of one kind, for a step of 10 June 2020."""
    card = Card(status=Status.SUSPENDED, event_date=date(2020, 6, 10))
    return [
        clue
        for clue in find_clues(read(title, text, language, lexicon), card).to_text()
        if clue.startswith(kind)
    ]


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "The memorandum signed on 16 December 2013 is at issue.", "ref:2013-12-16:lead:memorandum"),
        ("en", "The agreement of December 17, 2012 is at issue.", "ref:2012-12-17:lead:agreement"),
        ("fr", "Le protocole d'accord de décembre 2013 est en cause.", "ref:2013-12:lead:memorandum"),
        ("de", "Das im vergangenen Oktober geschlossene Abkommen gilt.", "ref:2019-10:lead:agreement"),
        ("it", "Il protocollo del 2017 resta in vigore.", "ref:2017:lead:protocol"),
        ("pt", "O acordo assinado em março de 2018 mantém-se.", "ref:2018-03:lead:agreement"),
        ("ar", "تعليق العمل بالاتفاقية الموقعة في 7 أوت 2018 بين البلدين.", "ref:2018-08-07:lead:agreement"),
        ("ar", "مذكرة التفاهم الموقعة في مارس (آذار) 2007 بين البلدين.", "ref:2007-03:lead:memorandum"),
    ],
)  # fmt: skip
def test_a_date_beside_a_paper_recalls_it(
    lexicon: Lexicon, language: str, text: str, found: str
) -> None:
    assert clues(lexicon, text, language) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "In 2018 more than 400 people drowned.",  # no paper
        "The agreement is valid until December 2026.",  # not past
        "The agreement runs for five years.",  # a term, not an age
        "The agreement was stopped on 10 June 2020.",  # the step itself
        "The agreement would have expired on 11 July.",  # next month: not in July a year ago
        "The agreement applies from next March.",
        "Theresa May is at odds with the agreement.",  # a name
    ],
)
def test_other_dates_recall_nothing(lexicon: Lexicon, text: str) -> None:
    assert clues(lexicon, text) == []


def test_title_lead_and_body_are_distinguished(lexicon: Lexicon) -> None:
    found = clues(
        lexicon, f"The 2016 agreement. {LEAD} The 2012 accord too.", title="Freeze of 2014 treaty"
    )
    assert found == ["ref:2014:title:treaty", "ref:2016:lead:agreement", "ref:2012:body:agreement"]


def test_a_sentence_that_speaks_of_another_paper_says_so(lexicon: Lexicon) -> None:
    assert clues(lexicon, "A separate memorandum of 2012 is not affected.") == [
        "ref:2012:lead:memorandum:other"
    ]


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "It does not touch the treaty of 2012.", "ref:2012:lead:treaty:other"),
        ("fr", "Il complète le traité de 2012.", "ref:2012:lead:treaty:other"),
        ("de", "Er ergänzt den Vertrag von 2012.", "ref:2012:lead:treaty:other"),
        ("es", "Es independiente del tratado de 2012.", "ref:2012:lead:treaty:other"),
        ("it", "Non tocca il trattato del 2012.", "ref:2012:lead:treaty:other"),
        ("pt", "Não afeta o tratado de 2012.", "ref:2012:lead:treaty:other"),
        ("ar", "ولا تمس معاهدة عام 2012.", "ref:2012:lead:treaty:other"),
    ],
)
def test_a_paper_that_is_not_touched_is_another_one(
    lexicon: Lexicon, language: str, text: str, found: str
) -> None:
    assert clues(lexicon, text, language) == [found]


def test_a_word_for_another_far_from_date_and_paper_says_nothing_of_them(lexicon: Lexicon) -> None:
    text = "The agreement of 2012 is still good enough for many, and Malta would like another."
    assert clues(lexicon, text) == ["ref:2012:lead:agreement"]


def test_another_paper_is_kept_with_its_kinds_and_topics() -> None:
    text = "A separate memorandum against human trafficking was signed by the interior ministers."
    assert clues(load_rules().lexicon, text, kind="beside:") == [
        "beside:memorandum:trafficking_smuggling"
    ]


@pytest.mark.parametrize(
    ("zone", "weight", "is_vague"),
    [(Zone.LEAD, 2.0, False), (Zone.LEAD, 0.7, True), (Zone.BODY, 1.5, True)],
)
def test_a_status_is_vague_unless_title_or_lead_tells_it_in_so_many_words(
    lexicon: Lexicon, zone: Zone, weight: float, is_vague: bool
) -> None:
    act = Evidence(
        rule=STATUS_RULE,
        concept="act.signed",
        zone=zone,
        start=0,
        end=6,
        text="signed",
        weight=weight,
    )
    reading = read("", "They signed.", "en", lexicon)
    assert find_clues(reading, Card(status=Status.SIGNED), [act]).is_vague is is_vague
    assert not find_clues(reading, Card(), [act]).is_vague


@pytest.mark.parametrize(
    ("language", "title", "is_vague"),
    [
        ("en", "Opinion: Europe has torn up its migrant deal", True),
        ("en", "Europe has torn up its migrant deal | Editorial", True),
        ("en", "Europe rejects public opinion on its migrant deal", False),
        ("fr", "Tribune. L'Europe a dénoncé l'accord migratoire", True),
        ("ar", "رأي: أوروبا ألغت اتفاق الهجرة", True),
        ("es", "Opinión | Europa ha roto el acuerdo migratorio", True),
        ("it", "L'Europa ha rotto l'accordo sui migranti - Commento", True),
        ("pt", "Editorial: a Europa rompeu o acordo migratório", True),
        ("de", "Kommentar: Europa hat das Abkommen gekündigt", True),
    ],
)
def test_what_calls_itself_an_opinion_only_implies_a_status(
    language: str, title: str, is_vague: bool
) -> None:
    reading = read(title, "", language, load_rules().lexicon)
    assert find_clues(reading, Card(status=Status.TERMINATED)).is_vague is is_vague


@pytest.mark.parametrize(
    ("language", "written", "number"),
    [
        ("en", "260,000 people", 260_000),
        ("de", "260.000 Menschen", 260_000),
        ("fr", "260 000 personnes", 260_000),
        ("fr", "12'000 emplois", 12_000),
        ("ar", "260 ألف شخص", 260_000),
        ("ar", "٢٦٠ ألف شخص", 260_000),
        ("es", "15 mil personas", 15_000),
        ("en", "1.5 million workers", 1_500_000),
        ("de", "1,5 Millionen Menschen", 1_500_000),
        ("it", "3 miliardi di euro", 3_000_000_000),
    ],
)
def test_a_number_is_the_same_however_it_is_written(
    lexicon: Lexicon, language: str, written: str, number: int
) -> None:
    assert clues(lexicon, f"... {written}.", language, kind="num:") == [f"num:{number}"]


def test_days_years_and_common_numbers_say_nothing(lexicon: Lexicon) -> None:
    assert clues(lexicon, "On 16 June 2019 it ran for 90 days at 12.30.", kind="num:") == []


def test_names_are_what_is_no_state_or_capital(lexicon: Lexicon) -> None:
    text = "The text was signed by Alan Cayetano in Rabat for Morocco. Under it, Davutoğlu pays."
    assert clues(lexicon, text, kind="word:") == ["word:alan", "word:cayetano", "word:davutoglu"]


def test_german_nouns_are_no_names(lexicon: Lexicon) -> None:
    text = "Das Abkommen haben Hubertus Heil und die Regierung im Herbst beraten."
    assert clues(lexicon, text, "de", kind="word:") == ["word:hubertus", "word:heil"]


@pytest.mark.parametrize(
    ("piece", "times"),
    [("A", 300_000), ("1 ", 150_000), ("May 2019 agreement ", 15_000), ("1,000,", 50_000)],
)
def test_the_cost_of_a_hostile_text_grows_with_its_length(
    lexicon: Lexicon, piece: str, times: int
) -> None:
    small, big = (read("", piece * count, "en", lexicon) for count in (times // 8, times))
    card = Card(event_date=date(2020, 6, 10))
    assert len(find_clues(big, card).to_text()) < 60
    # Going back over the text from each place in it would cost 64 times as much.
    assert cost_ratio(lambda: find_clues(big, card), lambda: find_clues(small, card)) < 24
