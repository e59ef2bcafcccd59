"""Numbers in words, as the days of treaties are written."""

from __future__ import annotations

import pytest

from crawler.judgement.card.event_date import number_in_words
from crawler.judgement.text.grammar import load_grammars
from storage.letters import fold_text

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
