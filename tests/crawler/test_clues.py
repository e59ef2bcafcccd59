from __future__ import annotations

from crawler.clues import AgreementName, Clues, PaperBeside, RecalledDate, read_clues
from storage.records import Zone

CLUES = Clues(
    (
        RecalledDate((2013, 12, 16), Zone.TITLE, "memorandum", True),
        RecalledDate((2012, 3), Zone.LEAD, "any"),
        RecalledDate((1968,), Zone.BODY, "agreement"),
    ),
    (260_000, 744),
    ("cayetano",),
    (PaperBeside(("memorandum", "agreement"), ("visa",)), PaperBeside(("agreement",), ())),
    is_vague=True,
    named=AgreementName(2019, ("returns", "visas"), planned=True),
)


def test_what_is_stored_is_read_back() -> None:
    assert read_clues(CLUES.to_text()) == CLUES


def test_the_text_stays_as_databases_have_it() -> None:
    assert CLUES.to_text() == (
        "ref:2013-12-16:title:memorandum:other",
        "ref:2012-03:lead:any",
        "ref:1968:body:agreement",
        "num:260000",
        "num:744",
        "word:cayetano",
        "beside:memorandum+agreement:visa",
        "beside:agreement:",
        "told:vague",
        "named:2019:returns+visas:planned",
    )


def test_a_name_without_a_year_is_read_back() -> None:
    clues = Clues(named=AgreementName(None, ("transfer",), planned=True))
    assert clues.to_text() == ("named::transfer:planned",)
    assert read_clues(clues.to_text()) == clues


def test_a_clue_of_another_time_is_left_out() -> None:
    assert read_clues(("year:2026", "name:falepili-union")) == Clues()
