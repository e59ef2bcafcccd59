from __future__ import annotations

import io
import signal
import time
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pypdf
import pytest

from crawler.extract.printed import step_limit
from crawler.extract.printed.pdf import Glyph, is_right_to_left, read_pdf, reading_order
from crawler.extract.printed.step_limit import limited_step
from crawler.pool import WorkerPool
from crawler.worker import RulesSpec
from storage.errors import UnreadableError
from tests.crawler.extract.printed import pdf_bombs

_DOCUMENTS = Path(__file__).parents[1] / "documents"
_FRENCH = (_DOCUMENTS / "communique.fr.pdf").read_bytes()
_ARABIC = (_DOCUMENTS / "communique.ar.pdf").read_bytes()
_PRINTED = (
    _DOCUMENTS / "printed.ar.pdf"
).read_bytes()  # by Chromium, which stores letters from left to right


def _written(writer: pypdf.PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _encrypted(user_password: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(_FRENCH))
    writer.encrypt(user_password, "owner's")
    return _written(writer)


def test_the_heading_is_the_title_where_the_file_is_called_like_its_template() -> None:
    assert (
        read_pdf(_FRENCH).title
        == "Communiqué conjoint du Maroc et du Niger sur la coopération migratoire"
    )


def test_typeset_lines_become_paragraphs_without_the_heading() -> None:
    lines = read_pdf(_FRENCH).text.splitlines()
    assert lines[0] == "ROYAUME DU MAROC"
    assert lines[3].endswith("contre la traite des personnes et le trafic illicite de migrants.")
    assert lines[4].startswith("La déclaration prévoit un comité mixte")
    assert len(lines) == 5


def test_the_day_of_the_file_is_read() -> None:
    assert read_pdf(_FRENCH).published_on == date(2024, 3, 11)


def test_arabic_is_in_reading_order_and_in_plain_letters() -> None:
    content = read_pdf(_ARABIC)
    assert content.title == "بلاغ مشترك حول التعاون في مجال الهجرة"
    assert "إعلانا مشتركا لمكافحة الاتجار بالبشر وتهريب المهاجرين." in content.text


def test_what_a_browser_prints_in_arabic_is_in_reading_order() -> None:
    content = read_pdf(_PRINTED)
    assert content.title == "المغرب والنيجر يوقعان إعلانا مشتركا بشأن الهجرة"
    text = " ".join(content.text.split())
    assert "الرباط، 28 يوليو 2025 – وقّع وزيرا الداخلية بالرباط إعلانا مشتركا" in text
    assert "المنظمة الدولية للهجرة (IOM) والاتحاد الأوروبي." in text
    assert (
        'في 10/03/2026 مع Frontex بنسبة 50% (المادة 12)، وبلغت الكلفة 1.5 مليون يورو، وقال الوزير إنه "خطوة'
        in text
    )


def test_vowel_signs_stay_with_their_letters_in_what_a_browser_prints() -> None:
    assert "عُقد الاجتماعُ الثاني في ٢٨ يوليو ٢٠٢٥ لأجل الإعلان." in read_pdf(_PRINTED).text


def test_arabic_words_within_french_are_in_reading_order() -> None:
    assert (
        "Le ministère (وزارة الداخلية المغربية) a annoncé la signature de l'accord « الهجرة » à Rabat"
        in (read_pdf(_PRINTED).text)
    )


def test_a_title_of_the_file_that_the_page_shows_is_taken() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(_ARABIC))
    writer.add_metadata({"/Title": "التعاون في مجال الهجرة", "/Author": "وزارة الداخلية"})
    content = read_pdf(_written(writer))
    assert (content.title, content.author) == ("التعاون في مجال الهجرة", "وزارة الداخلية")


def test_a_file_that_anybody_may_open_is_read_though_encrypted() -> None:
    assert read_pdf(_encrypted("")).title.startswith("Communiqué conjoint")


def test_a_password_is_told() -> None:
    with pytest.raises(UnreadableError, match="password") as caught:
        read_pdf(_encrypted("secret"))
    assert caught.value.reason == "encrypted"


def test_a_scan_is_told_as_one() -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    with pytest.raises(UnreadableError, match="is a scan") as caught:
        read_pdf(_written(writer))
    assert caught.value.reason == "scanned"


@pytest.mark.parametrize("body", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\xff" * 500, _FRENCH[:3000]])
def test_a_broken_file_is_told(body: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_pdf(body)
    assert caught.value.reason == "broken"


def test_running_heads_and_page_numbers_are_left_out() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(_FRENCH))
    for _ in range(2):
        writer.append(io.BytesIO(_FRENCH))
    text = read_pdf(_written(writer)).text
    assert "ROYAUME DU MAROC" not in text
    assert text.count("Rabat, le 11 mars 2024") == 3


@pytest.mark.parametrize("made", pdf_bombs.ODD, ids=lambda made: made.__name__)
def test_a_file_that_goes_in_circles_or_endless_depths_is_read_or_refused(
    made: Callable[[], bytes],
) -> None:
    begun = time.process_time()
    try:
        said = read_pdf(made()).text
    except UnreadableError as error:
        said = error.reason
    assert said in ("", "broken", "scanned")
    assert time.process_time() - begun < 5


@pytest.mark.slow
@pytest.mark.parametrize("made", pdf_bombs.ENDLESS, ids=lambda made: made.__name__)
def test_a_file_that_keeps_the_reader_busy_costs_itself_alone(made: Callable[[], bytes]) -> None:
    with WorkerPool(RulesSpec(), workers=1, memory_limit_mb=512, time_limit_s=0.2) as pool:
        with pytest.raises(UnreadableError) as caught:
            pool.submit(read_pdf, made()).result(60)
        assert caught.value.reason in ("timeout", "too_large")
        assert pool.submit(read_pdf, _FRENCH).result(60).title.startswith("Communiqué conjoint")


def _read_impatiently(body: bytes, step_s: float) -> str:
    step_limit.STEP_S = step_s  # in a worker of this test
    return read_pdf(body).title


def test_a_page_has_less_time_than_a_long_report() -> None:
    writer = pypdf.PdfWriter()
    for _ in range(60):  # the kernel counts processor time in steps as long as two pages take
        writer.append(io.BytesIO(_FRENCH))
    report, begun = _written(writer), time.process_time()
    read_pdf(report)
    step_s = (time.process_time() - begun) / 4
    with WorkerPool(None, workers=1) as pool:
        assert pool.submit(_read_impatiently, report, step_s).result(60)
        with pytest.raises(UnreadableError, match="a page of it took over") as caught:
            pool.submit(_read_impatiently, pdf_bombs.form_that_draws_itself(), step_s).result(60)
        assert caught.value.reason == "timeout"


# --- the time that one step of a task has ---------------------------------------------------------


def _left_s() -> float:
    return signal.getitimer(signal.ITIMER_VIRTUAL)[0]


def test_a_step_within_another_leaves_the_limit_to_that_one() -> None:
    signal.setitimer(signal.ITIMER_PROF, 1000)  # as in a worker
    try:
        with limited_step():
            with limited_step():
                assert _left_s() > 0
            assert _left_s() > 0
        assert _left_s() == 0
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def test_nothing_is_limited_outside_a_worker() -> None:
    with limited_step():
        assert _left_s() == 0


# --- lines from right to left ---------------------------------------------------------------------

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
