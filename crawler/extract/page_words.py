"""What pages and mails say around an article, from `languages/<code>/pages.yaml`.

Menus and calls of a page may be in another language than its article, so that the words of all
languages count together. languages/README.md says of each key what its words are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from crawler.judgement.text.grammar import PAGES_FILE, language_folders
from crawler.located_yaml import shipped_yaml

_KEY = re.compile("<([a-z_]+)>")


def words(key: str) -> tuple[str, ...]:
    """The words of all languages under a key: regular expressions, each once."""
    return tuple(dict.fromkeys(word for listed in _values(key) for word in listed))


@cache
def words_pattern(form: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """A regular expression in which `<key>` stands for any of the words under a key."""
    filled = _KEY.sub(lambda key: "|".join(words(key[1])) or "(?!)", form)
    return re.compile(filled, re.IGNORECASE if ignore_case else re.NOFLAG)


def named_words(key: str) -> dict[str, tuple[str, ...]]:
    """The words under a key whose words stand under names of their own, by these names."""
    named: dict[str, tuple[str, ...]] = {}
    for by_name in _values(key):
        for name, listed in by_name.items():
            named[name] = (*named.get(name, ()), *listed)
    return named


def walls(reason: str, kind: str) -> tuple[str, ...]:
    """The `titles` or `phrases` of pages that are no articles for this reason."""
    of_reason = (by_reason.get(reason, {}) for by_reason in _values("walls"))
    return tuple(text for by_kind in of_reason for text in by_kind.get(kind, ()))


def _values(key: str) -> Iterator[Any]:
    return (page[key] for page in _pages() if key in page)


@cache
def _pages() -> tuple[Mapping[str, Any], ...]:
    files = (folder / PAGES_FILE for folder in language_folders())
    return tuple(shipped_yaml(file) for file in files if file.exists())
