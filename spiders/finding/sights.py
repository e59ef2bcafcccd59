"""What was seen of a site's sources: what each offered lately, and what of that would alert."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from crawler.judgement.judge import Rules, judge
from spiders.kinds.listing import SCRIPTED
from spiders.kinds.offer import known_language
from storage.languages import UNKNOWN_LANGUAGE
from storage.records import Candidate, Document, SourceKind

if TYPE_CHECKING:
    from spiders.finding.finder import SiteSources, TriedSource

LATELY = timedelta(days=7)
UNDATED = 20  # items of a source without dates that are judged, as if they were of these days
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sight:
    """A source, what it had in the last days, and what of that would have alerted."""

    tried: TriedSource
    lately: Sequence[Candidate]
    alerts: Sequence[Candidate]

    @property
    def is_dated(self) -> bool:
        return any(one.published_on for one in self.tried.candidates)


def sights_of(found: SiteSources, today: date, rules: Rules) -> Iterator[Sight]:
    """The best sources of a site, judged by headline and summary."""
    relevant: dict[str, bool] = {}
    for tried in found.sources[:MOST_SHOWN]:
        undated = [one for one in tried.candidates if one.published_on is None][:UNDATED]
        lately = tried.since(today - LATELY)
        for one in [*lately, *undated]:
            if one.url not in relevant:
                text = tried.texts.get(one.url, "")
                language = one.language or known_language(found.language) or UNKNOWN_LANGUAGE
                document = Document(one.title or "", text, language, one.published_on, one.url)
                relevant[one.url] = judge(document, rules).relevant
        alerts = [one for one in [*lately, *undated] if relevant[one.url]]
        yield Sight(tried, lately, alerts)


def settings_of(found: SiteSources, chosen: TriedSource) -> dict[str, Any]:
    """What the entry of one of its sources says beside its id."""
    paths = {} if chosen.paths is None else {"paths": asdict(chosen.paths)}
    known = {"name": found.name, "language": known_language(found.language)}
    return {"kind": str(chosen.kind), "url": chosen.url} | known | paths


def nothing_in(found: SiteSources) -> str:
    """Why a site has no source that could be added, as a line with what to do instead."""
    if found.given is not SourceKind.LISTING:
        what = found.first.problem or "it is whole, and has no items yet"
        if found.dead:
            what = why_dead(found.dead[0])
        return f"read as {found.given}, {what}; to add it all the same: --kind {found.given}"
    requests = f"{found.asked} request{'' if found.asked == 1 else 's'}"
    if found.empty:
        one = found.empty[0]
        add = f"to add it all the same: accordwatch sources add {one.url} --kind {one.kind}"
        return f"its {one.kind} {one.url} has no items yet ({requests}); {add}"
    looked = f"no feed, sitemap or list of links in {requests}"
    if found.dead:
        one = found.dead[0]
        poor = f"{looked}, but a {one.kind}: {one.url}, {why_dead(one)}"
        return (
            f"{poor}; to add it all the same: accordwatch sources add {one.url} --kind {one.kind}"
        )
    if SCRIPTED in (found.first.problem or ""):
        advice = "open it in a browser with --kind listing --javascript"
        return f"{looked}; scripts may build its list: {advice}"
    return f"{looked}; name its page of news, or add that with --kind listing"


def why_dead(one: TriedSource) -> str:
    return f"its newest is of {one.newest_on}" if one.newest_on else "it has too few links"
