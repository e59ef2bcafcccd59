"""Answers as the readers of sources take them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from storage.records import Fetched
from storage.source import Source, SourceKind

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://a.org/news/"


def fetched(
    body: str | bytes, content_type: str = "text/html; charset=utf-8", url: str = URL
) -> Fetched:
    return Fetched(url, url, content_type, body.encode() if isinstance(body, str) else body, NOW)


def source(kind: SourceKind, **values: Any) -> Source:
    return Source("s", kind, URL, **values)
