"""Reading the text layer of PDF files. This is the only module that imports pypdfium2.

PDFium is fast, and right on Latin scripts, but it guesses the order of Arabic letters from how the
file stores them, and splits words. It does know the position of each letter, by which lines with
Arabic are put in order.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import PdfDocument, PdfPage, PdfTextPage, raw

from crawler.extract.fields import clean
from crawler.extract.printed.step_limit import limited_step
from storage.errors import UnreadableError
from storage.languages import UNKNOWN_LANGUAGE
from storage.records import Document, DocumentKind

_MAX_PAGES = 200  # to read of a report, whose news is at its start
_JUNK_TITLE = re.compile(
    r"\.(?:docx?|pdf|indd|odt|rtf|tmp)\b|^(?:microsoft|untitled|sans titre|document\d*$)", re.I
)
_CREATED = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–—(]?\s*\d{1,4}\s*(?:[/)–—-]\s*\d{0,4})?", re.IGNORECASE)
_REPEATED = 3  # a first or last line on so many pages is a running head
_SENTENCE_END = re.compile(r"[.!?:;؟؛…»”\"]$")
_SHORT_LINE = 0.75  # of the usual length of long lines; a shorter line ends a paragraph
_HEADING_MIN = 1.15  # times the usual font size


def read_pdf(body: bytes) -> Document:
    """Read a PDF. Raises UnreadableError ("encrypted", "broken" or "scanned")."""
    try:
        with limited_step():
            document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            message = "the PDF is encrypted and needs a password"
            raise UnreadableError("encrypted", message) from error
        raise UnreadableError("broken", f"the PDF cannot be opened: {error}") from error
    try:
        return _read_pages(document)
    except pypdfium2.PdfiumError as error:
        raise UnreadableError("broken", f"a page of the PDF cannot be read: {error}") from error
    finally:
        document.close()


def _read_pages(document: PdfDocument) -> Document:
    with limited_step():
        count = min(len(document), _MAX_PAGES)
    pages = [_page_lines(document, number) for number in range(count)]
    start = "".join(line for page in pages[:3] for line in page)
    if not any(map(str.isalpha, start)) and not any(map(str.isalpha, "".join(map("".join, pages)))):
        raise UnreadableError("scanned", "the PDF has pages, but no text: it is a scan")
    with limited_step():
        heading, facts = _heading(document), document.get_metadata_dict()
    title = _choose_title(clean(facts.get("Title")), clean(" ".join(heading)), pages[0])
    return Document(
        title=title,
        text=_text(pages, set(heading) if title == clean(" ".join(heading)) else {title}),
        language=UNKNOWN_LANGUAGE,
        published_on=_created(facts.get("CreationDate") or ""),
        author=clean(facts.get("Author")) or None,
        kind=DocumentKind.PDF,
    )


def _page_lines(document: PdfDocument, number: int) -> list[str]:
    with limited_step():
        page = document[number]
        letters = page.get_textpage()
        text = letters.get_text_bounded()
        if is_right_to_left(text):
            text = "\n".join(line for _, line in _lines_in_order(letters))
        page.close()
    # U+FFFE is PDFium's mark for a hyphen that was inserted at the end of a line.
    joined = re.sub("[\ufffe\u0002]\r?\n?", "", text)
    return [clean(line) for line in joined.splitlines() if line.strip()]


def _lines_in_order(letters: PdfTextPage) -> list[tuple[int, str]]:
    """Return (baseline in points from the bottom, text in reading order) of each line."""
    lines: list[list[tuple[Glyph, int]]] = [[]]
    for index in range(letters.count_chars()):
        text = chr(raw.FPDFText_GetUnicode(letters, index))
        if text in "\r\n":
            lines.append([])
        # PDFium's spaces are guessed, and have no width: gaps show where words end.
        elif text != " ":
            lines[-1].append(_glyph(letters, index, text))
    placed = [line for line in lines if line]
    texts = reading_order([[glyph for glyph, _ in line] for line in placed])
    # Files contain the forms that letters take within words; NFKC turns these into letters.
    return [
        (line[0][1], unicodedata.normalize("NFKC", text))
        for line, text in zip(placed, texts, strict=True)
    ]


def _glyph(letters: PdfTextPage, index: int, text: str) -> tuple[Glyph, int]:
    """Return a letter with its position, and its baseline."""
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(letters, index, x, y)
    left, baseline = x.value, y.value
    inked_from, bottom, inked_to, top = letters.get_charbox(index)
    # For letters from a form or a ligature, PDFium's loose box is the same as the tight one.
    _, _, right, _ = letters.get_charbox(index, loose=True)
    middle = (inked_from + inked_to) / 2
    return Glyph(text, middle, left, max(right, inked_to), top - bottom), round(baseline)


def _heading(document: PdfDocument) -> list[str]:
    """Return the lines of the first page in the largest font, if this is larger than usual."""
    try:
        return _largest_lines(document[0])
    except (pypdfium2.PdfiumError, ValueError):  # invalid characters; the text is still usable
        return []


def _largest_lines(page: PdfPage) -> list[str]:
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
    """Return the declared title if it is no template's, else heading or first line."""
    usable = len(declared.split()) > 1 and not _JUNK_TITLE.search(declared)
    words, shown = set(declared.casefold().split()), set(" ".join(first_page).casefold().split())
    if usable and (len(words & shown) * 2 > len(words) or not (heading or first_page)):
        return declared
    return heading or (first_page[0] if first_page else "")


def _text(pages: Sequence[Sequence[str]], heading: set[str]) -> str:
    edges = Counter(line for page in pages for line in {*page[:1], *page[-1:]})
    first_page = [line for line in pages[0] if line not in heading] if pages else []
    lines = [*first_page, *(line for page in pages[1:] for line in page)]
    is_running_head = {line for line, count in edges.items() if count >= _REPEATED}
    text = [line for line in lines if line not in is_running_head]
    return "\n".join(_paragraphs([line for line in text if not _PAGE_NUMBER.fullmatch(line)]))


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Join lines to paragraphs. A paragraph ends with a short line, or with a sentence."""
    if not lines:
        return []
    lengths = sorted(map(len, lines))
    usual = lengths[len(lengths) * 9 // 10]
    paragraphs, current = [], ""
    for line in lines:
        current = f"{current} {line}".strip()
        is_short = len(line) < _SHORT_LINE * usual
        ends_sentence = _SENTENCE_END.search(line) and len(line) < 0.95 * usual
        if is_short or ends_sentence:
            paragraphs.append(current)
            current = ""
    return [*paragraphs, current] if current else paragraphs


def _created(text: str) -> date | None:
    match = _CREATED.match(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


# --- bringing the glyphs of a typeset line into reading order -------------------------------------

_RIGHT_TO_LEFT = ("R", "AL")
# Unicode's bidirectional classes -> ours.
_CLASSES = {"L": "L", "R": "R", "AL": "R", "EN": "N", "AN": "N", "CS": "S"}
# As a share of the font size. A space is at least 0.2 wide, of which the swash of a last letter
# takes up to 0.04. Within words, letters that do not join are up to 0.1 apart.
_WORD_GAP = 0.15
# The same to the right of a letter with a vowel sign. Programs that store the two as one give it
# the width of the sign, which is too small by a third of the line's height.
_GAP_BESIDE_MARK = 0.45
# What is read from left to right within a line of Arabic: Latin words with everything between them,
# and numbers with their separators (UAX #9, rule W4: a single one between two numbers).
_LEFT_TO_RIGHT_RUN = re.compile("L(?:[LNSX]*[LN])?|N+(?:SN+)*|.")
_RIGHT_TO_LEFT_RUN = re.compile("R(?:[RNSX]*R)?|.")
_BRACKETS = dict(zip("()[]{}«»‹›", ")(][}{»«›‹", strict=True))
_OPENING = frozenset("([{«‹")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A letter, in points: middle of its ink, edges and height of its box."""

    text: str
    middle: float
    left: float
    right: float
    size: float


def is_right_to_left(text: str) -> bool:
    """Whether a text contains a letter of a script that is written from right to left."""
    return any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)


def reading_order(lines: Sequence[Sequence[Glyph]]) -> list[str]:
    """Return the text of each line, which has the direction of its first and last letter, or where
    these differ that of most letters of the page.
    """
    letters = "".join(_class_of(glyph.text) for line in lines for glyph in line)
    usual = "R" if letters.count("R") >= letters.count("L") else "L"
    return [_line_in_order(line, usual) for line in lines]


def _line_in_order(line: Sequence[Glyph], usual: str) -> str:
    cells = _cells(line)
    classes = "".join(map(_class_of, cells))
    letters = [cls_ for cls_ in classes if cls_ in "LR"] or [usual]
    direction = letters[0] if letters[0] == letters[-1] else usual
    if direction == "R":
        return _with_brackets(_turned(cells))
    runs = (cells[match.start() : match.end()] for match in _RIGHT_TO_LEFT_RUN.finditer(classes))
    return _with_brackets("".join(map(_turned, runs)))


def _turned(cells: Sequence[str]) -> str:
    """Return the text of cells, which are given from left to right, as read from right to left."""
    classes = "".join(map(_class_of, cells))
    matches = _LEFT_TO_RIGHT_RUN.finditer(classes)
    runs = ["".join(cells[run.start() : run.end()]) for run in matches]
    return "".join(reversed(runs))


def _cells(glyphs: Sequence[Glyph]) -> list[str]:
    """Return letters with their marks, and spaces, from left to right."""
    bases = sorted((one for one in glyphs if not _is_mark(one)), key=lambda one: one.middle)
    if not bases:
        return ["".join(one.text for one in glyphs)] if glyphs else []
    marks: dict[int, str] = {}
    for mark in filter(_is_mark, glyphs):
        nearest = _nearest(bases, mark.middle)
        marks[nearest] = marks.get(nearest, "") + mark.text
    size = max(base.size for base in bases)
    cells = [bases[0].text + marks.get(0, "")]
    for number, (before, glyph) in enumerate(pairwise(bases), 1):
        gap = _GAP_BESIDE_MARK if number - 1 in marks else _WORD_GAP
        if glyph.left - before.right > gap * size:
            cells.append(" ")
        cells.append(glyph.text + marks.get(number, ""))
    return cells


def _nearest(bases: Sequence[Glyph], middle: float) -> int:
    after = bisect_left(bases, middle, key=lambda glyph: glyph.middle)
    around = range(max(0, after - 1), min(len(bases), after + 1))
    return min(around, key=lambda index: abs(bases[index].middle - middle))


def _with_brackets(text: str) -> str:
    """Correct brackets, which some programs store as meant, and some mirrored. The spaces beside
    one show whether it opens; if they do not, it closes if another one is open.
    """
    characters, is_open = list(text), False
    for index, character in enumerate(characters):
        if character in _BRACKETS:
            after_space = not text[:index] or text[index - 1].isspace()
            before_space = not text[index + 1 :] or not text[index + 1].isalnum()
            opens = after_space if after_space != before_space else not is_open
            characters[index] = (
                character if opens == (character in _OPENING) else _BRACKETS[character]
            )
            is_open = opens
    return "".join(characters)


def _is_mark(glyph: Glyph) -> bool:
    return unicodedata.category(glyph.text[0]) == "Mn"


def _class_of(cell: str) -> str:
    """Return the class of a cell: L, R, N for numbers, S for their separators, X for the rest."""
    return _CLASSES.get(unicodedata.bidirectional(cell[0]), "X")
