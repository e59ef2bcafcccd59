"""The forms in which the register is exported. The command, its help and the tests read this table.

A new form is a module with one function, and a line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from scheduler.dataset.formats.follow_the_money import write_follow_the_money
from scheduler.dataset.formats.order import WriteForm
from scheduler.dataset.formats.package import FILES, write_package
from scheduler.dataset.formats.snapshot import write_snapshot
from scheduler.dataset.formats.treaties.table import write_treaties
from storage.errors import ExportError

FormName = Literal["register", "snapshot", "treaties", "ftm"]


@dataclass(frozen=True, slots=True)
class ExportForm:
    """`writes` says what it writes. `folder` has the names of its files, and is empty where it is a
    single file. `options` are those of the command that only some forms take.
    """

    writes: str
    function: WriteForm
    folder: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()


FORMS: Mapping[FormName, ExportForm] = {
    "register": ExportForm(
        "a folder that can be cited: CSV, JSON lines, linked data, codebook",
        write_package,
        folder=FILES,
        options=frozenset({"excel", "parquet"}),
    ),
    "snapshot": ExportForm(
        "the same tables in a SQLite file, for Datasette or SQL", write_snapshot
    ),
    "treaties": ExportForm(
        "a CSV file in the columns of a treaty database (--as)",
        write_treaties,
        options=frozenset({"as", "excel"}),
    ),
    "ftm": ExportForm(
        "FollowTheMoney entities in JSON lines, for Aleph and OpenSanctions",
        write_follow_the_money,
    ),
}


def check_options(name: FormName, given: Iterable[str]) -> None:
    """Raises ExportError if an option is given that the form does not take."""
    for option in sorted(set(given) - FORMS[name].options):
        takers = [f"export {one}" for one, form in FORMS.items() if option in form.options]
        raise ExportError(f"--{option} is for {' or '.join(takers)}, not for export {name}")
