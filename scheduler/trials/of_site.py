"""What a site offers, for a person who wonders whether to add it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crawler.judgement.judge import load_rules
from scheduler.configuration.added import refuse_known
from scheduler.configuration.config import Configuration
from spiders.fetch.session import FetchSession
from spiders.finding.finder import find
from spiders.finding.sights import Sight, nothing_in, settings_of, sights_of
from storage.records import Candidate

_TITLES = 8


def site_tried(chosen: Configuration, asked: dict[str, Any]) -> dict[str, Any]:
    """The sources of the site at `asked["url"]`, the best first, each with `settings` for the
    configuration and the first of its titles; without any that is alive, those that are not.
    Raises AccordwatchError where nothing comes.
    """
    url, today = asked["url"], datetime.now(UTC).date()
    refuse_known(url, chosen.sources)
    with FetchSession(chosen.settings.crawl) as session:
        found = find(url, session, today)
    offered = found.sources or found.dead or found.empty
    if not offered:
        return {"sources": [], "nothing": nothing_in(found), "asked": found.asked}
    is_alive = bool(found.sources)
    found = replace(found, sources=offered)
    rules = load_rules(chosen.settings.rules.packs, chosen.rule_files)
    sights = sights_of(found, today, rules)
    rows = [_row(sight) | {"settings": settings_of(found, sight.tried)} for sight in sights]
    return {"sources": rows, "asked": found.asked, "is_alive": is_alive}


def _row(sight: Sight) -> dict[str, Any]:
    tried = sight.tried
    newest = tried.newest_on
    return {
        "newest_on": newest.isoformat() if newest else None,
        "offers": len(tried.candidates),
        "lately": len(sight.lately) if sight.is_dated else None,
        "alerts": len(sight.alerts),
        "titles": _titles(sight, {one.url for one in sight.alerts}),
    }


def _titles(sight: Sight, alerts: set[str]) -> Sequence[dict[str, Any]]:
    """The first titles, those that would alert before the others."""

    def row(one: Candidate) -> dict[str, Any]:
        on = one.published_on.isoformat() if one.published_on else None
        return {"title": one.title or one.url, "on": on, "alerts": one.url in alerts}

    in_order = sorted(sight.tried.candidates, key=lambda one: one.url not in alerts)
    return [row(one) for one in in_order[:_TITLES]]
