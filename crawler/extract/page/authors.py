"""The authors of a page, if it declares them for machines. Visible bylines are not used."""

from __future__ import annotations

import re

from crawler.extract.page.metadata import Metadata

_META_NAMES = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
)
_BY = re.compile(
    r"^(?:by|par|por|von|di|de|da|text|texte|texto|testo|بقلم|كتب)\s*:?\s+", re.IGNORECASE
)
_NOT_A_NAME = re.compile(r"https?:|www\.|@|[{}<>]|^\d+$")
_MAX_NAMES = 150  # characters; longer ones are descriptions


def find_author(metadata: Metadata) -> str | None:
    """Return the names as the page writes them; None if there are none."""
    texts = [article.author for article in metadata.articles]
    texts += [text for name in _META_NAMES for text in metadata.meta.get(name, ())]
    for text in texts:
        name = _BY.sub("", text).strip(" ,;|-")
        if name and len(name) <= _MAX_NAMES and not _NOT_A_NAME.search(name):
            return name
    return None
