import re

import pytest
from htmldate import core, extractors
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates import (
    _htmldate,
    ends_with_years,
    is_of_figures,
    near_figures,
    near_years,
)

_NAMES = (
    "SELECT_YMD_PATTERN",
    "DATESTRINGS_PATTERN",
    "SLASHES_PATTERN",
    "YYYYMM_PATTERN",
    "MMYYYY_PATTERN",
)
_PATTERNS = [*(getattr(core, name) for name in _NAMES), core.THREE_COMP_PATTERNS[1]]
_PIECES = st.sampled_from([*"0129/.- a٣", "2024", "01/02", "2024-03-07", "7.3.2024", "20240307"])
_WORDS = st.sampled_from(
    [*"<> .,1", "7", "th", " of ", " March", "März", "March 7,", " 2024", " 1899"]
)


@given(st.lists(_WORDS, max_size=30).map("".join))
def test_days_near_years_are_those_of_the_whole_text(text: str) -> None:
    words = extractors.LONG_TEXT_PATTERN
    found = [match[0] for match in words.finditer(near_years(text))]
    assert found == [match[0] for match in words.finditer(text)]
    assert extractors.regex_parse(near_years(text)) == extractors.regex_parse(text)


def test_what_stands_far_from_years_is_left_out() -> None:
    text = (
        "<b>On 7 March</b> <p>2024 <i>of March 7, 2024 they</i> <p>7 March 2024, 8 March 2024 ..."
    )
    assert near_years(text) == ">of March 7, 2024>7 March 2024, 8 March 2024"


def test_the_pattern_of_days_in_words_is_known() -> None:
    assert ends_with_years(extractors.LONG_TEXT_PATTERN)
    assert not ends_with_years(re.compile(extractors.LONG_TEXT_PATTERN.pattern + "?"))


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_days_near_figures_are_those_of_the_whole_text(text: str) -> None:
    for pattern in _PATTERNS:
        assert pattern.findall(near_figures(text)) == pattern.findall(text)


def test_most_of_a_text_is_left_out() -> None:
    text = "<p class='col-12'>On 2024-03-07, 3 of 100 ministers met: 1/2/2024 3/4/2024</p>"
    assert near_figures(text) == " 2024-03-07, 1/2/2024 3/4/2024<"


@pytest.mark.parametrize("pattern", _PATTERNS, ids=lambda pattern: pattern.pattern)
def test_the_slow_patterns_of_htmldate_are_of_figures(pattern: re.Pattern[str]) -> None:
    assert is_of_figures(pattern)


@pytest.mark.parametrize(
    "source",
    [
        r"\D([0-9]{4})\D",  # shorter than what is looked for
        r"\D([/.-]?[0-9]{8})\D",
        r"\D([0-9]?[/.-][0-9]{8})\D",
        r"\D([0-9]{8})",
        r"([0-9]{8})\D",
        r"\D([0-9]{8} ?)\D",
        r"\D(\d{8})\D",
        r"\D([0-9]{8}|[a-z]{8})\D",
        r"[0-9]\D([0-9]{8})\D",
    ],
)
def test_other_patterns_are_not(source: str) -> None:
    assert not is_of_figures(re.compile(source))


def test_htmldate_searches_near_figures() -> None:
    _htmldate()
    assert vars(core)["plausible_year_filter"].__module__ == "crawler.extract.dates"
    assert vars(core)["regex_parse"].__module__ == "crawler.extract.dates"
