"""How sure an agreement is, in words."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.register.certainty import Grounds
from scheduler.words.labels import Labels
from scheduler.words.lines import isolated, line, percent
from storage.records import Certainty

_MOST_NAMED = 5  # outlets; the reports below name all of them
_LONGEST = 80


def certainty_name(certainty: Certainty, labels: Labels) -> str:
    """Return the word: "several sources"."""
    return labels.say(f"certainty.{certainty}.name")


def certainty_meaning(certainty: Certainty, labels: Labels) -> str:
    """Return what the word means: "several independent outlets report it"."""
    return labels.say(f"certainty.{certainty}.means")


def because(grounds: Grounds, labels: Labels) -> str:
    """Return a sentence that says why: "Reported by 2 independent outlets: Le Fleuve and Hespress."

    The names are isolated, since some are written in another direction.
    """
    key = f"certainty.{grounds.certainty}.because"
    outlets = _named(grounds.outlets, labels)
    if grounds.certainty is Certainty.SEVERAL:
        return labels.count(key, len(grounds.outlets), outlets=outlets)
    likely = percent(grounds.probability) if grounds.probability is not None else ""
    who = isolated(line(grounds.who, _LONGEST), labels.direction)
    return labels.say(key, outlets=outlets, percent=likely, who=who)


def _named(outlets: Sequence[str], labels: Labels) -> str:
    names = [isolated(line(name, _LONGEST), labels.direction) for name in outlets if name]
    if not names:
        return labels.say("certainty.unknown_outlet")
    shown, hidden = names[:_MOST_NAMED], len(names) - _MOST_NAMED
    return labels.listed([*shown, labels.count("names.others", hidden)] if hidden > 0 else shown)
