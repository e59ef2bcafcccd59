"""Which of the sources that a site offers is the best one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from spiders.finding.clues import FEW, Clue
from spiders.kinds.offer import Offer
from storage.records import Candidate, JsonPaths, SourceKind

# A ministry may say nothing for a season; a feed that says nothing for longer is left behind.
ALIVE = timedelta(days=120)
# A feed that is alive beats a sitemap, which beats a listing; what is dead loses to all of them.
BASE = {
    SourceKind.FEED: 30.0,
    SourceKind.WORDPRESS: 25.0,
    SourceKind.SITEMAP: 20.0,
    SourceKind.JSON: 15.0,
    SourceKind.LISTING: 10.0,
}
DEAD = 29.0


@dataclass(frozen=True, slots=True)
class TriedSource:
    """A source that was looked at.

    `texts` holds what its items say, by address. `full_texts` is the share of them that are whole
    articles, `covered` the share of the home page's headlines that the source has.
    """

    kind: SourceKind
    url: str
    clue: Clue
    offer: Offer
    candidates: tuple[Candidate, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    full_texts: float = 0.0
    covered: float = 0.0
    paths: JsonPaths | None = None

    @property
    def newest_on(self) -> date | None:
        days = [one.published_on for one in self.candidates if one.published_on]
        if not self.candidates:  # an index, of whose parts none was read
            days = [when.date() for when in self.offer.changed_at.values()]
        return max(days, default=None)

    def since(self, day: date) -> list[Candidate]:
        """What it offers that is of this day or later."""
        return [one for one in self.candidates if one.published_on and one.published_on >= day]

    def is_alive(self, today: date) -> bool:
        """Whether it has something of the last months, or something without a date."""
        offered = len(self.candidates) or len(self.offer.more)
        if offered < (FEW if self.kind is SourceKind.LISTING else 1):
            return False
        newest = self.newest_on
        return newest is None or newest >= today - ALIVE

    def score(self, today: date) -> float:
        """The higher, the better."""
        points = BASE[self.kind]
        if not self.is_alive(today):
            points -= DEAD
        newest = self.newest_on
        if newest is not None:
            points += max(0.0, 1 - (today - newest).days / ALIVE.days)
        points += 4 * self.covered + self.full_texts + min(len(self.candidates), 20) / 40
        return points - self.clue.side / 6


def covered(candidates: Collection[Candidate], headlines: Collection[Candidate]) -> float:
    """The share of these headlines that are among the candidates."""
    known = {one.url for one in candidates}
    return sum(one.url in known for one in headlines) / len(headlines) if headlines else 0.0
