"""Text from outside on lines of ours."""

from __future__ import annotations

import pytest

from scheduler.views.words.lines import clean, cut, isolated, line, web_address, without_towers

OVERRIDE, ISOLATE, END = "\u202e", "\u2068", "\u2069"


def test_line_breaks_controls_and_direction_marks_go() -> None:
    assert (
        clean(f"Accord\r\nBcc: x@y\t{OVERRIDE}signé\x00\u2028 \u200fici")
        == "Accord Bcc: x@y signé ici"
    )


def test_joiners_that_shape_letters_stay() -> None:
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


def test_a_long_title_is_cut_at_a_word() -> None:
    assert cut("alpha beta gamma", 12) == "alpha beta…"
    assert cut("a" * 30, 10) == "a" * 9 + "…"
    assert len(line("mot " * 5000, 160)) <= 160


def test_only_text_that_would_turn_the_line_is_isolated() -> None:
    assert isolated("Rabat", "ltr") == "Rabat"
    assert isolated("Rabat", "rtl") == f"{ISOLATE}Rabat{END}"
    assert isolated("الرباط", "ltr") == f"{ISOLATE}الرباط{END}"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a.example/\nX",
        'https://a.example/"x',
        "//a",
        "http://[",
        "https://ministry.example@evil.example/",
        None,
    ],
)
def test_an_address_that_a_mail_must_not_link_to_is_no_link(url: str | None) -> None:
    assert web_address(url) is None


def test_a_web_address_is_kept_as_it_is() -> None:
    assert web_address("https://a.example/x?a=1&b=2#c") == "https://a.example/x?a=1&b=2#c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" + "\u20dd" * 400, "a" + "\u20dd" * 12),
        ("👩" + "\u200d👩" * 50, "👩" + "\u200d👩" * 6),
        ("\u0301" * 99 + "x", "\u0301" * 12 + "x"),
        ("לְשָׁלוֹם", "לְשָׁלוֹם"),
        ("👩🏽‍❤️‍💋‍👨🏻 and 👨‍👩‍👧‍👦", "👩🏽‍❤️‍💋‍👨🏻 and 👨‍👩‍👧‍👦"),
    ],
)
def test_a_character_carries_as_many_marks_as_writing_needs(text: str, expected: str) -> None:
    assert without_towers(text) == expected
    assert clean(text) == expected
