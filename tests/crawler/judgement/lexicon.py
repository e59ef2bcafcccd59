"""Concept files as a lexicon, for tests of what is read with a few of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from crawler.judgement.judge import rule_files
from crawler.judgement.text.concepts import load_concepts
from crawler.judgement.text.grammar import Grammar, load_grammars
from crawler.judgement.text.lexicon import Lexicon
from crawler.located_yaml import load_yaml
from storage.errors import Problem, RuleError


def load_lexicon(
    paths: Iterable[Path],
    grammars: Mapping[str, Grammar] | None = None,
    cache_dir: Path | None = None,
) -> Lexicon:
    known = load_grammars(cache_dir=cache_dir) if grammars is None else grammars
    problems: list[Problem] = []
    concepts = load_concepts([load_yaml(path, cache_dir) for path in paths], known, problems)
    if problems:
        raise RuleError(*problems)
    return Lexicon(concepts.values(), known)


@cache
def words_alone() -> Lexicon:
    """All our concepts, without the states and places of the gazetteer."""
    return load_lexicon(path for path in rule_files().data if path.parent.name != "gazetteer")
