"""A curator's decisions in words, for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from storage.register.records import Decision, DecisionKind, Pin, PinKind


def in_words(decision: Decision) -> str:
    """A line such as "split A47: document 38 apart from 6 others". Agreements have the ids that
    they had when it was decided.
    """
    return _WORDS[decision.kind](decision)


def _merged(decision: Decision) -> str:
    if decision.agreement_id and decision.other_agreement_id:
        return f"merged {decision.other_agreement_id} and {decision.agreement_id}"
    return f"merged what {documents_in_words(_named(decision.pins))} report"


def _split(decision: Decision) -> str:
    apart = [pin for pin in decision.pins if pin.kind is PinKind.CANNOT_LINK]
    leaving = {pin.document_id for pin in apart}
    others = len({pin.other_document_id for pin in apart} - leaving)
    noun = "other" if others == 1 else "others"
    whole = decision.agreement_id or "an agreement"
    return f"split {whole}: {documents_in_words(leaving)} apart from {others} {noun}"


def _moved(decision: Decision) -> str:
    origin = f" from {decision.agreement_id}" if decision.agreement_id else ""
    linked = [pin.other_document_id for pin in decision.pins if pin.kind is PinKind.MUST_LINK]
    beside = linked[0] if linked else None
    target = decision.other_agreement_id or f"the agreement of document {beside}"
    return f"moved {documents_in_words(_first(decision.pins))}{origin} to {target}"


def _corrected(decision: Decision) -> str:
    pin = decision.pins[0]
    home = f" ({decision.agreement_id})" if decision.agreement_id else ""
    return f"corrected document {pin.document_id}{home}: {pin.field} is {pin.value or 'unknown'}"


def _ruled_out(decision: Decision) -> str:
    home = f" of {decision.agreement_id}" if decision.agreement_id else ""
    out = [pin.document_id for pin in decision.pins if pin.kind is PinKind.IRRELEVANT]
    return f"ruled out {documents_in_words(out)}{home}{_in_audit(decision)}"


def _added(decision: Decision) -> str:
    given = [pin for pin in decision.pins if pin.kind is PinKind.FIELD]
    fields = ", ".join(f"{pin.field} {pin.value}" for pin in given)
    return f"added {documents_in_words(_first(decision.pins))}{_in_audit(decision)}: {fields}"


def _in_audit(decision: Decision) -> str:
    return " in the audit" if any(pin.kind is PinKind.AUDIT for pin in decision.pins) else ""


def _confirmed(decision: Decision) -> str:
    return f"confirmed {decision.agreement_id or 'an agreement'}"


def _renamed(decision: Decision) -> str:
    return f"renamed {decision.agreement_id or 'an agreement'}: “{decision.pins[0].value}”"


def _listed(decision: Decision) -> str:
    return f"imported the list “{decision.list_name}”"


_WORDS: Mapping[DecisionKind, Callable[[Decision], str]] = {
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


def _first(pins: Iterable[Pin]) -> list[int]:
    return [pin.document_id for pin in pins][:1]


def _named(pins: Iterable[Pin]) -> set[int]:
    numbers = {number for pin in pins for number in (pin.document_id, pin.other_document_id)}
    return {number for number in numbers if number}


def documents_in_words(numbers: Iterable[int]) -> str:
    """ "documents 3, 5 and 8"."""
    ordered = sorted(numbers)
    if len(ordered) == 1:
        return f"document {ordered[0]}"
    return f"documents {', '.join(map(str, ordered[:-1]))} and {ordered[-1]}"
