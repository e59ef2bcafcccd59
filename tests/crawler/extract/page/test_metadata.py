"""What pages declare."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import fields
from crawler.extract.fields import clean


@given(st.text(st.sampled_from("aé\u0301 \xad\u200b\u200e\u2060\ufeff\x00\x1f\x7f\t\n\ud800&;#")))
def test_nothing_invisible_is_left_of_a_text(text: str) -> None:
    assert fields._INVISIBLE.search(clean(text)) is None


def test_each_invisible_character_is_removed() -> None:
    invisible = filter(fields._INVISIBLE.match, map(chr, range(0x10000)))
    assert {clean(f"a{one}b") for one in invisible} == {"ab"}
