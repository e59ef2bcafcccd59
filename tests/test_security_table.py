"""The tables of asvs.md and advisories.md answer each requirement and each advisory once,
with tests that there are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "tests" / "asvs.md", ROOT / "tests" / "advisories.md")
PAGE = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
ROWS = re.findall(r"^\| (\d[\d., -]*) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
_ID = r"(?:CVE-\d{4}-\d{4,6}|GHSA(?:-[2-9cfghjmpqrvwx]{4}){3})"
ADVISORIES = re.findall(
    rf"^\| ({_ID}[^|]*|no number[^|]*) \| (.+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE
)
_NOTHING = ("nothing to prove", "none")
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; their numbers are 1 to n.
SECTIONS = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5},
    **{"6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2},
    **{"8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4},
    **{"10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4},
    **{"11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2},
    **{"13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1},
    **{"16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2},
}


def _answered() -> Iterator[str]:
    for numbers, _, _ in ROWS:
        for one in numbers.split(", "):
            section, _, places = one.strip().rpartition(".")
            first, _, last = places.partition("-")
            yield from (f"{section}.{n}" for n in range(int(first), int(last or first) + 1))


def test_each_requirement_is_answered_once() -> None:
    required = [f"{section}.{n}" for section, most in SECTIONS.items() for n in range(1, most + 1)]
    assert len(required) == 253
    assert Counter(_answered()) == Counter(required)


def test_the_tests_it_names_are_there() -> None:
    there = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        there |= set(
            re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
        )
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 60
    assert named - there == set()


def test_what_is_shown_by_nothing_says_so() -> None:
    for numbers, said, shown in ROWS:
        is_open = "**Not met**" in said
        assert "`test_" in shown or "ruff" in shown or shown in _NOTHING, numbers
        assert shown != "none" or is_open or "make check" in said, numbers


def test_each_advisory_is_answered_once_by_a_test_or_by_why_there_is_none() -> None:
    ids = [one for name, _, _, _ in ADVISORIES for one in re.findall(_ID, name)]
    below = PAGE.partition("# Advisories")[2]
    assert len(ids) == len(set(ids)) == below.count("CVE-") + below.count("GHSA-")
    assert len(ADVISORIES) >= 42
    for name, _, _, shown in ADVISORIES:
        assert "`test_" in shown or shown == "nothing to prove", name
