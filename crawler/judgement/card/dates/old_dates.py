"""Dates long past beside an agreement or an act: which they name, and which they date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawler.judgement.card.dates.date_mentions import DateMention
from crawler.judgement.text.reading import Hit, Reading

_MADE = frozenset(("signed", "sealed", "agreed"))  # deeds by which an agreement comes about
_JOINT_REACH = 5  # "l'accord franco-algérien de 1968"
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
    hits: Sequence[Hit], dates: Iterable[DateMention], named: frozenset[int]
) -> frozenset[int]:
    """Return the tokens of the acts that lie long back, by the dates beside them.

    A date long past belongs to the act before it, or else to the one behind it. The date of an
    agreement ("the accord of 1968") dates its signature, not what happens to it now.
    """
    old: set[int] = set()
    for mention in dates:
        if not mention.old:
            continue
        same = [hit for hit in hits if hit.sentence == mention.sentence]
        if mention.token in named:
            same = [hit for hit in same if hit.concept.split(".")[1] in _MADE]
        before = [hit for hit in same if 0 < mention.token - hit.last_token <= _DATE_REACH]
        behind = [hit for hit in same if 0 < hit.token - mention.last_token <= _BESIDE_REACH]
        dated = before[-1:] or behind[:1]
        old.update(hit.token for hit in same if any(_overlap(hit, one) for one in dated))
    return frozenset(old)


def _overlap(one: Hit, other: Hit) -> bool:
    """Whether two acts share a word: "n'est plus *appliqué* depuis"."""
    return one.token <= other.last_token and other.token <= one.last_token
