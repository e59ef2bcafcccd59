"""The model of languages from the cache ranks them as it does without."""

from pathlib import Path
from typing import Any, NoReturn

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # it ships no types

from crawler.extract.language import load_identifier

TEXTS = ["Les deux ministres ont signé un accord.", "وقعت تونس اتفاقا", "Der Minister", "x" * 3]


def test_languages_from_the_cache_are_ranked_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_build(*_: Any) -> NoReturn:
        raise AssertionError("it is built again")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built = LanguageIdentifier.from_model_file(MODEL_FILE)
    first = load_identifier()
    monkeypatch.setattr(LanguageIdentifier, "from_model_file", no_build)
    found = load_identifier()
    ranked = [built.rank(text) for text in TEXTS]
    assert [first.rank(text) for text in TEXTS] == ranked
    assert [found.rank(text) for text in TEXTS] == ranked
    assert not found.nb_ptc.flags.writeable
