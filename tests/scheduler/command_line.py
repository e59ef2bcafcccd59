"""The command line, called in this process: starting Python anew costs more than what most commands
do.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from scheduler.cli.main import main
from scheduler.jobs import crawl_process
from storage.records import Grade
from tests.warm.start import command

# Options of `export`, which leaves out what is unconfirmed.
EVERY_GRADE = tuple(f"--grade={grade}" for grade in Grade)
_HIDDEN = ("ACCORDWATCH_", "LC_", "LANG")


def accordwatch(
    *arguments: str, cwd: Path | None = None, text: str | None = None, locale: str | None = None
) -> CompletedProcess[str]:
    """Run a command as a terminal would, with `text` on its stdin; `locale` is that of the
    terminal.
    """
    out, err = _stream(), _stream()
    with (
        pytest.MonkeyPatch.context() as patch,
        chdir(cwd or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        for name in [name for name in os.environ if name.startswith(_HIDDEN)]:
            patch.delenv(name)
        if locale:
            patch.setenv("LC_ALL", locale)
        if arguments[:1] == ("run",):
            patch.setattr(crawl_process, "COMMAND", command("spiders.process"))
        patch.setattr(sys, "stdin", _stream(text or ""))
        code = _code(arguments)
    return CompletedProcess(arguments, code, _written(out), _written(err))


def succeed(
    *arguments: str, cwd: Path | None = None, text: str | None = None, locale: str | None = None
) -> CompletedProcess[str]:
    """Run a command that must end well."""
    done = accordwatch(*arguments, cwd=cwd, text=text, locale=locale)
    assert done.returncode == 0, done.stderr
    return done


def json_lines(*arguments: str, cwd: Path | None = None, locale: str | None = None) -> list[Any]:
    """What a command lists for programs, a value a line."""
    done = succeed(*arguments, "--format", "jsonl", cwd=cwd, locale=locale)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _code(arguments: tuple[str, ...]) -> int:
    try:
        main(list(arguments))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _stream(text: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", write_through=True)


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
