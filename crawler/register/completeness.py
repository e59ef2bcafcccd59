"""Estimating how many agreements no source has seen, from the overlap of independent sources.

This is the capture-recapture method. If two sources miss agreements independently of each other,
then the share of the first one's agreements that the second has too is the second one's share of
all agreements. Chapman's estimator (Chapman 1951, with the variance of Seber 1970) stays finite and
nearly unbiased for small overlaps. The confidence interval is log-normal in the number of unseen
agreements (Chao 1987), so that its lower end is never below what was seen.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from storage.register.records import Agreement, Report

_Z95 = 1.96
# With a smaller overlap, the interval would be too wide to be useful.
LEAST_OVERLAP = 3

ASSUMPTIONS = (
    "The two samples miss agreements independently of each other. To this end copies of one text, "
    "and outlets that share an agency's texts more often than chance, are counted as one source.",
    "Every agreement has about the same chance of being seen. This does not hold: everybody "
    "reports a treaty between large states, and nobody an arrangement between agencies. So the "
    "estimate is a lower bound.",
    "Agreements are told apart and put together correctly. A report that stands alone by mistake "
    "raises the estimate.",
    "Nothing is estimated about agreements that no source could report, such as secret ones.",
)


@dataclass(frozen=True, slots=True)
class Completeness:
    """The estimate for one slice of the register.

    `seen` agreements are in at least one source, `first` and `second` in the two samples, and
    `both` in both of these. `estimated` and its 95 % interval are None if the overlap is too small.
    """

    slice: str
    seen: int
    first: int
    second: int
    both: int
    estimated: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def share(self) -> float | None:
        """The estimated share of all agreements that the register holds."""
        return self.seen / self.estimated if self.estimated else None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An agreement, the independent sources that reported it, and the slices that it is part of."""

    agreement_id: str
    sources: frozenset[str]
    slices: frozenset[str]


def chapman(first: int, second: int, both: int) -> tuple[float, float, float] | None:
    """Estimate the size of a population from the sizes of two samples and of their overlap.

    Returns the estimate and its 95 % interval, or None if the overlap is below LEAST_OVERLAP.
    Raises ValueError if the overlap is larger than a sample.
    """
    if not 0 <= both <= min(first, second):
        raise ValueError(f"an overlap of {both} does not fit samples of {first} and {second}")
    if both < LEAST_OVERLAP:
        return None
    seen = first + second - both
    estimated = (first + 1) * (second + 1) / (both + 1) - 1
    only_first, only_second = first - both, second - both
    numerator = (first + 1) * (second + 1) * only_first * only_second
    variance = numerator / ((both + 1) ** 2 * (both + 2))
    unseen = estimated - seen
    if unseen <= 0 or variance <= 0:
        return estimated, float(seen), max(estimated, float(seen))
    spread = math.exp(_Z95 * math.sqrt(math.log(1 + variance / unseen**2)))
    return estimated, seen + unseen / spread, seen + unseen * spread


def estimate(sightings: Iterable[Sighting]) -> list[Completeness]:
    """Return the estimates for all agreements ("all") and for each slice, ordered by name.

    The sources are divided into two samples that see about the same number of agreements: the
    largest sources first, each is added to the smaller sample. Two samples of many sources overlap
    more, and vary less, than any two sources.
    """
    sightings = list(sightings)
    first, second = _samples(sightings)
    names = sorted({name for sighting in sightings for name in sighting.slices})
    found = [_estimated("all", sightings, first, second)]
    for name in names:
        of_slice = [one for one in sightings if name in one.slices]
        found.append(_estimated(name, of_slice, first, second))
    return found


def sightings_of(
    agreements: Iterable[Agreement],
    reports: Mapping[int, Report],
    regions: Mapping[str, Collection[str]],
) -> list[Sighting]:
    """Return the sources that reported each agreement.

    `reports` are mapped by document id, `regions` from names to party codes. The slices of an
    agreement are "region:<name>" for each region with one of its parties, and "language:<code>" for
    each language of its reports.
    """
    agreements = list(agreements)
    source_of = independent_sources(list(reports.values()))
    found = []
    for agreement in agreements:
        documents = (*agreement.document_ids, *agreement.mentions)
        # A list is no source that might have missed an agreement.
        published = (number for number in documents if number not in agreement.listed)
        own = [reports[number] for number in published if number in reports]
        languages = {f"language:{report.language}" for report in own}
        within = {
            f"region:{name}"
            for name, codes in regions.items()
            if not set(codes).isdisjoint(agreement.parties)
        }
        sources = frozenset(source_of[report.document_id] for report in _first_of_each_outlet(own))
        found.append(Sighting(agreement.id, sources, frozenset(languages | within)))
    return found


# Two outlets are taken to share a news agency if they print the same text in at least this share of
# the smaller outlet's reports, and at least twice.
_SHARED_TEXT = 0.3
_LEAST_SHARED = 2


def independent_sources(reports: Sequence[Report]) -> dict[int, str]:
    """Return the source of each document: its outlet, or one name for all outlets of an agency."""
    outlets: dict[str, set[str]] = {}
    for report in reports:
        outlets.setdefault(_outlet(report), set()).add(report.copy_group)
    group = {name: name for name in outlets}
    names = sorted(outlets)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            shared = len(outlets[one] & outlets[other])
            smaller = min(len(outlets[one]), len(outlets[other]))
            if shared >= max(_LEAST_SHARED, _SHARED_TEXT * smaller):
                old, new = group[other], group[one]
                group = {name: new if held == old else held for name, held in group.items()}
    return {report.document_id: group[_outlet(report)] for report in reports}


def _outlet(report: Report) -> str:
    return report.outlet or f"document {report.document_id}"


def _first_of_each_outlet(reports: Iterable[Report]) -> list[Report]:
    """Return one report for each text: the copy that was published first."""

    def published(report: Report) -> tuple[date, str, int]:
        published_on = report.published_on or report.seen_on
        return published_on, report.text_hash, report.document_id

    first: dict[str, Report] = {}
    for report in sorted(reports, key=published):
        first.setdefault(report.copy_group, report)
    return list(first.values())


def _samples(sightings: Sequence[Sighting]) -> tuple[frozenset[str], frozenset[str]]:
    sizes: dict[str, int] = {}
    for sighting in sightings:
        for source in sighting.sources:
            sizes[source] = sizes.get(source, 0) + 1
    sides: tuple[set[str], set[str]] = (set(), set())
    counts = [0, 0]
    for source in sorted(sizes, key=lambda name: (-sizes[name], name)):
        side = 0 if counts[0] <= counts[1] else 1
        sides[side].add(source)
        counts[side] += sizes[source]
    return frozenset(sides[0]), frozenset(sides[1])


def _estimated(
    name: str, sightings: Sequence[Sighting], first: frozenset[str], second: frozenset[str]
) -> Completeness:
    in_second = sum(not second.isdisjoint(one.sources) for one in sightings)
    by_first = [one for one in sightings if not first.isdisjoint(one.sources)]
    both = sum(not second.isdisjoint(one.sources) for one in by_first)
    found = chapman(len(by_first), in_second, both)
    if found is None:
        return Completeness(name, len(sightings), len(by_first), in_second, both)
    return Completeness(name, len(sightings), len(by_first), in_second, both, *found)
