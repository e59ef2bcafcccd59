"""The one table of languages, read from `languages.toml` beside this module."""

from __future__ import annotations

import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

UNKNOWN_LANGUAGE = "und"  # ISO 639-2: undetermined
TABLE_FILE = Path(__file__).parent / "languages.toml"


# Read at import, as constants: names of languages (ISO 639-1) stand in the types of settings and
# commands. `speaks`: page, digests and command line can be had in it.
_TABLE = tomllib.loads(TABLE_FILE.read_text(encoding="utf-8"))
LANGUAGES = tuple(_TABLE)
SPOKEN_LANGUAGES = tuple(code for code, row in _TABLE.items() if row["speaks"])


def typed_words(key: str) -> frozenset[str]:
    """What people type in any of the languages, by a key of the table."""
    return frozenset(chain.from_iterable(row.get(key, ()) for row in _TABLE.values()))


def rows_with(key: str) -> tuple[dict[str, Any], ...]:
    """The rows of the languages that have a key."""
    return tuple(row for row in _TABLE.values() if key in row)
