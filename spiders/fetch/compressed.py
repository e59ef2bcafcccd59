"""Whether a compressed answer is complete, and what is in one that was kept as it was sent.

Scrapy silently decompresses what has arrived of an answer that broke off. Without a Content-Length
the body ends where the connection does, so that only the compressed stream itself shows that
something is missing.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import brotli  # type: ignore[import-untyped]  # it ships no types; a dependency of Scrapy, like zstd

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from storage.errors import UnreadableError

__all__ = ["MOST_ENCODINGS", "is_whole", "unpacked", "zstd"]

# One around the other, as curl takes. Each costs as much as the whole body, which need not shrink.
MOST_ENCODINGS = 5

_CHUNK = 65_536  # bytes to decompress at a time; the total size was checked before


def unpacked(body: bytes, encodings: str, most: int) -> bytes:
    """Return what is in a body with this Content-Encoding, up to `most` + 1 bytes. A body that is
    no such stream is returned as it is if it begins like a document: archives may keep pages
    unpacked, with their old headers. Raises UnreadableError ("broken", or "unsupported" for another
    encoding).
    """
    names = [one.strip().lower() for one in encodings.split(",")]
    if len(names) > MOST_ENCODINGS:
        raise UnreadableError("unsupported", f"it says it is packed {len(names)} times over")
    for name in reversed(names):
        if name in ("", "identity", "none"):
            continue
        if (stream := _stream_of(name)) is None:
            raise UnreadableError("unsupported", f"its Content-Encoding is {name[:40]!r}")
        if _BEGINNINGS.match(body) or (name in _GZIP and not body.startswith(b"\x1f\x8b")):
            return body[: most + 1]
        body = _unpacked(body, name, *stream, most)
    return body[: most + 1]


def _unpacked(body: bytes, name: str, read: _Read, error: type[Exception], most: int) -> bytes:
    """Return the beginning of what is in a stream, even of one that breaks off."""
    try:
        return read(body, most + 1)
    except error as fault:
        line = f"it says it is packed as {name}, and is not: {fault}"
        raise UnreadableError("broken", line) from None


def _inflated(body: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(body, most)
    except zlib.error:  # some servers leave out the header that the standard requires
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, most)


def _unbrotlied(body: bytes, most: int) -> bytes:
    stream, parts, size = brotli.Decompressor(), [], 0
    waiting = body
    while size < most and not stream.is_finished():
        part = stream.process(waiting, output_buffer_limit=_CHUNK)
        waiting = b""
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)[:most]


_GZIP = ("gzip", "x-gzip")
_Read = Callable[[bytes, int], bytes]
_BEGINNINGS = re.compile(rb"\s*(?:<[!?a-zA-Z]|%PDF-|PK\x03\x04)")


def _stream_of(name: str) -> tuple[_Read, type[Exception]] | None:
    """A reader for this encoding, and its error for a broken stream; None if it is unknown."""
    if name in _GZIP:
        return lambda body, most: zlib.decompressobj(31).decompress(body, most), zlib.error
    if name == "deflate":
        return _inflated, zlib.error
    if name == "br":
        return _unbrotlied, brotli.error
    if name == "zstd":
        return lambda body, most: zstd.ZstdDecompressor().decompress(body, most), zstd.ZstdError
    return None


def is_whole(body: bytes, encoding: str, unpacked: int) -> bool:
    """Whether `body` contains the end of its stream. `unpacked` is its decompressed size in bytes.
    True if it is not a stream of this encoding at all: this is a different fault.
    """
    if encoding in _GZIP and int.from_bytes(body[-4:], "little") == unpacked % 2**32:
        return True  # RFC 1952, 2.3.1: the last four bytes are the decompressed size
    ends = _ENDS.get(encoding)
    return ends is None or ends(body)


def _ends(body: bytes, new: Callable[[], Any], error: type[Exception]) -> bool:
    """Whether the first stream of `body` ends. Anything after it may be padding."""
    stream, waiting = new(), body
    try:
        while not stream.eof:
            out = stream.decompress(waiting, _CHUNK)
            waiting = getattr(stream, "unconsumed_tail", b"")
            if not out and not waiting and not stream.eof:
                return False
    except error:
        return True
    return True


def _deflate_ends(body: bytes) -> bool:
    try:
        zlib.decompressobj().decompress(body, _CHUNK)
    except zlib.error:  # some servers leave out the header that the standard requires
        return _ends(body, lambda: zlib.decompressobj(-zlib.MAX_WBITS), zlib.error)
    return _ends(body, zlib.decompressobj, zlib.error)


def _brotli_ends(body: bytes) -> bool:
    stream, waiting = brotli.Decompressor(), body
    try:
        while not stream.is_finished():
            out = stream.process(waiting, output_buffer_limit=_CHUNK)
            waiting = b""
            if not out and not stream.is_finished():
                return False
    except brotli.error:
        return True
    return True


def _gzip_ends(body: bytes) -> bool:
    return _ends(body, lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), zlib.error)


def _zstd_ends(body: bytes) -> bool:
    return _ends(body, zstd.ZstdDecompressor, zstd.ZstdError)


_ENDS: Mapping[str, Callable[[bytes], bool]] = {
    "gzip": _gzip_ends,
    "x-gzip": _gzip_ends,
    "deflate": _deflate_ends,
    "br": _brotli_ends,
    "zstd": _zstd_ends,
}
