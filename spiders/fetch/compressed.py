"""Whether a compressed answer is complete, and what is in one that was stored as it was sent.

Scrapy silently decompresses what has arrived of an answer that broke off. Without a Content-Length
the body ends where the connection does, so that only the compressed stream itself shows that
something is missing.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
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
        if name not in _STREAMS:
            raise UnreadableError("unsupported", f"its Content-Encoding is {name[:40]!r}")
        if _BEGINNINGS.match(body) or (name in _GZIP and not body.startswith(b"\x1f\x8b")):
            return body[: most + 1]
        body = _beginning(body, name, most + 1)
    return body[: most + 1]


def _beginning(body: bytes, name: str, most: int) -> bytes:
    """Return the beginning of what is in a stream, even of one that breaks off."""
    parts: list[bytes] = []
    new, error = _STREAMS[name]
    try:
        for part in _parts(new(body), body, most):
            parts.append(part)
            if sum(map(len, parts)) >= most:
                break
    except error as fault:
        line = f"it says it is packed as {name}, and is not: {fault}"
        raise UnreadableError("broken", line) from None
    return b"".join(parts)[:most]


def is_whole(body: bytes, encoding: str, unpacked: int) -> bool:
    """Whether `body` contains the end of its stream; anything after it may be padding. `unpacked`
    is its decompressed size in bytes. True if it is not a stream of this encoding at all: this is
    a different fault.
    """
    if encoding in _GZIP and int.from_bytes(body[-4:], "little") == unpacked % 2**32:
        return True  # RFC 1952, 2.3.1: the last four bytes are the decompressed size
    if encoding not in _STREAMS:
        return True
    new, error = _STREAMS[encoding]
    stream = new(body)
    try:
        for _ in _parts(stream, body, _CHUNK):
            pass
    except error:
        return True
    return bool(stream.eof)


def _parts(stream: Any, body: bytes, most: int) -> Iterator[bytes]:
    """What is in a stream, at most so many bytes at a time, up to its end or where it breaks."""
    waiting = body
    while not stream.eof:
        part = stream.decompress(waiting, most)
        waiting = getattr(stream, "unconsumed_tail", b"")
        if not part and not waiting:
            return
        yield part


class _Brotli:
    """A stream of brotli that is read as those of zlib are."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())

    def decompress(self, packed: bytes, most: int) -> bytes:
        part: bytes = self._stream.process(packed, output_buffer_limit=min(most, _CHUNK))
        return part


def _inflating(body: bytes) -> Any:
    try:
        zlib.decompressobj().decompress(body, _CHUNK)
    except zlib.error:  # some servers leave out the header that the standard requires
        return zlib.decompressobj(-zlib.MAX_WBITS)
    return zlib.decompressobj()


_GZIP = ("gzip", "x-gzip")
_BEGINNINGS = re.compile(rb"\s*(?:<[!?a-zA-Z]|%PDF-|PK\x03\x04)")
# How a stream that begins so is read, and the error that says that it is none.
_STREAMS: Mapping[str, tuple[Callable[[bytes], Any], type[Exception]]] = {
    **dict.fromkeys(_GZIP, (lambda _: zlib.decompressobj(16 + zlib.MAX_WBITS), zlib.error)),
    "deflate": (_inflating, zlib.error),
    "br": (lambda _: _Brotli(), brotli.error),
    "zstd": (lambda _: zstd.ZstdDecompressor(), zstd.ZstdError),
}
