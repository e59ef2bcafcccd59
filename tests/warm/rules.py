"""Rules that are read once in a process, for tests: a load takes a second, and hundreds of tests
begin with one.

What is kept goes by what the files say, wherever they lie, so that a file that changes is read
again. A set of rules with a fault is not kept: its message names the file.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from crawler.judgement import judge
from crawler.judgement.rules import cached_book
from crawler.judgement.rules.book import Book, RuleFiles
from crawler.judgement.text import concepts
from crawler.judgement.text.grammar import GRAMMAR_FILE, language_folders
from crawler.judgement.text.terms import parse_term

_books: dict[tuple[str, ...], Book] = {}


def keep_rules() -> None:
    """Have this process, and those that are forked from it, read each term and each set of rules
    once.
    """
    concepts.parse_term = cache(parse_term)  # type: ignore[attr-defined]  # the only caller
    judge.load_cached_book = _load_book  # type: ignore[attr-defined]  # the only caller


def _load_book(files: RuleFiles, cache_dir: Path | None = None) -> Book:
    folders = files.languages or language_folders()
    grammars = [folder / GRAMMAR_FILE for folder in folders]
    groups = (grammars, files.packs, files.data, files.own)
    said = [folder.name for folder in folders]
    said += [_digest(path) for group in groups for path in (*group, None)]
    if tuple(said) not in _books:
        _books[tuple(said)] = cached_book.load_cached_book(files, cache_dir)
    return _books[tuple(said)]


def _digest(path: Path | None) -> str:
    """What a file says; a group of files ends with None."""
    is_file = path is not None and path.is_file()
    return hashlib.sha256(path.read_bytes()).hexdigest() if path and is_file else ""
