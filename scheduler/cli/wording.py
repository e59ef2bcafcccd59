"""Cards in words, for the terminal: names instead of codes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.records import Agreement


def names(codes: object) -> str:
    """("MA", "NE") -> "Morocco, Niger"; bodies stay as their code, none is "unknown"."""
    found = [party_name(str(code)) for code in codes] if isinstance(codes, Iterable) else []
    return ", ".join(found) or "unknown"


def party_name(code: str) -> str:
    return _territories().get(code, code) if len(code) == 2 and code != "EU" else code


def card_line(instrument: object, status: object) -> str:
    """("declaration", "signed") -> "declaration, signed"."""
    said = [str(part).replace("_", " ") for part in (instrument, status) if part]
    return ", ".join(said) or "unknown"


def reader_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language of this terminal (LC_ALL, LC_MESSAGES, LANG: POSIX.1-2017, 8.2), if digests are written in it."""
    from scheduler.digest.labels import DIGEST_LANGUAGES

    said = next(filter(None, (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return said[:2] if said[:2] in DIGEST_LANGUAGES and said[2:3] in ("", "_", ".", "@") else "en"


def agreement_names(agreements: Iterable[Agreement], given: Mapping[str, str]) -> dict[str, str]:
    """What agreements are called, by id, in the reader's language; `given`: what curators call them."""
    from scheduler.digest.labels import labels_of
    from scheduler.digest.names import name_of, named

    labels = labels_of(reader_language())
    return {one.id: name_of(named(one, given.get(one.id)), labels) for one in agreements}


@cache
def _territories() -> dict[str, str]:
    from babel import Locale

    return dict(Locale("en").territories)
