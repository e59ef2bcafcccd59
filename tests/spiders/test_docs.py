"""What the documentation of sources shows as an example works."""

from __future__ import annotations

import json
from pathlib import Path

from crawler.located_yaml import parse_yaml
from spiders.catalog.sources import sources_in
from spiders.kinds.table import read_source
from storage.records import Fetched
from tests.spiders.answers import NOW

DOCS = Path(__file__).parents[2] / "docs"


def test_the_example_of_a_source_of_sources_reads_what_it_answers() -> None:
    text = (DOCS / "sources.md").read_text(encoding="utf-8")
    example = text.split("## Sources of sources\n")[1].split("```yaml\n")[1].split("```")[0]
    (gdelt,) = sources_in(parse_yaml(f"schema: 1\n{example}", "sources.md"))
    source = gdelt.to_source()
    article = {
        "url": "https://a.example/1",
        "title": "Two ministers sign",
        "seendate": "20250304T031500Z",
    }
    body = json.dumps({"articles": [article]}).encode()
    (candidate,) = read_source(Fetched(source.url, source.url, "", body, NOW), source).candidates
    assert (candidate.url, candidate.title, str(candidate.published_on)) == (
        "https://a.example/1",
        "Two ministers sign",
        "2025-03-04",
    )
