"""How to cite the data set: a file in Citation File Format 1.2.0.

See https://github.com/citation-file-format/citation-file-format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from scheduler.dataset.publication import KEYWORDS, Publication

_AUTHOR = "Accordwatch"  # the format asks for an author; the owner's name stands in the settings


def citation(about: Publication) -> str:
    """The content of CITATION.cff."""
    return "\n".join(_lines(about)) + "\n"


def _lines(about: Publication) -> Iterator[str]:
    yield "cff-version: 1.2.0"
    yield "message: If you use this data set, please cite it as below."
    yield "type: dataset"
    yield f"title: {_quoted(about.title)}"
    yield f"abstract: {_quoted(about.description)}"
    yield "authors:"
    yield f"  - name: {_quoted(about.publisher or _AUTHOR)}"
    yield f"version: {_quoted(about.version)}"
    yield f"date-released: {about.created_at:%Y-%m-%d}"
    if about.license:
        key = "license-url" if about.license_is_address else "license"
        yield f"{key}: {_quoted(about.license)}"
    if about.address:
        yield f"url: {_quoted(about.address)}"
    yield "keywords:"
    for word in KEYWORDS:
        yield f"  - {_quoted(word)}"


def _quoted(text: str) -> str:
    """A JSON string, which is a YAML string too, whatever stands in it."""
    return json.dumps(text, ensure_ascii=False)
