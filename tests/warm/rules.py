"""Rules that are read once in a process, for tests: a load takes a second, and hundreds of tests
begin with one.

What is kept goes by what the files say, so that a file that changes is read again.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from crawler.judgement import judge
from crawler.judgement.rules import book
from crawler.judgement.rules.book import Book, RuleFiles
from crawler.judgement.text.grammar import GRAMMAR_FILE, language_folders


def keep_rules() -> None:
    """Have this process, and those that are forked from it, read each set of rules once."""
    judge.load_book = _load_book  # type: ignore[attr-defined]  # the only caller in a process


def _load_book(files: RuleFiles, cache_dir: Path | None = None) -> Book:
    folders = files.languages or language_folders()
    grammars = [folder / GRAMMAR_FILE for folder in folders]
    paths = (*grammars, *files.packs, *files.data, *files.own)
    return _book(files, tuple(map(_digest, paths)))


@cache
def _book(files: RuleFiles, digests: tuple[str, ...]) -> Book:
    return book.load_book(files)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
