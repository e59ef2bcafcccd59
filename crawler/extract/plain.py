"""Plain text: the first line is the title."""

from __future__ import annotations

import re

_MAX_TITLE = 300  # characters; a longer first line is a paragraph, and the text has no title
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def read_plain(content: str) -> tuple[str, str]:
    """Return (title, text) of a plain text; either may be ""."""
    content = _BLANK_LINES.sub("\n\n", content.replace("\r\n", "\n").replace("\r", "\n")).strip()
    first, _, rest = content.partition("\n")
    return (first.strip(), rest.strip()) if len(first) <= _MAX_TITLE else ("", content)
