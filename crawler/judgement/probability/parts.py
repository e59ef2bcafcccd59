"""Which part of a document is judged: its beginning, since a report says early what it reports.

What stands around a report (captions, bylines, boxes of links, a tail of other stories) would
otherwise move a verdict that title and lead have settled. The weights are fitted on more: on the
whole of each document, on its beginning, and on the part around the sentence that decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.judgement.probability.features import most_complete
from crawler.judgement.probability.frames import Frames
from crawler.judgement.text.reading import LEAD_WORDS, Reading

# A feature of what is learnt from and never judged. The beginning has none such: whether it is all
# of the document depends on what stands around it.
AROUND = "read: around what decides"
_WORDS = 200
_LEAST_WORDS = 8  # of a line of prose: shorter ones are captions, bylines and links
_ENDS = tuple(".!?…؟۔»\"”’')")
_SENTENCES_BEFORE = 2  # of the same paragraph


def beginning_of(text: str) -> str | None:
    """Return the first 200 words of prose, or None if that is the whole text.

    A text without a line of prose, such as a list, begins with its first line.
    """
    if len(text.split(maxsplit=LEAD_WORDS)) <= LEAD_WORDS:
        return None
    beginning = _first_words(filter(_is_prose, _lines(text))) or _first_words(_lines(text))
    return None if _is_all(beginning, text) else beginning


def _lines(text: str) -> Iterator[str]:
    return filter(None, (line.strip() for line in text.split("\n")))


def _is_all(beginning: str, text: str) -> bool:
    """Whether these are all lines of a text that have a word."""
    lines = _lines(text)
    return all(line == next(lines, None) for line in beginning.split("\n")) and not any(lines)


def _is_prose(line: str) -> bool:
    return line.endswith(_ENDS) and len(line.split()) >= _LEAST_WORDS


def _first_words(lines: Iterable[str]) -> str:
    kept: list[str] = []
    left = _WORDS
    for line in lines:
        words = line.split()
        kept.append(line if len(words) <= left else " ".join(words[:left]))
        left -= len(words)
        if left <= 0:
            break
    return "\n".join(kept)


def around_what_decides(reading: Reading, frames: Frames) -> str | None:
    """Return 200 words of the text that start shortly before its most complete sentence, or None
    where nothing plays a part.
    """
    number = most_complete(frames, from_text=True)
    if number is None:
        return None
    paragraph = reading.sentences[number].paragraph
    first = max(number - _SENTENCES_BEFORE, 1)
    while reading.sentences[first].paragraph != paragraph:
        first += 1
    start = reading.sentences[first].start
    _, position, _, _ = reading.original(start, start)
    return _first_words(reading.text[position:].split("\n"))
