"""By which keys reports find those that they could share an agreement with.

A report that names two parties or more meets those that name two of them, whatever else either names: "IT-TN". One that
names fewer meets its like: by any two of its codes, runners-up too ("~IT-TN"), or by its only code ("~IT").
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations


def keys_of(codes: Mapping[str, bool]) -> set[str]:
    """What a report is found by. `codes`: those it names, and whether each takes part, as `party_codes` gives them."""
    keys = _pairs(codes)
    return keys if _names_two(codes) else keys | {f"~{code}" for code in codes}


def keys_asked(codes: Mapping[str, bool]) -> set[str]:
    """What it looks for: its one code only where it names no other."""
    return _pairs(codes) or {f"~{code}" for code in codes}


def _pairs(codes: Mapping[str, bool]) -> set[str]:
    if _names_two(codes):
        return {
            "-".join(pair)
            for pair in combinations(sorted(code for code, part in codes.items() if part), 2)
        }
    return {"~" + "-".join(pair) for pair in combinations(sorted(codes), 2)}


def _names_two(codes: Mapping[str, bool]) -> bool:
    return sum(codes.values()) > 1
