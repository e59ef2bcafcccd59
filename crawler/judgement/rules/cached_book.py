"""The book of rules as it was compiled before: reading it takes a hundredth of the time of parsing.

A book is stored under a digest of all its files and of our code that reads them, so whatever
changes one of them makes another book. Concepts are read when they are asked for: judging needs the
matchers alone, which are stored for each language that was met. A book with a fault is not stored.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache, partial
from pathlib import Path

import crawler
from crawler import disk_cache
from crawler.judgement.rules.book import Book, RuleFiles, load_book
from crawler.judgement.text.grammar import GRAMMAR_FILE, language_folders
from crawler.judgement.text.lexicon import Lexicon, competing_of
from crawler.judgement.text.matching import Matcher, automaton_of
from crawler.located_yaml import read_bytes

_OF_MATCHER = [field.name for field in fields(Matcher) if field.name != "automaton"]


def load_cached_book(files: RuleFiles, cache_dir: Path | None = None) -> Book:
    """Return what `load_book` does, and raise the same, from the user's cache folder if it can."""
    try:
        folder = (cache_dir or disk_cache.user_cache_dir()) / "rules"
    except RuntimeError:  # no home directory: nothing is stored
        return load_book(files, cache_dir)
    name = _name(files)
    if name is None:
        return load_book(files, cache_dir)
    cached = disk_cache.load(folder, name)
    if cached is None:
        return _parsed(files, cache_dir, folder, name)
    rules, grammars, competing, version, concepts = cached
    read_concepts, matchers = partial(pickle.loads, concepts), partial(_matcher, folder, name)
    lexicon = Lexicon.from_cache(read_concepts, competing, grammars, matchers)
    return Book(rules, lexicon, version)


def _name(files: RuleFiles) -> str | None:
    """Return the name of what follows from these files, or None where one cannot be read."""
    folders = files.languages or language_folders()
    grammars = [folder / GRAMMAR_FILE for folder in folders]
    parts = [_code(), *(folder.name.encode() for folder in folders)]
    for group in (grammars, files.packs, files.data, files.own):
        parts.append(b"%d files" % len(group))
        for path in group:
            content = read_bytes(path)
            if isinstance(content, str):
                return None
            parts.append(content)
    return disk_cache.name_of(parts)


@cache
def _code() -> bytes:
    """Return a digest of our code that makes a book of files."""
    root = Path(crawler.__file__).parent
    folders = (root / "judgement" / "text", root / "judgement" / "rules")
    modules = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    modules += [root / "located_yaml.py", root / "disk_cache.py"]
    return disk_cache.name_of(path.read_bytes() for path in modules).encode()


def _parsed(files: RuleFiles, cache_dir: Path | None, folder: Path, name: str) -> Book:
    """Read the book from its files, and store it unless one of them has changed meanwhile."""
    book = load_book(files, cache_dir)
    if _name(files) != name:
        return book
    concepts, grammars = book.lexicon.concepts, book.lexicon.grammars
    competing = competing_of(concepts.values())
    pickled = pickle.PickleBuffer(pickle.dumps(concepts, protocol=5))
    disk_cache.store(folder, name, (book.rules, grammars, competing, book.version, pickled))
    matchers = partial(_matcher, folder, name)
    lexicon = Lexicon.from_cache(lambda: concepts, competing, grammars, matchers)
    return replace(book, lexicon=lexicon)


def _matcher(folder: Path, book: str, language: str, build: Callable[[], Matcher]) -> Matcher:
    """Return the matcher of a language from beside its book's file, where it is stored."""
    name = f"{book}-{language}"
    values = disk_cache.load(folder, name)
    if values is None:
        matcher = build()
        disk_cache.store(folder, name, [getattr(matcher, field) for field in _OF_MATCHER])
        return matcher
    by_field = dict(zip(_OF_MATCHER, values, strict=True))
    automaton = automaton_of(by_field["patterns"])
    # The automaton has its own copy, and it is stored already: they took 6 MB of seven languages.
    by_field["patterns"] = []
    return Matcher(automaton=automaton, **by_field)
