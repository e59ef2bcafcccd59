"""The documentation names every setting, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from crawler.fetch.settings import CrawlSettings
from spiders.catalog import SourceSettings

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("page", "heading", "section"),
    [
        ("sources.md", "Settings of a source", SourceSettings),
        ("crawling.md", "Settings (`crawl:`)", CrawlSettings),
    ],
)
def test_the_table_of_settings_is_complete(
    page: str, heading: str, section: type[BaseModel]
) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    table = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(section.model_fields)
