"""Passages have the vectors that the package gives them, whatever was encoded before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.judgement.probability import encoder
from crawler.judgement.probability import passages as module
from crawler.judgement.probability.passages import Passages, Words

LEAD = "Italy and Tunisia sign a migration agreement. The ministers met in Tunis on Monday."
SENTENCE = "Italy and Tunisia sign a migration agreement."
OTHERS = (
    "المغرب والنيجر يوقعان إعلان تفاهم لمكافحة الاتجار بالبشر",
    "L’accord, signé à 17 h 30,\u00a0prévoit 2\u00a0500 visas\u200b…  (suite)",
    "Die Ministerin unterzeichnete das Rückübernahmeabkommen\nund reiste ab. ½ ﬁn ✓",
    "",
)


@pytest.fixture(scope="module")
def backend() -> Any:
    assert encoder.load_encoder() is not None
    return encoder._model()


def test_passages_have_the_vectors_of_the_package(backend: Any) -> None:
    passages = Passages(backend)
    for several in ((LEAD, SENTENCE), (SENTENCE, LEAD), (LEAD,), *((other,) for other in OTHERS)):
        wanted = backend.encode(list(several))
        assert np.abs(passages.encode(several) - wanted).max() < 1e-5


def test_words_are_cut_into_the_tokens_of_the_package(backend: Any) -> None:
    words = Words(backend.sp)
    for text in (LEAD, *OTHERS):
        assert words.tokens(text) == backend.sp.encode(text)


@given(st.text(alphabet=" \n\r\u00a0aés15٣ضـª½ﷺ·.,:;?!)»'", max_size=30))
def test_marks_and_lines_are_cut_as_by_the_package(backend: Any, text: str) -> None:
    assert Words(backend.sp).tokens(text) == backend.sp.encode(text)


def test_a_vector_does_not_depend_on_what_was_encoded_before(backend: Any) -> None:
    passages = Passages(backend)
    first = passages.encode((LEAD, SENTENCE))
    for other in OTHERS:
        passages.encode((other,))
    assert np.array_equal(passages.encode((LEAD, SENTENCE)), first)


def test_long_passages_are_left_to_the_package(
    backend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_TOKENS", len(backend.sp.encode(LEAD)) - 1)
    passages = Passages(backend)
    assert np.array_equal(passages.encode((LEAD,)), backend.encode([LEAD]))
