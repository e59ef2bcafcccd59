"""Faults of the configuration and of packs in words: where they are, what is wrong, what would
be right.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from crawler.located_yaml import KeyPath, LocatedYaml
from storage.errors import Problem

_ID = "should be lower-case letters, digits and dashes, like border-watch"
_MAIL = "is not a mail address like analysts@ngo.example"

# What a value should look like, by its key, where a pattern says no more than "string".
_SHAPES = {
    "id": _ID,
    "to": _MAIL,
    "sender": _MAIL,
    "parties": "should be party codes like MA or EU",
    "corridors": "should be two party codes with a dash, like IT-TN",
    "language": "is not a language code that is known here",
    "country": "should be a two-letter country code, EU or INT",
    "url": "should begin with http:// or https://",
}
# Keys under which passwords and tokens stand, or may stand by mistake. A channel's `url` is
# another.
_SECRET_KEYS = frozenset(("password", "secrets", "database", "env"))
_TYPES = {
    "tuple_type": "should be a list, each item on a line of its own with a dash",
    "list_type": "should be a list, each item on a line of its own with a dash",
    "int_parsing": "should be a whole number",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "string_type": "should be text; put it in quotes if it looks like a number",
    "model_type": "should be a group of `key: value` lines",
    "model_attributes_type": "should be a group of `key: value` lines",
    "dict_type": "should be a group of `key: value` lines",
    "path_type": "should be the path of a file",
    "missing": "is missing; add this key",
    "too_short": "should name at least one",
}
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


def explain(located: LocatedYaml, error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Return a Problem for each fault, in order; a list may lack what is faulty itself."""
    faults: list[dict[str, Any]] = [dict(fault) for fault in error.errors()]
    inner = {fault["loc"][:-1] for fault in faults if fault["type"] != "too_short"}
    outermost = [
        fault for fault in faults if not (fault["type"] == "too_short" and fault["loc"] in inner)
    ]
    problems = [_problem(located, fault, model) for fault in outermost]
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _problem(located: LocatedYaml, fault: Mapping[str, Any], model: type[BaseModel]) -> Problem:
    path, kind, context = _written_path(located, fault["loc"]), fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return located.problem(path, _unknown_key(model, fault["loc"]), at_key=True)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        path = (*path, str(context["discriminator"]).strip("'"))
    return located.problem(path, wording(path, fault))


def wording(path: KeyPath, fault: Mapping[str, Any]) -> str:
    """Return what is wrong with the value at `path`, from a fault that pydantic found."""
    kind, context = fault["type"], fault.get("ctx", {})
    has_value = kind != "missing" and isinstance(fault["input"], str | int | float)
    is_secret = not _SECRET_KEYS.isdisjoint(path) or (path[:1] == ("channels",) and "url" in path)
    may_be_shown = has_value and not is_secret
    value = repr(fault["input"]) if may_be_shown else ""
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        expected = str(context.get("expected") or context.get("expected_tags", ""))
        allowed = ", ".join(re.findall(r"'([^']*)'", expected))
        written = repr(context["tag"]) if "tag" in context else value
        return f"{written} is not one of {allowed}"
    if kind == "union_tag_not_found":
        return _TYPES["missing"]
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch":
        key = next((part for part in reversed(path) if isinstance(part, str)), "")
        return f"{value} {_SHAPES.get(key, 'is not written as it should be')}".strip()
    if kind in _BOUNDS:
        word, name = _BOUNDS[kind]
        return f"{value} should be {word} {context[name]}".strip()
    if kind in _TYPES:
        return f"{value} {_TYPES[kind]}".strip()
    return f"{value} {fault['msg'][0].lower()}{fault['msg'][1:]}".strip()


def _written_path(located: LocatedYaml, loc: Iterable[str | int]) -> KeyPath:
    """pydantic's location, without the names of union members, which do not stand in the file."""
    path: KeyPath = ()
    parts = list(loc)
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if located.has((*path, part)) or last:
            path = (*path, part)
    return path


def _unknown_key(model: type[BaseModel], loc: KeyPath) -> str:
    models = [model]
    for part in loc[:-1]:
        if isinstance(part, str):
            fields = [
                one.model_fields[part].annotation for one in models if part in one.model_fields
            ]
            models = [inner for annotation in fields for inner in _models_in(annotation)] or [
                one for one in models if _is_kind(one, part)
            ]
    known = sorted({name for one in models for name in one.model_fields})
    near = difflib.get_close_matches(str(loc[-1]), known, 1)
    return (
        f"unknown key; did you mean {near[0]}?"
        if near
        else f"unknown key; known here: {', '.join(known)}"
    )


def _is_kind(model: type[BaseModel], name: str) -> bool:
    kind = model.model_fields.get("kind")
    return kind is not None and name in get_args(kind.annotation)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
