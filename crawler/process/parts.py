"""Dividing a text with several items into parts: sections with a heading, or paragraphs.

Pure functions. In an extracted text each line is a paragraph, so that headings have to be guessed
from the lines alone: a heading is short, does not end like a sentence, and is followed by something
longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from storage.letters import fold_text

_MAX_HEADING = 120  # characters; the longest headings of ministries' lists have about a hundred
_ENDS = ".!?؟:;,…"  # a line that ends like this is a sentence, or introduces what follows
# What follows a heading is at least this many times longer. Items of a list have similar lengths.
_LONGER = 1.5
_WORDS_OF_ADDRESS = 8  # enough to find the place; the address stays short


class Paragraph(NamedTuple):
    """A line with text. `start` and `end` are its offsets, without the spaces around it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """Paragraphs that belong together, with their heading ("" if they have none)."""

    heading: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def start(self) -> int:
        return self.paragraphs[0].start

    @property
    def end(self) -> int:
        return self.paragraphs[-1].end

    @property
    def text(self) -> str:
        return "\n".join(paragraph.text for paragraph in self.paragraphs)


def whole(text: str) -> Part | None:
    """Return the whole text as one part; None if it is empty."""
    found = paragraphs_of(text)
    return Part("", found) if found else None


def paragraphs_of(text: str) -> tuple[Paragraph, ...]:
    """Return the lines of a text that are not empty."""
    found = []
    start = 0
    for line in text.splitlines(keepends=True):
        said = line.strip()
        if said:
            first = start + line.index(said)
            found.append(Paragraph(first, first + len(said), said))
        start += len(line)
    return tuple(found)


def cut(part: Part) -> tuple[Part, ...]:
    """Return the sections of a part, or else its paragraphs; itself if it has only one."""
    sections = _sections(part)
    if len(sections) > 1 or (sections and sections[0] != part):
        return sections
    if len(part.paragraphs) > 1:
        return tuple(Part(part.heading, (paragraph,)) for paragraph in part.paragraphs)
    return (part,)


def added(before: str, text: str) -> tuple[Part, ...]:
    """Return the new paragraphs of `text`; adjacent ones form one part, with the heading above.
    What was moved, or differs in case, accents or quotation marks, is not new.
    """
    known = {fold_text(paragraph.text) for paragraph in paragraphs_of(before)}
    found: list[Part] = []
    heading = ""
    current = paragraphs_of(text)
    last = -2  # index of the last new paragraph
    for index, paragraph in enumerate(current):
        if is_heading(current, index):
            heading = paragraph.text
        elif fold_text(paragraph.text) not in known:
            if index == last + 1:
                found[-1] = Part(found[-1].heading, (*found[-1].paragraphs, paragraph))
            else:
                found.append(Part(heading, (paragraph,)))
            last = index
    return tuple(found)


def is_heading(paragraphs: Sequence[Paragraph], index: int) -> bool:
    """Whether a paragraph looks like the heading of what follows it."""
    said = paragraphs[index].text
    if len(said) > _MAX_HEADING or said[-1] in _ENDS or index + 1 == len(paragraphs):
        return False
    below = paragraphs[index + 1].text
    return below[-1] in _ENDS or len(below) >= _LONGER * len(said)


def address_of(url: str, text: str) -> str:
    """Return the URL with a text fragment (WICG), by which browsers scroll, and which no server
    sees.
    """
    words = " ".join(text.split()[:_WORDS_OF_ADDRESS])
    return f"{url}#:~:text={quote(words, safe='').replace('-', '%2D')}"


def _sections(part: Part) -> tuple[Part, ...]:
    """Divide a part by headings. Paragraphs before the first one keep the heading of the part."""
    found: list[tuple[str, list[Paragraph]]] = [(part.heading, [])]
    for index, paragraph in enumerate(part.paragraphs):
        if is_heading(part.paragraphs, index):
            found.append((paragraph.text, []))
        else:
            found[-1][1].append(paragraph)
    return tuple(_filled(found))


def _filled(sections: Iterable[tuple[str, Sequence[Paragraph]]]) -> Iterator[Part]:
    for heading, paragraphs in sections:
        if paragraphs:
            yield Part(heading, tuple(paragraphs))
