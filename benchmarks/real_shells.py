"""Does a page around a report move its verdict? `make real`, or `python -m benchmarks.real_shells
PAGES`.

PAGES is a folder of real pages as `benchmarks/extract.py` reads it. Each labelled article of ours
that is an alert alone takes the place of the main text of a page of its language, is extracted from
there, and judged: captions, bylines, boxes of links and tails stay as the page has them. The pages
are their publishers' and never enter the project; `tests/eval/shells` has some of our own.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from lxml import etree

from crawler.extract.extract import extract
from crawler.judgement.judge import Rules, judge, load_rules
from storage.errors import UnreadableError
from storage.records import Document, Fetched
from tests.eval.corpus import load_articles

_LEAST_PARAGRAPH = 80  # characters: shorter ones are captions, bylines and links
_LEAST_PARAGRAPHS = 3
_LEAST_KEPT = 0.8  # of the article's text, or extraction is what failed
_NO_PROSE = {
    "figure",
    "figcaption",
    "aside",
    "nav",
    "footer",
    "header",
    "ul",
    "ol",
    "table",
    "form",
}
_DESCRIPTIONS = re.compile(r"description|og:title|twitter:title", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shell:
    """A page whose main text can be replaced."""

    url: str
    language: str
    body: str
    title: str
    snippets: tuple[str, ...]


def main() -> None:
    """Print how many alerts fall, and which."""
    folder = Path(sys.argv[1])
    if not (folder / "manifest.jsonl").exists():
        sys.exit(f"{folder}: no manifest.jsonl there; real pages are not part of the project")
    rules = load_rules()
    alerts = fallen = unread = 0
    for document, found in in_shells(list(shells_of(folder)), rules):
        alerts += 1
        if found is None:
            unread += 1
        elif (outcome := judge(found, rules).outcome) != "alert":
            fallen += 1
            print(f"{document.external_id}: {outcome} in {found.url}")
    read = alerts - unread
    print(f"{fallen} of {read} alerts fall ({fallen / max(read, 1):.1%}); {unread} not extracted")


def shells_of(folder: Path) -> Iterator[Shell]:
    """The pages of a folder."""
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        known = json.loads(line)
        path = folder / known["file"]
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield Shell(
            known["url"],
            known["lang"],
            body.decode("utf-8", "replace"),
            known.get("title") or "",
            tuple(known.get("contains") or ()),
        )


def in_shells(shells: list[Shell], rules: Rules) -> Iterator[tuple[Document, Document | None]]:
    """Each labelled alert, and as it is extracted from a page of its language in turn; None where
    extraction misses it. Languages without a page take those of any.
    """
    usable: dict[str, list[Shell]] = defaultdict(list)
    for shell in shells:
        if filled(shell, _PROBE) is not None:
            usable[shell.language].append(shell)
            usable[""].append(shell)
    turn: dict[str, int] = defaultdict(int)
    for article in load_articles():
        document = article.document
        if not article.relevant or judge(document, rules).outcome != "alert":
            continue
        language = document.language if document.language in usable else ""
        own = usable[language]
        shell = own[turn[language] % len(own)]
        turn[language] += 1
        yield document, extracted(shell, document)


_PROBE = Document(title="A title", text="A paragraph.\nAnother.", language="en")


def extracted(shell: Shell, document: Document) -> Document | None:
    """The document as it is read from the shell; None if its title, or most of its text, is not."""
    page = filled(shell, document)
    if page is None:
        return None
    fetched = Fetched(shell.url, shell.url, "text/html", page.encode(), datetime.now(UTC))
    try:
        found = extract(fetched, source_language=document.language)
    except UnreadableError:
        return None
    paragraphs = [one.strip() for one in document.text.split("\n") if one.strip()]
    kept = sum(len(one) for one in paragraphs if _squeezed(one) in _squeezed(found.text))
    if found.title != document.title or kept < _LEAST_KEPT * sum(map(len, paragraphs)):
        return None
    return replace(document, title=found.title, text=found.text, url=shell.url)


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text)


def filled(shell: Shell, document: Document) -> str | None:
    """The page with the document in place of its own title and long paragraphs; None where its main
    text cannot be told.
    """
    tree = lxml.html.fromstring(shell.body.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    main = _main(tree, shell.snippets)
    if main is None:
        return None
    prose = [one for one in main.iter("p") if _is_prose(one, main)]
    if len(prose) < _LEAST_PARAGRAPHS:
        return None
    _retitle(tree, shell, document)
    paragraphs = [one.strip() for one in document.text.split("\n") if one.strip()]
    _replace(prose, paragraphs)
    return str(etree.tostring(tree, encoding="unicode", method="html"))


def _main(tree: Any, snippets: tuple[str, ...]) -> Any:
    """The innermost element that has all the snippets which the page has."""
    told = [one for one in snippets if one in tree.text_content()]
    if not told:
        return None
    main = tree
    while True:
        inner = [one for one in main if isinstance(one.tag, str)]
        whole = [one for one in inner if all(snip in one.text_content() for snip in told)]
        if not whole or whole[0].tag == "p":
            return main
        main = whole[0]


def _is_prose(paragraph: Any, main: Any) -> bool:
    if len(paragraph.text_content().strip()) < _LEAST_PARAGRAPH:
        return False
    for above in paragraph.iterancestors():
        if above is main:
            return True
        if above.tag in _NO_PROSE:
            return False
    return False


def _replace(prose: list[Any], paragraphs: list[str]) -> None:
    for number, element in enumerate(prose):
        own = paragraphs[number : number + 1]
        if number == len(prose) - 1:
            own = paragraphs[number:]
        if not own:
            tail = element.tail
            parent = element.getparent()
            before = element.getprevious()
            if tail and tail.strip() and before is not None:
                before.tail = (before.tail or "") + tail
            parent.remove(element)
            continue
        for inner in list(element):
            element.remove(inner)
        element.text = own[0]
        for one in reversed(own[1:]):
            another = etree.Element("p")
            another.text = one
            element.addnext(another)


def _retitle(tree: Any, shell: Shell, document: Document) -> None:
    for element in tree.iter("title", "h1", "h2"):
        written = element.text_content().strip()
        if element.tag == "title" or _squeezed(shell.title)[:30] in _squeezed(written):
            for inner in list(element):
                element.remove(inner)
            element.text = document.title
    for meta in list(tree.iter("meta")):
        name = f"{meta.get('property') or ''} {meta.get('name') or ''}"
        if "title" in name:
            meta.set("content", document.title)
        elif _DESCRIPTIONS.search(name):
            meta.getparent().remove(meta)
    for script in list(tree.iter("script")):
        if "json" in (script.get("type") or ""):
            script.getparent().remove(script)


if __name__ == "__main__":
    main()
