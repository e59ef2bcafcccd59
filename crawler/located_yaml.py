"""A strict reader of YAML files that people write, which knows the place of every value.

Everything except true, false, null and numbers is text: `NO` is "NO" and `12:30` is "12:30". Tags,
anchors, aliases and duplicate keys are faults. None of our files needs them, and they can turn a
small file into a huge or a surprising one (alias bombs, cycles). This is the only module that
imports ruamel.yaml.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.disk_cache import user_cache_dir
from storage.errors import ConfigurationError, Problem

KeyPath = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, both from 1

MOST_BYTES = 20_000_000  # 100,000 terms are 4 MB
# Longer numbers are text: none of our settings is that large.
_NUMBER = re.compile(r"[-+]?[0-9]{1,18}(\.[0-9]{1,18})?$")
_DEEPEST = 40  # levels; a rule file nests 8, and more than 40 is an attack on the parser's stack
_MOST_SHOWN = 80  # characters of a value in a message
_MOST_PRINTED = 1_000  # characters of a whole message, which may list all known keys
_CACHE_FORMAT = "1"
# Events around the values of a document.
_FRAME = ("StreamStartEvent", "StreamEndEvent", "DocumentStartEvent", "DocumentEndEvent")


@dataclass(frozen=True, slots=True)
class Places:
    """The places of values and keys, by key path. A mapping or list has the place of its key."""

    values: dict[KeyPath, Place] = field(default_factory=dict)
    keys: dict[KeyPath, Place] = field(default_factory=dict)


@dataclass(slots=True)
class LocatedYaml:
    """A file as plain values, None if nothing could be parsed, with its faults. After a cached
    read, it is parsed again when its places are needed.
    """

    name: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    text: str = ""
    _places: Places | None = None

    @property
    def places(self) -> Places:
        if self._places is None:
            self._places = _parse(self.text, self.name)._places or Places()
        return self._places

    def problem(self, path: KeyPath, message: str, *, at_key: bool = False) -> Problem:
        """Return a fault at `path`, or at its nearest parent if the file does not contain it."""
        line, column = self._place(path, at_key)
        return Problem(self.name, line, column, _printable(dotted(path)), _printable(message))

    def has(self, path: KeyPath) -> bool:
        return path in self.places.values or path in self.places.keys

    def _place(self, path: KeyPath, at_key: bool) -> Place:
        if at_key and path in self.places.keys:
            return self.places.keys[path]
        for length in range(len(path), -1, -1):
            if path[:length] in self.places.values:
                return self.places.values[path[:length]]
        return 1, 1


def dotted(path: KeyPath) -> str:
    """Write a key path as people do: ("sources", 1, "kind") becomes "sources[1].kind"."""
    written = ""
    for part in path:
        written += f"[{part}]" if isinstance(part, int) else f".{part}" if written else part
    return written


def shortened(value: object) -> str:
    """Return a value in the form that messages show: short, and on one line."""
    shown = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}..."


def _printable(text: str) -> str:
    """Return `text` as one line that is safe for a terminal."""
    line = "".join(
        character if character.isprintable() else " " for character in text[:_MOST_PRINTED]
    )
    return line if len(text) <= _MOST_PRINTED else f"{line}..."


def read_yaml(path: Path) -> LocatedYaml:
    """Read a file; raises ConfigurationError with all its faults, if it has any."""
    return _faultless(_read_yaml(path, None))


def parse_yaml(text: str, name: str) -> LocatedYaml:
    """Parse a text like `read_yaml` does a file; `name` is the file name in messages."""
    return _faultless(_parse(text, name))


def load_yaml(path: Path, cache_dir: Path | None = None) -> LocatedYaml:
    """Read a file; all faults are in its `problems`. One without faults is cached as JSON under the
    hash of its content, since ruamel.yaml takes 1 s for 12,000 lines.
    """
    with suppress(RuntimeError):  # no home directory: no cache
        return _read_yaml(path, cache_dir or user_cache_dir() / "yaml")
    return _read_yaml(path, None)


def shipped_yaml(path: Path) -> Any:
    """Return the values of a file that comes with us. Raises ConfigurationError."""
    return _faultless(load_yaml(path)).data


def read_bytes(path: Path) -> bytes | str:
    """Return what a file holds, or in words why it is not read."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            return "cannot be read: Is a directory" if path.is_dir() else "is not a file"
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return raw if len(raw) <= MOST_BYTES else f"is larger than {MOST_BYTES} bytes: split it"


def _faultless(located: LocatedYaml) -> LocatedYaml:
    if located.problems:
        raise ConfigurationError(*located.problems)
    return located


def _read_yaml(path: Path, cache_dir: Path | None) -> LocatedYaml:
    name = str(path)
    raw = read_bytes(path)
    if isinstance(raw, str):
        return _unread(name, raw)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return _unread(name, "is not UTF-8; save the file as UTF-8", line)
    if cache_dir is None:
        return _parse(text, name)
    cached = cache_dir / f"{hashlib.sha256(raw).hexdigest()}-{_CACHE_FORMAT}.json"
    with suppress(OSError, ValueError):
        return LocatedYaml(name, json.loads(cached.read_text("utf-8")), text=text)
    located = _parse(text, name)
    if not located.problems:
        with suppress(OSError):
            cached.parent.mkdir(parents=True, exist_ok=True)
            partial = cached.with_suffix(f".{os.getpid()}")
            partial.write_text(json.dumps(located.data, ensure_ascii=False), "utf-8")
            partial.replace(cached)
    return located


def _unread(name: str, message: str, line: int = 1) -> LocatedYaml:
    return LocatedYaml(name, problems=[Problem(name, line, 1, "", message)])


def _parse(text: str, name: str) -> LocatedYaml:
    # Imported here: a process that finds everything in the cache never needs the parser (0.1 s).
    from ruamel import yaml

    builder = _Builder(name, yaml.YAML(typ="safe", pure=True).parse(text))
    try:
        with suppress(_TooDeep):
            builder.build()
    except yaml.error.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"bad YAML: {_one_line(error.problem or error.context)}"
        builder.problems.append(Problem(name, line, column, "", message))
    except yaml.error.YAMLError as error:
        builder.problems.append(Problem(name, 1, 1, "", f"bad YAML: {_one_line(error)}"))
    return LocatedYaml(name, builder.data, builder.problems, text, builder.places)


def _one_line(message: object) -> str:
    return " ".join(str(message).split())


class _TooDeep(Exception):
    """The file nests too deeply, which is noted as a fault."""


class _Builder:
    """Builds values and places from events. Of a duplicate key the first value counts."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self.name, self._events = name, events
        self.data: Any = None
        self.problems: list[Problem] = []
        self.places = Places()

    def build(self) -> None:
        for event in self._events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent" and self.data is not None:
                self._fault(event, (), "holds a second document (---); one file, one document")
                return
            if kind not in _FRAME:
                self.places.values[()] = _place(event)
                self.data = self._value(event, ())

    def _value(self, event: Any, path: KeyPath) -> Any:
        kind = type(event).__name__
        if kind == "AliasEvent":
            self._fault(event, path, "aliases (*name) are not read; write the value out")
            return None
        self._refuse_marks(event, path)
        if kind == "ScalarEvent":
            return _scalar(event)
        if len(path) >= _DEEPEST:
            self._fault(event, (), f"nests deeper than {_DEEPEST} levels")
            raise _TooDeep
        return self._mapping(path) if kind == "MappingStartEvent" else self._list(path)

    def _list(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            inner = (*path, len(items))
            self.places.values[inner] = _place(event)
            items.append(self._value(event, inner))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            key = self._key(event, path)
            inner, event = (*path, key), next(self._events)
            if type(event).__name__ in ("ScalarEvent", "AliasEvent"):
                self.places.values[inner] = _place(event)
            value = self._value(event, inner)
            mapping.setdefault(key, value)
        return mapping

    def _key(self, event: Any, path: KeyPath) -> str:
        """A key of a mapping, whose place is that of its value until that has one."""
        if type(event).__name__ != "ScalarEvent":
            self._fault(event, path, "a key must be plain text")
            self._value(event, (*path, ""))  # one level deeper: keys may nest without end, too
            return ""
        self._refuse_marks(event, path)
        key = str(event.value)
        inner = (*path, key)
        if inner in self.places.keys:
            line, _ = self.places.keys[inner]
            self._fault(event, inner, f"is a duplicate of line {line}; keep one of them")
        else:
            self.places.keys[inner] = self.places.values[inner] = _place(event)
        return key

    def _refuse_marks(self, event: Any, path: KeyPath) -> None:
        if event.anchor:
            self._fault(event, path, "anchors (&name) are not read; write the value out")
        if event.tag:
            self._fault(event, path, f"tags are not read: {event.tag}; remove it")

    def _fault(self, event: Any, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(self.name, *_place(event), dotted(path), message))


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


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
