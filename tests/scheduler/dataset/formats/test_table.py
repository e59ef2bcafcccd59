"""The table of forms: the command and the docs offer what is in it, and no option is passed over."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from scheduler.dataset.formats.table import FORMS, FormName
from tests.scheduler.command_line import accordwatch
from tests.scheduler.dataset.given import register

DOCS = Path(__file__).parents[4] / "docs"


def test_each_form_is_offered_and_described() -> None:
    assert tuple(FORMS) == get_args(FormName)
    commands = (DOCS / "commands.md").read_text(encoding="utf-8")
    example = (DOCS / "dataset.md").read_text(encoding="utf-8")
    told = " ".join(accordwatch("export", "--help").stdout.split())
    for name, form in FORMS.items():
        assert f"| `{name}` | {'a folder' if form.folder else 'a file'}" in commands
        assert f"accordwatch export {name} " in example
        assert f"{name}: {form.writes}" in told


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("option", [("--excel",), ("--parquet",), ("--as", "nl")])
def test_an_option_that_a_form_does_not_take_is_refused(
    tmp_path: Path, form: FormName, option: tuple[str, ...]
) -> None:
    if option[0].strip("-") in FORMS[form].options:
        return
    register(tmp_path)
    done = accordwatch("export", form, "out", *option, cwd=tmp_path)
    assert done.returncode == 2
    assert f"{option[0]} is for export " in done.stderr
    assert not (tmp_path / "out").exists()
