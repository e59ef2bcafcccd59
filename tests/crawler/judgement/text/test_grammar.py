from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from crawler.judgement.text.grammar import Grammar, language_folders, load_grammars
from storage.errors import RuleError
from storage.languages import LANGUAGES

KEYS = Path(__file__).parents[4] / "crawler/judgement/languages/README.md"


def folder(parent: Path, text: str) -> Path:
    """A language "xx" with this grammar."""
    (parent / "xx").mkdir()
    (parent / "xx" / "grammar.yaml").write_text(text, encoding="utf-8")
    return parent / "xx"


def test_every_language_of_the_table_has_a_folder() -> None:
    assert {folder.name for folder in language_folders()} == set(LANGUAGES)


def test_every_key_is_documented() -> None:
    text = KEYS.read_text(encoding="utf-8")
    keys = {field.name for field in fields(Grammar)} - {"language"}
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_words_are_folded(tmp_path: Path) -> None:
    path = folder(tmp_path, "joiners: [Así]\nordinals: {Première: 1}\nabbreviations: [Févr]\n")
    grammar = load_grammars([path], tmp_path / "cache")["xx"]
    assert grammar.joiners == {"asi"}
    assert grammar.ordinals == {"premiere": 1}
    assert grammar.abbreviations == {"févr"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("joinders: [and]", "is not one of"),
        ("joiners: and", "a list of words"),
        ("joiners: [[and]]", "is not text"),
        ("ordinal_dots: 1", "true or false"),
        ("ordinals: {one: first}", "cannot be read"),
        ("number_scales: {dozen: [douzaine]}", "cannot be read"),
        ("clitics: [al]", "cannot be read"),
        ("- 1", "must be a mapping"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RuleError, match=rf"xx/grammar\.yaml:1:\d+: .*{said}"):
        load_grammars([folder(tmp_path, text)], tmp_path / "cache")
