"""A code that a template or module asks the words for has a sentence."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from scheduler.views.words.terms import TERMS

_SCHEDULER = Path(__file__).parents[4] / "scheduler"
# What comes before the code, by who is asked: `labels.term(...)`, and pages and commands by names.
_METHODS, _PAGES = {"term": "", "count_of": ""}, {"term": "page.", "count_of": "page."}
_COMMANDS = {"label": "terminal."}
Asked = tuple[str, str, bool]  # a file, the code or its beginning, and whether that is all of it


def of_templates() -> Iterator[Asked]:
    for path in _SCHEDULER.rglob("*.j2"):
        for call in Environment().parse(path.read_text("utf-8")).find_all(nodes.Call):
            match call.node:
                case nodes.Name(name=name):
                    before = _PAGES.get(name)
                case nodes.Getattr(attr=name):
                    before = _METHODS.get(name)
                case _:
                    continue
            first = call.args[0] if call.args else None
            joined = first.nodes[0] if isinstance(first, nodes.Concat) else first
            if before is not None and isinstance(joined, nodes.Const):
                yield path.name, f"{before}{joined.value}", joined is first


def of_modules() -> Iterator[Asked]:
    for path in _SCHEDULER.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            match call:
                case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]):
                    before = _METHODS.get(name)
                case ast.Call(func=ast.Name(id=name), args=[first, *_]):
                    before = _COMMANDS.get(name)
                case _:
                    continue
            joined = first.values[0] if isinstance(first, ast.JoinedStr) else first
            if before is not None and isinstance(joined, ast.Constant):
                yield path.name, f"{before}{joined.value!s}", joined is first


def test_each_code_that_is_asked_for_has_a_sentence() -> None:
    asked = [*of_templates(), *of_modules()]
    assert len({code for _, code, _ in asked}) > 100  # the files are read
    missing = [
        (file, code)
        for file, code, is_whole in asked
        if code not in TERMS
        if is_whole or not any(known.startswith(code) for known in TERMS)
    ]
    assert missing == []
