"""Word files, made here part by part."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import pytest

from crawler.extract.extract import extract
from crawler.extract.printed.docx import is_docx, read_docx
from storage.errors import UnreadableError
from storage.records import DocumentKind, Fetched
from tests.growth import calls_of

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
FACTS = (
    '<c:coreProperties xmlns:c="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
    "<dc:creator>Press office</dc:creator><dcterms:created>2026-03-02T09:00:00Z</dcterms:created></c:coreProperties>"
)


def paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(*paragraphs: str, facts: str | None = FACTS, head: str = "") -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            f"{head}<w:document {W}><w:body>{''.join(paragraphs)}</w:body></w:document>",
        )
        if facts is not None:
            archive.writestr("docProps/core.xml", facts)
    return body.getvalue()


def reason(body: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        read_docx(body)
    return caught.value.reason


def test_a_word_file_is_read_as_a_document() -> None:
    title, text = (
        "Accord de réadmission",
        "Les deux ministres ont signé l'accord lundi à Lima, après un an de discussions.",
    )
    url = "https://ministry.example/a.docx"
    body = docx(paragraph("Ministère de l'Intérieur"), paragraph(title, "Title"), paragraph(text))
    document = extract(
        Fetched(url, url, "application/octet-stream", body, datetime(2026, 3, 9, tzinfo=UTC))
    )
    assert (document.title, document.kind, document.language) == (title, DocumentKind.DOCX, "fr")
    assert document.text == f"Ministère de l'Intérieur\n{text}"
    assert (document.published_on, document.author) == (date(2026, 3, 2), "Press office")


def test_the_first_line_is_the_title_of_a_file_without_styles() -> None:
    document = read_docx(
        docx(paragraph("بيان صحفي"), paragraph("وقع الوزيران الاتفاق."), facts=None)
    )
    assert (document.title, document.text, document.published_on) == (
        "بيان صحفي",
        "وقع الوزيران الاتفاق.",
        None,
    )


def test_deleted_text_and_doubled_boxes_are_left_out() -> None:
    deleted = "<w:p><w:del><w:r><w:delText>not agreed</w:delText></w:r></w:del><w:r><w:t>agreed</w:t><w:tab/><w:t>today</w:t></w:r></w:p>"
    fallback = (
        '<w:p><mc:Fallback xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"{paragraph('in a box')}</mc:Fallback></w:p>"
    )
    assert read_docx(docx(paragraph("Title"), deleted, fallback)).text == "agreed today"


def test_a_bomb_a_broken_and_a_foreign_file_are_refused() -> None:
    assert reason(docx(paragraph("a" * 21_000_000))) == "too_large"
    assert reason(docx(paragraph("&unknown;"))) == "broken"
    whole = docx(paragraph("text " * 500))
    assert reason(whole[: len(whole) // 2]) == "broken"
    assert not is_docx(whole[:100])
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert not is_docx(other.getvalue())


def test_entities_are_not_resolved() -> None:
    lots = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    secret = '<!DOCTYPE d [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    for head in (lots, secret):
        assert read_docx(docx(paragraph("Title"), paragraph("x&b;y"), head=head)).text == "x"


def nested(depth: int, words: int) -> bytes:
    begin = "<w:p>" + "<w:r><w:t>a </w:t></w:r>" * words
    return docx(paragraph("Title"), begin * depth + "</w:p>" * depth)


def test_paragraphs_within_paragraphs_stand_alone() -> None:
    """A text box lies in the paragraph that it is anchored to."""
    box = f"<w:r><w:txbxContent>{paragraph('boxed')}</w:txbxContent></w:r>"
    around = f"<w:p><w:r><w:t>before </w:t></w:r>{box}<w:r><w:t>after</w:t></w:r></w:p>"
    assert read_docx(docx(paragraph("Title"), around)).text == "before after\nboxed"


def test_the_cost_of_nested_paragraphs_grows_with_their_number_alone() -> None:
    deep, flat = nested(200, 20), docx(*[paragraph("a " * 20)] * 200)
    assert calls_of(lambda: read_docx(deep)) < 40 * calls_of(lambda: read_docx(flat))


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
def test_a_part_that_cannot_be_unpacked_makes_the_file_broken(packing: int) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", packing) as archive:
        text = " ".join(str(number) for number in range(5000))
        archive.writestr("word/document.xml", f"<w:document {W}>{paragraph(text)}</w:document>")
    body = bytearray(written.getvalue())
    begin = body.index(b"word/document.xml") + len("word/document.xml")
    # From its first bytes on, but for LZMA's header, and not as far as the list of the members.
    body[begin + 9 : begin + 200] = b"\xff" * (200 - 9)
    assert reason(bytes(body)) == "broken"
