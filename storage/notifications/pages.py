"""Items of a digest, and how they are divided into pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.records import NewsKind


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news in a digest.

    `agreement_id` is None for near misses and notices; `detail` is the text of a notice.
    `document_ids` are the reports that are news; the agreement may have others.
    """

    kind: NewsKind
    agreement_id: str | None
    document_ids: tuple[int, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a digest that one delivery carries. `following` entries come on later pages."""

    items: tuple[Item, ...]
    number: int = 1
    pages: int = 1
    following: int = 0


def page_of(items: Sequence[Item], number: int, size: int | None) -> Page:
    """Return page `number` (from 1) of a digest with `size` entries a page; None puts all on one.

    Items about the same agreement are one entry. Notices are on the first page, and do not count.
    """
    entries = _entries(items)
    notices = [item for item in items if item.kind is NewsKind.SOURCE_HEALTH] if number == 1 else []
    length = len(entries) if size is None else size
    begin = (number - 1) * length
    shown = [item for entry in entries[begin : begin + length] for item in entry]
    following = max(0, len(entries) - begin - length)
    return Page((*shown, *notices), number, page_count(items, size), following)


def page_count(items: Sequence[Item], size: int | None) -> int:
    """Return the number of pages, at least one."""
    return 1 if size is None else max(1, -(-len(_entries(items)) // size))


def _entries(items: Iterable[Item]) -> list[list[Item]]:
    found: dict[object, list[Item]] = {}
    for item in items:
        if item.kind is not NewsKind.SOURCE_HEALTH:
            found.setdefault(item.agreement_id or item.document_ids, []).append(item)
    return list(found.values())


def item_json(item: Item) -> dict[str, Any]:
    """Return an item as it is stored."""
    documents = list(item.document_ids)
    return {
        "kind": item.kind,
        "agreement_id": item.agreement_id,
        "document_ids": documents,
        "detail": item.detail,
    }


def item_of(kept: Mapping[str, Any]) -> Item:
    """Return the item from what `item_json` made."""
    return Item(
        NewsKind(kept["kind"]), kept["agreement_id"], tuple(kept["document_ids"]), kept["detail"]
    )
