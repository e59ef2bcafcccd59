"""Pages that are no articles are refused with their reason; articles are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
import pytest

from crawler.extract.articles.reasons import MAY_PASS, REASONS
from crawler.extract.articles.recognise import is_later_page, load_wording, next_page, page_of
from crawler.extract.extract import extract
from storage.errors import UnreadableError
from storage.records import Candidate, Document, Fetched
from tests.crawler.extract.articles.faulty_pages import (
    FAULTY,
    HOST,
    SECTION,
    SOFT_404,
    Words,
    plain,
    section,
)
from tests.crawler.extract.page.break_pages import ARABIC, ENGLISH, FRENCH, Wording

CASES = [
    pytest.param(reason, page(words), id=f"{reason}-{page.__name__}-{language}")
    for reason, table, page in FAULTY
    for language, words in table.items()
]


def read(
    html: str, *, final: str = "/news/7.html", title: str = "", watched: bool = False
) -> Document:
    url = f"{HOST}/news/7.html"
    fetched = Fetched(url, f"{HOST}{final}", "text/html", html.encode(), datetime.now(UTC))
    return extract(fetched, hint=Candidate(url, title or None), watched=watched)


def refusal(html: str, **values: object) -> str | None:
    try:
        read(html, **values)  # type: ignore[arg-type]  # the values of `read`
    except UnreadableError as error:
        return error.reason
    return None


def article(wording: Wording, *, extra: str = "", head: str = "") -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in wording.paragraphs)
    return (
        f"<html><head><title>{wording.title}</title>{head}</head><body>"
        f"<main><h1>{wording.title}</h1>{text}</main>{extra}</body></html>"
    )


@pytest.mark.parametrize(("reason", "html"), CASES)
def test_what_is_no_article_is_refused_with_its_reason(reason: str, html: str) -> None:
    assert refusal(html) == reason


DECLARED = "<meta property='og:type' content='article'>"


@pytest.mark.parametrize("words", SOFT_404.values(), ids=SOFT_404)
def test_a_page_that_is_gone_is_no_article_though_its_site_declares_all_pages_to_be(
    words: Words,
) -> None:
    assert refusal(plain(words).replace("<head>", f"<head>{DECLARED}")) == "soft_404"


def test_an_article_that_is_declared_may_be_called_as_a_page_that_is_gone() -> None:
    gone = article(replace(ENGLISH, title="Page not found"), head=DECLARED)
    assert ENGLISH.paragraphs[0] in read(gone).text


@pytest.mark.parametrize("wording", [FRENCH, ENGLISH, ARABIC])
@pytest.mark.parametrize(
    "extra",
    [
        "<script>window._cf_chl_opt={}</script><div class='cf-turnstile'></div>",
        "<form><input type='password'><button>Log in</button></form>",
        "<div class='banner'>We use cookies. Read our privacy policy.<button>Accept all</button></div>",
        "<noscript>Please enable JavaScript to see the comments.</noscript>",
        "<section><h2>More</h2>" + section(SECTION["en"]) + "</section>",
        "<p>The page you are looking for may be in our archive.</p>",
    ],
)
def test_an_article_with_the_parts_of_a_wall_is_read(wording: Wording, extra: str) -> None:
    assert wording.paragraphs[0] in read(article(wording, extra=extra)).text


def test_news_of_consent_and_personal_data_is_read() -> None:
    text = "Parliament gave its consent to the agreement on personal data of travellers. Consent of the states follows."
    html = (
        f"<html><body><h1>Vote</h1><p>{text}</p><form><button>Search</button></form></body></html>"
    )
    assert read(html).text == text


def test_a_short_communique_is_read() -> None:
    text = "The two ministers signed the agreement on labour mobility in Lima on Friday."
    html = f"<html><head><title>Agreement signed</title></head><body><h1>Agreement signed</h1><p>{text}</p></body></html>"
    assert read(html).text == text


@pytest.mark.parametrize(
    "title",
    [
        "Page not found: how archives of ministries vanish",
        "Access denied at the border, say aid groups",
    ],
)
def test_a_headline_that_only_begins_like_a_wall_is_read(title: str) -> None:
    text = "The court decided on Monday that the register of agreements has to be public again."
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    assert read(html).title == title


def test_an_answer_from_the_home_page_is_no_article() -> None:
    assert refusal(article(ENGLISH), final="/") == "soft_404"


def test_a_page_without_a_word_of_the_headline_is_another_one() -> None:
    html = "<html><head><title>Hej</title></head><body><p>Vi ber om ursäkt för detta.</p></body></html>"
    assert refusal(html, title="Niger and Italy sign migration agreement") == "other_page"
    assert refusal(html, title="Press release") is None


def test_a_list_under_the_headline_that_was_offered_is_read() -> None:
    words = SECTION["en"]
    title = "Five decisions of the council this week"
    html = section(words).replace("<h1>Politics", f"<h1>{title}")
    assert refusal(html, title=title) is None
    assert refusal(html, title="Politics") == "section_page"


NOTE = "The council of the town met on Monday and will meet again in a month, as it said."


@pytest.mark.parametrize("shown", [0, 1, 3])
@pytest.mark.parametrize("address", ["/topic/council", "/author/jane-doe", "/archive/2026/03"])
def test_a_section_of_a_site_with_few_articles_is_no_article(address: str, shown: int) -> None:
    cards = "".join(
        f"<div><h2><a href='/news/{n}.html'>The harbour wall is repaired, part {n}</a></h2>"
        f"<p>{NOTE} {NOTE} ...</p></div>"
        for n in range(shown)
    )
    html = f"<html><head><title>All articles</title></head><body><main>{cards}</main></body></html>"
    title = "All our articles about the council of the town"
    assert refusal(html, final=address, title=title) == "section_page"


def test_a_short_note_at_the_address_of_a_section_is_read() -> None:
    title = "Niger and Italy renew their agreement"
    html = f"<title>{title}</title><h1>{title}</h1><p>{NOTE}</p>"
    assert refusal(html, final="/dossiers/niger", title=title) is None
    itself = f"<div><h2><a href='/dossiers/niger'>{title}</a></h2><p>{NOTE * 6}</p></div>"
    assert refusal(f"<title>{title}</title>{itself}", final="/dossiers/niger") is None


def test_a_watched_page_may_be_a_list_and_is_no_wall() -> None:
    assert read(section(SECTION["en"]), watched=True).text
    reason, table, page = FAULTY[0]
    assert refusal(page(table["fr"]), watched=True) == reason


def test_a_refusal_says_what_its_reason_means() -> None:
    with pytest.raises(UnreadableError, match=REASONS["parked"]):
        read("<title>This domain is for sale</title><p>Make an offer.</p>")


def test_each_wording_has_its_reason() -> None:
    assert {*load_wording().titles, *load_wording().phrases} <= REASONS.keys()


def test_what_may_pass_is_asked_for_again() -> None:
    assert [one in MAY_PASS for one in ("challenge", "consent_wall", "parked", "no_text")] == [
        True,
        True,
        False,
        False,
    ]


def test_an_article_for_subscribers_is_kept_as_far_as_it_can_be_read() -> None:
    call = "<p>This article is for subscribers.</p><p>Subscribe to continue reading</p>"
    lead = "".join(f"<p>{paragraph}</p>" for paragraph in ENGLISH.paragraphs[:2])
    title = f"<title>{ENGLISH.title}</title><h1>{ENGLISH.title}</h1>"
    assert refusal(f"{title}<p>The two ministers met.</p>{call}") == "paywall"
    assert read(f"{title}{lead}{call}").text == "\n".join(ENGLISH.paragraphs[:2])


@pytest.mark.parametrize(
    "broker", ["SedoParking", "ſedopark\u0131ng", "DAN.COM/Buy", "window.Park ="]
)
def test_a_broker_of_domains_is_named_in_any_case(broker: str) -> None:
    assert refusal(f"<html><body><script>{broker}</script><p>Hello.</p></body></html>") == "parked"


def test_no_broker_of_domains_is_named_in_part() -> None:
    assert refusal("<html><body><script>sedo parking</script><p>Hello.</p></body></html>") is None


# --- which page of an article an address is -------------------------------------------------------

STORY = "https://a.example/news/a-long-story"


@pytest.mark.parametrize(
    "url",
    [f"{STORY}?page=2", f"{STORY}/2", f"{STORY}/page/2/", f"{STORY},page-2", f"{STORY}?seite=2"],
)
def test_a_number_in_the_address_is_that_of_the_page(url: str) -> None:
    assert page_of(url) == (STORY, 2)


@pytest.mark.parametrize(
    "url",
    [STORY, "https://a.example/?p=2", "https://a.example/2026/10/2", f"{STORY}-2", f"{STORY}?id=2"],
)
def test_a_number_that_names_an_article_is_none(url: str) -> None:
    assert page_of(url)[1] == 1


def test_a_later_page_is_one_that_names_the_first_or_the_one_before() -> None:
    nothing = lxml.html.fromstring("<p>text</p>")
    before = lxml.html.fromstring(f"<div><a rel='prev' href='{STORY}'>back</a></div>")
    assert is_later_page(nothing, f"{STORY}?page=2", STORY)
    assert is_later_page(before, f"{STORY}/2", None)
    assert not is_later_page(nothing, f"{STORY}?page=2", None)
    assert not is_later_page(before, f"{STORY}/3", None)
    assert not is_later_page(before, "https://a.example/news/another", STORY)


def test_the_next_page_is_of_the_same_article() -> None:
    links = "<a rel='next' href='/news/the-next-story'>next</a><a href='?page=2#top'>2</a><a href='?page=3'>3</a>"
    tree = lxml.html.fromstring(f"<div>{links}</div>")
    assert next_page(tree, STORY) == f"{STORY}?page=2"
    assert next_page(tree, f"{STORY}?page=2") == f"{STORY}?page=3"
    assert next_page(tree, f"{STORY}?page=3") is None


def test_an_article_with_a_small_number_has_a_second_page() -> None:
    tree = lxml.html.fromstring('<p>a</p><a rel="next" href="?page=2">Next</a>')
    assert next_page(tree, "https://fleuve.example/news/7.html") == (
        "https://fleuve.example/news/7.html?page=2"
    )
