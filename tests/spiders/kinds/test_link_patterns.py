from __future__ import annotations

import pytest

from spiders.catalog.sources import MOST_CHARACTERS, fault


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            r"(\w+)*$",
            r"(a+)+b",
            r"^(/\w+)*/x$",
            r"((a|b))+",
            r"(?:\d+-?)+z",
            r"(?P<n>\w*)+",
            r"([^/]+){20}x",
            r"(?:a|a)*$",
        ),
        *(r"((ab?c*)d)+", r"(a{2,})+"),
    ],
)
def test_repeated_groups_that_repeat_or_choose_are_refused(pattern: str) -> None:
    assert "take for ever" in (fault(pattern) or "")


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            r"/news/\d{4}/\d+",
            r"/(news|press)/",
            r"a\.org/(?:en|fr)/.+\.html$",
            r"(/\d\d)+",
            r"([+*]|x)y",
            r"\(a+\)*",
            r"[(a+)]*",
        ),
        *(r"(?!.*/tag/)/articles?/", r"(?i:/Story)-\d+", r"(?:/\w+){2}$", r"(?:-v\d+)?$", ""),
    ],
)
def test_what_address_patterns_look_like_is_taken(pattern: str) -> None:
    assert fault(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(", "is not a regular expression"),
        ("x{99999999999999999999}", "is not a regular expression"),
        ("(" * 10_000, "500 are the most"),
        ("(" * (MOST_CHARACTERS // 2) + ")" * (MOST_CHARACTERS // 2), None),
    ],
)
def test_what_is_no_pattern_is_told(pattern: str, told: str | None) -> None:
    found = fault(pattern)
    assert told is None or told in (found or "")
    assert "\n" not in (found or "")
