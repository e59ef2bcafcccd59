"""The one table of languages, read from `languages.toml` beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

UNKNOWN_LANGUAGE = "und"  # ISO 639-2: undetermined
TABLE_FILE = Path(__file__).parent / "languages.toml"


@dataclass(frozen=True, slots=True)
class Language:
    """A language in which documents are read.

    `code` is that of ISO 639-1, `iso3` that of ISO 639-3. `speaks`: page, digests and command line
    can be had in it.
    """

    code: str
    iso3: str
    speaks: bool


def _read(path: Path) -> dict[str, Language]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {code: Language(code, row["iso3"], row["speaks"]) for code, row in table.items()}


# Read at import, as a constant: names of languages stand in the types of settings and commands.
TABLE = _read(TABLE_FILE)
LANGUAGES = tuple(TABLE)
SPOKEN_LANGUAGES = tuple(code for code, language in TABLE.items() if language.speaks)
