"""What lets a browser or a program in: values that nobody can guess, stored as hashes only."""

from __future__ import annotations

import hashlib
import re
import secrets

_BYTES = 32  # 256 bits, so that a plain hash is enough: there is nothing to guess
_TOKEN = re.compile(r"aw_[A-Za-z0-9_-]{43}")
_SESSION = re.compile(r"[A-Za-z0-9_-]{43}")


def new_session() -> str:
    """What the cookie of a session holds."""
    return secrets.token_urlsafe(_BYTES)


def new_token() -> str:
    """A token of a program. It begins with `aw_`, so that scanners for leaked secrets know it."""
    return f"aw_{secrets.token_urlsafe(_BYTES)}"


def is_session(value: str) -> bool:
    return _SESSION.fullmatch(value) is not None


def is_token(value: str) -> bool:
    return _TOKEN.fullmatch(value) is not None


def stored_hash(value: str) -> str:
    """What is stored of a session or token."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
