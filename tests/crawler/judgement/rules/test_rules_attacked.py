"""Whatever stands in a rule file: it is read, or each fault is one line with its place, in little
time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from crawler.judgement.rules.book import RuleFiles, read_book
from crawler.judgement.text.terms import MOST_CHARACTERS, MOST_SPELLINGS, TermError, parse_term

_PACK: dict[str, Any] = {
    "schema": 1,
    "sets": {"foreign": ["state.*"]},
    "concepts": {
        "act.sign": {
            "terms": {
                "en": ["sign(s|ed|)", {"term": "Seal", "case": True, "except": ["Seal Beach"]}]
            }
        },
        "state.FJ": {"terms": {"en": ["Fiji"]}, "except": {"en": ["Fiji Times"]}},
    },
    "rules": [
        {
            "id": "deals",
            "threshold": 3,
            "near_miss": 1,
            "signals": [
                {
                    "id": "core",
                    "near": ["act.sign", "foreign"],
                    "within": "2 sentences",
                    "weight": 2,
                    "core": True,
                },
                {
                    "id": "two",
                    "all": [{"any": ["foreign"], "distinct": 2}],
                    "weight": 1,
                    "cap": 2,
                    "absent": ["act.sign"],
                },
            ],
            "traps": [
                {
                    "id": "late",
                    "any": ["act.sign"],
                    "zones": ["body"],
                    "weight": -1,
                    "unless": ["two"],
                }
            ],
            "tests": {
                "must_match": [{"lang": "en", "title": "Fiji signs", "text": "Fiji"}],
                "must_not_match": [],
            },
        }
    ],
}
_USER: dict[str, Any] = {
    "schema": 1,
    "extend": {
        "concepts": {"act.sign": {"terms": {"en": ["initial(s|led)"]}}},
        "rules": {
            "deals": {"threshold": 4, "signals": [{"id": "more", "any": ["state.FJ"], "weight": 1}]}
        },
    },
    "override": {"concepts": {"state.FJ": {"terms": {"en": ["Viti"]}}}, "rules": []},
    "disable": {
        "signals": ["deals/two"],
        "traps": ["deals/late"],
        "terms": {"act.sign": {"en": ["Seal"]}},
    },
}
_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**17,
    "9" * 400,
    "x\ny\x1b[2J",
    "(" * 3_000,
    [],
    {},
    [[1]],
    {"a": [{}]},
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key in (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    ):
        yield from _paths(value[key], (*path, key))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    changed = deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return changed


def _problems(folder: Path, pack: Any, user: Any) -> list[str]:
    files = [folder / "pack.yaml", folder / "user.yaml"]
    for file, content in zip(files, (pack, user), strict=True):
        file.write_text(json.dumps(content), encoding="utf-8")
    _, problems = read_book(RuleFiles(tuple(files[:1]), own=tuple(files[1:])), folder / "cache")
    return [str(problem) for problem in problems]


def test_the_files_are_good_before_they_are_attacked(tmp_path: Path) -> None:
    assert _problems(tmp_path, _PACK, _USER) == []


@pytest.mark.parametrize("attacked", ["pack", "user"])
@pytest.mark.parametrize("value", _VALUES, ids=lambda value: repr(value)[:12])
def test_any_value_anywhere_is_read_or_told_in_short_lines(
    value: Any, attacked: str, tmp_path: Path
) -> None:
    for path in _paths(_PACK if attacked == "pack" else _USER):
        pack = _with(_PACK, path, value) if attacked == "pack" else _PACK
        user = _with(_USER, path, value) if attacked == "user" else _USER
        for line in _problems(tmp_path, pack, user):
            assert line.isprintable(), path
            assert len(line) < 1_500, path


@pytest.mark.parametrize(
    ("term", "told"),
    [
        (" ... ".join([f"({'|'.join('abcdefgh')})"] * 4), "spellings"),
        ("a ..." + "9" * 900 + " b", "30 is the most"),
        ("word " * 200_000, f"at most {MOST_CHARACTERS}"),
        ("a" + " " * 200_000 + "... b", f"at most {MOST_CHARACTERS}"),
        ("(" * 100_000, f"at most {MOST_CHARACTERS}"),
        ("(a|b)" * 20, f"more than {MOST_SPELLINGS} spellings"),
    ],
    ids=["choices between gaps", "digits of a gap", "megabyte", "spaces", "brackets", "choices"],
)
def test_terms_that_would_grow_are_refused_in_a_line(term: str, told: str) -> None:
    with pytest.raises(TermError) as caught:
        parse_term(term, case=True)
    assert told in str(caught.value)
    assert len(str(caught.value)) < MOST_CHARACTERS + 100
