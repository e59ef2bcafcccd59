"""Whether the day that a text gives is that on which the paper was signed.

"On Thursday the minister defended the agreement that was signed with Niger" gives a day, too, and
who takes it for that of a signature sees a second one where there was one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crawler.judgement.card.dates.signing_clause import CLAUSE_END, SigningClause, written
from crawler.judgement.text.reading import Hit, Reading
from crawler.judgement.text.relatives import relative_tokens
from storage.records import Evidence, Zone

_FAMILIES = ("act.signed", "act.sealed", "deed.signed", "deed.sealed")
_VERBS = (".verb", ".loose")
_TOLD = 1.0  # the least weight of a signature that a headline reports, and does not only imply
# Tokens from "signed" to its day: "was signed in Colombo on Monday", but not "signed with Niger was
# defended on Thursday".
_REACH = 4
_OTHER_DATES = (
    "date.month", "date.short-month", "date.weekday", "date.ago", "date.past", "date.this-month",
    "date.today", "date.yesterday", "date.day-before", "date.eve", "modality.ago",
)  # fmt: skip


def is_signing_day(reading: Reading, status: Iterable[Evidence], day: Sequence[Evidence]) -> bool:
    """Return whether the text dates the signature that it tells.

    `status` and `day` are the evidence for both. The day stands beside the signature or in one
    clause with it and its paper, or the headline tells a signature and the day stands in a sentence
    about one. A day in figures ("4.3.2024") has no evidence: the headline is enough for it.
    """
    signing = [hit for family in _FAMILIES for hit in reading.family(family)]
    found = [hit for one in day if (hit := _hit_of(reading, one)) is not None]
    if any(_is_beside(reading, act, one) for one in found for act in signing):
        return True
    verbs = [act for act in signing if act.concept.endswith(_VERBS)]
    if found and verbs and _dates_a_clause(reading, verbs, found):
        return True
    if not any(one.zone is Zone.TITLE and one.weight >= _TOLD for one in status):
        return False
    sentences = {act.sentence for act in signing}
    return all(one.sentence in sentences for one in found)


def _is_beside(reading: Reading, act: Hit, day: Hit) -> bool:
    """Whether a day stands right before an act, or shortly behind it in its clause."""
    if act.sentence != day.sentence:
        return False
    if day.last_token < act.token:
        return act.token - day.last_token == 1
    if day.token - act.last_token > _REACH:
        return False
    return not CLAUSE_END.search(written(reading, act.end, day.start))


def _dates_a_clause(reading: Reading, verbs: Iterable[Hit], days: Sequence[Hit]) -> bool:
    pairs = [(act, day) for day in days for act in verbs if act.sentence == day.sentence]
    if not pairs:
        return False
    papers = (*reading.family("instrument"), *reading.hits.get("object.document", ()))
    relatives = tuple(relative_tokens(reading))
    dates = tuple(_date_tokens(reading))
    return any(
        SigningClause(
            reading=reading,
            act=act,
            day=day,
            papers=tuple(one for one in papers if one.sentence == day.sentence),
            relatives=relatives,
            dates=dates,
        ).is_dated()
        for act, day in pairs
    )


def _date_tokens(reading: Reading) -> Iterator[int]:
    for concept, hits in reading.hits.items():
        if concept.startswith(_OTHER_DATES):
            for hit in hits:
                yield hit.token


def _hit_of(reading: Reading, proof: Evidence) -> Hit | None:
    """Return the words that an evidence shows."""
    hits = reading.hits.get(proof.concept, ())
    return next(
        (hit for hit in hits if reading.evidence(hit, proof.rule, proof.weight) == proof), None
    )
