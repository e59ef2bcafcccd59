"""What the terminal says beside the hits of a search, on stderr: where else it leads."""

from __future__ import annotations

from collections.abc import Callable
from shlex import quote

from scheduler.cli.output import say, shown
from scheduler.cli.wording import words
from scheduler.configuration.query import Query
from scheduler.searching.ways_on import as_parties, relaxed
from storage.database.session import Session
from storage.filter import Filter

MOST_COUNTED = 10_001  # documents; counting a million takes too long


def say_parties(s: Session, query: Query, typed: str, *, of_documents: bool = False) -> None:
    """Say how many agreements the parties have that the words name, and how to list them; and which
    parties the words were read as, if they are nothing else.
    """
    if typed and not query.query:
        named = words().listed(map(words().short_party, query.parties))
        say(words().say("hint.read_as", parties=named))
    found = as_parties(s, query, of_documents=of_documents and bool(typed))
    if found is not None:
        wanted = [quote(shown(found.query.query))] if found.query.query else []
        asked = " ".join([*wanted, *(f"--party {code}" for code in found.parties)])
        say(f"{found.sentence(words())}: accordwatch agreements {asked}")


def say_relaxed(query: Query, count: Callable[[Filter], int], counted: str) -> None:
    """Say what would be found without one of the conditions. `counted`: "documents"."""
    for one in relaxed(query, count):
        option = shown(one.value) if one.name == "q" else f"--{one.name} {shown(one.value)}"
        found = words().count(f"terminal.{counted}", one.found)
        say(words().say("hint.relaxed", what=option, found=found))
