"""The templates, and what they may call."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from scheduler.views.decisions import (
    changes_in_words,
    correction_in_words,
    decider_in_words,
    decision_in_words,
    leading,
    undone_in_words,
)
from scheduler.views.documents import rightness_in_words
from scheduler.views.entry import (
    because,
    direction_of_quote,
    expected_in_words,
    first_report_sentences,
    has_hours,
    outlet_of,
    quoted_row,
    read_in_words,
    stage_of,
    status_name,
    support_of,
    text_sentence,
    title_of,
    topics_in_words,
    translation_of,
)
from scheduler.views.verdicts import (
    linkage_in_words,
    reading_in_words,
    reason_in_words,
    what_was_read,
)
from scheduler.views.words.labels import direction_of
from scheduler.views.words.lines import clean, initial, isolated, line, percent, web_address
from scheduler.views.words.names import place_in
from scheduler.views.words.page import ago, called, filter_value_in_words, length, moment
from storage.records import Instrument, Status, Topic
from storage.register.list_rows import is_listed
from storage.search.document_rows import rows_in_order

_TEMPLATES = Path(__file__).parent / "templates"


def rendered(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)


# What templates call on the records that they lay out.
_FUNCTIONS = (
    *(because, decision_in_words, direction_of_quote, expected_in_words, first_report_sentences),
    *(ago, called, filter_value_in_words, has_hours, isolated, leading, length, undone_in_words),
    *(is_listed, linkage_in_words, moment, outlet_of, place_in, reading_in_words, rows_in_order),
    *(reason_in_words, rightness_in_words, stage_of, status_name, support_of, text_sentence),
    *(changes_in_words, correction_in_words, decider_in_words),
    *(quoted_row, read_in_words, title_of, topics_in_words, translation_of, what_was_read),
)
_CHOICES = (Instrument, Status, Topic)
_FILTERS = (clean, direction_of, initial, line, percent, web_address)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(("j2",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update({one.__name__: one for one in (*_FUNCTIONS, *_CHOICES)})
    environment.filters.update({function.__name__: function for function in _FILTERS})
    return environment
