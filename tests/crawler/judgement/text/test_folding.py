from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.judgement.text.folding import fold
from storage.letters import fold_text, is_writable


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("L’accord d'intesa", "l accord d intesa"),
        ("Rück­übernahme", "ruckubernahme"),
        ("STRAẞE œuvre ﬁn", "strasse oeuvre fin"),
        ("EU-Türkei-Deal", "eu turkei deal"),
        ("وُقِّعَتْ اتفاقيّة الهجرةـ", "وقعت اتفاقيه الهجره"),
        ("إعلان أوروبى", "اعلان اوروبي"),
        ("مسؤول شؤون اللاجئين", "مسوول شوون اللاجيين"),
        ("٢٠٢٤ ۲۰۲۴ ２０２４", "2024 2024 2024"),
        ("a\u200bb \u202eبحر\u202c", "ab بحر"),
        ("𝕸oU", "mou"),
        ("😀 !?", ""),
    ],
)
def test_one_spelling(written: str, folded: str) -> None:
    assert fold_text(written) == folded


def test_offsets_lead_back_to_the_original_character() -> None:
    original = "Œuvre «ﬁnale»"
    folded = fold(original)
    position = folded.text.index("finale")
    assert original[folded.offsets[position]] == "ﬁ"
    assert original[folded.offsets[position + len("finale") - 1]] == "e"


@given(st.text(max_size=200))
def test_a_text_folds_like_its_terms(text: str) -> None:
    folded = fold(text)
    assert folded.text.strip() == fold_text(text)
    assert len(folded.text) == len(folded.offsets) == len(folded.bytes_)
    assert folded.text.startswith(" ")
    assert folded.text.endswith(" ")
    assert "  " not in folded.text
    assert list(folded.offsets) == sorted(folded.offsets)


@given(st.text(max_size=20), st.text(max_size=100))
def test_title_and_text_fold_alike_together_and_apart(title: str, text: str) -> None:
    together = fold(f"{title}\n{text}")
    assert together.cut(len(title)) == (fold_text(title), fold_text(text))


@given(st.text(max_size=100))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_text(fold_text(text)) == fold_text(text)


def test_letters_of_other_scripts_are_not_writable() -> None:
    assert is_writable("accord اتفاق 2024")
    assert not is_writable("договор")


def test_western_letters_fold_alike_alone_and_in_a_text() -> None:
    letters = [bytes((byte,)).decode("cp1252", "ignore") for byte in range(256)]
    long = "word " * 30
    for letter in letters:
        assert fold_text(f"{long}a{letter}b").removeprefix(long) == fold_text(f"a{letter}b")
    assert fold_text("".join(letters)) == fold("".join(letters)).text.strip()
