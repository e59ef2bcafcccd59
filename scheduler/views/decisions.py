"""What people decided about the register, in the reader's words and as a list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from scheduler.views.columns import Column, Table, moment
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated, line
from scheduler.views.words.page import moment as page_moment
from storage.register.entry import Decision, DecisionKind, PinKind

NO_REASON = "decided on the page"  # stored where an editor gave none
_MOST_NUMBERS = 12  # documents that a line names one by one
_OF_AGREEMENTS = frozenset(
    {
        DecisionKind.MERGE,
        DecisionKind.APART,
        DecisionKind.CONFIRM,
        DecisionKind.RENAME,
        DecisionKind.TEXT,
        DecisionKind.SEARCHED,
        DecisionKind.LIST,
    }
)


def decision_in_words(decision: Decision, words: Labels) -> str:
    """A line such as "merged A12 into A17". Agreements have the ids that they had then."""
    home, other = decision.agreement_id or "?", decision.other_agreement_id or "?"
    pin, kind = next(iter(decision.pins), None), decision.kind
    documents = leading(decision)
    match kind:
        case DecisionKind.MERGE:
            # The former agreements of documents that moved say which of the two went up in the
            # other.
            gone = {pin.value for pin in decision.pins if pin.kind is PinKind.HOME}
            if home in gone and other not in gone:
                home, other = other, home
        case DecisionKind.SPLIT:
            named = _numbers(documents, words)
            return words.count(
                "split document {documents} off {home}",
                "split documents {documents} off {home}",
                len(documents),
                documents=named,
                home=home,
            )
        case DecisionKind.CORRECT if pin is not None:
            value = value_in_words(pin.field or "", pin.value or "", words)
            corrected = {
                "field": words.term(f"page.columns.{pin.field}"),
                "value": isolated(value, words.direction),
            }
            return words.count(
                "corrected document {documents}: {field} is {value}",
                "corrected documents {documents}: {field} is {value}",
                len(documents),
                documents=_numbers(documents, words),
                **corrected,
            )
        case DecisionKind.READ:
            named = _numbers(documents, words)
            return words.count(
                "read document {documents} again with its corridor",
                "read documents {documents} as one corridor",
                len(documents),
                documents=named,
            )
        case DecisionKind.IRRELEVANT if len(documents) > 1:
            return words.term("page.decided.no_agreement", home=home)
    name = decision.list_name if kind is DecisionKind.LIST else (pin and pin.value) or ""
    return words.term(
        f"page.decided.{kind}",
        home=home,
        other=other,
        origin=home,
        target=other,
        document=pin.document_id if pin else "?",
        name=isolated(line(name, 160), words.direction),
    )


def changes_in_words(decision: Decision, words: Labels) -> list[str]:
    """What a decision changed of its entry, a sentence a field: what it said before, and says."""
    sentences = []
    for field, before, after in decision.changes:
        name = words.term(f"page.columns.{field}")
        was, now = (
            isolated(value_in_words(field, value, words), words.direction)
            for value in (before, after)
        )
        if field == "name" and not before:  # until then it had none of its own
            sentences.append(words.say("{field}: now {after}.", field=name, after=now))
            continue
        said = {"field": name, "before": was, "after": now}
        sentences.append(words.say("{field}: {before} before, {after} now.", **said))
    return sentences


def reason_given(decision: Decision) -> str:
    """Why somebody decided so; "" where they gave no reason."""
    return "" if decision.why == NO_REASON else line(decision.why, 500)


def correction_in_words(correction: Decision, words: Labels) -> str:
    """What a decision did to its entry, as before and after where that says it all."""
    changed = " ".join(changes_in_words(correction, words))
    if changed and correction.kind is DecisionKind.CORRECT:
        return changed
    return " · ".join(filter(None, (decision_in_words(correction, words), changed)))


def decider_in_words(correction: Decision, words: Labels) -> str:
    """Who decided so, and why if they said so."""
    said = (line(correction.who, 80), reason_given(correction))
    who, why = (isolated(one, words.direction) for one in said)
    return words.say("By {who}: {why}", who=who, why=why) if why else words.say("By {who}", who=who)


def value_in_words(field: str, value: str, words: Labels) -> str:
    """A field of a card as readers see it, from the form in which it is stored."""
    parts = [part for part in value.split(",") if part]
    if not parts:
        return words.say("unknown")
    match field:
        case "parties":
            return words.listed(words.short_party(part) for part in parts)
        case "topics":
            return words.listed(words.term(f"topics.{part}") for part in parts)
        case "status":
            return words.status(value, None)
        case "instrument":
            return words.instrument(value)
        case "event_date":
            return words.day(date.fromisoformat(value))
    return line(value, 200)


def undone_in_words(decision: Decision, words: Labels) -> str:
    """Who took a decision back and when; "" if it is in force."""
    if decision.undone_at is None:
        return ""
    who = isolated(line(decision.undone_by or "", 80), words.direction)
    return words.say(
        "undone by {who}, {moment}", who=who, moment=page_moment(decision.undone_at, words)
    )


def leading(decision: Decision) -> set[int]:
    """The documents that a decision is about; none where it is about whole agreements."""
    if decision.kind in _OF_AGREEMENTS:
        return set()
    kinds = {
        DecisionKind.CORRECT: PinKind.FIELD,
        DecisionKind.IRRELEVANT: PinKind.IRRELEVANT,
        DecisionKind.SPLIT: PinKind.CANNOT_LINK,
    }
    if decision.kind in kinds:
        return {pin.document_id for pin in decision.pins if pin.kind is kinds[decision.kind]}
    return {
        pin.document_id
        for pin in (decision.pins if decision.kind is DecisionKind.READ else decision.pins[:1])
    }


def _numbers(documents: Iterable[int], words: Labels) -> str:
    ordered = sorted(documents)
    named = [str(number) for number in ordered[:_MOST_NUMBERS]]
    return words.listed([*named, "…"] if ordered[_MOST_NUMBERS:] else named)


def _cell(decision: Decision, labels: Labels) -> str:
    undone = (
        f" (undone by {decision.undone_by}, {moment(decision.undone_at)})"
        if decision.undone_at
        else ""
    )
    return decision_in_words(decision, labels) + undone


DECISIONS = Table[Decision](
    "decisions",
    (
        Column("id", "integer", required=True, title="undo"),
        Column("at", "datetime", required=True, title="when"),
        Column("who", "string", required=True),
        Column("kind", "string", cell=_cell, values=DecisionKind, required=True, title="decision"),
        Column("agreement_id", "string"),
        Column("other_agreement_id", "string"),
        Column("document_ids", "list", lambda decision: sorted(leading(decision))),
        Column("why", "string"),
        Column(
            "audit",
            "boolean",
            lambda decision: any(pin.kind is PinKind.AUDIT for pin in decision.pins),
            required=True,
        ),
        Column("undone_at", "datetime"),
        Column("undone_by", "string"),
    ),
    ("id", "at", "who", "kind", "why"),
)
