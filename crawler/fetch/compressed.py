"""Whether a compressed answer is there to its end: Scrapy unpacks what came of one that broke off, and says nothing.

Without a Content-Length the end of the connection is the end of the body, so only the compressed stream itself knows.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import brotli  # type: ignore[import-untyped]  # it ships no types; Scrapy brings it, as it does the next one

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK = (
    65_536  # bytes unpacked at a time: the size of the whole was checked before, by unpacking it
)


def is_whole(body: bytes, encoding: str, unpacked: int) -> bool:
    """Whether `body` ends where its stream ends; `unpacked` is how many bytes came of it.

    True for what is no stream of this encoding: that is another fault than breaking off.
    """
    if encoding in ("gzip", "x-gzip") and int.from_bytes(body[-4:], "little") == unpacked % 2**32:
        return True  # RFC 1952, 2.3.1: the last four bytes say how many were packed
    ends = _ENDS.get(encoding)
    return ends is None or ends(body)


def _ends(body: bytes, new: Callable[[], Any], error: type[Exception]) -> bool:
    """Whether the first stream of `body` ends; what follows it may be padding."""
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
    except zlib.error:  # some servers leave out the header that the standard wants
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
