"""The articles of the demo's site, in our own wording and in seven languages: some report
agreements, some are traps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Article:
    """One article as an outlet publishes it. Each paragraph of `text` is a line."""

    id: str
    outlet: str
    language: str
    title: str
    published_on: date | None
    text: str

    @property
    def paragraphs(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]


def load_articles() -> list[Article]:
    """All articles, in the order in which the outlets list them (newest first)."""
    file = files("spiders.demo").joinpath("articles.jsonl")
    lines = file.read_text(encoding="utf-8").splitlines()
    return [_article(json.loads(line)) for line in lines]


def _article(row: dict[str, str | None]) -> Article:
    published = row["published"]
    return Article(
        id=str(row["id"]),
        outlet=str(row["outlet"]),
        language=str(row["lang"]),
        title=str(row["title"]),
        published_on=date.fromisoformat(published) if published else None,
        text=str(row["text"]),
    )
