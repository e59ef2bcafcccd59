"""Dates long past beside an agreement or an act: which they name, and which they date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from crawler.judgement.card.records import DateMention
from crawler.judgement.text.reading import Hit, Reading

_MADE = frozenset(("signed", "sealed", "agreed"))  # deeds by which an agreement comes about
_JOINT_REACH = 5  # "l'accord franco-algérien de 1968"
_CLAUSE_END = re.compile(r"[,;:،؛]")
_BESIDE_REACH = 4
_DATE_REACH = 7  # "signed by the two ministers in Rome in 2010"


def named_dates(
    reading: Reading, instruments: Sequence[Hit], dates: Iterable[DateMention]
) -> frozenset[int]:
    """Return the tokens of dates that name an agreement: "the accord of 1968", "a 2019 pact"."""
    ends = {hit.last_token for hit in instruments}
    starts = {hit.token for hit in instruments}
    joints = {hit.last_token for hit in reading.hits.get("date.of", ())}
    return frozenset(
        mention.token
        for mention in dates
        if (
            mention.token - 1 in joints
            and ends.intersection(range(mention.token - _JOINT_REACH, mention.token - 1))
        )
        or mention.token - 1 in ends
        or mention.last_token + 1 in starts
    )


def old_tokens(
    reading: Reading, hits: Sequence[Hit], dates: Iterable[DateMention], named: frozenset[int]
) -> frozenset[int]:
    """Return the tokens of the acts that lie long back, by the dates beside them.

    A date long past belongs to the act before it, or else to the one behind it. The date of an
    agreement ("the accord of 1968") dates its signature, not what happens to it now.
    """
    old: set[int] = set()
    verb_last = reading.grammar.modal_behind > 0
    reach_behind = _DATE_REACH if verb_last else _BESIDE_REACH
    for mention in dates:
        if not mention.old:
            continue
        same = [
            hit
            for hit in hits
            if hit.sentence == mention.sentence and not hit.concept.endswith(".ahead")
        ]
        if mention.token in named:
            same = [hit for hit in same if hit.concept.split(".")[1] in _MADE]
        before = [hit for hit in same if 0 < mention.token - hit.last_token <= _DATE_REACH]
        behind = [hit for hit in same if 0 < hit.token - mention.last_token <= reach_behind]
        within = [hit for hit in same if hit.token <= mention.token <= hit.last_token]
        dated = within or _one_dated(mention, before[-1:], behind[:1], reading)
        old.update(hit.token for hit in same if any(_overlap(hit, one) for one in dated))
    return frozenset(old)


def _one_dated(
    mention: DateMention, before: Sequence[Hit], behind: Sequence[Hit], reading: Reading
) -> Sequence[Hit]:
    """Return the act that a date belongs to, of the one before it and the one behind it.

    Where a comma parts it from the act before, the act behind in its own clause is meant: "approved
    the accord, which was on 3 May 2020 signed".
    """
    if not (before and behind):
        return before or behind
    parted = _has_clause_end(before[0].last_token + 1, mention.token, reading)
    joined = not _has_clause_end(mention.last_token + 1, behind[0].token, reading)
    return behind if parted and joined else before


def _has_clause_end(first: int, last: int, reading: Reading) -> bool:
    """Whether a comma or the like stands between two tokens."""
    start, end = reading.spaces[first], reading.spaces[last] + 1
    *_, between = reading.original(start, end)
    return bool(_CLAUSE_END.search(between))


def _overlap(one: Hit, other: Hit) -> bool:
    """Whether two acts share a word: "n'est plus *appliqué* depuis"."""
    return one.token <= other.last_token and other.token <= one.last_token
