from __future__ import annotations

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
import pytest

from crawler.extract.page.html import parse
from crawler.extract.page.metadata import read_metadata
from crawler.extract.page.titles import choose_title, with_standfirst

_URL = "https://www.lecourrier.example/monde/maroc-niger-declaration-commune"
_HEADLINE = "Maroc et Niger signent une déclaration commune sur la migration"


def _title(head: str, body: str = "", url: str = _URL, hint: str | None = None) -> str:
    tree = parse(f"<html><head>{head}</head><body>{body}</body></html>")
    assert tree is not None
    return choose_title(read_metadata(tree, url), url, hint)


def _json_ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


@pytest.mark.parametrize(
    "page_title",
    [
        f"{_HEADLINE} - Le Courrier",
        f"{_HEADLINE} | Le Courrier",
        f"Le Courrier : {_HEADLINE}",
        f"{_HEADLINE} — LeCourrier",
        f"{_HEADLINE} | Monde | Le Courrier",
    ],
)
def test_the_name_of_the_site_is_no_part_of_the_title(page_title: str) -> None:
    head = f'<title>{page_title}</title><meta property="og:site_name" content="Le Courrier">'
    assert _title(head) == _HEADLINE


def test_the_host_tells_the_name_of_the_site() -> None:
    assert _title(f"<title>{_HEADLINE} - lecourrier.example</title>") == _HEADLINE


def test_a_colon_or_dash_within_the_headline_stays() -> None:
    head = "<title>Rabat - Niamey : l'accord est signé - Le Courrier</title>"
    assert _title(head, url="https://lecourrier.example/a") == "Rabat - Niamey : l'accord est signé"


def test_what_readers_see_wins_over_the_wording_for_social_media() -> None:
    head = f'<title>{_HEADLINE}</title><meta property="og:title" content="Migration : ce que Maroc et Niger ont signé">'
    assert _title(head, f"<h1>{_HEADLINE}</h1>") == _HEADLINE


def test_an_h1_with_the_name_of_the_site_is_passed_over() -> None:
    assert _title(f"<title>{_HEADLINE} | Le Courrier</title>", "<h1>Le Courrier</h1>") == _HEADLINE


def test_an_h1_that_names_a_section_is_passed_over() -> None:
    head = (
        f'<title>{_HEADLINE} - Le Courrier</title><meta property="og:title" content="{_HEADLINE}">'
    )
    assert _title(head, "<h1>Monde</h1>") == _HEADLINE


def test_among_several_h1_the_one_that_others_support_is_the_headline() -> None:
    body = f"<h1>Menu et services</h1><h1>{_HEADLINE}</h1><h1>À lire aussi : le prix du blé</h1>"
    assert _title(f"<title>{_HEADLINE} - Le Courrier</title>", body) == _HEADLINE


def test_among_several_h1_that_nothing_supports_the_first_is_the_headline() -> None:
    body = (
        "<h1>Conseils pour le voyage</h1><h1>Horaires</h1><h1>La gare de la commune et le car</h1>"
    )
    assert _title("<title>Le Courrier - </title>", body) == "Conseils pour le voyage"


def test_a_date_in_the_h1_is_dropped_and_a_place_with_colon_stays() -> None:
    head = f'<title>{_HEADLINE}</title><meta property="og:title" content="{_HEADLINE}">'
    assert _title(head, f"<h1><span>11.03.2024</span> {_HEADLINE}</h1>") == _HEADLINE
    assert _title(head, f"<h1>Rabat : {_HEADLINE}</h1>") == f"Rabat : {_HEADLINE}"


@pytest.mark.parametrize(
    "json_ld",
    [
        '{"@type": "NewsArticle", "headline": "%s"}',
        '{"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "x"}, '
        '{"@type": ["Article", "NewsArticle"], "headline": "%s"}]}',
        '[{"@type": "BreadcrumbList"}, {"@type": "ReportageNewsArticle", "headline": "%s"}]',
        '<!-- {"@type": "NewsArticle", "headline": "%s"} -->',
        '{"@type": "NewsArticle", "headline": "%s",}',
    ],
    ids=["plain", "graph", "list", "comment", "broken"],
)
def test_json_ld_names_the_headline(json_ld: str) -> None:
    assert _title("<title>Le Courrier</title>" + _json_ld(json_ld % _HEADLINE)) == _HEADLINE


def test_deeply_nested_json_ld_is_passed_over() -> None:
    bomb = '{"a":' * 100_000 + "1" + "}" * 100_000
    assert _title(f"<title>{_HEADLINE}</title>{_json_ld(bomb)}") == _HEADLINE


def test_a_title_cut_short_is_completed() -> None:
    head = f'<title>{_HEADLINE} - Le Courrier</title><meta property="og:title" content="{_HEADLINE[:40]}...">'
    assert _title(head) == _HEADLINE


def test_the_feed_names_the_title_of_a_page_without_one() -> None:
    assert _title("<title></title>", "<p>Texte</p>", hint=_HEADLINE) == _HEADLINE
    assert _title("<title>Le Courrier</title>", hint=_HEADLINE) == _HEADLINE


def test_a_page_named_like_its_site_keeps_that_name() -> None:
    assert _title("<title>Le Courrier</title>", url="https://lecourrier.example/") == "Le Courrier"


def test_entities_spaces_and_invisible_characters_are_cleaned() -> None:
    head = '<meta property="og:title" content="L&amp;#8217;accord\n  de\u00adRabat&nbsp;est signé">'
    assert _title(head, url="https://a.example/x") == "L’accord deRabat est signé"


def test_what_no_database_takes_is_left_out() -> None:
    head = _json_ld(r'{"@type": "NewsArticle", "headline": "Accord \ud83d sign\u00e9\u0000"}')
    assert _title(head, url="https://a.example/x") == "Accord signé"


def test_arabic_titles_lose_the_site_too() -> None:
    headline = "المغرب والنيجر يوقعان إعلانا مشتركا حول الهجرة"
    head = f'<title>{headline} - الصباح</title><meta property="og:site_name" content="الصباح">'
    assert _title(head, url="https://assabah.example/1") == headline


def test_nothing_named_gives_nothing() -> None:
    assert _title("", "<p>Texte</p>", url="https://a.example/") == ""


def test_of_thousands_of_headings_and_meta_elements_the_first_hundred_are_heard() -> None:
    tree = parse(
        f"<head>{'<meta name=author content=x>' * 3_000}</head><body>{'<h1>Accord</h1>' * 3_000}</body>"
    )
    assert tree is not None
    metadata = read_metadata(tree, _URL)
    assert (len(metadata.headings), len(metadata.meta["author"])) == (100, 100)


def test_a_row_of_semicolons_behind_json_ld_is_no_labour() -> None:
    article = f'{{"@type": "NewsArticle", "headline": "{_HEADLINE}"}}'
    assert _title(_json_ld(f"<!-- {article} -->;"), f"<h1>{_HEADLINE}</h1>") == _HEADLINE
    assert _title(_json_ld(";" * 300_000 + "x"), f"<h1>{_HEADLINE}</h1>") == _HEADLINE


_IN_CAPITALS = "Maroc Et Niger Signent Une Déclaration Commune Sur La Migration"


def test_without_an_h1_the_h2_is_what_readers_see() -> None:
    head = f'<meta property="og:title" content="{_IN_CAPITALS}">'
    assert _title(head, f"<h2>{_HEADLINE}</h2><h2>À lire aussi</h2>") == _HEADLINE


def test_an_h2_beside_an_h1_is_no_headline() -> None:
    head = f"<title>{_HEADLINE} - Le Courrier</title>"
    assert _title(head, f"<h2>{_IN_CAPITALS}</h2><h1>{_HEADLINE}</h1>") == _HEADLINE


def test_a_heading_that_is_marked_as_the_headline_comes_before_the_h1() -> None:
    head = f'<meta property="og:title" content="{_HEADLINE}">'
    body = f'<h1>{_IN_CAPITALS}</h1><h3 class="post-title entry-title">{_HEADLINE}</h3>'
    assert _title(head, body) == _HEADLINE


def test_several_marked_headings_are_a_list() -> None:
    head = f'<meta property="og:title" content="{_HEADLINE}">'
    teasers = f'<h3 class="entry-title">{_IN_CAPITALS}</h3><h3 class="entry-title">Autre</h3>'
    assert _title(head, f"{teasers}<h1>{_HEADLINE}</h1>") == _HEADLINE


def test_a_subtitle_in_the_h1_is_no_part_of_the_headline() -> None:
    head = f"<title>{_HEADLINE}</title>" + _json_ld(
        f'{{"@type": "NewsArticle", "headline": "{_HEADLINE}"}}'
    )
    body = f"<h1>{_HEADLINE} <span>Ce que prévoit le texte</span></h1>"
    assert _title(head, body) == _HEADLINE


def test_an_end_that_the_head_of_the_page_lacks_stays() -> None:
    longer = f"{_HEADLINE} et le travail"
    assert _title(f"<title>{_HEADLINE}</title>", f"<h1>{longer}</h1>") == longer


def test_a_heading_behind_a_colon_is_not_the_name_of_the_site() -> None:
    head = '<title>Notes de Niamey: Une déclaration</title><meta property="og:title" content="Une déclaration">'
    assert _title(head, "<h1>Une déclaration</h1><h1>Notes de Niamey</h1>") == "Une déclaration"


def test_accents_are_written_in_one_way() -> None:
    assert _title("<title>De\u0301claration commune</title>") == "D\u00e9claration commune"


# --- what stands between the headline and the article ---------------------------------------------

HEADLINE = "Peru and Chile open the border to nurses"
STANDFIRST = "Both governments signed a protocol on Friday that lets a hundred nurses a year cross."
FIRST = "The two ministers met in Tacna, a mile from the border, after a year of talks."


def page(between: str, described: str = STANDFIRST) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(
        f"""<html><head><meta name="description" content="{described}"></head><body>
        <header><h1>{HEADLINE}</h1>{between}</header><p>By A. Writer</p>
        <article><p>{FIRST}</p></article></body></html>"""
    )


def read(tree: lxml.html.HtmlElement, text: str = FIRST, summary: str = "") -> list[str]:
    metadata = read_metadata(tree, "https://gazette.example/nurses")
    return with_standfirst(text, tree, metadata, HEADLINE, summary).splitlines()


def test_what_the_page_describes_itself_with_is_text_where_it_is_printed() -> None:
    assert read(page(f"<p>{STANDFIRST}</p>")) == [STANDFIRST, FIRST]


def test_what_the_feed_said_is_text_where_it_is_printed() -> None:
    tree = page(f"<h2>{STANDFIRST}</h2>", described="")
    assert read(tree) == [FIRST]
    assert read(tree, summary=f"{STANDFIRST} Read more …") == [STANDFIRST, FIRST]


def test_a_description_that_is_not_printed_is_no_text() -> None:
    assert read(page("")) == [FIRST]


def test_other_lines_below_the_headline_are_no_text() -> None:
    caption = "The bridge between the two countries, seen from the south on a rainy morning."
    assert read(page(f"<p>{caption}</p>")) == [FIRST]


def test_a_standfirst_that_was_read_is_not_repeated() -> None:
    tree = page(f"<p>{STANDFIRST}</p>")
    assert read(tree, f"{STANDFIRST}\n{FIRST}") == [STANDFIRST, FIRST]


def test_a_label_that_the_text_has_too_does_not_hide_the_standfirst() -> None:
    assert read(page(f"<p>Tacna</p><p>{STANDFIRST}</p>")) == [STANDFIRST, FIRST]


def test_what_stands_below_a_line_of_the_text_is_no_standfirst() -> None:
    told = page(f"<p>{FIRST[:40]}</p><p>{STANDFIRST}</p>")
    assert read(told) == [FIRST]
    in_capitals = page(f"<p>{FIRST.upper()}</p><p>{STANDFIRST}</p>")
    assert read(in_capitals) == [FIRST]


def test_what_stands_below_the_beginning_of_the_text_is_no_standfirst() -> None:
    tree = page("")
    tree.find("body").append(lxml.html.fromstring(f"<p>{STANDFIRST}</p>"))
    assert read(tree) == [FIRST]


def test_a_page_without_text_has_its_standfirst() -> None:
    assert read(page(f"<p>{STANDFIRST}</p>"), "") == [STANDFIRST]
