"""The command line in the language of the terminal, and a script that completes its words."""

from __future__ import annotations

import io
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from scheduler.cli.explanation import explain
from tests.scheduler.command_line import accordwatch, succeed
from tests.storage.given import judged

REPORT = {
    "id": "x1",
    "lang": "ar",
    "title": "المغرب والنيجر يوقعان في الرباط إعلانا مشتركا لمكافحة تهريب المهاجرين",
    "text": "وقع المغرب والنيجر في الرباط إعلانا مشتركا لمكافحة تهريب المهاجرين والهجرة غير النظامية، بحسب الوزيرين.",
    "published": "2025-07-29",
    "outlet": "sahel.example",
}
TITLE = "Fiji and Tonga signed a memorandum of understanding on seasonal workers in Suva."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("labels")
    (made / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    succeed("import", "-", cwd=made, text=json.dumps(REPORT))
    return made


@pytest.mark.parametrize(
    ("locale", "labels"),
    [
        ("C.UTF-8", ("status", "place", "signed", "Rabat")),
        ("fr_FR.UTF-8", ("état", "lieu", "signée", "Rabat")),
        ("es_ES.UTF-8", ("estado", "lugar", "firmada", "Rabat")),
        ("ar_MA.UTF-8", ("الحالة", "المكان", "الرباط")),
    ],
)
def test_agreements_and_lives_speak_the_language_of_the_terminal(
    folder: Path, locale: str, labels: tuple[str, ...]
) -> None:
    listed = accordwatch("agreements", cwd=folder, locale=locale).stdout
    for said in labels:
        assert said in listed
    assert labels[-1] in accordwatch("show", "A1", cwd=folder, locale=locale).stdout
    for pair in ("ma-ne", "Maroc-Niger", "Niger–Morocco"):
        assert labels[-1] in accordwatch("show", pair, cwd=folder, locale=locale).stdout


def test_readers_of_english_read_labels_and_not_the_words_of_filters(folder: Path) -> None:
    shown = accordwatch("show", "A1", cwd=folder, locale="C.UTF-8").stdout
    assert "trafficking and smuggling" in shown
    assert "trafficking smuggling" not in shown


def test_a_label_stands_apart_from_what_it_says() -> None:
    out = Console(record=True, width=200, file=io.StringIO())
    verdict = replace(judged(1).verdict, relevant=False, vetoes=("migration-cooperation/sport",))
    explain(out, judged(1).document, verdict)
    assert "  ruled out by migration-cooperation/sport" in out.export_text().splitlines()


def test_search_and_classify_do_too(folder: Path) -> None:
    process = accordwatch("search", cwd=folder, locale="fr_FR.UTF-8")
    assert all(said in process.stdout for said in ("publié", "média", "Maroc, Niger"))
    assert process.stderr == "1 document\n"
    judged = accordwatch("classify", "-", cwd=folder, text=TITLE, locale="fr").stdout
    assert all(
        said in judged
        for said in ("ALERTE", "mémorandum d’entente", "mobilité de main-d’œuvre", "parties")
    )


def test_what_programs_read_is_the_same_in_every_language(folder: Path) -> None:
    english = accordwatch("search", "--format", "jsonl", cwd=folder, locale="C.UTF-8").stdout
    assert english
    assert (
        accordwatch("search", "--format", "jsonl", cwd=folder, locale="ar_MA.UTF-8").stdout
        == english
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_bash_completes_commands_and_options(home: Path) -> None:
    done = succeed("--install-completion", "--shell", "bash", cwd=home)
    script = home / ".local/share/bash-completion/completions/accordwatch"
    assert done.stderr == f"{script}: written; open a new terminal\n"
    assert str(script) in (home / ".bashrc").read_text(encoding="utf-8")
    asked = "COMP_WORDS=(accordwatch {}); COMP_CWORD={}; _accordwatch; echo ${{COMPREPLY[@]}}"
    assert _bash(script, asked.format("curate mer", 2)) == ["merge"]
    assert "--corridor" in _bash(script, asked.format("agreements --co", 2))


def test_the_start_of_the_shell_is_left_alone_if_asked(home: Path) -> None:
    succeed("--install-completion", "--shell", "bash", "--no-startup", cwd=home)
    assert not (home / ".bashrc").exists()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_scripts_too(home: Path, shell: str) -> None:
    out = home / "script"
    succeed("--install-completion", "--shell", shell, "--output", str(out), cwd=home)
    assert "corridor" in out.read_text(encoding="utf-8")


def test_a_place_that_cannot_be_written_is_said(home: Path) -> None:
    (home / "file").touch()
    place = str(home / "file/script")
    done = accordwatch("--install-completion", "--shell", "fish", "--output", place, cwd=home)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_a_shell_that_is_none_is_refused(home: Path) -> None:
    done = accordwatch("--install-completion", "--shell", "tcsh", cwd=home)
    assert done.returncode == 2
    assert '"zsh", "bash", "fish", "powershell"' in done.stderr


def _bash(script: Path, asked: str) -> list[str]:
    command = ["bash", "--norc", "-c", f". {script}; {asked}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
