"""Compressed answers: which are there to their end, in each encoding that we say we take."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest

from spiders.fetch.compressed import is_whole

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BODY = b"".join(b"line %d of a page that is long enough\n" % number for number in range(5000))


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKERS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstd.compress),
)


@pytest.mark.parametrize(("encoding", "pack"), PACKERS)
def test_what_breaks_off_is_told_from_what_is_whole(
    encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack(BODY)
    assert is_whole(packed, encoding, len(BODY))
    for kept in (1, len(packed) // 3, len(packed) * 2 // 3, len(packed) - 1):
        assert not is_whole(packed[:kept], encoding, len(BODY) - 1), kept


def test_padding_after_the_end_breaks_nothing_off() -> None:
    assert is_whole(gzip.compress(BODY) + bytes(512), "gzip", len(BODY))
    assert is_whole(gzip.compress(BODY[:100]) + gzip.compress(BODY[100:]), "gzip", len(BODY))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity", ""])
def test_what_is_not_compressed_at_all_did_not_break_off(encoding: str) -> None:
    assert is_whole(b"<html>plain, whatever its header says</html>", encoding, 44)
