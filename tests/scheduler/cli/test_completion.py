"""`--install-completion`: a script that the shell itself takes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.scheduler.command_line import accordwatch


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_bash_completes_commands_and_options(home: Path) -> None:
    done = accordwatch("--install-completion", "--shell", "bash", cwd=home)
    assert done.returncode == 0, done.stderr
    script = home / ".local/share/bash-completion/completions/accordwatch"
    assert done.stderr == f"{script}: written; open a new terminal\n"
    assert str(script) in (home / ".bashrc").read_text(encoding="utf-8")
    asked = "COMP_WORDS=(accordwatch {}); COMP_CWORD={}; _accordwatch; echo ${{COMPREPLY[@]}}"
    assert _bash(script, asked.format("curate mer", 2)) == ["merge"]
    assert "--corridor" in _bash(script, asked.format("agreements --co", 2))


def test_the_start_of_the_shell_is_left_alone_if_asked(home: Path) -> None:
    done = accordwatch("--install-completion", "--shell", "bash", "--no-startup", cwd=home)
    assert done.returncode == 0, done.stderr
    assert not (home / ".bashrc").exists()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_scripts_too(home: Path, shell: str) -> None:
    out = home / "script"
    done = accordwatch("--install-completion", "--shell", shell, "--output", str(out), cwd=home)
    assert done.returncode == 0, done.stderr
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
