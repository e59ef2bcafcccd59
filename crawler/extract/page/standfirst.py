"""The standfirst: the sentences between the headline and the article, which say what happened.

Trafilatura leaves it out where it stands outside the element of the article. A line is taken for it
if the page describes itself with the same words for machines, or the feed did: what stands there
otherwise is a caption, an author's biography, a notice about cookies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.page.metadata import Metadata
from crawler.extract.page.written_days import lines_after
from storage.letters import fold_text

_LINES = 15  # after the headline: bylines, share buttons and captions come first
_SHORTEST, _LONGEST = 40, 700  # characters
_ALIKE = 50  # characters, without spaces, at which a line and a description begin alike
_NO_LABEL = 25  # the same; a shorter line of the page may stand in the text by chance


def with_standfirst(
    text: str, tree: lxml.html.HtmlElement, metadata: Metadata, headline: str, summary: str = ""
) -> str:
    """Return `text` with the standfirst before it, if it has been left out.

    `summary` is what the feed said of the article.
    """
    described = [one for one in (*metadata.descriptions, summary) if len(one) >= _SHORTEST]
    lines = [*_lines_before(text, lines_after(tree, headline, _LINES))] if described else []
    if not any(_SHORTEST <= len(line) <= _LONGEST for line in lines):
        return text
    spoken = [_squeezed(one) for one in described]
    told = {line for line in lines if _is_described(line, spoken)}
    if not told:
        return text
    whole = _squeezed(text)
    before = takewhile(lambda line: not _stands_in(line, whole), lines)
    found = [line for line in before if line in told]
    return "\n".join(filter(None, [*dict.fromkeys(found), text]))


def _lines_before(text: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield lines up to one that a text has to the letter, which is quick to look for."""
    for line in lines:
        if line in text and len(_squeezed(line)) >= _NO_LABEL:
            return
        yield line


def _stands_in(line: str, text: str) -> bool:
    beginning = _squeezed(line)[: _ALIKE + 10]
    return len(beginning) >= _NO_LABEL and beginning in text


def _is_described(line: str, descriptions: Sequence[str]) -> bool:
    if not _SHORTEST <= len(line) <= _LONGEST:
        return False
    squeezed = _squeezed(line)
    return any(squeezed[:_ALIKE] in one or one[:_ALIKE] in squeezed for one in descriptions)


def _squeezed(text: str) -> str:
    """Return a text without spaces and accents, which differ between two ways to read a page."""
    return "".join(fold_text(text).split())
