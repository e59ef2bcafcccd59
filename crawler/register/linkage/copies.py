"""Whether two reports with similar texts are copies, or releases about different events.

Authorities often fill the same form for each of their agreements.
"""

from __future__ import annotations

from collections.abc import Set

from crawler.register.linkage.facts import Facts

# Copies state the same day, but "on Tuesday" and a time zone can shift it by one.
_STATED_DAYS = 1
# If only the outlet gives a day, it is that of the reprint: papers print agency texts within a
# week.
_REPRINT_DAYS = 7


def tell_one_event(a: Facts, b: Facts) -> bool:
    """Whether parties, place and day allow that two similar texts are copies of each other.

    What only one of the two says is no contradiction: a card may have missed a party, for instance.
    The steps of one row of a list have one voice, and always belong together.
    """
    if _are_of_one_row(a, b):
        return True
    return not (contradict(a.parties, b.parties) or _other_place(a, b) or _other_days(a, b))


def tell_two_events(a: Facts, b: Facts) -> bool:
    """Whether two similar texts are releases on the same form about different agreements.

    Different parties alone may be a reading error. In this case each text names the other's parties
    as runners-up, and the place is the same.
    """
    if _are_of_one_row(a, b) or not contradict(a.parties, b.parties):
        return False
    here, there = a.parties - b.parties, b.parties - a.parties
    return _other_place(a, b) or (here.isdisjoint(b.weights) and there.isdisjoint(a.weights))


def _are_of_one_row(a: Facts, b: Facts) -> bool:
    return a.row is not None and a.row == b.row


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
