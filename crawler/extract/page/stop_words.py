"""The stop words by which justext tells prose from menus, mapped from a file that all processes
share.

Trafilatura asks justext where it found next to nothing, which happens on one page of 25. It would
make 154,000 strings in each process for that (0.35 s, 31 MB). This is the only module that imports
justext.
"""

from __future__ import annotations

import logging
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from justext import core  # type: ignore[import-untyped]  # it ships no types
from justext.utils import get_stoplist, get_stoplists  # type: ignore[import-untyped]  # the same

from crawler import disk_cache

_LOG = logging.getLogger(__name__)
_BYTES = 8


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


def _numbers() -> memoryview:
    words = {word.lower() for language in get_stoplists() for word in get_stoplist(language)}
    return memoryview(array("Q", sorted(map(_number, words))))


def _number(word: str) -> int:
    digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()
    return int.from_bytes(digest)


_of_list = core.define_stoplist


def _as_justext_reads(words: StopWords | Iterable[str]) -> StopWords | frozenset[str]:
    return words if isinstance(words, StopWords) else _of_list(words)
