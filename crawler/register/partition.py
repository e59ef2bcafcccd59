"""Partitioning reports into agreements with their steps. Pure functions.

The result does not depend on the order of the input: reports are looked at in a canonical order
(date of the event, publication, hash of the text). Which agreement a report belongs to depends only
on the reports that share parties with it, so that a part of the register can be partitioned alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.register.company import Company
from storage.register.records import Agreement, Pin, Report


def partition(reports: Sequence[Report], pins: Sequence[Pin]) -> list[Agreement]:
    """Return the agreements, without ids, in canonical order.

    Each report is in exactly one agreement, unless a pin says that it is irrelevant. The `reasons`
    of an agreement say why its reports belong together, with points; they begin with "review:" if a
    person should look. Its `links` name a document of the other agreement ("D17"). Raises
    ValueError for a pin whose field or value is unknown.
    """
    company = Company()
    company.update((), reports, pins)
    return company.agreements
