"""Documents in JSON lines come in whole, or the line that is wrong is named."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest

from scheduler.jobs.documents_file import read_documents
from storage.errors import ConfigurationError


def test_a_document_needs_only_a_title() -> None:
    (document,) = read_documents(
        BytesIO('{"title": "Le Maroc et le Niger signent une déclaration"}\n\n'.encode()), "a.jsonl"
    )
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
    (document,) = read_documents(BytesIO(line.encode()), "a.jsonl")
    assert (document.external_id, document.language, document.published_on) == (
        "x1",
        "fr",
        date(2025, 7, 29),
    )
    assert (document.outlet, document.url) == ("a.example", "https://a.example/1")


@pytest.mark.parametrize(
    ("address", "published", "day"),
    [
        ("https://a.example/2019/02/14/signed", "", date(2019, 2, 14)),
        ("https://a.example/2019-02-14-signed", "", date(2019, 2, 14)),
        ("https://a.example/2019/02/14/signed", "2019-02-15", date(2019, 2, 15)),
        ("https://a.example/20190214/signed", "", None),  # may be a number of another kind
        ("https://a.example/2019/02/signed", "", None),
        ("https://a.example/2019/02/30/signed", "", None),
    ],
)
def test_a_document_without_a_day_is_of_the_day_in_its_address(
    address: str, published: str, day: date | None
) -> None:
    line = f'{{"title": "Signed", "published": "{published}", "source_url": "{address}"}}'
    (document,) = read_documents(BytesIO(line.encode()), "a.jsonl")
    assert document.published_on == day


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "9999-12-31", ""])
def test_how_programs_write_no_day_is_no_day(written: str) -> None:
    line = f'{{"title": "Signed yesterday", "published": "{written}"}}'
    (document,) = read_documents(BytesIO(line.encode()), "a.jsonl")
    assert document.published_on is None


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('{"title": "x"', "a.jsonl:1:14: not a JSON object"),
        ("[1]", "a.jsonl:1: a line should be a JSON object"),
        ('{"id": "x"}', "neither title nor text"),
        ('{"title": 3}', "title: should be text, not int"),
        ('{"title": ' + "[" * 100_000, "a.jsonl:1: nests too deeply"),
        ('{"title": "x", "id": ' + "9" * 5_000 + "}", "a.jsonl:1: holds a number that is too long"),
        ('{"title": "x", "published": "2012-20-16"}', "'2012-20-16' is not a day like 2025-07-28"),
        ('{"title": "x", "published": "soon"}', "'soon' is not a day like 2025-07-28"),
    ],
)
def test_a_wrong_line_is_named(line: str, wanted: str) -> None:
    with pytest.raises(ConfigurationError, match=r".") as caught:
        list(read_documents(BytesIO(line.encode()), "a.jsonl"))
    assert wanted in str(caught.value)


def test_a_line_that_cannot_be_read_harms_no_other() -> None:
    good = '{"title": "Le Maroc et le Niger signent une déclaration"}\n'
    bad = [
        good.encode("cp1252"),
        good.encode("utf-16"),
        good.encode("utf-16-le"),
        b"[" * 100_000 + b"\n",
        b"9" * 5_000 + b"\n",
    ]
    lines = b"".join(one + good.encode() for one in bad)
    faults: list[int] = []
    found = list(read_documents(BytesIO(lines), "a.jsonl", lambda number, _: faults.append(number)))
    assert [document.title for document in found] == [
        "Le Maroc et le Niger signent une déclaration"
    ] * len(bad)
    assert faults == [1, 3, 5, 7, 9]


def test_a_mark_at_the_start_of_the_file_is_no_fault() -> None:
    assert len(list(read_documents(BytesIO(b'\xef\xbb\xbf{"title": "x"}'), "a.jsonl"))) == 1


def test_half_a_character_is_replaced() -> None:
    (document,) = read_documents(BytesIO(b'{"id": "\\ud800", "title": "a\\ud83d b"}'), "a.jsonl")
    assert (document.external_id, document.title) == ("\ufffd", "a\ufffd b")
