"""The six fields of a card as inputs, and what an editor wrote into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from scheduler.configuration.party_names import party_meant
from scheduler.decisions.curated_fields import checked_field, written_field
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean
from storage.errors import AccordwatchError
from storage.records import Card, Instrument, Status, Topic
from storage.register.corrections import FIELDS

_LONGEST_SHOWN = 300  # characters of a value that could not be read
_LISTS = frozenset({"parties", "topics"})


@dataclass(frozen=True, slots=True)
class FilledCard:
    """What a form says: each field as it is stored, which of them differ from what the editor saw,
    and what could not be read, by field.
    """

    values: Mapping[str, str]
    changes: Mapping[str, str]
    faults: Mapping[str, str]


def as_written(card: Card) -> dict[str, str]:
    """The fields of a card as an editor would write them."""
    return {field: written_field(card, field) for field in FIELDS}


def read_card(form: FormData, words: Labels) -> FilledCard:
    """What a form says of a card. `was_status` is what the form showed as the status when it was
    made; a field without it counts as changed.
    """
    values, changes, faults = {}, {}, {}
    for field in FIELDS:
        was = form.get(f"was_{field}")
        if field not in form and was is None:
            continue
        raw = ",".join(str(value) for value in form.getlist(field))
        typed = _codes(raw) if field == "parties" else raw
        try:
            values[field] = checked_field(field, typed)
        except AccordwatchError:
            values[field] = clean(raw[:_LONGEST_SHOWN])
            faults[field] = words.say(f"page.edit.faults.{field}")
            continue
        if was is None or _comparable(field, values[field]) != _comparable(field, str(was)):
            changes[field] = values[field]
    return FilledCard(values, changes, faults)


def inputs(values: Mapping[str, str], faults: Mapping[str, str], words: Labels) -> dict[str, Any]:
    """What the template of the fields shows. `values` is what stands in them."""
    return {
        "written": dict.fromkeys(FIELDS, "") | dict(values),
        "faults": faults,
        "statuses": [(str(one), words.status(one, None)) for one in Status],
        "instruments": [(str(one), _instrument(one, words)) for one in Instrument],
        "topics": [(str(one), words.say(f"topics.{one}")) for one in Topic],
        "chosen_topics": values.get("topics", "").split(","),
        "named_parties": _named(values.get("parties", ""), words),
    }


def _instrument(one: Instrument, words: Labels) -> str:
    return words.say("topics.other") if one is Instrument.OTHER else words.instrument(one)


def _named(written: str, words: Labels) -> str:
    """The parties by their names, so that an editor sees what the codes stand for."""
    codes = [code for code in written.split(",") if code]
    return words.listed(words.short_party(code) for code in codes)


def _codes(written: str) -> str:
    """Codes with commas, from what people write: codes in small letters, names of states."""
    parts = (part.strip() for part in written.replace("،", ",").split(","))
    return ",".join(party_meant(part[:100]) or part for part in parts if part)


def _comparable(field: str, value: str) -> object:
    return frozenset(value.split(",")) if field in _LISTS else value
