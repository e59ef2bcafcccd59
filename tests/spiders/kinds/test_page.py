from __future__ import annotations

from datetime import UTC, datetime

import pytest

from spiders.kinds.table import read_page
from storage.records import Fetched, Source, SourceKind

ADDRESS = "https://ministry.example/agreements"
SOURCE = Source("ministry", SourceKind.PAGE, ADDRESS)
SHELL = """<!doctype html><html><head><title>Agreements</title><script src=/app.js></script></head>
<body><noscript>Please switch JavaScript on to see this application in your browser, thank you.</noscript>
<div id=root>Loading</div><script>window.state = "many words that nobody sees as they are not part of the page"</script>
</body></html>"""
WORDS = "<p>The agreement of 2024 between the two ministries on labour mobility is in force since May.</p>"


def fetched(body: str, content_type: str = "text/html") -> Fetched:
    return Fetched(ADDRESS, ADDRESS, content_type, body.encode(), datetime(2026, 3, 12, tzinfo=UTC))


def test_a_page_that_is_empty_without_javascript_has_failed() -> None:
    offer = read_page(fetched(SHELL), SOURCE)
    assert offer.failed
    assert "empty without JavaScript" in (offer.problem or "")


@pytest.mark.parametrize(
    "body",
    [
        SHELL.replace("Loading", WORDS),
        # short, but it is all there is
        "<!doctype html><html><body><h1>Agreements</h1></body></html>",
        "%PDF-1.7 <html",
    ],
)
def test_a_page_with_words_or_without_scripts_is_offered(body: str) -> None:
    offer = read_page(fetched(body), SOURCE)
    assert [one.url for one in offer.candidates] == [ADDRESS]
    assert offer.problem is None


def test_a_page_without_bytes_has_failed() -> None:
    assert read_page(fetched(" "), SOURCE).failed
