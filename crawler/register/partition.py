"""Reports -> agreements with their lives.

Pure, and independent of the order of its input: reports are looked at in a canonical order (event date, publication,
text hash). What a report belongs to depends on the reports that share parties with it alone, so a part of the register
can be partitioned alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.register.clusters import Placing, cluster
from crawler.register.facts import facts_of
from crawler.register.fields import agreement_of
from crawler.register.links import linked
from crawler.register.pins import corrected, kept_apart, merged
from crawler.register.steps import canonical
from storage.records import Agreement, Pin, PinKind, Report


def partition(reports: Sequence[Report], pins: Sequence[Pin]) -> list[Agreement]:
    """Agreements, without ids, in canonical order; each report that no pin calls irrelevant is in exactly one.

    `reasons` of an agreement say why its reports stand together, with points; "review: ..." where a person should look.
    `links` name a document of the other agreement ("D17"). Raises ValueError for a pin whose field or value is unknown.
    """
    ordered = sorted(corrected(reports, pins), key=canonical)
    clusters = cluster([facts_of(report) for report in ordered], kept_apart(pins))
    placings: dict[int, Placing] = {placing.document_id: placing for one in clusters for placing in one.placings}
    groups = [{member.report.document_id for member in one.members} for one in clusters]
    if pins:
        groups = merged(groups, pins)
    decided = {number for pin in pins if pin.kind is PinKind.MUST_LINK for number in _named(pin)}
    home = {document_id: index for index, group in enumerate(groups) for document_id in group}
    held: list[list[Report]] = [[] for _ in groups]
    for report in ordered:
        held[home[report.document_id]].append(report)
    held.sort(key=lambda members: canonical(members[0]))
    return linked([agreement_of(members, placings, decided) for members in held])


def _named(pin: Pin) -> tuple[int, ...]:
    return (pin.document_id, *(() if pin.other_document_id is None else (pin.other_document_id,)))
