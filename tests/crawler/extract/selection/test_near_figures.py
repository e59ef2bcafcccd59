import re

import pytest
from htmldate import core
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates import warm_up
from crawler.extract.selection.near_figures import is_of_figures, near_figures

_NAMES = (
    "SELECT_YMD_PATTERN",
    "DATESTRINGS_PATTERN",
    "SLASHES_PATTERN",
    "YYYYMM_PATTERN",
    "MMYYYY_PATTERN",
)
_PATTERNS = [*(getattr(core, name) for name in _NAMES), core.THREE_COMP_PATTERNS[1]]
_PIECES = st.sampled_from([*"0129/.- a٣", "2024", "01/02", "2024-03-07", "7.3.2024", "20240307"])


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
    warm_up()
    assert vars(core)["plausible_year_filter"].__module__ == "crawler.extract.dates"
