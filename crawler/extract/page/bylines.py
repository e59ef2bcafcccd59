"""Removing lines that are not part of an article: headline, byline, date, share buttons."""

from __future__ import annotations

import re

_NEAR_THE_TOP = 6  # lines; further down "Publié le ..." may be part of the story
_MOST_CHARACTERS = 400  # of such a line, a long headline; the patterns are slow on very long lines
_NAME = (
    r"(?:[A-ZÀ-Þ][\w.'’-]*|de|da|do|dos|del|della|di|van|von|der|den|la|le|el|al|ben|bin|ould"
    r"|d['’]\w+)"
)
_BYLINE = re.compile(
    rf"(?:[Bb]y|BY|[Pp]ar|PAR|[Pp]or|POR|[Vv]on|VON|[Dd]i|DI)\s*:?\s+{_NAME}"
    rf"(?:(?:,|\s+(?:and|et|y|e|und|&))?\s+{_NAME}){{0,7}}"
    r"|بقلم\s*:?\s+\w+(?:\s+\w+){0,4}"
)
_DATELINE = re.compile(
    r"(?:published|updated|posted|last modified|publié|mis à jour|modifié|publicado|actualizado"
    r"|atualizado|pubblicato|aggiornato|veröffentlicht|aktualisiert|stand"
    r"|نشر|آخر تحديث|تم النشر)\b(?=.*\d).{0,80}",
    re.IGNORECASE,
)
_ONLY_DATE = re.compile(r"[\d\s.,/:|–-]*\d{4}[\d\s.,/:h|–-]*(?:GMT|UTC|CET|CEST)?")
_SHARING = re.compile(
    r"(?:share|share this|partager|compartir|compartilhar|condividi|teilen|drucken|print|imprimer"
    r"|imprimir|stampa|facebook|twitter|whatsapp|linkedin|telegram|e-?mail|copy link"
    r"|copier le lien|شارك|مشاركة|طباعة|\s|[|,/·-])+",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?؟…»”\"]$")


def without_furniture(text: str, title: str, author: str | None) -> str:
    """Remove such lines from `text`, in which each line is a paragraph.

    Only whole short lines are removed, and never a part of a sentence.
    """
    kept = []
    lines = (line for line in text.splitlines() if line.strip())
    for place, line in enumerate(lines):
        if not _is_furniture(line.strip(), place, title, author):
            kept.append(line)
    return "\n".join(kept)


def _is_furniture(line: str, place: int, title: str, author: str | None) -> bool:
    if len(line) > _MOST_CHARACTERS:
        return False
    if _SHARING.fullmatch(line):
        return True
    if place >= _NEAR_THE_TOP:
        return False
    is_author = author is not None and line.casefold() == author.casefold()
    if line == title or is_author or _ONLY_DATE.fullmatch(line):
        return True
    if _SENTENCE_END.search(line):
        return False
    return bool(_BYLINE.fullmatch(line) or _DATELINE.fullmatch(line))
