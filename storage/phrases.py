"""Sentences whose language is chosen when they are read: an English form, and what fills it in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, TypeAlias

How = Literal["number", "figure", "day", "reason"]
Filled = tuple[How, str | int | float]  # a value that languages write differently
Value: TypeAlias = "str | int | Filled"


def number(n: float) -> Filled:
    """A number with its thousands set apart."""
    return "number", round(n)


def figure(n: float, digits: int) -> Filled:
    """A number with so many significant digits: 0.0036, or 0,0036 in French."""
    return "figure", float(f"{n:.{digits}g}")


def day(on: date) -> Filled:
    """A day and its month."""
    return "day", on.isoformat()


def reason(error: str) -> Filled:
    """Why a source failed: a name, and perhaps a sentence, as the state of the source has it."""
    return "reason", error


class Phrase(str):
    """A finished English line that knows its `form`, with a {name} for each of the `values`, and
    perhaps a `plural`, the form for an `n` other than 1. Other languages have translations of both.
    """

    form: str
    plural: str
    values: Mapping[str, Value]

    def __new__(cls, form: str, plural: str = "", /, **values: object) -> Phrase:
        known = {
            name: value if isinstance(value, str | int | tuple) else str(value)
            for name, value in values.items()
        }
        chosen = plural if plural and known["n"] != 1 else form
        english = {name: _in_english(value) for name, value in known.items()}
        made = super().__new__(cls, chosen.format(**english))
        made.form, made.plural, made.values = form, plural, known
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return unpacked, (packed(self),)  # str would pickle the line alone


def _in_english(value: Value) -> str | int:
    if not isinstance(value, tuple):
        return value
    how, filled = value
    match how:
        case "number":
            return f"{filled:,}"
        case "figure":
            return f"{filled:.9f}".rstrip("0").rstrip(".")
        case "day":
            on = date.fromisoformat(str(filled))
            return f"{on.day} {on:%B}"
        case "reason":
            return str(filled)


def packed(value: Any) -> Any:
    """A line, or a value of one, as JSON: of a phrase its form and values."""
    if isinstance(value, tuple):
        how, filled = value
        return {how: filled}
    if not isinstance(value, Phrase):
        return value
    plural = {"plural": value.plural} if value.plural else {}
    return {"form": value.form, **plural, "with": {n: packed(v) for n, v in value.values.items()}}


def unpacked(data: Any) -> Any:
    """The line, or value, of its JSON."""
    if not isinstance(data, dict):
        return data
    if "form" in data:
        values = {name: unpacked(value) for name, value in data["with"].items()}
        return Phrase(data["form"], data.get("plural", ""), **values)
    ((how, filled),) = data.items()
    return how, filled


def stored_text(line: str) -> str:
    """A line as the text that tables hold."""
    return json.dumps(packed(line), ensure_ascii=False) if isinstance(line, Phrase) else line


def read(text: str) -> str:
    """A line from its stored text; what is none stays as it is."""
    if not text.startswith('{"form":'):
        return text
    try:
        line: str = unpacked(json.loads(text))
    except (ValueError, TypeError, LookupError, AttributeError):
        return text
    return line
