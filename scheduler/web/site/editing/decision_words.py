"""Decisions in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated, line
from scheduler.views.words.page import moment
from scheduler.web.site.access.gate import Visitor
from storage.register.records import Decision, DecisionKind, Pin, PinKind

UNDO = "/undo"  # what the token of every form that undoes is made for
_MOST_NUMBERS = 12  # documents that a line names one by one


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision as the page shows it. `token` is empty where it cannot be undone by who reads."""

    number: int
    said: str
    who: str
    when: str
    why: str
    undone: str
    agreements: Sequence[str]
    documents: Sequence[int]
    token: str


def decision_line(one: Decision, visitor: Visitor, may_undo: bool, words: Labels) -> DecisionLine:
    undone = ""
    if one.undone_at is not None:
        undone = words.say(
            "page.decisions.undone_by",
            who=isolated(line(one.undone_by or "", 80), words.direction),
            moment=moment(one.undone_at, words),
        )
    about = [found for found in (one.agreement_id, one.other_agreement_id) if found]
    is_open = may_undo and one.undone_at is None
    return DecisionLine(
        number=one.id,
        said=in_words(one, words),
        who=line(one.who, 80),
        when=moment(one.at, words),
        why=line(one.why, 500),
        undone=undone,
        agreements=about,
        documents=sorted(_leading(one)),
        token=visitor.form_token(UNDO) if is_open else "",
    )


def in_words(one: Decision, words: Labels) -> str:
    """A line such as "merged A12 into A17". Agreements have the ids that they had then."""
    return _SAYING[one.kind](one, words)


def value_in_words(field: str, value: str, words: Labels) -> str:
    """A field of a card as readers see it, from the form in which it is stored."""
    parts = [part for part in value.split(",") if part]
    if not parts:
        return words.say("page.unknown")
    match field:
        case "parties":
            return words.listed(words.short_party(part) for part in parts)
        case "topics":
            return words.listed(words.say(f"topics.{part}") for part in parts)
        case "status":
            return words.status(value, None)
        case "instrument":
            return words.instrument(value)
        case "event_date":
            return words.day(date.fromisoformat(value))
    return line(value, 200)


def _merged(one: Decision, words: Labels) -> str:
    first, other = one.agreement_id or "?", one.other_agreement_id or "?"
    # The former agreements of the documents that moved say which of the two went up in the other.
    gone = {pin.value for pin in one.pins if pin.kind is PinKind.HOME}
    if first in gone and other not in gone:
        first, other = other, first
    return words.say("page.decided.merge", other=other, home=first)


def _split(one: Decision, words: Labels) -> str:
    leaving, home = _leading(one), one.agreement_id or "?"
    named = _numbers(leaving, words)
    return words.count("page.decided.split", len(leaving), documents=named, home=home)


def _moved(one: Decision, words: Labels) -> str:
    return words.say(
        "page.decided.move",
        document=one.pins[0].document_id,
        origin=one.agreement_id or "?",
        target=one.other_agreement_id or "?",
    )


def _corrected(one: Decision, words: Labels) -> str:
    pin = one.pins[0]
    value = value_in_words(pin.field or "", pin.value or "", words)
    return words.say(
        "page.decided.correct",
        document=pin.document_id,
        field=words.say(f"page.fields.{pin.field}"),
        value=isolated(value, words.direction),
    )


def _ruled_out(one: Decision, words: Labels) -> str:
    if len(_leading(one)) > 1:
        return words.say("page.decided.no_agreement", home=one.agreement_id or "?")
    return words.say("page.decided.irrelevant", document=one.pins[0].document_id)


def _added(one: Decision, words: Labels) -> str:
    return words.say("page.decided.relevant", document=one.pins[0].document_id)


def _confirmed(one: Decision, words: Labels) -> str:
    return words.say("page.decided.confirm", home=one.agreement_id or "?")


def _renamed(one: Decision, words: Labels) -> str:
    name = isolated(line(one.pins[0].value or "", 160), words.direction)
    return words.say("page.decided.rename", home=one.agreement_id or "?", name=name)


def _listed(one: Decision, words: Labels) -> str:
    name = isolated(line(one.list_name, 160), words.direction)
    return words.say("page.decided.list", name=name)


_SAYING: Mapping[DecisionKind, Callable[[Decision, Labels], str]] = {
    DecisionKind.MERGE: _merged,
    DecisionKind.SPLIT: _split,
    DecisionKind.MOVE: _moved,
    DecisionKind.CORRECT: _corrected,
    DecisionKind.IRRELEVANT: _ruled_out,
    DecisionKind.RELEVANT: _added,
    DecisionKind.CONFIRM: _confirmed,
    DecisionKind.RENAME: _renamed,
    DecisionKind.LIST: _listed,
}


_OF_AGREEMENTS = frozenset(
    {DecisionKind.MERGE, DecisionKind.CONFIRM, DecisionKind.RENAME, DecisionKind.LIST}
)


def _leading(one: Decision) -> set[int]:
    """The documents that a decision is about; none where it is about whole agreements."""
    if one.kind in _OF_AGREEMENTS:
        return set()
    if one.kind is DecisionKind.IRRELEVANT:
        return {pin.document_id for pin in one.pins if pin.kind is PinKind.IRRELEVANT}
    if one.kind is not DecisionKind.SPLIT:
        return {one.pins[0].document_id}
    return _apart(one.pins)


def _apart(pins: Iterable[Pin]) -> set[int]:
    return {pin.document_id for pin in pins if pin.kind is PinKind.CANNOT_LINK}


def _numbers(documents: Iterable[int], words: Labels) -> str:
    ordered = sorted(documents)
    named = [str(number) for number in ordered[:_MOST_NUMBERS]]
    return words.listed([*named, "…"] if ordered[_MOST_NUMBERS:] else named)
