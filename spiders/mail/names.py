"""Names of mailboxes as IMAP writes them: in modified UTF-7 (RFC 3501, section 5.1.3)."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote, urlsplit

from storage.records import Source

_INBOX = "INBOX"
_OTHERS = re.compile(r"[^\x20-\x7e]+")
_CODED = re.compile(r"&([A-Za-z0-9+,]*)-")
# A line of LIST: flags, the delimiter of levels, the name with or without quotation marks.
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"\\?."|NIL) (?P<name>"(?:[^"\\]|\\.)*"|[^"\s]\S*)')


def mailbox_of(source: Source) -> str:
    """The mailbox that the address of a source names; that of new mail if it names none."""
    return unquote(urlsplit(source.url).path).strip("/") or _INBOX


def encoded(name: str) -> str:
    """A name in modified UTF-7, between quotation marks, as commands take it."""
    said = _OTHERS.sub(lambda found: f"&{_base64(found[0])}-", name.replace("&", "&-"))
    escaped = said.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def decoded(name: str) -> str:
    """A name in modified UTF-7, as people write it. What cannot be read stays as it is."""

    def read(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        padded = found[1].replace(",", "/") + "=" * (-len(found[1]) % 4)
        try:
            return base64.b64decode(padded).decode("utf-16-be")
        except (binascii.Error, ValueError):
            return found[0]

    return _CODED.sub(read, name)


def listed(line: bytes) -> str | None:
    """The name in a line of LIST; None if the line cannot be read, or messages are never in it."""
    match = _LISTED.match(line)
    if match is None or b"\\noselect" in match["flags"].lower():
        return None
    name = match["name"].decode("ascii", "replace")
    if name.startswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return decoded(name)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
