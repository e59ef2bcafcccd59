"""Labelled articles in pages of our own writing: what stands around a report moves no verdict."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from crawler.extract.extract import extract
from crawler.judgement.judge import Rules, judge
from storage.records import Document, Fetched
from tests.eval.corpus import load_articles

SHELLS = Path(__file__).parent / "shells"
_URL = "https://news.example/2024/03/a-report"


@dataclass(frozen=True, slots=True)
class Shelled:
    """A labelled article that is an alert alone, and as it is extracted from a page."""

    shell: str
    alone: Document
    extracted: Document


def shelled_alerts(rules: Rules) -> Iterator[Shelled]:
    """Each labelled report that is an alert alone, in the pages of its language by turns."""
    shells = {path.stem: Template(path.read_text("utf-8")) for path in SHELLS.glob("*.html")}
    alerts = 0
    for labelled in load_articles():
        document = labelled.document
        if not labelled.relevant or judge(document, rules).outcome != "alert":
            continue
        own = sorted(name for name in shells if name.startswith(f"{document.language}-"))
        name = own[alerts % len(own)]
        alerts += 1
        yield Shelled(name, document, extracted_from(shells[name], document))


def extracted_from(shell: Template, document: Document) -> Document:
    """The document as it is read from a page around it."""
    page = filled(shell, document).encode()
    found = extract(Fetched(_URL, _URL, "text/html", page, datetime(2024, 3, 20, tzinfo=UTC)))
    return replace(document, title=found.title, text=found.text)


def filled(shell: Template, document: Document) -> str:
    """A page with the title and the paragraphs of a document."""
    lines = (line.strip() for line in document.text.split("\n"))
    paragraphs = [f"<p>{html.escape(line)}</p>" for line in lines if line]
    first, second, rest = paragraphs[:1], paragraphs[1:2], paragraphs[2:]
    return shell.substitute(
        title=html.escape(document.title),
        first="".join(first),
        second="".join(second),
        rest="\n".join(rest),
    )
