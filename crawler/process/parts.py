"""Recognising documents that hold several unrelated stories, and cutting them into these.

Live pages, briefings, bulletins and lists of releases are such documents. Pure functions. Only what
is clearly a round-up is cut; a long article with headings about one subject stays whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote

from crawler.judgement.text.grammar import Grammar
from storage.letters import fold_text
from storage.records import Document, Evidence, Verdict, Zone

# Where the title says that it is a round-up, this many stories are enough. Otherwise the text
# alone has to show it, and many articles have a few headings.
_FEWEST_TITLED = 3
_FEWEST_UNTITLED = 5
_LONGEST_TITLE = 200  # characters of a first sentence that serves as title
_LONGEST_CLOCK = 45  # characters of a line that says only when: "Updated at 14.05 GMT, 3 March"
_MOST_WORDS_BESIDE_TIME = 5  # "First published on Monday 3 March at 14:05" has no more
_MOST_WORDS_AFTER_TIME = 2  # "14:05 Breaking" has no sentence yet
# Words of a label: "UK politics live" is one, "The best places in which to live" is none.
_LONGEST_LABEL = 5
_TYPICAL_STORY = 150  # characters; sections of a table or of a menu are shorter
# Most sections of a bulletin take up a word of their heading, and name somebody. Many answers in
# an interview do neither.
_MOST_STORIES = 2 / 3
_IN_ORDER = 0.7  # of the times of a ticker; corrections and "updated at" break the order
_MOST_OF_TEXT = 0.5  # of the characters have to stand below the marks of stories
# A name in more than a third of the sections is what the whole article is about.
_SHARED = 1 / 3

# With a dot it is a time only if something says so: "4.27" may be a price, a section or a version.
_ZONE = r"(?:\s?(?:[ap]\.?m\b\.?|(?:GMT|BST|CES?T|E[DS]T|UTC|AEDT|Uhr|h)\b))"
_HOUR, _MINUTE = r"(?:[01]?\d|2[0-3])", r"[0-5]\d"
_CLOCK = (
    rf"(?<![\d.:,])(?:({_HOUR})(?::|\s?h\s?)({_MINUTE})(?![\d:%]|[.,]\d)|"
    rf"({_HOUR})\.({_MINUTE})(?={_ZONE})){_ZONE}*"
)
_TIME = re.compile(_CLOCK, re.I)
_STARTS_WITH_TIME = re.compile(rf"[\s•*–—-]{{0,3}}{_CLOCK}\W+(?=\w)", re.I)
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")
_BULLET = re.compile(r"(?:[-–—•*▪►■●◾‣·]|\d{1,2}[.)])\s+(?=\w)")
_SENTENCE = re.compile(r".+?[.!?؟](?=\s|$)")
_SEPARATOR = re.compile(r"\s[-–—|]\s|\s?[:|]\s|,\s")
# A word with a capital within a sentence; in Arabic, which has none, any longer word.
_NAME = re.compile(r"(?<=[\w,;)] )(?:[A-ZÀ-Þ][\w’'-]{2,}|[\u0621-\u064a]{5,})")
_ENDS_PARAGRAPH = (*'.!?؟:;…"”»)',)


@dataclass(frozen=True, slots=True)
class Story:
    """A story, `document.text[start:end]`; `title_at`: where its own title stands, if any."""

    title: str
    title_at: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """The paragraph of a story's mark, and that of its text. Without a heading, its title is the
    first sentence from `title_at` on.
    """

    at: int
    text_at: int
    heading: Paragraph | None
    title_at: int = 0


def stories_of(document: Document, grammar: Grammar) -> tuple[Story, ...]:
    """Return the stories of a round-up in the order of its text; none for any other document."""
    if document.is_part or document.text.count("\n") < _FEWEST_TITLED:
        return ()
    paragraphs = paragraphs_of(document.text)
    marks = _marks(document, paragraphs, is_round_up_title(document.title, grammar))
    return tuple(_stories(document, paragraphs, marks)) if marks else ()


def document_of(story: Story, page: Document) -> Document:
    """Return a story as a document of its own, with the URL of its place in the page."""
    text = page.text[story.start : story.end]
    url = address_of(page.url, text) if page.url else None
    return replace(page, title=story.title, text=text, url=url, external_id=None, is_part=True)


def in_page(verdict: Verdict, story: Story) -> Verdict:
    """Return the verdict on a story with evidence whose offsets hold in the whole document."""
    return replace(
        verdict, evidence=tuple(_moved(evidence, story) for evidence in verdict.evidence)
    )


def is_round_up_title(title: str, grammar: Grammar) -> bool:
    """Whether a title says that a page is live, a briefing, a bulletin or a list."""
    folded = f" {fold_text(title)} "
    if any(f" {term} " in folded for term in grammar.round_ups):
        return True
    labels = (fold_text(piece).split() for piece in _SEPARATOR.split(title))
    return any(
        " ".join(words[at:]) in grammar.round_up_labels
        for words in labels
        if len(words) <= _LONGEST_LABEL
        for at in range(len(words))
    )


def _marks(document: Document, paragraphs: Sequence[Paragraph], is_titled: bool) -> Sequence[_Mark]:
    """Return where the stories begin; nothing if this is no round-up."""
    fewest = _FEWEST_TITLED if is_titled else _FEWEST_UNTITLED
    ticker = _times(paragraphs)
    if len(ticker) >= fewest and _covers(ticker, paragraphs):
        return ticker
    headings = [
        _Mark(index, index + 1, paragraph)
        for index, paragraph in enumerate(paragraphs)
        if _begins_section(paragraphs, index)
    ]
    has_sections = len(headings) >= fewest and _covers(headings, paragraphs)
    if has_sections and (is_titled or _are_unrelated(document.title, headings, paragraphs)):
        return headings
    bullets = [
        _Mark(index, index, None, bullet.end())
        for index, paragraph in enumerate(paragraphs if is_titled else ())
        if (bullet := _BULLET.match(paragraph.text)) is not None
    ]
    return bullets if len(bullets) >= fewest and _covers(bullets, paragraphs) else ()


def _covers(marks: Sequence[_Mark], paragraphs: Sequence[Paragraph]) -> bool:
    """Whether most of the text stands below the marks."""
    below = paragraphs[-1].end - paragraphs[marks[0].at].start
    return below >= _MOST_OF_TEXT * (paragraphs[-1].end - paragraphs[0].start)


def _times(paragraphs: Sequence[Paragraph]) -> list[_Mark]:
    """Return the entries of a live ticker, whose times rise or fall, unlike a programme's."""
    marks: list[_Mark] = []
    minutes: list[int] = []
    for index in range(len(paragraphs)):
        marked = _time_mark(paragraphs, index)
        if marked is not None:
            mark, clock = marked
            marks.append(mark)
            minutes.append(clock)
    return marks if _in_order(minutes) else []


def _time_mark(paragraphs: Sequence[Paragraph], index: int) -> tuple[_Mark, int] | None:
    line = paragraphs[index].text
    if line[0] == "|" or not _DIGIT.search(line, 0, _LONGEST_CLOCK):
        return None  # a table has its own times
    starts = _STARTS_WITH_TIME.match(line)
    if starts is not None and len(_WORD.findall(line, starts.end())) > _MOST_WORDS_AFTER_TIME:
        return _Mark(index, index, None, starts.end()), _minutes(starts)
    alone = _TIME.search(line) if len(line) <= _LONGEST_CLOCK else None
    if alone is None or len(_WORD.findall(line)) > _MOST_WORDS_BESIDE_TIME:
        return None
    if index + 1 == len(paragraphs):
        return None
    has_heading = _is_headline(paragraphs, index + 1)
    heading = paragraphs[index + 1] if has_heading else None
    return _Mark(index, index + 1 + has_heading, heading), _minutes(alone)


def _minutes(found: re.Match[str]) -> int:
    hours, minutes = (int(part) for part in found.groups() if part is not None)
    return 60 * hours + minutes


def _in_order(minutes: Sequence[int]) -> bool:
    pairs = list(pairwise(minutes))
    rising = sum(one <= other for one, other in pairs)
    falling = sum(one >= other for one, other in pairs)
    return bool(pairs) and max(rising, falling) >= _IN_ORDER * len(pairs)


def _begins_section(paragraphs: Sequence[Paragraph], index: int) -> bool:
    """Whether a line is a heading, and no line of a sentence that was broken into lines."""
    above = paragraphs[index - 1].text[-1] if index else "."
    return above in _ENDS_PARAGRAPH and _is_headline(paragraphs, index)


def _is_headline(paragraphs: Sequence[Paragraph], index: int) -> bool:
    if index + 1 >= len(paragraphs) or not is_heading(paragraphs, index):
        return False
    line, below = paragraphs[index].text, paragraphs[index + 1].text
    if line[0].islower() or below[0].islower():
        return False
    # It has words, and is no item of a list, no speech and no markup.
    has_words = line[0].isalnum() and len(_WORD.findall(line)) > 1
    return has_words and _BULLET.match(line) is None and "{" not in line


def _are_unrelated(title: str, marks: Sequence[_Mark], paragraphs: Sequence[Paragraph]) -> bool:
    """Whether no name runs through the sections, and few of them are about the title."""
    sections = [
        "\n".join(paragraph.text for paragraph in paragraphs[mark.at : end])
        for mark, end in _spans(marks, paragraphs)
    ]
    if sorted(map(len, sections))[len(sections) // 2] < _TYPICAL_STORY:
        return False
    if sum(map(_is_own_story, sections)) < _MOST_STORIES * len(sections):
        return False
    most = _SHARED * len(sections)
    names = Counter(
        name for section in sections for name in set(map(fold_text, _NAME.findall(section)))
    )
    if not names or max(names.values()) > most:
        return False
    subject = {word for word in fold_text(title).split() if len(word) > 3}
    return sum(not subject.isdisjoint(fold_text(section).split()) for section in sections) <= most


def _is_own_story(section: str) -> bool:
    """Whether a section takes up a word of its heading, and names somebody."""
    heading, _, text = section.partition("\n")
    words = {word for word in fold_text(heading).split() if len(word) > 3}
    return _NAME.search(text) is not None and not words.isdisjoint(fold_text(text).split())


def _spans(marks: Sequence[_Mark], paragraphs: Sequence[Paragraph]) -> Iterator[tuple[_Mark, int]]:
    """Yield each mark with the index of the paragraph behind its story."""
    ends = [*(mark.at for mark in marks[1:]), len(paragraphs)]
    yield from zip(marks, ends, strict=True)


def _stories(
    document: Document, paragraphs: Sequence[Paragraph], marks: Sequence[_Mark]
) -> Iterator[Story]:
    """Yield what stands above the first mark, under the title of the document, and each story."""
    first = marks[0].at
    if first > 0:
        yield Story(document.title, None, paragraphs[0].start, paragraphs[first - 1].end)
    for mark, end in _spans(marks, paragraphs):
        if mark.text_at >= end:
            continue
        start = paragraphs[mark.text_at].start
        title, title_at = _title(mark, paragraphs[mark.text_at])
        yield Story(title, title_at, start, paragraphs[end - 1].end)


def _title(mark: _Mark, first: Paragraph) -> tuple[str, int]:
    if mark.heading is not None:
        return mark.heading.text, mark.heading.start
    line = first.text[mark.title_at :]
    sentence = _SENTENCE.match(line)
    title = sentence.group() if sentence is not None else line
    if len(title) > _LONGEST_TITLE:
        title = title[:_LONGEST_TITLE].rsplit(" ", 1)[0]
    return title, first.start + mark.title_at


def _moved(evidence: Evidence, story: Story) -> Evidence:
    if evidence.zone is not Zone.TITLE:
        return replace(evidence, start=evidence.start + story.start, end=evidence.end + story.start)
    if story.title_at is None:
        return evidence
    at = story.title_at
    return replace(evidence, zone=Zone.BODY, start=evidence.start + at, end=evidence.end + at)


# --- parts: sections with a heading, or paragraphs ------------------------------------------------

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
    paragraphs = []
    start = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped:
            first = start + line.index(stripped)
            paragraphs.append(Paragraph(first, first + len(stripped), stripped))
        start += len(line)
    return tuple(paragraphs)


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
    parts: list[Part] = []
    heading = ""
    current = paragraphs_of(text)
    last = -2  # index of the last new paragraph
    for index, paragraph in enumerate(current):
        if is_heading(current, index):
            heading = paragraph.text
        elif fold_text(paragraph.text) not in known:
            if index == last + 1:
                parts[-1] = Part(parts[-1].heading, (*parts[-1].paragraphs, paragraph))
            else:
                parts.append(Part(heading, (paragraph,)))
            last = index
    return tuple(parts)


def is_heading(paragraphs: Sequence[Paragraph], index: int) -> bool:
    """Whether a paragraph looks like the heading of what follows it."""
    line = paragraphs[index].text
    if len(line) > _MAX_HEADING or line[-1] in _ENDS or index + 1 == len(paragraphs):
        return False
    below = paragraphs[index + 1].text
    return below[-1] in _ENDS or len(below) >= _LONGER * len(line)


def address_of(url: str, text: str) -> str:
    """Return the URL with a text fragment (WICG) for browsers, which no server sees."""
    words = " ".join(text.split()[:_WORDS_OF_ADDRESS])
    return f"{url}#:~:text={quote(words, safe='').replace('-', '%2D')}"


def _sections(part: Part) -> tuple[Part, ...]:
    """Divide a part by headings. Paragraphs before the first one keep the heading of the part."""
    sections: list[tuple[str, list[Paragraph]]] = [(part.heading, [])]
    for index, paragraph in enumerate(part.paragraphs):
        if is_heading(part.paragraphs, index):
            sections.append((paragraph.text, []))
        else:
            sections[-1][1].append(paragraph)
    return tuple(Part(heading, tuple(own)) for heading, own in sections if own)
