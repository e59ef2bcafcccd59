"""Sentences, and lines from the rooms below, in the language of whoever reads them."""

from __future__ import annotations

import re
from datetime import date

from babel.dates import format_skeleton
from babel.numbers import format_decimal

from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import line
from scheduler.views.words.messages import Message
from scheduler.views.words.terms import TERMS
from storage.errors import AccordwatchError, FetchError, UnreadableError
from storage.phrases import Filled, Phrase, Value

ENGLISH = "en"  # of logs, and of what programs read

_LONGEST_FAULT = 300
_REASON = re.compile(r"[a-z0-9_]+")  # the names of reasons, such as http_404


def in_words(value: Value, language: str) -> str:
    """A sentence in this language, as far as there are words for its form and values. A plain line
    is what a room below or the system said, or a name: it has translations in a context of its own.
    """
    labels = labels_of(language)
    if isinstance(value, tuple):
        return _filled(value, labels)
    if isinstance(value, int) or language == ENGLISH:
        return str(value)
    if not isinstance(value, Phrase):
        return labels.fault(value)
    n = value.values.get("n", 1)
    form = Message(value.form, value.plural).translated(language, n if isinstance(n, int) else 1)
    return form.format(**{name: in_words(one, language) for name, one in value.values.items()})


def term_phrase(code: str) -> Phrase:
    """The sentence of a code that is made at run time, whose language is chosen later."""
    return Phrase(TERMS[code].text)


def level_in_words(level: str, language: str) -> str:
    """How bad it is: well, warning or problem."""
    return labels_of(language).term(f"health.levels.{level}")


def _filled(value: Filled, labels: Labels) -> str:
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
