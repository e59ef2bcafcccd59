"""A filter's values and groups of parties, as they are written."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from storage.filter import Filter, load_party_groups
from storage.letters import fold_text


@pytest.mark.parametrize(
    ("written", "near"),
    [("1.3.2026", ("2026-03-01",)), ("10/03/26", ()), ("2026-2-30", ())],  # 26 is of no century
)
def test_a_day_in_another_order_or_without_zeros_is_asked_back(
    written: str, near: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        Filter.model_validate({"since": written})
    (error,) = caught.value.errors()
    assert error["ctx"]["near"] == near


CODES, NAMED = load_party_groups()


@pytest.mark.parametrize(
    "name", ["maghreb", "Maghreb", "MAGHREB", "المغرب العربي", "Union du Maghreb arabe"]
)
def test_a_group_is_found_by_any_of_its_names(name: str) -> None:
    assert NAMED[fold_text(name)] == "maghreb"


def test_no_group_is_called_so() -> None:
    assert "atlantis" not in NAMED
    assert "ma" not in NAMED


def test_every_code_is_a_state_or_a_body_and_stands_once() -> None:
    for name, codes in CODES.items():
        assert len(set(codes)) == len(codes), name
        assert all(re.fullmatch(r"[A-Z]{2,8}", code) for code in codes), name


def test_the_union_has_27_members_and_signs_for_them() -> None:
    assert NAMED["eu members"] == "eu-members"
    assert CODES["eu-members"][0] == "EU"
    assert len(CODES["eu-members"]) == 28


def test_every_group_with_a_body_of_its_own_has_it() -> None:
    """A group of one name with a body is that body and its members."""
    bodies = {code for codes in CODES.values() for code in codes if len(code) > 2}
    assert bodies >= {"ECOWAS", "AES", "GCC", "ASEAN", "CARICOM", "MERCOSUR", "UMA", "EAC", "SADC"}


def test_the_file_is_read_once_in_a_process() -> None:
    """Reading it at each page made the register four times as slow."""
    assert load_party_groups().parties is CODES
