"""Lines of an article that are furniture: the headline again, the byline, the publishing date, buttons to share."""

from __future__ import annotations

import re

_NEAR_THE_TOP = 6  # lines: further down "Publié le ..." may be part of the story
_MOST_CHARACTERS = (
    400  # of such a line, a long headline; the patterns below are not made for endless ones
)
_NAME = r"(?:[A-ZÀ-Þ][\w.'’-]*|de|da|do|dos|del|della|di|van|von|der|den|la|le|el|al|ben|bin|ould|d['’]\w+)"
_BYLINE = re.compile(
    rf"(?:[Bb]y|BY|[Pp]ar|PAR|[Pp]or|POR|[Vv]on|VON|[Dd]i|DI)\s*:?\s+{_NAME}(?:(?:,|\s+(?:and|et|y|e|und|&))?\s+{_NAME}){{0,7}}"
    r"|بقلم\s*:?\s+\w+(?:\s+\w+){0,4}"
)
_DATELINE = re.compile(
    r"(?:published|updated|posted|last modified|publié|mis à jour|modifié|publicado|actualizado|atualizado|pubblicato|"
    r"aggiornato|veröffentlicht|aktualisiert|stand|نشر|آخر تحديث|تم النشر)\b(?=.*\d).{0,80}",
    re.IGNORECASE,
)
_ONLY_DATE = re.compile(r"[\d\s.,/:|–-]*\d{4}[\d\s.,/:h|–-]*(?:GMT|UTC|CET|CEST)?")
_SHARING = re.compile(
    r"(?:share|share this|partager|compartir|compartilhar|condividi|teilen|drucken|print|imprimer|imprimir|stampa|"
    r"facebook|twitter|whatsapp|linkedin|telegram|e-?mail|copy link|copier le lien|شارك|مشاركة|طباعة|\s|[|,/·-])+",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?؟…»”\"]$")


def without_furniture(text: str, title: str, author: str | None) -> str:
    """`text` (a paragraph a line) without furniture. Only whole short lines go: no sentence is ever cut."""
    lines = [line for line in text.splitlines() if line.strip()]
    kept = [
        line
        for place, line in enumerate(lines)
        if not _is_furniture(line.strip(), place, title, author)
    ]
    return "\n".join(kept)


def _is_furniture(line: str, place: int, title: str, author: str | None) -> bool:
    if len(line) > _MOST_CHARACTERS:
        return False
    if _SHARING.fullmatch(line):
        return True
    if place >= _NEAR_THE_TOP:
        return False
    if (
        line == title
        or _ONLY_DATE.fullmatch(line)
        or (author and line.casefold() == author.casefold())
    ):
        return True
    if _SENTENCE_END.search(line):
        return False
    return bool(_BYLINE.fullmatch(line) or _DATELINE.fullmatch(line))
