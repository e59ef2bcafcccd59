"""The book of rules as it was compiled before: reading it takes a hundredth of the time of parsing.

A book is stored under a digest of all its files and of our code that reads them, so whatever
changes one of them makes another book. Concepts are stored apart and read when they are asked for:
judging needs the matchers alone, which are stored for each language that was met. A book with a
fault is not stored.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import crawler
from crawler import disk_cache
from crawler.judgement.rules import model
from crawler.judgement.rules.book import Book, RuleFiles, load_book
from crawler.judgement.text import matching
from crawler.judgement.text.grammar import GRAMMAR_FILE, Clitics, Grammar, language_folders
from crawler.judgement.text.lexicon import Concept, Lexicon, competing_of
from crawler.judgement.text.matching import Matcher, automaton_of
from crawler.judgement.text.terms import ExactForm, ParsedTerm, WordSequence
from crawler.located_yaml import read_bytes
from storage.records import Zone

_BOOK_CLASSES = (
    model.Condition,
    model.Element,
    model.Example,
    model.Rule,
    model.RuleSet,
    model.Signal,
    model.Trap,
    Clitics,
    Grammar,
    Zone,
)
_MATCHER_CLASSES = (ExactForm, matching._Slot)
_OF_MATCHER = [one.name for one in fields(Matcher) if one.name != "automaton"]
_BOOK, _CONCEPTS = 0, 1  # the values of a book's file


def load_cached_book(files: RuleFiles, cache_dir: Path | None = None) -> Book:
    """Return what `load_book` does, and raise the same, from the user's cache folder if it can."""
    try:
        folder = (cache_dir or disk_cache.user_cache_dir()) / "rules"
    except RuntimeError:  # no home directory: nothing is stored
        return load_book(files, cache_dir)
    name = _name(files)
    if name is None:
        return load_book(files, cache_dir)
    with _no_garbage():
        return _found(folder, name) or _parsed(files, cache_dir, folder, name)


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


def _found(folder: Path, name: str) -> Book | None:
    """Return the stored book, with concepts that are read from the mapped file."""

    def restore(found: disk_cache.CachedFile) -> Book:
        rules, grammars, competing, version = found.value(_BOOK, _BOOK_CLASSES)
        matchers = partial(_matcher, folder, name)
        lexicon = Lexicon.from_cache(lambda: _concepts(found), competing, grammars, matchers)
        return Book(rules, lexicon, version)

    return disk_cache.restored(folder, name, restore)


def _parsed(files: RuleFiles, cache_dir: Path | None, folder: Path, name: str) -> Book:
    """Read the book from its files, and store it unless one of them has changed meanwhile."""
    book = load_book(files, cache_dir)
    if _name(files) != name:
        return book
    concepts, grammars = book.lexicon.concepts, book.lexicon.grammars
    competing = competing_of(concepts.values())
    plain = [
        (one.id, _plain_terms(one.terms), _plain_terms(one.masks), one.longest)
        for one in concepts.values()
    ]
    disk_cache.store(folder, name, (book.rules, grammars, competing, book.version), plain)
    matchers = partial(_matcher, folder, name)
    lexicon = Lexicon.from_cache(lambda: concepts, competing, grammars, matchers)
    return replace(book, lexicon=lexicon)


def _matcher(folder: Path, book: str, language: str, build: Callable[[], Matcher]) -> Matcher:
    """Return the matcher of a language from beside its book's file, where it is stored."""
    name = f"{book}-{language}"
    found = disk_cache.find(folder, name)
    if found is None:
        matcher = build()
        disk_cache.store(folder, name, [getattr(matcher, field) for field in _OF_MATCHER])
        return matcher
    with _no_garbage():
        values: list[Any] = found.value(0, _MATCHER_CLASSES)
    by_field = dict(zip(_OF_MATCHER, values, strict=True))
    automaton = automaton_of(by_field["patterns"])
    # The automaton has its own copy, and it is stored already: they took 6 MB of seven languages.
    by_field["patterns"] = []
    return Matcher(automaton=automaton, **by_field)


# Terms as plain tuples are written and read in a third of the time.
_PlainTerms = dict[str, list[tuple[Any, ...]]]


def _plain_terms(by_language: Mapping[str, tuple[ParsedTerm, ...]]) -> _PlainTerms:
    return {language: list(map(_plain_term, terms)) for language, terms in by_language.items()}


def _plain_term(term: ParsedTerm) -> tuple[Any, ...]:
    source, parts, gaps, case, accents, clitics, masks = term
    plain_parts = tuple([tuple(map(tuple, choice)) for choice in parts])
    return source, plain_parts, gaps, case, accents, clitics, tuple(map(_plain_term, masks))


def _concepts(found: disk_cache.CachedFile) -> dict[str, Concept]:
    with _no_garbage():
        return {
            name: Concept(name, _terms(terms), _terms(masks), longest)
            for name, terms, masks, longest in found.value(_CONCEPTS)
        }


def _terms(plain: _PlainTerms) -> dict[str, tuple[ParsedTerm, ...]]:
    return {language: tuple(map(_term, terms)) for language, terms in plain.items()}


def _term(plain: tuple[Any, ...]) -> ParsedTerm:
    source, parts, gaps, case, accents, clitics, masks = plain
    sequences = tuple([tuple(map(WordSequence._make, choice)) for choice in parts])
    return ParsedTerm(
        source=source,
        parts=sequences,
        gaps=gaps,
        case=case,
        accents=accents,
        clitics=clitics,
        masks=tuple(map(_term, masks)),
    )


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Look for no garbage inside: all that is made stays."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
