"""Whether a compressed answer is complete.

Scrapy silently decompresses what has arrived of an answer that broke off. Without a Content-Length
the body ends where the connection does, so that only the compressed stream itself shows that
something is missing.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import brotli  # type: ignore[import-untyped]  # it ships no types; a dependency of Scrapy, like zstd

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK = 65_536  # bytes to decompress at a time; the total size was checked before


def is_whole(body: bytes, encoding: str, unpacked: int) -> bool:
    """Whether `body` contains the end of its stream. `unpacked` is its decompressed size in bytes.

    True if it is not a stream of this encoding at all: this is a different fault.
    """
    if encoding in ("gzip", "x-gzip") and int.from_bytes(body[-4:], "little") == unpacked % 2**32:
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
