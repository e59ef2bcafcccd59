"""Where a document is stored is decided with its reason, and deciding writes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from crawler.ingest.placement import is_twin, place
from storage.database.session import Session
from storage.documents.placements import Why, read_kin
from storage.documents.tables import Documents
from storage.records import Document, Judged
from tests.crawler.ingest.test_ingest import EDITED, LONG, crawl, crawled
from tests.storage.given import NOW

HARBOUR = "Ships came to the harbour in the morning, and left it in the evening with other goods."


@pytest.mark.parametrize(
    ("one", "why", "url"),
    [
        (crawled(2, HARBOUR, "/y"), Why.OFFERED, "/y"),
        (crawled(2, HARBOUR, "/x", own_url="https://a.example/2"), Why.OWN_ADDRESS, "/2"),
        (crawled(2, LONG, "/y", title="Other"), Why.SAME_TEXT, "/x"),
        (crawled(2, EDITED, "/y", title="One, corrected"), Why.CORRECTED, "/y"),
        (crawled(2, EDITED, "/y", title="One"), Why.EDITED, "/x"),
    ],
)
def test_a_document_is_placed_with_a_reason(s: Session, one: Judged, why: Why, url: str) -> None:
    crawl(s, crawled(1, LONG, "/x", title="One"))
    placed = place(one, read_kin(s, one, NOW, crawl=True))
    assert (placed.why, placed.judged.document.url) == (why, f"https://a.example{url}")
    assert placed.moved_id == (1 if why is Why.CORRECTED else None)
    assert s.scalars(select(Documents.url)).all() == ["https://a.example/x"]


def test_the_first_version_of_a_page_is_to_become_a_part_of_it(s: Session) -> None:
    first = crawled(1, LONG, "/page")
    first = replace(first, verdict=replace(first.verdict, relevant=True))
    part = crawled(2, HARBOUR, "/page#part")
    crawl(s, first)
    same = replace(first, parts=(part,))
    same_place = place(same, read_kin(s, same, NOW, crawl=True))
    assert (same_place.parts, same_place.is_cut, same_place.first) == (None, False, None)
    changed = replace(crawled(1, HARBOUR, "/page"), parts=(part,))
    placed = place(changed, read_kin(s, changed, NOW, crawl=True))
    url = "https://a.example/page#:~:text=Sentence%200%20of%20the%20statement%20is%20about%20roads"
    assert placed.first == (1, url, first.fingerprint.text_hash)
    assert (placed.parts, placed.is_cut) == ((part,), True)
    assert s.scalars(select(Documents.url)).all() == ["https://a.example/page"]


# --- one article of a site under two addresses, and different articles that are nearly alike ------

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
