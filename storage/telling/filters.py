"""Whether a subscription's filter matches a step of an agreement. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from storage.filter import Filter
from storage.query_words import clauses_of, occur
from storage.register.records import Agreement, Step


@dataclass(frozen=True, slots=True)
class Witness:
    """A report of a step, as far as filters look at it.

    `folded` may be left empty if no filter has words.
    """

    document_id: int
    language: str
    source_id: str | None
    outlet: str | None
    score: float
    dated_on: date
    folded: str = ""
    rules: tuple[str, ...] = ()


def wants(
    flt: Filter, agreement: Agreement, step: Step | None, witnesses: Sequence[Witness]
) -> bool:
    """Whether the agreement, its step and at least one of the reports match the filter.

    Without a step, the present status of the agreement is compared.
    """
    return _wants_agreement(flt, agreement, step) and any(
        _wants_report(flt, witness) for witness in witnesses
    )


def _wants_agreement(flt: Filter, agreement: Agreement, step: Step | None) -> bool:
    status = agreement.status if step is None else step.status
    parties = set(agreement.parties)
    return (
        parties.issuperset(flt.parties)
        and not any(parties.isdisjoint(group) for group in flt.party_groups)
        and (not flt.corridors or any(parties.issuperset(corridor) for corridor in flt.pairs))
        and (not flt.topics or not set(flt.topics).isdisjoint(agreement.topics))
        and (not flt.instruments or agreement.instrument in flt.instruments)
        and (not flt.statuses or status in flt.statuses)
        and (not flt.certainties or agreement.certainty in flt.certainties)
        and (not flt.texts or agreement.text_state in flt.texts)
        and (not flt.agreements or agreement.id in flt.agreements)
    )


def _wants_report(flt: Filter, witness: Witness) -> bool:
    return (
        (not flt.languages or witness.language in flt.languages)
        and (not flt.sources or witness.source_id in flt.sources or witness.outlet in flt.sources)
        and (flt.since is None or witness.dated_on >= flt.since)
        and (flt.until is None or witness.dated_on <= flt.until)
        and (flt.min_score is None or witness.score >= flt.min_score)
        and (not flt.rules or not set(flt.rules).isdisjoint(witness.rules))
        and (not flt.query or _has_words(flt.words, witness.folded))
    )


def _has_words(query: str, folded: str) -> bool:
    clauses = clauses_of(query)
    return bool(clauses) and occur(clauses, folded)
