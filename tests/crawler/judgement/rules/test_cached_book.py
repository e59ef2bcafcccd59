"""A book from the cache is the book that its files make."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from crawler.judgement.card.mentions import load_tables
from crawler.judgement.judge import Rules, judge, rule_files
from crawler.judgement.rules import cached_book
from crawler.judgement.rules.book import Book, RuleFiles, load_book
from crawler.judgement.rules.cached_book import load_cached_book
from storage.errors import RuleError
from storage.records import Document

ARTICLES = Path(__file__).parents[3] / "eval" / "articles"
SHIPPED = """
schema: 1
concepts:
  a.deal: {terms: {en: [deal(s), "(big|small) ... deal", {term: DEAL, case: true}]}}
  a.off: {terms: {en: [deal off]}, except: {en: [far deal off]}}
rules:
  - id: deals
    threshold: 1
    signals: [{id: s, near: [a.deal], weight: 1, core: true}]
"""
OWN = """
schema: 1
extend: {concepts: {a.deal: {terms: {en: [pact]}}}}
"""


def files_in(folder: Path, own: str = OWN) -> RuleFiles:
    (folder / "pack.yaml").write_text(SHIPPED)
    (folder / "own.yaml").write_text(own)
    return RuleFiles((folder / "pack.yaml",), own=(folder / "own.yaml",))


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[RuleFiles]:
    """The books that are parsed."""
    parsed: list[RuleFiles] = []

    def load(files: RuleFiles, cache_dir: Path | None = None) -> Book:
        parsed.append(files)
        return load_book(files, cache_dir)

    monkeypatch.setattr(cached_book, "load_book", load)
    return parsed


def test_the_shipped_book_is_the_same_and_judges_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = load_book(rule_files())
    monkeypatch.setattr(cached_book, "load_book", lambda *_: parsed)
    first, found = (load_cached_book(rule_files(), tmp_path) for _ in range(2))
    assert first.rules is parsed.rules
    assert found.rules is not parsed.rules
    assert (found.rules, found.version) == (parsed.rules, parsed.version)
    assert dict(found.lexicon.concepts) == dict(parsed.lexicon.concepts)
    assert found.lexicon.grammars == parsed.lexicon.grammars
    tables = load_tables()
    as_parsed, rules = (
        Rules(book.rules, book.lexicon, tables, book.version) for book in (first, found)
    )
    for article in articles():
        assert asdict(judge(article, rules)) == asdict(judge(article, as_parsed))


def articles() -> Iterator[Document]:
    """Some in a language with clitics, and one in a language that nobody knows."""
    for line in (ARTICLES / "ar.jsonl").read_text("utf-8").splitlines()[:20]:
        row = json.loads(line)
        yield Document(title=row["title"], text=row["text"], language=row["lang"])
    yield Document(title="UNHCR", text="IOM and UNHCR in Rabat.", language="xx")


def test_a_book_is_parsed_once(tmp_path: Path, parses: list[RuleFiles]) -> None:
    files = files_in(tmp_path)
    first, again = (load_cached_book(files, tmp_path / "cache") for _ in range(2))
    assert len(parses) == 1
    assert first.rules == again.rules
    assert dict(first.lexicon.concepts) == dict(again.lexicon.concepts)
    assert first.lexicon.matcher("en").groups == again.lexicon.matcher("en").groups
    assert again.lexicon.matcher("en").patterns == []  # the automaton has them


def test_a_changed_file_makes_another_book(tmp_path: Path, parses: list[RuleFiles]) -> None:
    cache = tmp_path / "cache"
    first = load_cached_book(files_in(tmp_path), cache)
    again = load_cached_book(files_in(tmp_path, OWN.replace("pact", "treaty")), cache)
    assert len(parses) == 2
    assert first.version != again.version
    assert again.lexicon.concepts["a.deal"].terms["en"][-1].source == "treaty"
    assert first.lexicon.concepts["a.deal"].terms["en"][-1].source == "pact"


def test_a_matcher_belongs_to_its_book_whatever_happens_to_the_files(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    load_cached_book(files_in(tmp_path), cache)
    old = load_cached_book(files_in(tmp_path), cache)
    files_in(tmp_path, OWN.replace("pact", "treaty"))
    for path in (cache / "rules").iterdir():
        path.unlink()
    assert b" pact " in old.lexicon.matcher("en").patterns


def test_what_means_the_same_is_one_object_in_a_matcher_that_was_kept(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    for _ in range(2):
        matcher = load_cached_book(files, tmp_path / "cache").lexicon.matcher("en")
        for values in (matcher.groups, matcher.parts, matcher.anchored, matcher.others):
            assert len({id(value) for value in values}) == len(set(values))


def test_changed_code_makes_another_book(
    tmp_path: Path, parses: list[RuleFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    load_cached_book(files_in(tmp_path), tmp_path / "cache")
    monkeypatch.setattr(cached_book, "_code", lambda: b"another version")
    load_cached_book(files_in(tmp_path), tmp_path / "cache")
    assert len(parses) == 2


def test_what_is_not_ours_is_built_anew(tmp_path: Path, parses: list[RuleFiles]) -> None:
    cache, files = tmp_path / "cache", files_in(tmp_path)
    expected = load_cached_book(files, cache)
    (file,) = (cache / "rules").iterdir()
    file.write_text("another value")
    assert load_cached_book(files, cache).rules == expected.rules
    assert len(parses) == 2


def test_a_fault_is_told_each_time(tmp_path: Path) -> None:
    files = files_in(tmp_path, "schema: 7")
    for _ in range(2):
        with pytest.raises(RuleError, match=r"own.yaml:1:9"):
            load_cached_book(files, tmp_path / "cache")
    assert not (tmp_path / "cache" / "rules").exists()


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    files = RuleFiles(own=(tmp_path / "missing.yaml",))
    with pytest.raises(RuleError, match="cannot be read"):
        load_cached_book(files, tmp_path / "cache")
