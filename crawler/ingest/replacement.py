"""A new verdict on a stored document, and the copies that its text has."""

from __future__ import annotations

from datetime import datetime

from crawler.register.fingerprint import SAME_TEXT, likeness
from storage.database.session import Session
from storage.documents.verdicts import replace_verdict
from storage.documents.voices import near_duplicates, share_voice, voices
from storage.queries import document_text
from storage.records import Judged

# The most texts to compare with a new one, those with most shared bands first. This is enough: a
# copy also shares bands with the other texts of its voice.
_MAX_COMPARED = 20


def replace_judgement(s: Session, document_id: int, one: Judged, now: datetime) -> None:
    """Replace the verdict on a stored document by a new one. The register is not updated."""
    replace_verdict(
        s, document_id, one.verdict, one.fingerprint, one.clues, quote=one.quote, now=now
    )
    if one.verdict.relevant:
        find_copies(s, document_id, one)


def find_copies(s: Session, document_id: int, one: Judged) -> None:
    """Give a document the voice of the texts that it is a copy of."""
    sharing = near_duplicates(s, one.fingerprint, one.document.language, document_id)
    candidates = list(sharing)[:_MAX_COMPARED]
    voice_of = voices(s, candidates)
    joined: dict[str, int] = {}
    for candidate in candidates:
        voice = voice_of[candidate]
        text = document_text(s, candidate) if voice not in joined else None
        if text is not None and likeness(one.document.text, text) >= SAME_TEXT:
            joined[voice] = candidate
    if joined:
        share_voice(s, [document_id, *joined.values()])
