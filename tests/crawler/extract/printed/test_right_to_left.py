from __future__ import annotations

import unicodedata

import pytest

from crawler.extract.printed.pdf import Glyph, is_right_to_left, reading_order

_WIDTH = 10.0


def _typeset(cells: str) -> list[Glyph]:
    """Glyphs as they stand on a page, from left to right; a space takes room and has no glyph."""
    glyphs, left = [], 0.0
    for letter in cells:
        if unicodedata.category(letter) == "Mn":
            glyphs.append(
                Glyph(letter, left - _WIDTH / 2, left - _WIDTH, left - _WIDTH / 2, 2 * _WIDTH)
            )
            continue
        if letter != " ":
            glyphs.append(Glyph(letter, left + _WIDTH / 2, left, left + _WIDTH, 2 * _WIDTH))
        left += _WIDTH
    return glyphs


@pytest.mark.parametrize(
    ("on_the_page", "read"),
    [
        ("طابرلا يف ريزولا", "الوزير في الرباط"),
        ("2025 ويلوي 28", "28 يوليو 2025"),
        ("٢٠٢٥ ويلوي", "يوليو ٢٠٢٥"),
        ("10/03/2026 يف", "في 10/03/2026"),
        ("نويلم 1.5", "1.5 مليون"),
        ("%50 ةبسن", "نسبة 50%"),
        (".2026 ماع", "عام 2026."),
        ("داحتالاو (IOM) ةمظنملا", "المنظمة (IOM) والاتحاد"),
        ("داحتالاو )IOM( ةمظنملا", "المنظمة (IOM) والاتحاد"),
        ("دودحلل European Border Agency ةلاكو", "وكالة European Border Agency للحدود"),
        ('"ةمهم ةوطخ" هنإ', 'إنه "خطوة مهمة"'),
        ("the ministry (ةيلخادلا ةرازو) said", "the ministry (وزارة الداخلية) said"),
        ("l'accord « ةرجهلا » de 2026", "l'accord « الهجرة » de 2026"),
        ("ושלום", "םולשו"),
    ],
)
def test_a_line_is_read_from_where_its_letters_stand(on_the_page: str, read: str) -> None:
    assert reading_order([_typeset(on_the_page)]) == [read]


def test_it_does_not_matter_in_which_order_a_file_stores_the_letters() -> None:
    glyphs = _typeset("طابرلا يف ريزولا")
    assert set(reading_order([glyphs, glyphs[::-1], glyphs[::2] + glyphs[1::2]])) == {
        "الوزير في الرباط"
    }


def test_a_line_that_ends_in_both_scripts_goes_the_way_of_its_page() -> None:
    line, page = (
        _typeset("European Border Agency ةلاكو"),
        _typeset("طابرلا يف نيرجاهملا بيرهت ةحفاكم"),
    )
    assert reading_order([line, page])[0] == "وكالة European Border Agency"
    assert reading_order([line])[0] == "European Border Agency وكالة"


def test_a_mark_stays_with_its_letter() -> None:
    assert reading_order([_typeset("عق\u0651و"), [Glyph("\u0651", 0, 0, 0, 1)]]) == [
        "وق\u0651ع",
        "\u0651",
    ]


@pytest.mark.parametrize(
    ("text", "expected"), [("وزير", True), ("שלום", True), ("ministre 12", False), ("", False)]
)
def test_letters_say_whether_a_text_has_words_from_right_to_left(text: str, expected: bool) -> None:
    assert is_right_to_left(text) is expected
