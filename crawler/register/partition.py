"""Reports -> agreements with their lives.

Pure, and independent of the order of its input: reports are looked at in a canonical order (event date, publication,
text hash). What a report belongs to depends on the reports that share parties with it alone, so a part of the register
can be partitioned alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.register.linkage.company import Company
from storage.register.records import Agreement, Pin, Report


def partition(reports: Sequence[Report], pins: Sequence[Pin]) -> list[Agreement]:
    """Agreements, without ids, in canonical order; each report that no pin calls irrelevant is in exactly one.

    `reasons` of an agreement say why its reports stand together, with points; "review: ..." where a person should look.
    `links` name a document of the other agreement ("D17"). Raises ValueError for a pin whose field or value is unknown.
    """
    company = Company()
    company.update((), reports, pins)
    return company.agreements
