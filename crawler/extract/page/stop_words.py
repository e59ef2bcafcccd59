"""The stop words by which justext tells prose from menus, mapped from a file that all processes
share.

Trafilatura asks justext where it found next to nothing, which happens on one page of 25. It would
make 154,000 strings in each process for that (0.35 s, 31 MB). This is the only module that imports
justext.
"""

from __future__ import annotations

import logging
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from justext import core, paragraph  # type: ignore[import-untyped]  # it ships no types
from justext.utils import get_stoplist, get_stoplists  # type: ignore[import-untyped]  # the same
from lxml.etree import strip_attributes  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from lxml.html import HtmlElement as Element  # type: ignore[import-untyped]  # the same

from crawler import disk_cache

_LOG = logging.getLogger(__name__)
_BYTES = 8
_SEVERAL_SPACES = re.compile(r"[^\S ]\s*| \s+")  # a single one is in order


class StopWords:
    """Lower-case words, as sorted numbers that stand for them. Among so many words, one in
    100,000,000,000,000 others would be taken for one of them.
    """

    def __init__(self, numbers: memoryview) -> None:
        self._numbers = numbers
        self._holds = lru_cache(maxsize=8192)(self._is_listed)  # a page repeats its words

    def __contains__(self, word: str) -> bool:
        return self._holds(word)

    def _is_listed(self, word: str) -> bool:
        number = _number(word)
        place = bisect_left(self._numbers, number)
        return place < len(self._numbers) and self._numbers[place] == number


@cache
def stop_words() -> StopWords:
    """Return the stop words of all languages of justext."""
    core.define_stoplist = _as_justext_reads
    _spare_paragraphs()
    try:
        folder = disk_cache.user_cache_dir() / "stop-words"
    except RuntimeError:  # no home directory: nothing is kept
        return StopWords(_numbers())
    name = disk_cache.name_of([Path(__file__).read_bytes(), version("justext").encode()])
    found = disk_cache.find(folder, name)
    if found is not None and len(found.blocks) == 1:
        return StopWords(found.blocks[0].cast("Q"))
    numbers = _numbers()
    disk_cache.keep(folder, name, None, blocks=[numbers])
    return StopWords(numbers)


def _spare_paragraphs() -> None:
    """Take from justext what takes half of the time in which it finds the paragraphs of a page."""
    # It asks each paragraph for its text ten times, one paragraph after the other, and brings the
    # spaces in order each time.
    paragraph.normalize_whitespace = lru_cache(maxsize=32)(in_order)
    paragraph.Paragraph.__bool__ = _has_text  # asked at each tag
    core.PathInfo.xpath = ""  # of each paragraph; nobody asks for it
    # lxml would make three objects of the attributes of each element, at which justext never looks.
    made = core.ParagraphMaker.make_paragraphs

    def make(root: Element) -> list[paragraph.Paragraph]:
        strip_attributes(root, "{}*")
        found: list[paragraph.Paragraph] = made(root)
        return found

    core.ParagraphMaker.make_paragraphs = make


def in_order(text: str) -> str:
    """Return a text with one space for several, or one line break if there is one among them."""
    if text.isprintable() and "  " not in text:  # of all spaces only this one can be printed
        return text
    return _SEVERAL_SPACES.sub(
        lambda found: "\n" if "\n" in found[0] or "\r" in found[0] else " ", text
    )


def _has_text(one: paragraph.Paragraph) -> bool:
    return any(text and not text.isspace() for text in one.text_nodes)


def _numbers() -> memoryview:
    words = {word.lower() for language in get_stoplists() for word in get_stoplist(language)}
    return memoryview(array("Q", sorted(map(_number, words))))


def _number(word: str) -> int:
    digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()
    return int.from_bytes(digest)


_of_list = core.define_stoplist


def _as_justext_reads(words: StopWords | Iterable[str]) -> StopWords | frozenset[str]:
    return words if isinstance(words, StopWords) else _of_list(words)
