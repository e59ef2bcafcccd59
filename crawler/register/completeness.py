"""How many agreements did nobody here see? An estimate from the overlap of independent sources.

Capture-recapture: if two sources miss independently of each other, the share of one's agreements that the other has
too is the other's share of all. Chapman's estimator (Chapman 1951; Seber 1970 for its variance) stays finite and nearly
unbiased for small overlaps. The interval is log-normal on the number that nobody saw (Chao 1987), so that it never ends
below what was seen.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from storage.register.records import Agreement, Report

_Z95 = 1.96
# Under this overlap the interval says less than no number at all would.
LEAST_OVERLAP = 3

ASSUMPTIONS = (
    "The two samples miss agreements independently of each other: copies of one text, and outlets that share an "
    "agency's text more often than chance, are counted as one source.",
    "Every agreement has about the same chance of being seen. It has not: a treaty between large states is reported "
    "everywhere, an arrangement between agencies nowhere. So the estimate is a lower bound.",
    "Agreements are told apart and put together correctly; a report that stands alone by mistake raises the estimate.",
    "Nothing is estimated about agreements that no source could have reported, such as secret ones.",
)


@dataclass(frozen=True, slots=True)
class Completeness:
    """For one slice of the register. `estimated` and its 95 % interval are None where the overlap is too small.

    `first`, `second`: agreements in either sample; `both`: in the two; `seen`: in at least one source.
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
        """The share of all agreements that this register holds, as estimated."""
        return self.seen / self.estimated if self.estimated else None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An agreement and the independent sources that reported it, with the slices (regions, languages) it counts in."""

    agreement_id: str
    sources: frozenset[str]
    slices: frozenset[str]


def chapman(first: int, second: int, both: int) -> tuple[float, float, float] | None:
    """Estimate and 95 % interval of all there are, from the sizes of two samples and of their overlap.

    None where the overlap is under LEAST_OVERLAP. Raises ValueError where the overlap is larger than a sample.
    """
    if not 0 <= both <= min(first, second):
        raise ValueError(f"an overlap of {both} does not fit samples of {first} and {second}")
    if both < LEAST_OVERLAP:
        return None
    seen = first + second - both
    estimated = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (
        (first + 1)
        * (second + 1)
        * (first - both)
        * (second - both)
        / ((both + 1) ** 2 * (both + 2))
    )
    unseen = estimated - seen
    if unseen <= 0 or variance <= 0:
        return estimated, float(seen), max(estimated, float(seen))
    spread = math.exp(_Z95 * math.sqrt(math.log(1 + variance / unseen**2)))
    return estimated, seen + unseen / spread, seen + unseen * spread


def estimate(sightings: Iterable[Sighting]) -> list[Completeness]:
    """For all agreements ("all") and for each slice, in order of names.

    The sources are dealt into two samples, so that both see about as many agreements: one by one, the largest first, to
    the sample that has fewer. Two samples of many sources overlap more, and vary less, than any two sources.
    """
    sightings = list(sightings)
    first, second = _samples(sightings)
    names = sorted({name for sighting in sightings for name in sighting.slices})
    return [
        _estimated("all", sightings, first, second),
        *(
            _estimated(name, [one for one in sightings if name in one.slices], first, second)
            for name in names
        ),
    ]


def sightings_of(
    agreements: Iterable[Agreement],
    reports: Mapping[int, Report],
    regions: Mapping[str, Collection[str]],
) -> list[Sighting]:
    """What each agreement was reported by. `reports` by document id; `regions`: name -> party codes.

    Slices are "region:<name>" for each region with a party of it, "language:<code>" for each language of its reports.
    """
    agreements = list(agreements)
    source_of = independent_sources(list(reports.values()))
    found = []
    for agreement in agreements:
        own = [
            reports[number]
            for number in (*agreement.document_ids, *agreement.mentions)
            if number in reports
        ]
        languages = {f"language:{report.language}" for report in own}
        within = {
            f"region:{name}"
            for name, codes in regions.items()
            if not set(codes).isdisjoint(agreement.parties)
        }
        sources = frozenset(source_of[report.document_id] for report in _first_of_each_voice(own))
        found.append(Sighting(agreement.id, sources, frozenset(languages | within)))
    return found


# Outlets that print the same text in at least this share of the smaller one's reports, and at least twice, share an
# agency.
_SHARED_TEXT = 0.3
_LEAST_SHARED = 2


def independent_sources(reports: Sequence[Report]) -> dict[int, str]:
    """Document id -> source: the outlet, or one name for all outlets that share an agency's texts."""
    outlets: dict[str, set[str]] = {}
    for report in reports:
        outlets.setdefault(_outlet(report), set()).add(report.voice)
    group = {name: name for name in outlets}
    names = sorted(outlets)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            shared = len(outlets[one] & outlets[other])
            if shared >= max(
                _LEAST_SHARED, _SHARED_TEXT * min(len(outlets[one]), len(outlets[other]))
            ):
                old, new = group[other], group[one]
                group = {name: new if held == old else held for name, held in group.items()}
    return {report.document_id: group[_outlet(report)] for report in reports}


def _outlet(report: Report) -> str:
    return report.outlet or f"document {report.document_id}"


def _first_of_each_voice(reports: Iterable[Report]) -> list[Report]:
    """The copy that was published first stands for its copies."""
    first: dict[str, Report] = {}
    for report in sorted(
        reports, key=lambda one: (one.published_on or one.seen_on, one.text_hash, one.document_id)
    ):
        first.setdefault(report.voice, report)
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
    in_first = sum(not first.isdisjoint(one.sources) for one in sightings)
    in_second = sum(not second.isdisjoint(one.sources) for one in sightings)
    both = sum(
        not first.isdisjoint(one.sources) and not second.isdisjoint(one.sources)
        for one in sightings
    )
    found = chapman(in_first, in_second, both)
    if found is None:
        return Completeness(name, len(sightings), in_first, in_second, both)
    return Completeness(name, len(sightings), in_first, in_second, both, *found)
