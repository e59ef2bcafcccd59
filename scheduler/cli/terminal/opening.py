"""`--open N`: the original of a result, in the browser."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from typing import Annotated, TypeVar

from cyclopts import Parameter, validators

from scheduler.cli.output import say, shown
from scheduler.views.words.lines import web_address
from storage.errors import ConfigurationError

T = TypeVar("T")

Open = Annotated[
    int | None,
    Parameter(
        name="--open",
        validator=validators.Number(gte=1),
        help="Open the original of the result with this number in the browser; print no table.",
    ),
]


def check_open(number: int | None, format: str) -> None:
    """Raises ConfigurationError if --open stands beside a format that prints all rows."""
    if number is not None and format != "table":
        raise ConfigurationError("--open shows one result in the browser: leave out --format")


def result_number(rows: Sequence[T], number: int) -> T:
    """The result that the table shows with this number. Raises ConfigurationError."""
    if not rows:
        raise ConfigurationError(f"--open {number}: nothing fits; widen the filters")
    if number > len(rows):
        raise ConfigurationError(f"--open {number}: the last result has the number {len(rows)}")
    return rows[number - 1]


def open_original(url: str | None, number: int) -> None:
    """Open an address in the browser, or print it where there is none.

    Raises ConfigurationError for what is no http(s) address: a browser would run `javascript:` and
    show `file:`.
    """
    address = web_address(url)
    if address is None:
        held = f": {shown(url)}" if url else ""
        raise ConfigurationError(f"--open {number}: has no address that a browser may open{held}")
    say(f"opening {address}")
    if not webbrowser.open(address):
        say("no browser was found; this is the address")
        print(address)
