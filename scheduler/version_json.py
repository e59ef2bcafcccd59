"""Versions of a document as programs read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from crawler.differences import Passage, differences
from storage.documents.versions import Version


def version_rows(versions: Sequence[Version]) -> list[dict[str, Any]]:
    """The versions, oldest first, each but the first with what changed since the one before."""
    return list(_rows(versions))


def passages_json(passages: Sequence[Passage]) -> list[list[dict[str, str]]]:
    """Passages as lists of pieces."""
    return [[{"change": one.change, "text": one.text} for one in passage] for passage in passages]


def _rows(versions: Sequence[Version]) -> Iterator[dict[str, Any]]:
    for one in versions[:1]:
        yield {**_row(one), "changes": []}
    for before, one in pairwise(versions):
        yield {**_row(one), "changes": passages_json(differences(before.text, one.text))}


def _row(one: Version) -> dict[str, Any]:
    seen_at = one.seen_at.isoformat()
    return {"version": one.number, "seen_at": seen_at, "title": one.title, "text": one.text}
