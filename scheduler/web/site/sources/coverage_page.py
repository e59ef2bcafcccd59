"""What was looked at and what it brought, so that silence can be told from blindness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.web.site.drawing.sparkline import DAYS
from scheduler.web.site.language import language_for
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.sources.current import sources_now
from scheduler.web.site.sources.source_views import (
    Sums,
    by_day,
    by_source,
    since_days,
    source_views,
)
from scheduler.words.labels import Labels
from scheduler.words.page import words_of
from storage.access.records import Role
from storage.coverage import Volume, languages, volumes
from storage.records import Source
from storage.sources.states import source_states

router = APIRouter(include_in_schema=False)

WEEK = 7


@router.get("/coverage")
def coverage(request: Request) -> Response:
    """The last week: all days together, or the one that the address names."""
    served, words = served_by(request), words_of(language_for(request))
    now = served.now()
    may_see = visitor_of(request).may(Role.ADMIN)
    with served.database.read() as s:
        found = volumes(s, since_days(now, DAYS))
        since = since_days(now, WEEK)
        week = [one for one in found if one.on >= since.date()]
        days = by_day(week)
        chosen = _chosen_day(request.query_params.get("day", ""), days)
        shown = [one for one in week if chosen is None or one.on == chosen]
        lines = source_views(
            sources_now(served),
            source_states(s),
            found,
            now,
            words,
            failing_polls=served.chosen.settings.monitor.failing_polls,
            may_see=may_see,
        )
        return page(
            request,
            s,
            "sources/coverage.html.j2",
            total=sum(days.values(), Sums()),
            lines=[line for line in lines if line.state != "disabled"],
            by_source=by_source(shown),
            nothing=Sums(),
            days=[(on, words.day(on), days[on]) for on in sorted(days, reverse=True)],
            chosen=chosen,
            chosen_said=words.day(chosen) if chosen else "",
            countries=_by_country(sources_now(served), week, words),
            by_language=[(words.language_name(code), *n) for code, *n in languages(s, since)],
        )


def _chosen_day(written: str, there: Iterable[date]) -> date | None:
    """The day that was asked for, if it is one of those that there are."""
    return next((on for on in there if on.isoformat() == written), None)


def _by_country(
    sources: Sequence[Source], week: Sequence[Volume], words: Labels
) -> list[tuple[str, int, Sums]]:
    """Each country of enabled sources: its name, how many sources, and what came of them."""
    sums_of = by_source(week)
    counted: dict[str, tuple[int, Sums]] = {}
    for source in sources:
        if source.enabled:
            code = (source.country or "").upper()
            number, sums = counted.get(code, (0, Sums()))
            counted[code] = (number + 1, sums + sums_of.get(source.id, Sums()))
    named = [
        (words.party(code) if code else words.say("page.coverage.no_country"), *found)
        for code, found in counted.items()
    ]
    return sorted(named, key=lambda one: (-one[2].matched, -one[2].judged, one[0]))
