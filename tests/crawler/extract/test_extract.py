from __future__ import annotations

import gzip
import json
import logging
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawler.extract.extract import extract
from crawler.extract.fields import NOTHING, Ignored
from storage.errors import UnreadableError
from storage.records import Candidate, Document, DocumentKind, Fetched

_DOCUMENTS = Path(__file__).parent / "documents"
_URL = "https://www.lecourrier.example/monde/maroc-niger"
_PARAGRAPHS = [
    "Le ministre marocain des Affaires étrangères et son homologue nigérien ont signé lundi à Rabat une déclaration "
    "commune qui vise à lutter contre le trafic de migrants et la traite des personnes entre les deux pays.",
    "Le texte, négocié pendant près d'un an, prévoit la création d'un comité mixte de suivi, l'échange d'informations "
    "entre les polices aux frontières et une aide aux victimes des réseaux de passeurs.",
    "Les deux ministres se retrouveront à l'automne à Niamey pour un premier bilan, a précisé le communiqué publié à "
    "l'issue de leur rencontre, qui a duré deux heures.",
]
_PAGE = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Maroc et Niger signent une déclaration - Le Courrier</title>
<link rel="canonical" href="/monde/maroc-niger"><meta name="author" content="Par Awa Diallo">
<meta property="article:published_time" content="2024-03-11T19:00:00Z"></head><body>
<header><nav><ul><li><a href="/">Accueil</a></li><li><a href="/monde">Monde</a></li></ul></nav></header>
<div class="cookie-banner"><p>Nous utilisons des cookies pour mesurer l'audience.</p><button>OK</button></div>
<main><article><h1>Maroc et Niger signent une déclaration</h1><p class="byline">Par Awa Diallo</p>
<p>Publié le 11 mars 2024 à 20h00</p><p>Partager</p>{"".join(f"<p>{text}</p>" for text in _PARAGRAPHS)}</article></main>
<aside><h2>À lire aussi</h2><ul><li><a href="/1">Le prix du blé monte</a></li></ul></aside>
<footer><p>© 2024 Le Courrier. Tous droits réservés.</p></footer></body></html>"""


def _fetched(body: bytes | str, content_type: str = "text/html", url: str = _URL) -> Fetched:
    raw = body.encode() if isinstance(body, str) else body
    return Fetched(url, url, content_type, raw, datetime(2024, 3, 20, tzinfo=UTC))


def test_a_page_gives_all_that_a_document_needs() -> None:
    assert extract(_fetched(_PAGE)) == Document(
        title="Maroc et Niger signent une déclaration",
        text="\n".join(_PARAGRAPHS),
        published_on=date(2024, 3, 11),
        language="fr",
        author="Awa Diallo",
        kind=DocumentKind.HTML,
        url=_URL,
    )


def test_what_the_feed_said_fills_in_and_does_not_overrule() -> None:
    hint = Candidate(_URL, "Titre du flux", date(2024, 3, 1))
    assert extract(_fetched(_PAGE), hint=hint) == extract(_fetched(_PAGE))
    bare = extract(_fetched(f"<html><body><p>{_PARAGRAPHS[0]}</p></body></html>"), hint=hint)
    assert (bare.title, bare.published_on) == ("Titre du flux", date(2024, 3, 1))


# Trafilatura reads the notice in <p>, and not the article in <div>.
_NOTICE = "La rédaction répond à vos questions tous les jours ouvrables, de neuf heures à midi, par écrit."
_IN_DIVS = (
    f"<html><head><title>Maroc et Niger signent</title></head><body><div>{{}}</div><p>{_NOTICE}</p>"
    f"<p>{_NOTICE.replace('neuf', 'dix')}</p></body></html>"
).format("".join(f"<div>{text}</div>" for text in _PARAGRAPHS))


def _hint(summary: str) -> Candidate:
    return Candidate(_URL, "Maroc et Niger signent", summary=summary)


def test_a_text_without_the_words_of_the_feed_is_read_in_another_way() -> None:
    assert _PARAGRAPHS[0] not in extract(_fetched(_IN_DIVS)).text
    document = extract(_fetched(_IN_DIVS), hint=_hint(_PARAGRAPHS[0]))
    assert all(text in document.text for text in _PARAGRAPHS)
    assert not document.is_cut


def test_a_text_without_the_words_of_the_feed_is_cut_if_there_is_no_other() -> None:
    page = f"<html><head><title>Maroc</title></head><body><p>{_NOTICE}</p></body></html>"
    document = extract(_fetched(page), hint=_hint(_PARAGRAPHS[0]))
    assert (document.text, document.is_cut) == (_NOTICE, True)


def test_a_text_for_subscribers_is_cut() -> None:
    wall = "<p>Cet article est réservé aux abonnés</p>"
    page = _PAGE.replace(f"<p>{_PARAGRAPHS[2]}</p>", wall)
    document = extract(_fetched(page))
    assert (document.text, document.is_cut) == ("\n".join(_PARAGRAPHS[:2]), True)


def test_what_the_page_declares_of_its_own_article_stands_in_for_a_text_of_less_than_half() -> None:
    linked = json.dumps(
        {
            "@type": "NewsArticle",
            "headline": "Maroc et Niger signent une déclaration",
            "articleBody": "\n".join(_PARAGRAPHS * 2),
        }
    )
    # a page with less would be read by trafilatura from its JSON-LD
    notices = "".join(f"<p>{_NOTICE.replace('neuf', hour)}</p>" for hour in ("huit", "dix", "onze"))
    page = (
        f'<html><head><script type="application/ld+json">{linked}</script></head><body>'
        f"<h1>Maroc et Niger signent une déclaration</h1>{notices}</body></html>"
    )
    assert extract(_fetched(page)).text == "\n".join(_PARAGRAPHS * 2)
    other = page.replace(
        linked, linked.replace("Maroc et Niger signent une", "Le prix du blé monte selon la")
    )
    assert _PARAGRAPHS[0] not in extract(_fetched(other)).text


def test_the_title_is_kept_where_there_is_no_text() -> None:
    document = extract(
        _fetched("<html><head><title>Maroc et Niger signent</title></head><body></body></html>")
    )
    assert (document.title, document.text) == ("Maroc et Niger signent", "")


def test_a_page_that_scripts_build_keeps_the_title_of_the_feed() -> None:
    page = "<html><body><div id=app></div><script>render()</script></body></html>"
    document = extract(
        _fetched(page), hint=Candidate(_URL, "Maroc et Niger signent"), source_language="fr"
    )
    assert (document.title, document.text, document.language) == (
        "Maroc et Niger signent",
        "",
        "fr",
    )


@pytest.mark.parametrize(
    "body",
    [
        "<p>L'accord est signé.</p>",
        "<div>L'accord est signé.</div>",
        "<table><tr><td>L'accord est signé.</table>",
    ],
)
def test_a_short_body_gives_what_there_is(body: str) -> None:
    document = extract(
        _fetched(f"<html><head><title>Rabat</title></head><body><h1>Rabat</h1>{body}</body></html>")
    )
    assert "L'accord est signé." in document.text


def test_a_page_without_words_has_no_text() -> None:
    with pytest.raises(UnreadableError) as caught:
        extract(_fetched("<html><body><script>render()</script></body></html>"))
    assert caught.value.reason == "no_text"


def test_a_page_in_the_wrong_charset_is_read() -> None:
    page = _PAGE.replace('charset="utf-8"', 'charset="iso-8859-1"')
    assert extract(_fetched(page)).text == "\n".join(_PARAGRAPHS)
    assert extract(_fetched(_PAGE.encode("cp1252"))).text == "\n".join(_PARAGRAPHS)


def test_a_page_cut_in_the_middle_gives_its_beginning() -> None:
    cut = _PAGE[: _PAGE.index("Les deux ministres se retrouveront")]
    document = extract(_fetched(cut))
    assert document.title == "Maroc et Niger signent une déclaration"
    assert _PARAGRAPHS[0] in document.text


def test_pages_nested_beyond_reason_are_survived() -> None:
    page = (
        f"<html><title>Accord</title><body>{'<div>' * 60_000}<p>{_PARAGRAPHS[0]}</p></body></html>"
    )
    assert extract(_fetched(page)).title == "Accord"


def test_an_xml_declaration_is_no_hindrance() -> None:
    page = '<?xml version="1.0" encoding="iso-8859-1"?>\n' + _PAGE
    assert extract(_fetched(page)).text == "\n".join(_PARAGRAPHS)


def test_a_pdf_takes_title_and_day_of_the_feed_first() -> None:
    body = (_DOCUMENTS / "communique.fr.pdf").read_bytes()
    document = extract(_fetched(body, "text/html"))
    assert (document.kind, document.language, document.published_on) == (
        DocumentKind.PDF,
        "fr",
        date(2024, 3, 11),
    )
    hinted = extract(
        _fetched(body, "application/pdf"), hint=Candidate(_URL, "Communiqué", date(2024, 3, 12))
    )
    assert (hinted.title, hinted.published_on) == ("Communiqué", date(2024, 3, 12))


def test_an_arabic_pdf_is_arabic() -> None:
    assert (
        extract(
            _fetched((_DOCUMENTS / "communique.ar.pdf").read_bytes(), "application/pdf")
        ).language
        == "ar"
    )


def test_the_first_line_of_a_plain_text_is_its_title() -> None:
    body = f"Maroc et Niger signent\r\n\r\n{_PARAGRAPHS[0]}\r\n\r\n\r\n{_PARAGRAPHS[1]}"
    document = extract(_fetched(body, "text/plain"))
    assert document.title == "Maroc et Niger signent"
    assert document.text == f"{_PARAGRAPHS[0]}\n\n{_PARAGRAPHS[1]}"
    assert (document.kind, document.published_on) == (DocumentKind.TEXT, None)


def test_a_plain_text_that_starts_with_a_paragraph_has_no_title() -> None:
    document = extract(_fetched(" ".join(_PARAGRAPHS), "text/plain"))
    assert (document.title, document.text) == ("", " ".join(_PARAGRAPHS))


def test_a_date_in_the_future_is_dropped() -> None:
    assert extract(_fetched(_PAGE.replace("2024-03-11", "2099-03-11"))).published_on is None


def test_packed_bytes_are_told() -> None:
    with pytest.raises(UnreadableError) as caught:
        extract(_fetched(gzip.compress(_PAGE.encode())))
    assert caught.value.reason == "unsupported"


def test_pages_without_an_article_are_no_log_lines(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        extract(_fetched("<html><title>Accord</title><body></body></html>"))
        assert logging.getLogger().level == logging.DEBUG
    assert [
        record for record in caplog.records if record.name.startswith(("trafilatura", "htmldate"))
    ] == []


BODY = """<html lang="en"><head><title>Agreements in force</title></head><body><main>
<h1>Agreements in force</h1><p class="clock">It is {clock}.</p>
<p>The agreement with Niger on the readmission of persons was signed in Rabat and is in force.</p>
<p>This page was read by {count} people. The list is kept by the legal department.</p>
</main></body></html>"""
HERE = "https://a.example/"


def text(ignored: Ignored, clock: str = "12:01", count: int = 7) -> str:
    body = BODY.format(clock=clock, count=count).encode()
    fetched = Fetched(HERE, HERE, "text/html", body, datetime.now(UTC))
    return extract(fetched, watched=True, ignored=ignored).text


@pytest.mark.parametrize(
    "ignored",
    [
        Ignored((".clock",), r"This page was read by \d+ people\."),
        Ignored(pattern=r"It is \d+:\d+\.|read by \d+ people"),
    ],
)
def test_what_is_ignored_changes_nothing(ignored: Ignored) -> None:
    assert text(ignored) == text(ignored, "23:59", 81)
    assert text(NOTHING) != text(NOTHING, "23:59", 81)
    assert "was signed in Rabat" in text(ignored)
    assert "kept by the legal department" in text(ignored)


def test_a_line_of_which_nothing_is_left_goes() -> None:
    assert Ignored(pattern="It is .*").without_words("a\nIt is late.\nb") == "a\nb"
