"""Whether two reports whose texts are alike are copies of one text, or two releases written on one form."""

from __future__ import annotations

from collections.abc import Set

from crawler.register.linkage.facts import Facts

# Copies state one day; "on Tuesday" and a time zone can move it by one.
_STATED_DAYS = 1
# Where only the outlet gives a day, it is the day of the reprint: papers bring agency texts within a week.
_REPRINT_DAYS = 7


def tell_one_event(a: Facts, b: Facts) -> bool:
    """Whether nothing that two alike texts say of parties, place and day keeps them from being copies.

    What one of the two does not say contradicts nothing: a card may have missed a party that the other has.
    """
    return not (contradict(a.parties, b.parties) or _other_place(a, b) or _other_days(a, b))


def tell_two_events(a: Facts, b: Facts) -> bool:
    """Whether two alike texts are releases on one form about different agreements.

    Other parties alone may be misread: then the copy names them too, as runners-up, and happens at the same place.
    """
    if not contradict(a.parties, b.parties):
        return False
    here, there = a.parties - b.parties, b.parties - a.parties
    return _other_place(a, b) or (here.isdisjoint(b.weights) and there.isdisjoint(a.weights))


def contradict(some: Set[str], others: Set[str]) -> bool:
    """Whether each of two sets of parties has one that the other lacks."""
    return not (some <= others or others <= some)


def _other_place(a: Facts, b: Facts) -> bool:
    here, there = a.report.card.place_key, b.report.card.place_key
    return here is not None and there is not None and here != there


def _other_days(a: Facts, b: Facts) -> bool:
    if a.day is None or b.day is None:
        return False
    most = _STATED_DAYS if a.is_dated and b.is_dated else _REPRINT_DAYS
    return abs((a.day - b.day).days) > most
