"""A digest as the JSON object that webhooks receive; `docs/webhook.schema.json` describes it."""

from __future__ import annotations

from datetime import date
from typing import Any

from scheduler.digest.build import Digest, Item, Link
from scheduler.digest.labels import labels_of
from scheduler.digest.lines import web_address
from scheduler.digest.render import headline, summary

TYPE = "digest"


def payload(digest: Digest) -> dict[str, Any]:
    """Names as in the contract: codes, ISO dates, null for what is unknown."""
    labels = labels_of(digest.subscription.language)
    watched = digest.watched
    return {
        "type": TYPE,
        "timestamp": digest.made_at.isoformat(),
        "data": {
            "subscription": digest.subscription.id,
            "language": digest.subscription.language,
            "summary": summary(digest, labels),
            "items": [_item(item, headline(item, labels)) for item in digest.items],
            "more": digest.more,
            "notices": list(digest.notices),
            "sources_alive": watched.alive if watched else None,
            "sources_watched": watched.sources if watched else None,
        },
    }


def _item(item: Item, said: str) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "agreement_id": item.agreement_id,
        "headline": said,
        "title": item.title,
        "parties": list(item.parties),
        "instrument": item.instrument,
        "topics": list(item.topics),
        "status": item.status,
        "status_before": item.before,
        "place": item.place,
        "event_date": _iso(item.event_date),
        "quote": {"text": item.quote, "language": item.quote_language, "outlet": item.quote_outlet},
        "reports": [_report(report) for report in item.reports],
    }


def _report(link: Link) -> dict[str, Any]:
    return {
        "document_id": link.document_id,
        "title": link.title,
        "url": web_address(link.url),
        "outlet": link.outlet,
        "language": link.language,
        "published": _iso(link.published_on),
        "is_new": link.is_new,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
