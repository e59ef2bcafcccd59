"""Numbers of rows as an address writes them."""

from __future__ import annotations

_LARGEST = 2**63 - 1  # what either database can compare


def row_number(written: str) -> int | None:
    """The number of a row; None for what is none."""
    is_number = written.isascii() and written.isdigit() and len(written) < 20
    return int(written) if is_number and int(written) <= _LARGEST else None
