"""YAML that people write, read strictly: every fault with its place, nothing but plain values.

Tags, anchors, aliases (and with them alias bombs and cycles) and duplicate keys are refused. `NO` stays
"NO": only true, false, null and numbers are anything but text.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.errors import Problem

Path_ = tuple[str | int, ...]
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?$")
_DEEPEST = 40  # a rule file nests 8 levels; more is an attack on the parser's stack
MOST_BYTES = 20_000_000  # 100,000 terms are 4 MB
_CACHE_FORMAT = "1"


@dataclass(slots=True)
class YamlSource:
    """A parsed file. `value` is None where it could not be parsed at all."""

    name: str
    value: Any = None
    problems: list[Problem] = field(default_factory=list)
    text: str = ""
    _places: dict[Path_, tuple[int, int]] | None = None

    def problem(self, path: Path_, message: str) -> Problem:
        """A fault at `path`, a tuple of keys and indexes; the place is that of the nearest known parent."""
        if self._places is None:
            self._places = _parse(self.name, self.text)._places or {}
        known = path
        while known and known not in self._places:
            known = known[:-1]
        line, column = self._places.get(known, (1, 1))
        return Problem(self.name, line, column, path_text(path), message)


def path_text(path: Path_) -> str:
    """`("rules", 0, "id")` as people write it: `rules[0].id`."""
    out = ""
    for step in path:
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else str(step)
    return out


def user_cache_dir() -> Path:
    """Where compiled packs are kept: never beside the package, which may not be writable."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "accordwatch" / "yaml"


def load_yaml(path: Path, cache_dir: Path | None = None) -> YamlSource:
    """Read one file; faults, also of the file system, stand in `problems`. A faultless parse is kept as
    JSON under the hash of its content: ruamel needs 1 s for 12,000 lines."""
    name = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        return YamlSource(name, problems=[Problem(name, 1, 1, "", f"cannot be read: {error.strerror}")])
    if len(raw) > MOST_BYTES:
        return YamlSource(name, problems=[Problem(name, 1, 1, "", f"is larger than {MOST_BYTES} bytes: split it")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return YamlSource(name, problems=[Problem(name, line, 1, "", "is not UTF-8: save the file as UTF-8")])
    try:
        cached = (cache_dir or user_cache_dir()) / f"{hashlib.sha256(raw).hexdigest()}-{_CACHE_FORMAT}.json"
    except RuntimeError:  # no home directory
        return _parse(name, text)
    with suppress(OSError, ValueError):
        return YamlSource(name, json.loads(cached.read_text("utf-8")), text=text)
    source = _parse(name, text)
    if not source.problems:
        _keep(cached, source.value)
    return source


def parse_yaml(name: str, text: str) -> YamlSource:
    """Parse text without a cache."""
    return _parse(name, text)


def _keep(cached: Path, value: Any) -> None:
    with suppress(OSError):
        cached.parent.mkdir(parents=True, exist_ok=True)
        partial = cached.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
        partial.replace(cached)


def _parse(name: str, text: str) -> YamlSource:
    # Imported here: a process that finds everything in the cache never needs the parser (0.1 s).
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    builder = _Builder(name)
    try:
        builder.build(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        builder.problems.append(Problem(name, line, column, "", f"is not YAML: {error.problem or error.context}"))
    except YAMLError as error:
        builder.problems.append(Problem(name, 1, 1, "", f"is not YAML: {str(error).splitlines()[0]}"))
    return YamlSource(name, builder.value, builder.problems, text, builder.places)


class _Builder:
    """Events to plain values and places, without recursion into the file's own nesting limit."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.value: Any = None
        self.problems: list[Problem] = []
        self.places: dict[Path_, tuple[int, int]] = {}
        self._stack: list[_Level] = []

    def build(self, events: Any) -> None:
        for event in events:
            kind = type(event).__name__
            if kind == "AliasEvent":
                self._fault(event, "aliases (*name) are not allowed: write it out")
                self._add(event, None)
            elif kind in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent"):
                self._refuse_decorations(event)
                if kind == "ScalarEvent":
                    self._add(event, _scalar(event))
                else:
                    self._open(event, {} if kind == "MappingStartEvent" else [])
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                self._stack.pop()
            elif kind == "DocumentStartEvent" and self.value is not None:
                self._fault(event, "holds a second document (---): one file, one document")
                return
            if len(self._stack) > _DEEPEST:
                self._fault(event, f"nests deeper than {_DEEPEST} levels")
                return

    def _refuse_decorations(self, event: Any) -> None:
        if event.anchor:
            self._fault(event, "anchors (&name) are not allowed: write it out")
        if event.tag:
            self._fault(event, f"tags ({event.tag}) are not allowed: plain values only")

    def _open(self, event: Any, container: dict[str, Any] | list[Any]) -> None:
        path = self._add(event, container)
        self._stack.append(_Level(container, path))

    def _add(self, event: Any, value: Any) -> Path_:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if not self._stack:
            self.value = value
            self.places[()] = place
            return ()
        level = self._stack[-1]
        if isinstance(level.container, list):
            path = (*level.path, len(level.container))
            level.container.append(value)
        elif not level.has_key:
            return self._key(level, event, place)
        else:
            path = (*level.path, level.key)
            level.container[level.key] = value
            level.has_key = False
            if isinstance(value, dict | list):
                return path
        self.places[path] = place
        return path

    def _key(self, level: _Level, event: Any, place: tuple[int, int]) -> Path_:
        if type(event).__name__ != "ScalarEvent":
            self._fault(event, "a key must be text")
            level.key = ""
        else:
            level.key = event.value
        if level.key in level.container:
            first = self.places.get((*level.path, level.key), (0, 0))[0]
            self.problems.append(
                Problem(self.name, *place, path_text((*level.path, level.key)), f"stands twice, first in line {first}")
            )
        else:
            self.places[(*level.path, level.key)] = place
        level.has_key = True
        return (*level.path, level.key)

    def _fault(self, event: Any, message: str) -> None:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        path = self._stack[-1].path if self._stack else ()
        self.problems.append(Problem(self.name, *place, path_text(path), message))


@dataclass(slots=True)
class _Level:
    container: Any
    path: Path_
    key: str = ""
    has_key: bool = False


def _scalar(event: Any) -> str | int | float | bool | None:
    text = str(event.value)
    if event.style:
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.match(text):
        return float(text) if "." in text else int(text)
    return text
