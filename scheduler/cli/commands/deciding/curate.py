"""`curate` and `decisions`: a person's decisions about the register, with who, when and why."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from crawler.judgement.judge import Rules
from scheduler.cli.context import configuration, configured_rules, login_name, opened_database
from scheduler.cli.output import Who, print_jsonl, print_list, reader_language, say
from scheduler.decisions.curation import CHOICES, Curator, choice_named, undo
from scheduler.decisions.labelled_articles import labelled
from scheduler.views.decisions import DECISIONS, in_words
from scheduler.views.words.page import words_of
from storage.register import decisions as stored
from storage.register.records import Decision

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from storage.database.session import Session

_NO_WHY = "decided on the command line"  # kept where nobody gave a reason, as on the page
_TAKES = "; ".join(f"{name} {one.takes}: {one.about}" for name, one in CHOICES.items())

Name = Literal[
    "merge", "split", "move", "correct", "irrelevant", "relevant", "confirm", "rename", "undo"
]


def curate(
    decision: Annotated[
        Name, Parameter(show_choices=False, help=f"{_TAKES}; undo NUMBER: takes a decision back.")
    ],
    /,
    *arguments: Annotated[
        str,
        Parameter(help="Ids of agreements (A17), and numbers of documents as `show` prints them."),
    ],
    why: Annotated[str, Parameter(help="The reason; saved with the decision.")] = _NO_WHY,
    who: Who = None,
) -> None:
    """Decide about the register. No later run undoes a decision; `curate undo` does."""
    choice, chosen = choice_named(decision, arguments), configuration()
    with opened_database(chosen) as database, database.begin() as s:
        curator = curator_of(s, chosen, who, why)
        if choice is None:
            say(f"undone: {_in_words(undo(s, int(arguments[0]), curator))}")
            return
        decided = choice.take(s, curator, arguments)
        found = stored.decision(s, decided.number)
    said = _in_words(found) if found else ""
    now = [one for one in (decided.home, decided.other) if one and one not in said.split()]
    where = f" ({', '.join(now)})" if now else ""
    say(f"{said}{where}; to take it back: accordwatch curate undo {decided.number}")


def decisions(
    *,
    format: Annotated[
        Literal["table", "jsonl", "csv", "articles"],
        Parameter(help="articles: decided documents, labelled for `rules test --labelled`."),
    ] = "table",
) -> None:
    """List all decisions, oldest first, each with the number that `curate undo` takes."""
    with opened_database(configuration()) as database, database.read() as s:
        if format == "articles":
            print_jsonl(list(labelled(s)))
            return
        found = stored.decisions(s)
    print_list(DECISIONS, found, format)
    if format == "table" and not found:
        say("No decision has been taken yet.")


def _in_words(decision: Decision) -> str:
    return in_words(decision, words_of(reader_language()))


def curator_of(s: Session, chosen: Configuration, who: str | None, why: str) -> Curator:
    """The person who decides, with the configured rules, which are loaded when they are first
    needed.
    """
    from scheduler.configuration.user_subscriptions import with_users

    name = login_name() if who is None else who

    @cache
    def rules() -> Rules:
        return configured_rules(chosen)

    subscriptions = with_users(s, chosen).subscriptions
    return Curator(name, why, datetime.now(UTC), subscriptions, rules)
