"""PDF with a text layer to text: the one home of pypdfium2.

PDFium is fast and right on Latin scripts, but guesses the order of Arabic letters from how the file stores them, and
tears words apart. It knows where each letter stands: lines with Arabic are put in order by that.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from crawler.extract.page.metadata import clean
from crawler.extract.printed.right_to_left import Glyph, is_right_to_left, reading_order
from storage.errors import UnreadableError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage  # type: ignore[import-untyped]  # it ships no types

_MAX_PAGES = 200  # of a report; the news of it stands at its start
_JUNK_TITLE = re.compile(
    r"\.(?:docx?|pdf|indd|odt|rtf|tmp)\b|^(?:microsoft|untitled|sans titre|document\d*$)", re.I
)
_CREATED = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–—(]?\s*\d{1,4}\s*(?:[/)–—-]\s*\d{0,4})?", re.IGNORECASE)
_REPEATED = 3  # pages with the same first or last line: a running head
_SENTENCE_END = re.compile(r"[.!?:;؟؛…»”\"]$")
_SHORT_LINE = 0.75  # of the longest usual line: where a paragraph ends
_HEADING_MIN = 1.15  # times the usual letter size


@dataclass(frozen=True, slots=True)
class PdfContent:
    """`created_on` is the day of the file, None if it says none."""

    title: str
    text: str
    created_on: date | None
    author: str | None


def read_pdf(body: bytes) -> PdfContent:
    """Raises UnreadableError("encrypted" | "broken" | "no_text")."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise UnreadableError(
                "encrypted", "the PDF is encrypted and needs a password"
            ) from error
        raise UnreadableError("broken", f"the PDF cannot be opened: {error}") from error
    try:
        return _read(document)
    except pypdfium2.PdfiumError as error:
        raise UnreadableError("broken", f"a page of the PDF cannot be read: {error}") from error
    finally:
        document.close()


def _read(document: PdfDocument) -> PdfContent:
    pages = [_page_lines(document, number) for number in range(min(len(document), _MAX_PAGES))]
    start = "".join(line for page in pages[:3] for line in page)
    if not any(map(str.isalpha, start)) and not any(map(str.isalpha, "".join(map("".join, pages)))):
        raise UnreadableError("no_text", "the PDF has no text layer: it is scanned")
    heading = _heading(document)
    facts = document.get_metadata_dict()
    title = _choose_title(clean(facts.get("Title")), clean(" ".join(heading)), pages[0])
    return PdfContent(
        title=title,
        text=_text(pages, set(heading) if title == clean(" ".join(heading)) else {title}),
        created_on=_created(facts.get("CreationDate") or ""),
        author=clean(facts.get("Author")) or None,
    )


def _page_lines(document: PdfDocument, number: int) -> list[str]:
    page = document[number]
    letters = page.get_textpage()
    text = letters.get_text_bounded()
    if is_right_to_left(text):
        text = "\n".join(line for _, line in _lines_in_order(letters))
    page.close()
    # U+FFFE is PDFium's mark for a hyphen that the typesetter put at the end of a line
    return [
        clean(line)
        for line in re.sub("[\ufffe\u0002]\r?\n?", "", text).splitlines()
        if line.strip()
    ]


def _lines_in_order(letters: PdfTextPage) -> list[tuple[int, str]]:
    """Each line of a page: its baseline in points from below, and its text as it is read."""
    lines: list[list[tuple[Glyph, int]]] = [[]]
    for index in range(letters.count_chars()):
        text = _letter(letters, index)
        if text in "\r\n":
            lines.append([])
        elif (
            text != " "
        ):  # PDFium's spaces have no width and stand where it guessed; gaps say where words end
            lines[-1].append(_glyph(letters, index, text))
    placed = [line for line in lines if line]
    texts = reading_order([[glyph for glyph, _ in line] for line in placed])
    # Files name the forms that letters take within words; NFKC gives the letters.
    return [
        (line[0][1], unicodedata.normalize("NFKC", text))
        for line, text in zip(placed, texts, strict=True)
    ]


def _glyph(letters: PdfTextPage, index: int, text: str) -> tuple[Glyph, int]:
    """Where a letter stands, and its baseline."""
    left, baseline = _origin(letters, index)
    inked_from, bottom, inked_to, top = letters.get_charbox(index)
    # Of letters that it took out of a form or a ligature, PDFium's loose box is the tight one.
    _, _, right, _ = letters.get_charbox(index, loose=True)
    return Glyph(
        text, (inked_from + inked_to) / 2, left, max(right, inked_to), top - bottom
    ), round(baseline)


def _letter(letters: PdfTextPage, index: int) -> str:
    from pypdfium2 import raw

    return chr(raw.FPDFText_GetUnicode(letters, index))


def _origin(letters: PdfTextPage, index: int) -> tuple[float, float]:
    """Where the room of a letter begins, in points; its ink may begin further left or right."""
    from pypdfium2 import raw

    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(letters, index, x, y)
    return x.value, y.value


def _heading(document: PdfDocument) -> list[str]:
    """The lines of the first page in the largest letters, if those are larger than usual."""
    import pypdfium2

    try:
        return _largest_lines(document[0])
    except (
        pypdfium2.PdfiumError,
        ValueError,
    ):  # letters that are no Unicode: the text is still good
        return []


def _largest_lines(page: PdfPage) -> list[str]:
    import pypdfium2

    letters = page.get_textpage()
    lines: dict[int, str] = {}  # baseline in points -> text
    sizes: dict[int, float] = {}
    for item in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], textpage=letters):
        baseline, size = round(item.get_matrix().f), item.get_font_size() * abs(item.get_matrix().d)
        lines[baseline] = lines.get(baseline, "") + item.extract()
        sizes[baseline] = max(size, sizes.get(baseline, 0.0))
    worded = [baseline for baseline, text in lines.items() if sum(map(str.isalpha, text)) > 2]
    if not worded:
        return []
    usual = Counter(round(sizes[baseline]) for baseline in worded).most_common(1)[0][0]
    largest = max(sizes[baseline] for baseline in worded)
    if largest < _HEADING_MIN * usual:
        return []
    if any(map(is_right_to_left, lines.values())):
        lines |= dict(_lines_in_order(letters))
    return [clean(lines[baseline]) for baseline in worded if sizes[baseline] > 0.95 * largest]


def _choose_title(declared: str, heading: str, first_page: Sequence[str]) -> str:
    """The title of the file if the page shows it, else the heading, else the first line: file titles are often those
    of the template."""
    usable = len(declared.split()) > 1 and not _JUNK_TITLE.search(declared)
    words, shown = set(declared.casefold().split()), set(" ".join(first_page).casefold().split())
    if usable and (len(words & shown) * 2 > len(words) or not (heading or first_page)):
        return declared
    return heading or (first_page[0] if first_page else "")


def _text(pages: Sequence[Sequence[str]], heading: set[str]) -> str:
    edges = Counter(line for page in pages for line in {*page[:1], *page[-1:]})
    lines = [
        line
        for number, page in enumerate(pages)
        for line in page
        if edges[line] < _REPEATED
        and not _PAGE_NUMBER.fullmatch(line)
        and not (number == 0 and line in heading)
    ]
    return "\n".join(_paragraphs(lines))


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Typeset lines joined again: a paragraph ends with a sentence, or with a line that is short."""
    if not lines:
        return []
    lengths = sorted(map(len, lines))
    usual = lengths[len(lengths) * 9 // 10]
    paragraphs, current = [], ""
    for line in lines:
        current = f"{current} {line}".strip()
        if len(line) < _SHORT_LINE * usual or (
            _SENTENCE_END.search(line) and len(line) < 0.95 * usual
        ):
            paragraphs.append(current)
            current = ""
    return [*paragraphs, current] if current else paragraphs


def _created(text: str) -> date | None:
    match = _CREATED.match(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
