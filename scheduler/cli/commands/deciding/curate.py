"""`curate` and `decisions`: a person's decisions about the register, with who, when and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from crawler.judgement.judge import Rules
from scheduler.cli.context import configuration, login_name, opened_database
from scheduler.cli.output import Who, Why, print_jsonl, print_list, reader_language, say
from scheduler.cli.rules import configured_rules
from scheduler.configuration.user_subscriptions import with_users
from scheduler.decisions import curation
from scheduler.decisions.curated_fields import written_fields
from scheduler.decisions.curator import Curator, Decided
from scheduler.views.decisions import DECISIONS, decision_in_words
from scheduler.views.words.labels import labels_of
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.lists import queries
from storage.register import decisions as stored
from storage.register.entry import FIELDS, Decision, Pin, PinKind
from storage.register.list_rows import is_listed
from storage.search import document_rows
from storage.search.document_rows import DocumentRow

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration


def _irrelevant(s: Session, named: str, curator: Curator) -> Decided:
    if named.isascii() and named.isdigit():
        return curation.set_irrelevant(s, int(named), curator)
    return curation.set_no_agreement(s, named, curator)


def _correct(s: Session, named: str, field: str, value: str, curator: Curator) -> Decided:
    if named.isascii() and named.isdigit():
        return curation.correct(s, int(named), field, value, curator)
    return curation.correct_entry(s, named, field, value, curator)


# The decisions of an editor: (arguments, meaning, function).
CHOICES: Mapping[str, tuple[str, str, Callable[..., Decided]]] = {
    "merge": ("A1 A2", "two agreements are one", curation.merge),
    "apart": ("A1 A2", "two agreements are two, however alike", curation.keep_apart),
    "split": ("A1 DOCUMENT...", "these reports are about another agreement", curation.split),
    "together": (
        "DOCUMENT",
        "a report is about the agreement in which it stands",
        curation.keep_together,
    ),
    "move": ("DOCUMENT A2", "a report is about another agreement", curation.move),
    "correct": (
        "DOCUMENT|A1 FIELD VALUE",
        f"a field of a report, or of an entry, is wrong ({', '.join(FIELDS)})",
        _correct,
    ),
    "irrelevant": ("DOCUMENT|A1", "a document, or an entry, is no agreement", _irrelevant),
    "relevant": (
        "DOCUMENT [FIELD=VALUE]...",
        "a document that the rules missed reports one; other fields are read from its text",
        curation.set_relevant,
    ),
    "confirm": ("A1", "an entry is an agreement indeed", curation.confirm),
    "text": ("A1 URL", "the text of an agreement stands at this address", curation.attach_text),
    "searched": (
        "A1 PLACES",
        "you searched for its text there, and found none",
        curation.note_search,
    ),
    "rename": ("A1 NAME", "every reader sees it under this name", curation.rename),
}

_NO_WHY = "decided on the command line"  # where nobody gave a reason, as on the page
_TAKES = [f"{name} {takes}: {about}." for name, (takes, about, _) in CHOICES.items()]

Name = Literal[
    "merge",
    "apart",
    "split",
    "together",
    "move",
    "correct",
    "irrelevant",
    "relevant",
    "confirm",
    "text",
    "searched",
    "rename",
    "undo",
]


def curate(
    decision: Annotated[
        Name,
        Parameter(
            show_choices=False,
            help="  \n".join(["One of:", *_TAKES, "undo NUMBER: takes a decision back."]),
        ),
    ],
    /,
    *arguments: Annotated[
        str,
        Parameter(help="Ids of agreements (A17), and numbers of documents as `show` prints them."),
    ],
    why: Why = _NO_WHY,
    who: Who = None,
) -> None:
    takes = CHOICES[decision][0] if decision in CHOICES else "NUMBER"
    least = sum(not part.startswith("[") for part in takes.split())
    if len(arguments) < least or (len(arguments) > least and "..." not in takes):
        raise AccordwatchError(f"curate {decision} takes: {takes}")
    chosen = configuration()
    with opened_database(chosen) as database, database.begin() as s:
        curator = curator_of(s, chosen, who, why)
        if decision == "undo":
            done = f"undone: {_in_words(curation.undo(s, _number(arguments[0]), curator))}"
        else:
            done = outcome(s, take(s, decision, arguments, curator))
    say(done)  # once it is stored


def outcome(s: Session, decided: Decided) -> str:
    """What was decided, where its reports stand now, and how to take it back."""
    decision = stored.decision(s, decided.number)
    sentence = _in_words(decision) if decision else ""
    now = [one for one in (decided.home, decided.other) if one and one not in sentence.split()]
    where = f" ({', '.join(now)})" if now else ""
    return f"{sentence}{where}; to take it back: accordwatch curate undo {decided.number}"


def take(s: Session, name: str, arguments: Sequence[str], curator: Curator) -> Decided:
    """Take a decision, with what `curate` was given for it."""
    takes, _, decide = CHOICES[name]
    left, taken = list(arguments), list[Any]()
    for part in takes.split():
        if part == "DOCUMENT":
            taken.append(_number(left.pop(0)))
        elif part == "DOCUMENT...":
            taken.append(list(map(_number, left)))
        else:
            taken.append(written_fields(left) if part.startswith("[") else left.pop(0))
    return decide(s, *taken, curator)


def _number(written: str) -> int:
    if not (written.isascii() and written.isdigit()):
        raise AccordwatchError(f"{written!r} is no number; `show` has those of documents")
    return int(written)


def decisions(
    *,
    who: Annotated[str | None, Parameter(help="Only what this person decided or undid.")] = None,
    format: Annotated[
        Literal["table", "jsonl", "csv", "articles"],
        Parameter(help="articles: decided documents, labelled for `rules check --labelled`."),
    ] = "table",
) -> None:
    with opened_database(configuration()) as database, database.read() as s:
        by = who and stored.decider(s, who)
        if who is not None and by is None:
            known = ", ".join(stored.deciders(s)) or "nobody yet"
            raise AccordwatchError(f"{who[:100]!r} has decided nothing; who has: {known}")
        if format == "articles":
            print_jsonl(list(labelled(s, by)))
            return
        found = stored.decisions(s, by)
    print_list(DECISIONS, found, format)
    if format == "table" and not found:
        say("No decision has been taken yet.")


def _in_words(decision: Decision) -> str:
    return decision_in_words(decision, labels_of(reader_language()))


def curator_of(s: Session, chosen: Configuration, who: str | None, why: str) -> Curator:
    """Who decides, with the configured rules, which are loaded when first needed."""
    name = login_name() if who is None else who

    @cache
    def rules() -> Rules:
        return configured_rules(chosen)

    subscriptions = with_users(s, chosen).subscriptions
    return Curator(name, why, datetime.now(UTC), subscriptions, rules)


# --- `decisions --format articles` ----------------------------------------------------------------

# The kinds of pins that correct how an article was judged.
_LABELLING = frozenset({PinKind.FIELD, PinKind.IRRELEVANT, PinKind.RELEVANT, PinKind.CONFIRMED})


def labelled(s: Session, who: str | None = None) -> Iterator[dict[str, Any]]:
    """Each document that was corrected, ruled out or added, with the labels that follow."""
    standing = (decision for decision in stored.decisions(s, who) if decision.undone_at is None)
    # What was ruled out with another document, which it resembles, nobody has read.
    decided = [
        pin
        for decision in standing
        for pin in decision.pins
        if pin.kind in _LABELLING and pin.other_document_id is None
    ]
    rows = document_rows.report_rows(s, {pin.document_id for pin in decided})
    for document_id in sorted(rows):
        if is_listed(rows[document_id].source_id):  # a row of a list is no article to learn from
            continue
        own = [pin for pin in decided if pin.document_id == document_id]
        yield _article(s, rows[document_id], own)


def _article(s: Session, row: DocumentRow, decided: Sequence[Pin]) -> dict[str, Any]:
    relevant = row.relevant and not any(pin.kind is PinKind.IRRELEVANT for pin in decided)
    day = row.card.event_date
    card: dict[str, Any] = {
        "parties": list(row.card.parties),
        "topics": list(row.card.topics),
        "status": row.card.status,
        "event_date": day.isoformat() if day else None,
        "place": row.card.place,
    }
    for pin in decided:
        if pin.kind is PinKind.FIELD and pin.field:
            value = pin.value or ""
            is_list = pin.field in ("parties", "topics")
            card[pin.field] = value.split(",") if is_list else value or None
    head = {
        "id": row.external_id or f"document-{row.id}",
        "lang": row.language,
        "relevant": relevant,
    }
    body = {
        "title": row.title,
        "text": queries.document_text(s, row.id) or "",
        "published": row.published_on.isoformat() if row.published_on else None,
        "outlet": row.outlet,
        "source_url": row.url,
    }
    return head | body | (card if relevant else {})
