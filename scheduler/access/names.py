"""Names of users."""

from __future__ import annotations

import unicodedata

from storage.errors import ConfigurationError

LONGEST = 64
_MARKS = "._-@+"  # a colon would end the name where a feed reader logs in (RFC 7617)


def checked_name(written: str) -> str:
    """The name to keep. Raises ConfigurationError for one that cannot be a name."""
    name = unicodedata.normalize("NFC", written.strip())
    is_good = all(one in _MARKS or unicodedata.category(one)[0] in "LMN" for one in name)
    if not name or len(name) > LONGEST or not is_good:
        shown = name if len(name) <= LONGEST else f"{name[:20]}..."
        raise ConfigurationError(
            f"{shown!r} cannot be a name: write up to {LONGEST} letters, digits or {_MARKS}"
        )
    return name
