"""Names instead of codes for the terminal, in its language."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.views.words.labels import Labels


def words() -> Labels:
    """The labels in this terminal's language."""
    from scheduler.views.words.labels import labels_of

    return labels_of(reader_language())


def label(key: str, **values: object) -> str:
    """A label of the command line."""
    return words().say(f"terminal.{key}", **values)


def names(codes: Iterable[str]) -> str:
    """Names of parties: ("MA", "NE") gives "Morocco, Niger", and no code gives "unknown"."""
    from scheduler.views.words.names import parties_in_words

    return parties_in_words(codes, words())


def instrument_name(code: object) -> str:
    return _said(code, lambda labels: labels.instrument(str(code)))


def status_name(code: object, instrument: object = None) -> str:
    kind = str(instrument) if instrument else None
    return _said(code, lambda labels: labels.status(str(code), kind))


def topic_names(codes: Iterable[object]) -> str:
    return words().say("comma").join(map(_topic_name, codes))


def _topic_name(code: object) -> str:
    return _said(code, lambda labels: labels.say(f"topics.{code}"))


def _said(code: object, in_words: Callable[[Labels], str]) -> str:
    """A code in words; "" if there is none."""
    return in_words(words()) if code else ""


def reader_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language of this terminal (LC_ALL, LC_MESSAGES, LANG: POSIX.1-2017, 8.2) if digests are
    written in it; else "en".
    """
    from storage.languages import SPOKEN_LANGUAGES

    values = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    said = next(filter(None, values), "")
    code, rest = said[:2], said[2:3]
    return code if code in SPOKEN_LANGUAGES and rest in ("", "_", ".", "@") else "en"
