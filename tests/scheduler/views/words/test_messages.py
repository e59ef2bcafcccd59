"""The sentences of the code, and the files of the translators, are compared by `make lint`."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from scheduler.views.words.messages import po_of
from storage.languages import SPOKEN_LANGUAGES

TRANSLATED = [language for language in SPOKEN_LANGUAGES if language != "en"]
Wrong = Callable[[str, str], list[str]]


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_check", ".ci/messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def wrong(check: ModuleType, tmp_path: Path) -> Wrong:
    """What is wrong with the French file once a text in it is replaced."""
    code, texts = check.template(), check.texts_of_code()

    def found(old: str, new: str) -> list[str]:
        path = tmp_path / "accordwatch.po"
        shutil.copy(po_of("fr"), path)
        written = path.read_text("utf-8")
        assert old in written
        path.write_text(written.replace(old, new, 1), "utf-8")
        return list(check.problems(path, code, texts))

    return found


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(check: ModuleType, language: str) -> None:
    code, texts = check.template(), check.texts_of_code()
    assert len(code) > 1000
    assert list(check.problems(po_of(language), code, texts)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgstr "Référence {id}"', 'msgstr "Référence {od}"', "its placeholders differ"),
        ('msgstr "Référence {id}"', 'msgstr "Référence {id"', "a placeholder is broken"),
        ('msgstr "Référence {id}"', 'msgstr ""', "is not translated"),
        ('msgid "Reference {id}"', 'msgid "Reference of {id}"', "nobody says it any more"),
    ],
)
def test_a_fault_is_named_with_file_and_line(wrong: Wrong, old: str, new: str, fault: str) -> None:
    lines = po_of("fr").read_text("utf-8").splitlines()
    number = lines.index('msgid "Reference {id}"') + 1
    assert any(f"accordwatch.po:{number}: {fault}" in line for line in wrong(old, new))


def test_a_sentence_without_an_entry_is_named(wrong: Wrong) -> None:
    assert any("lacks 'Reference {id}'" in line for line in wrong("Reference {id}", "Ref {id}"))


def test_a_plural_form_that_is_left_out_is_a_fault(wrong: Wrong) -> None:
    found = wrong('msgstr[2] "{n} documents"\n', "")
    assert any("is not translated" in line for line in found)


def test_new_sentences_are_put_where_translators_find_them(
    check: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "accordwatch.po"
    written = po_of("fr").read_text("utf-8")
    path.write_text(written.replace("Reference {id}", "Ref {id}"), "utf-8")
    check.update(path, check.template(), check.texts_of_code())
    assert 'msgid "Reference {id}"\nmsgstr ""' in path.read_text("utf-8")
    assert "Ref {id}" not in path.read_text("utf-8")


@pytest.mark.parametrize("language", ["fr", "ar", "es"])
def test_nothing_is_written_where_nothing_is_new(
    check: ModuleType, language: str, tmp_path: Path
) -> None:
    path = tmp_path / "accordwatch.po"
    shutil.copy(po_of(language), path)
    check.update(path, check.template(), check.texts_of_code())
    assert path.read_text("utf-8") == po_of(language).read_text("utf-8")
