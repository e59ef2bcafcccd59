"""Sentences about the system itself, stored as a key with its values, and written in the language
of whoever reads them.

Their English stands in `terms/system.py`. What the rooms below say of a fault is an English line,
since it is also an error: translations have its form, in a context of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, TypeAlias

from babel.dates import format_skeleton
from babel.numbers import format_decimal

from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import line
from scheduler.views.words.terms import TERMS
from storage.errors import (
    AccordwatchError,
    FetchError,
    FilledLine,
    UnreadableError,
    packed,
    unpacked,
)

ENGLISH = "en"  # of logs, and of what programs read

_LONGEST_FAULT = 300
_REASON = re.compile(r"[a-z0-9_]+")  # the names of reasons, such as http_404

How = Literal["number", "figure", "day", "reason"]


Filled = tuple[How, str | int | float]  # a value that languages write differently
Value: TypeAlias = "str | int | Filled | Phrase"


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


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence whose language is chosen later: its code among TERMS, and what is filled in. A
    number `n` chooses the plural form.
    """

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def stored_text(self) -> str:
        """This phrase as one text, from which `in_words` makes the sentence."""
        return json.dumps(_packed(self), ensure_ascii=False, separators=(",", ":"))

    def in_words(self, language: str) -> str:
        labels = labels_of(language)
        message, n = TERMS[self.code], self.values.get("n", 1)
        sentence = message.translated(language, int(str(n)) if message.plural else 1)
        values = {name: _filled(value, labels) for name, value in self.values.items()}
        return sentence.format(**values)


_STORED = "health.lines."  # where the codes of stored phrases begin
Line: TypeAlias = "Phrase | str"  # a str is a finished sentence, as older versions stored them


def phrase(key: str, **values: Value) -> Phrase:
    """A phrase about the system, of those that are stored by their `key`."""
    return Phrase(_STORED + key, values)


def stored_text(line: Line) -> str:
    """A line as the text that tables hold."""
    return line if isinstance(line, str) else line.stored_text


def read(text: str) -> Line:
    """A line from its stored text: a finished sentence is one already."""
    if not text.startswith('{"say":'):
        return text
    try:
        found = _unpacked(json.loads(text))
    except (ValueError, TypeError, KeyError):
        return text
    known = isinstance(found, Phrase) and found.code in TERMS
    return found if known and isinstance(found, Phrase) else text


def in_words(line: Line, language: str) -> str:
    """The sentence of a line, or of its stored text."""
    found = read(line) if isinstance(line, str) else line
    return found if isinstance(found, str) else found.in_words(language)


def level_in_words(level: str, language: str) -> str:
    """How bad it is: well, warning or problem."""
    return labels_of(language).term(f"health.levels.{level}")


def in_english(line: Line) -> str:
    return in_words(line, ENGLISH)


def _packed(value: Value) -> Any:
    if isinstance(value, Phrase):
        return {
            "say": value.code.removeprefix(_STORED),
            "with": {name: _packed(v) for name, v in value.values.items()},
        }
    if isinstance(value, tuple):
        how, filled = value
        return {how: filled}
    return packed(value) if isinstance(value, str) else value


def _unpacked(found: Any) -> Value:
    if not isinstance(found, dict):
        return found if isinstance(found, str | int) else str(found)
    if "say" in found:
        values = {name: _unpacked(value) for name, value in found["with"].items()}
        return Phrase(_STORED + found["say"], values)
    if "form" in found:
        line: str = unpacked(found)
        return line
    ((how, value),) = found.items()
    return how, value


def _filled(value: Value, labels: Labels) -> str:
    if isinstance(value, Phrase):
        return value.in_words(labels.language)
    if not isinstance(value, tuple):
        return fault_in_words(value, labels.language)
    how, filled = value
    match how:
        case "number":
            return labels.number(int(filled))
        case "figure":
            return str(format_decimal(filled, "0.#########", locale=labels.locale))
        case "day":
            on = date.fromisoformat(str(filled))
            return str(format_skeleton("MMMMd", on, locale=labels.locale))
        case "reason":
            return reason_in_words(str(filled), labels.language)


def reason_in_words(error: str, language: str) -> str:
    """Why a source failed. In English its own sentence is more exact than ours.

    What begins with no name of a reason comes from outside and is repeated alone: beside words of
    ours it could turn them round.
    """
    labels, name = labels_of(language), error.partition(":")[0]
    if language == ENGLISH or not _REASON.fullmatch(name):
        return error
    text = labels.known(f"health.reasons.{name}", "") or labels.why_not_alive(name)
    return f"{text} ({name})"


def unread_in_words(error: AccordwatchError, language: str) -> str:
    """Why nothing could be read from an address, in one line."""
    text = str(error)
    if language != ENGLISH and isinstance(error, FetchError | UnreadableError) and error.reason:
        text = reason_in_words(error.reason, language)
    return line(text, _LONGEST_FAULT)


def fault_in_words(value: str | int, language: str) -> str:
    """A line from below in this language, as far as there are words for its form and values."""
    if language == ENGLISH or not isinstance(value, str):
        return str(value)
    fault = labels_of(language).fault
    if not isinstance(value, FilledLine):
        return fault(value)
    values = {name: fault_in_words(part, language) for name, part in value.values.items()}
    return fault(value.form).format(**values)
