from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.judgement.judge import Rules
from crawler.process.process import document_url, judge_document, outlet_of, process
from crawler.process.task import Task
from storage.errors import UnreadableError
from storage.records import Candidate, Document, DocumentKind, Fetched
from storage.source import Source, SourceKind

_URL = "https://www.lecourrier.example/monde/maroc-niger"
_PAGE = """<html><head><title>Maroc et Niger signent une déclaration sur la migration - Le Courrier</title></head>
<body><article><h1>Maroc et Niger signent une déclaration sur la migration</h1>
<p>Le Maroc et le Niger ont signé lundi à Rabat une déclaration commune qui vise à lutter contre le trafic de migrants
et la traite des personnes entre les deux pays, ont annoncé les deux ministres.</p>
<p>Le texte prévoit un comité mixte de suivi et une aide aux victimes des réseaux de passeurs.</p></article></body>
</html>
"""


def _task(
    body: str = _PAGE, source: Source | None = None, candidate: Candidate | None = None
) -> Task:
    fetched = Fetched(
        _URL, f"{_URL}?id=7#haut", "text/html", body.encode(), datetime(2024, 3, 12, tzinfo=UTC)
    )
    return Task(fetched, candidate, source)


def test_bytes_become_a_judged_document(rules: Rules) -> None:
    source = Source(
        "lecourrier", SourceKind.FEED, "https://www.lecourrier.example/rss", language="fr"
    )
    judged = process(
        _task(source=source, candidate=Candidate(_URL, None, date(2024, 3, 11))), rules
    )
    document = judged.document
    assert document.title == "Maroc et Niger signent une déclaration sur la migration"
    assert (document.language, document.published_on, document.kind) == (
        "fr",
        date(2024, 3, 11),
        DocumentKind.HTML,
    )
    assert (document.url, document.outlet, document.source_id) == (
        f"{_URL}?id=7",
        "lecourrier.example",
        "lecourrier",
    )
    assert judged.verdict.relevant
    assert set(judged.verdict.card.parties) == {"MA", "NE"}
    assert len(judged.fingerprint.bands) == 32


def test_the_same_document_as_text_is_judged_the_same(rules: Rules) -> None:
    judged = process(_task(), rules)
    assert judge_document(judged.document, rules) == judged


def test_what_is_not_relevant_is_a_judged_document_too(rules: Rules) -> None:
    judged = judge_document(
        Document("Le prix du blé monte", "Le prix du blé a monté de deux euros lundi.", "fr"), rules
    )
    assert not judged.verdict.relevant
    assert judged.fingerprint.text_hash


def test_unreadable_bytes_are_told(rules: Rules) -> None:
    with pytest.raises(UnreadableError):
        process(_task(body=""), rules)


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        (None, "https://www.a.example/x?id=7"),
        ("https://www.a.example/article-x", "https://www.a.example/article-x"),
        ("https://a.example/article-x#top", "https://a.example/article-x"),
        ("http://m.a.example/article-x", "http://m.a.example/article-x"),
        ("https://agency.example/x", "https://www.a.example/x?id=7"),
        ("https://www.a.example/feed", "https://www.a.example/x?id=7"),
        ("https://www.a.example/", "https://www.a.example/x?id=7"),
        ("https://www.a.example", "https://www.a.example/x?id=7"),
    ],
)
def test_the_canonical_url_counts_on_its_own_site_only(canonical: str | None, url: str) -> None:
    feed = "http://a.example/feed/"
    assert document_url("https://www.a.example/x?id=7#fragment", canonical, feed) == url


def test_the_outlet_is_the_host_without_www() -> None:
    assert outlet_of("https://www.lecourrier.example/a") == "lecourrier.example"
    assert outlet_of("file:///tmp/a.html") is None


def test_the_outlet_has_the_name_of_the_source_on_the_source_s_own_host() -> None:
    source = Source(
        "courrier", SourceKind.FEED, "https://www.lecourrier.example/rss", "Le Courrier"
    )
    assert outlet_of("https://www.lecourrier.example/a", source) == "Le Courrier"
    assert outlet_of("https://agency.example/a", source) == "agency.example"


def test_a_judged_document_carries_what_is_searched_and_quoted(rules: Rules) -> None:
    judged = process(_task(), rules)
    assert judged.folded.startswith("maroc et niger signent une declaration sur la migration ")
    assert judged.quote
    assert judged.quote in judged.document.text
