"""Sentences in the reader's language: English is their source, `locale/` has them in the others."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from crawler.disk_cache import cached_or_built

SOURCE_LANGUAGE = "en"
LOCALE = Path(__file__).parent / "locale"
FAULTS = "fault"  # the context of plain lines: a channel may be called like a word of ours


class Message(NamedTuple):
    """An English text that is translated where it is shown. `context` tells two meanings apart."""

    text: str
    plural: str = ""
    context: str = ""

    def translated(self, language: str, n: int = 1) -> str:
        """The text in a language, in its plural form for `n`."""
        null_translations = translations_of(language)
        if self.plural and self.context:
            return null_translations.npgettext(self.context, self.text, self.plural, n)
        if self.plural:
            return null_translations.ngettext(self.text, self.plural, n)
        in_context = null_translations.pgettext(self.context, self.text) if self.context else ""
        return in_context or null_translations.gettext(self.text)


# Marks, by which the texts are found for the translators.


def N_(text: str) -> Message:
    return Message(text)


def NP_(one: str, other: str) -> Message:
    return Message(one, other)


def NC_(context: str, text: str) -> Message:
    return Message(text, context=context)


def NPC_(context: str, one: str, other: str) -> Message:
    return Message(one, other, context)


@cache
def translations_of(language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    written = po_of(language).read_bytes()
    return GNUTranslations(BytesIO(cached_or_built("messages", [written], lambda: _mo(written))))


def po_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "accordwatch.po"


def _mo(written: bytes) -> bytes:
    from babel.messages import mofile, pofile  # only where the cache has no such file

    compiled = BytesIO()
    mofile.write_mo(compiled, pofile.read_po(BytesIO(written)))
    return compiled.getvalue()
