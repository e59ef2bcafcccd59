"""One article of a site under two addresses, and different articles that are nearly alike."""

from __future__ import annotations

import pytest

from crawler.ingest.placement import is_twin
from storage.records import Document

TITLE = "Peru and Chile sign a protocol on nurses"
TEXT = (
    "Peru and Chile signed a protocol on Friday that lets 120 nurses a year work on the other side "
    "of the border. The two ministers met in Tacna after a year of talks, in the presence of the "
    "heads of both hospitals. Whoever leaves before the end of a contract has to pay back what the "
    "language course cost, and a joint committee will look at complaints. Both parliaments have to "
    "agree before the protocol can enter into force, which is expected for the spring of next year."
)
ARABIC_TITLE = "توقيع بروتوكول حول الممرضات"
ARABIC = (
    "وقع وزيرا الصحة في البلدين يوم الجمعة بروتوكولا يسمح لعدد من الممرضات بالعمل على الجانب الآخر من "
    "الحدود. والتقى الوزيران في مدينة ساحلية بعد سنة من المحادثات بحضور مديري المستشفيات الكبرى. وسوف تنظر "
    "لجنة مشتركة في الشكاوى، ويجب أن يوافق البرلمانان على النص قبل دخوله حيز التنفيذ في الربيع المقبل."
)


def of(text: str, title: str = TITLE, language: str = "en") -> Document:
    return Document(title, text, language)


@pytest.mark.parametrize(
    "edited",
    [
        TEXT.replace("which is expected for", "which both governments expect for"),
        TEXT.replace(" in the presence of the heads of both hospitals", ""),
        f"{TEXT} A spokesman in Lima said that the first of them will travel in June.",
        f"Printed at 14:32. {TEXT}",
    ],
)
def test_small_edits_leave_an_article_what_it_is(edited: str) -> None:
    assert is_twin(of(TEXT), of(edited))
    assert is_twin(of(edited), of(TEXT))


def test_another_headline_leaves_an_article_what_it_is() -> None:
    assert is_twin(of(TEXT), of(TEXT.replace("a joint", "one joint"), "A hundred nurses may cross"))
    edited = TEXT.replace("which is expected for", "which governments await in")
    assert is_twin(of(TEXT), of(edited, "A hundred nurses may cross"))


def test_a_figure_is_the_same_at_the_end_of_a_sentence() -> None:
    assert is_twin(of(f"{TEXT} Each costs 900."), of(f"{TEXT} Each costs 900, they say."))


@pytest.mark.parametrize(
    ("word", "other"),
    [("Chile", "Bolivia"), ("120", "150"), ("Tacna", "Arica"), ("Friday", "Monday")],
)
def test_another_name_or_figure_makes_another_article(word: str, other: str) -> None:
    assert not is_twin(of(TEXT), of(TEXT.replace(word, other), TITLE.replace(word, other)))


def test_headlines_of_one_pattern_with_another_word_are_of_two_articles() -> None:
    fishing = of(TEXT, "The council met to talk of fishing")
    assert not is_twin(
        fishing, of(f"{TEXT} Farming is next.", "The council met to talk of farming")
    )


def test_the_hour_of_a_print_is_no_figure() -> None:
    assert is_twin(of(f"Printed at 14:32. {TEXT}"), of(f"Printed at 9:05. {TEXT}"))


def test_an_article_that_quotes_another_is_not_that_article() -> None:
    more = " ".join(f"Paragraph {number} is about ships in the harbour." for number in range(20))
    assert not is_twin(of(TEXT), of(f"{TEXT} {more}"))


def test_where_a_script_has_no_capitals_the_headline_tells() -> None:
    edited = ARABIC.replace("الكبرى", "الرئيسية")
    assert is_twin(of(ARABIC, ARABIC_TITLE), of(edited, ARABIC_TITLE))
    assert not is_twin(of(ARABIC, ARABIC_TITLE), of(edited, "توقيع بروتوكول آخر"))
