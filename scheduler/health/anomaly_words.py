"""Changes of a source in a sentence each: what is the matter, since when, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from scheduler.health.anomalies import REFUSAL, Anomaly
from storage.records import Source, SourceKind

# Troubles that keep documents from us; the others make them worse.
PROBLEMS = frozenset({"silent", "empty", "churn", "old", "language"})


def anomaly_line(source: Source, found: Anomaly) -> str:
    """The sentence about a change of a source."""
    kind = REFUSAL if found.name.startswith(REFUSAL) else found.name
    return f"the source {source.id}: since {_day(found.since)} {_SAID[kind](source, found)}"


def _day(on: date) -> str:
    return f"{on.day} {on:%B}"


def _silent(source: Source, found: Anomaly) -> str:
    said = "it has had nothing new"
    if source.kind is SourceKind.SITEMAP:
        said = "its sitemap has named nothing new"
    if found.detail:
        newest = datetime.fromisoformat(found.detail).date()
        said += f", though it answers; its newest document is of {_day(newest)}"
    if found.before >= 1:
        said += f" (usual: {found.before:.0f} meanwhile)"
    return f"{said}; look whether it goes on elsewhere: {source.url}"


def _volume(source: Source, found: Anomaly) -> str:
    only = "only " if found.name == "thin" else ""
    said = f"{only}{found.count:,} new documents came (usual: {found.before:,.0f})"
    remedy = (
        "look whether parts of it moved to another feed"
        if found.name == "thin"
        else "look whether it offers archives or every link of a page"
    )
    return f"{said}; {remedy}: {source.url}"


def _empty(source: Source, found: Anomaly) -> str:
    return (
        f"it answers, but offers nothing any more (usual: {found.before:.0f} documents); its page "
        f"was rebuilt or has moved: accordwatch sources add {_home(source)}"
    )


def _fewer(source: Source, found: Anomaly) -> str:
    return (
        f"it offers {found.count} documents at a time (never less than {found.before:.0f} before); "
        "look at it more often (`every`), or add a second source of the site"
    )


def _old(source: Source, found: Anomaly) -> str:
    newest = datetime.fromisoformat(found.detail).date()
    return (
        f"all that it offers is old: its newest document is of {_day(newest)}; "
        f"find what took its place: accordwatch sources add {_home(source)}"
    )


def _these(what: str, remedy: str) -> Callable[[Source, Anomaly], str]:
    def said(source: Source, found: Anomaly) -> str:
        before = _share(found.before, found.of_before)
        return f"{_of(found)} {what} (before: {before}); {remedy}: {source.url}"

    return said


def _language(source: Source, found: Anomaly) -> str:
    before = _share(found.before, found.of_before)
    return (
        f"{_of(found)} is in {found.detail!r} (before: {before}); the address may lead to another "
        f"edition now, or `language` is to be changed: {source.url}"
    )


def _short(source: Source, found: Anomaly) -> str:
    return (
        f"its texts have {found.count:,} characters in the middle (before: {found.before:,.0f}); "
        f"articles may be cut or behind a wall: {source.url}"
    )


def _refused(source: Source, found: Anomaly) -> str:
    before = _share(found.before, found.of_before)
    remedy = _REMEDIES.get(found.detail, "see what its pages show in a browser")
    return (
        f"{_of(found)} could not be stored: {found.detail} (before: {before}); {remedy}: "
        f"{source.url}"
    )


_REMEDIES = {
    "challenge": "its server wants to see a browser; ask its owners to let us in",
    "consent_wall": "its pages ask for consent to cookies; a feed with full texts may help",
    "paywall": "only subscribers read it; replace it by another source",
    "login": "it asks for a password now; replace it by another source",
    "parked": "its domain is for sale; find the new address",
    "robots": "its robots.txt forbids its articles now; ask its owners",
    "needs_scripts": "its pages need a browser's scripts; a feed with full texts may help",
}


def _of(found: Anomaly) -> str:
    """ "none of its 23 documents", "all of its 23 documents", "20 of its 23 documents"."""
    if found.count == 0:
        return f"none of its {found.of} documents"
    return f"{'all' if found.count == found.of else found.count} of its {found.of} documents"


def _share(count: float, of: int) -> str:
    if of and round(count) == of:
        return "all"
    return f"{count / of:.0%}" if round(count) and of else "none"


def _home(source: Source) -> str:
    return "/".join(source.url.split("/")[:3])


_SAID: dict[str, Callable[[Source, Anomaly], str]] = {
    "silent": _silent,
    "thin": _volume,
    "flood": _volume,
    "empty": _empty,
    "fewer": _fewer,
    "old": _old,
    "undated": _these("has a date", "late news may look fresh; see whether its pages have one"),
    "untitled": _these("has a title", "its pages were rebuilt"),
    "ahead": _these("are dated in the future", "its clock or its way to write days changed"),
    "garbled": _these("have broken letters", "it names a wrong character set"),
    "cut": _these("are only a part of their article", "it may show the rest to subscribers only"),
    "churn": _these(
        "were known under another address", "it gives its articles new addresses at each look"
    ),
    "language": _language,
    "short": _short,
    REFUSAL: _refused,
}
