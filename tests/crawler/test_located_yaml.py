"""Faults in files that people write are named with their place, all of them at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crawler.located_yaml import dotted, load_yaml, parse_yaml, read_yaml
from storage.errors import ConfigurationError


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        parse_yaml(text, "a.yaml")
    return str(caught.value).splitlines()


def test_norway_and_half_past_twelve_stay_what_they_are() -> None:
    assert parse_yaml("country: NO\nat: 12:30\non: 1\n", "a.yaml").data == {
        "country": "NO",
        "at": "12:30",
        "on": 1,
    }


def test_every_value_knows_its_place() -> None:
    located = parse_yaml("sources:\n  - id: a\n    kind: fed\n", "a.yaml")
    assert (
        str(located.problem(("sources", 0, "kind"), "is wrong"))
        == "a.yaml:3:11: sources[0].kind: is wrong"
    )
    assert located.problem(("sources", 0, "url"), "is missing").line == 2


def test_duplicate_keys_tags_anchors_and_aliases_are_named_together() -> None:
    lines = faults("a: 1\nb: !!python/name:os 2\nc: &x [1]\nd: *x\na: 2\n")
    assert [line.split(": ")[0] for line in lines] == [
        "a.yaml:2:4",
        "a.yaml:3:4",
        "a.yaml:4:4",
        "a.yaml:5:1",
    ]
    assert "is a duplicate of line 1" in lines[3]


def test_an_alias_bomb_is_refused_quickly() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
    )
    lines = faults(bomb)
    assert "a.yaml:1:5: a0: anchors (&name) are not read" in lines[0]
    assert any("aliases (*name) are not read" in line for line in lines)


def test_bad_yaml_names_line_and_column() -> None:
    assert faults("a: [1\nb: 2\n")[0].startswith("a.yaml:2:2: bad YAML: ")


def test_keys_that_nest_deeply_are_refused_like_values() -> None:
    lines = faults("? " * 2_000 + "a")
    assert lines[-1] == "a.yaml:1:81: nests deeper than 40 levels"
    assert len(lines) == 41


def test_a_deeply_nested_file_is_one_line_of_error() -> None:
    assert faults("[" * 20_000) == ["a.yaml:1:41: nests deeper than 40 levels"]


def test_an_empty_file_is_nothing() -> None:
    assert parse_yaml("# only a comment\n", "a.yaml").data is None


def test_a_file_in_another_charset_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("name: é".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="save the file as UTF-8"):
        read_yaml(path)


def test_key_paths_are_written_as_people_write_them() -> None:
    assert dotted(("sources", 1, "kind")) == "sources[1].kind"


def test_endless_digits_are_text() -> None:
    digits = "9" * 5_000
    located = parse_yaml(f"a: {digits}\nb: {digits}.5\nc: 12\n", "x.yaml")
    assert located.data == {"a": digits, "b": f"{digits}.5", "c": 12}


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert [problem.message for problem in load_yaml(tmp_path / "pipe.yaml").problems] == [
        "is not a file"
    ]


def test_a_device_without_end_is_not_read() -> None:
    assert [problem.message for problem in load_yaml(Path("/dev/zero")).problems] == [
        "is not a file"
    ]


def test_a_fault_is_one_line_that_a_terminal_can_show() -> None:
    source = parse_yaml('"a\\nb\\e[2J": 1\n', "x.yaml")
    problem = source.problem(("a\nb\x1b[2J",), "wrong\n" + "x" * 100_000)
    assert str(problem).isprintable()
    assert len(str(problem)) < 1_100
