"""Blocking keys: which reports are compared with each other, as in record linkage.

A report that names at least two parties has a key for each pair of them ("IT-TN"), and so is
compared with all reports that name two of the same parties. A report that names fewer is compared
with others of its kind, by each pair of its codes, runners-up included ("~IT-TN"), or by its only
code ("~IT").
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations


def keys_of(codes: Mapping[str, bool]) -> set[str]:
    """Return the keys by which others find a report.

    `codes` maps the codes that it names to whether each is a party (see `party_codes`).
    """
    keys = _pairs(codes)
    return keys if _names_two(codes) else keys | {f"~{code}" for code in codes}


def requested_keys(codes: Mapping[str, bool]) -> set[str]:
    """Return the keys that a report looks for: a single code only if it names no other."""
    return _pairs(codes) or {f"~{code}" for code in codes}


def _pairs(codes: Mapping[str, bool]) -> set[str]:
    if _names_two(codes):
        parties = sorted(code for code, is_party in codes.items() if is_party)
        return {"-".join(pair) for pair in combinations(parties, 2)}
    return {"~" + "-".join(pair) for pair in combinations(sorted(codes), 2)}


def _names_two(codes: Mapping[str, bool]) -> bool:
    return sum(codes.values()) > 1
