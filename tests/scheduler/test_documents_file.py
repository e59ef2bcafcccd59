"""Documents in JSON lines come in whole, or the line that is wrong is named."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest

from scheduler.documents_file import read_documents
from storage.errors import ConfigurationError


def test_a_document_needs_only_a_title() -> None:
    (document,) = read_documents(StringIO('{"title": "Le Maroc et le Niger signent une déclaration"}\n\n'), "a.jsonl")
    assert (document.title, document.text, document.external_id) == (
        "Le Maroc et le Niger signent une déclaration",
        "",
        None,
    )


def test_all_fields_arrive() -> None:
    line = (
        '{"id": "x1", "lang": "fr", "title": "T", "text": "La ministre a signé un accord avec son homologue.", '
        '"published": "2025-07-29", "outlet": "a.example", "source_url": "https://a.example/1"}\n'
    )
    (document,) = read_documents(StringIO(line), "a.jsonl")
    assert (document.external_id, document.language, document.published_on) == ("x1", "fr", date(2025, 7, 29))
    assert (document.outlet, document.url) == ("a.example", "https://a.example/1")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('{"title": "x"', "a.jsonl:1:14: not a JSON object"),
        ("[1]", "a.jsonl:1: a line should be a JSON object"),
        ('{"id": "x"}', "neither title nor text"),
        ('{"title": 3}', "title: should be text, not int"),
        ('{"title": "x", "published": "soon"}', "'soon' is not a day like 2025-07-28"),
    ],
)
def test_a_wrong_line_is_named(line: str, wanted: str) -> None:
    with pytest.raises(ConfigurationError, match=r".") as caught:
        list(read_documents(StringIO(line), "a.jsonl"))
    assert wanted in str(caught.value)
