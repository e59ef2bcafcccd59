"""Groups of parties that filters name."""

from __future__ import annotations

import re

import pytest

from crawler.judgement.party_groups import load_party_groups

GROUPS = load_party_groups()


@pytest.mark.parametrize(
    "name", ["maghreb", "Maghreb", "MAGHREB", "المغرب العربي", "Union du Maghreb arabe"]
)
def test_a_group_is_found_by_any_of_its_names(name: str) -> None:
    assert GROUPS.expand(name) == ("DZ", "LY", "MA", "MR", "TN")


def test_no_group_is_called_so() -> None:
    assert GROUPS.expand("atlantis") is None
    assert GROUPS.expand("MA") is None


def test_every_code_is_a_state_or_a_body_and_stands_once() -> None:
    for name, codes in GROUPS.codes.items():
        assert len(set(codes)) == len(codes), name
        assert all(re.fullmatch(r"[A-Z]{2,8}", code) for code in codes), name


def test_the_union_has_27_members() -> None:
    assert len(GROUPS.expand("EU members") or ()) == 27


def test_the_file_is_read_once_in_a_process() -> None:
    """Reading it at each page made the register four times as slow."""
    assert load_party_groups() is GROUPS
