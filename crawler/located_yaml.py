"""YAML files that people write, read so that every value knows its line and column.

YAML 1.2: `NO` is the text "NO", `12:30` is the text "12:30". Tags, aliases and duplicate keys are
faults: no file of ours needs them, and they are how a small file becomes a large or a surprising
one. This is the one home of ruamel.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from storage.errors import ConfigurationError, Problem

KeyPath = tuple[str | int, ...]

_PLAIN = "tag:yaml.org,2002:"
_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "null": lambda _: None,
    "bool": lambda value: value.lower() == "true",
    "int": lambda value: int(value.replace("_", ""), 0),
    "float": lambda value: float(value.replace("_", "").replace(".inf", "inf").replace(".nan", "nan")),
}


@dataclass(frozen=True, slots=True)
class LocatedYaml:
    """Plain values (dict, list, str, int, float, bool, None) and where each stands.

    `places` maps a key path to (line, column), both from 1; a mapping entry is placed at its
    value, `keys` holds the place of the key itself.
    """

    name: str
    data: Any
    places: dict[KeyPath, tuple[int, int]]
    keys: dict[KeyPath, tuple[int, int]]

    def problem(self, path: KeyPath, message: str, *, at_key: bool = False) -> Problem:
        """A fault at `path`, or at its nearest parent that stands in the file."""
        line, column = self._place(path, at_key)
        return Problem(self.name, line, column, dotted(path), message)

    def _place(self, path: KeyPath, at_key: bool) -> tuple[int, int]:
        if at_key and path in self.keys:
            return self.keys[path]
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return 1, 1


def dotted(path: KeyPath) -> str:
    """("sources", 1, "kind") -> "sources[1].kind"."""
    written = ""
    for part in path:
        written += f"[{part}]" if isinstance(part, int) else f".{part}" if written else part
    return written


def read_yaml(path: Path) -> LocatedYaml:
    """Read a file; raise ConfigurationError with every fault found in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, name: str) -> LocatedYaml:
    """Parse YAML text; `name` stands in error lines. Raises ConfigurationError."""
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise ConfigurationError(_syntax_problem(error, name)) from error
    except YAMLError as error:
        raise ConfigurationError(Problem(name, 1, 1, "", _one_line(str(error)))) from error
    except RecursionError as error:
        raise ConfigurationError(Problem(name, 1, 1, "", "nested too deeply")) from error
    located = LocatedYaml(name, None, {}, {})
    if root is None:
        return located
    reader = _Reader(located)
    data = reader.value(root, ())
    if reader.problems:
        raise ConfigurationError(*reader.problems)
    return LocatedYaml(name, data, located.places, located.keys)


def _syntax_problem(error: MarkedYAMLError, name: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    wanted = "bad YAML: " + _one_line(str(error.problem or error.context))
    return Problem(name, line, column, "", wanted)


def _one_line(message: str) -> str:
    return " ".join(message.split())


class _Reader:
    """Walks composed nodes; collects faults instead of stopping at the first."""

    def __init__(self, located: LocatedYaml) -> None:
        self.located = located
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def value(self, node: Node, path: KeyPath) -> Any:
        self.located.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if not self._allowed(node, path):
            return None
        if isinstance(node, MappingNode):
            return dict(self._entries(node, path))
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(str(node.tag), str(node.value), path)

    def _allowed(self, node: Node, path: KeyPath) -> bool:
        tag = str(node.tag).removeprefix(_PLAIN)
        if id(node) in self._seen:
            self.problems.append(self.located.problem(path, "aliases (*name) are not read; write the value out"))
            return False
        self._seen.add(id(node))
        if tag not in _SCALARS and tag not in ("map", "seq", "timestamp"):
            self.problems.append(self.located.problem(path, f"tags are not read: {node.tag}; remove it"))
            return False
        return True

    def _entries(self, node: MappingNode, path: KeyPath) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.problems.append(self.located.problem(path, "a key must be plain text"))
                continue
            key, line = str(key_node.value), key_node.start_mark.line + 1
            self.located.keys[(*path, key)] = (line, key_node.start_mark.column + 1)
            if key in seen:
                message = f"stands twice, first in line {seen[key]}; keep one"
                self.problems.append(self.located.problem((*path, key), message, at_key=True))
                continue
            seen[key] = line
            yield key, self.value(value_node, (*path, key))

    def _scalar(self, tag: str, value: str, path: KeyPath) -> Any:
        name = tag.removeprefix(_PLAIN)
        try:
            return _SCALARS.get(name, str)(value)
        except ValueError:
            self.problems.append(self.located.problem(path, f"{value!r} is not a {name}"))
            return None
