"""Changes of a source in a sentence each: what is the matter, since when, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from scheduler.health.anomalies import REFUSAL, Anomaly
from scheduler.words.phrases import Phrase, Value, day, number, percent, phrase
from storage.records import Source, SourceKind

# Troubles that keep documents from us; the others make them worse.
PROBLEMS = frozenset({"silent", "empty", "churn", "old", "language"})

# Of these it is said of how many documents they hold, and of how many before.
SHARES = ("undated", "untitled", "ahead", "garbled", "cut", "churn")


def anomaly_line(source: Source, found: Anomaly) -> Phrase:
    """The sentence about a change of a source."""
    kind = REFUSAL if found.name.startswith(REFUSAL) else found.name
    what = SAID[kind](source, found)
    return phrase(
        "source_is", source=source.id, what=phrase("since", day=day(found.since), what=what)
    )


def _silent(source: Source, found: Anomaly) -> Phrase:
    newest = phrase("newest", day=_detail_day(found)) if found.detail else ""
    usual = phrase("usual", usual=round(found.before)) if found.before >= 1 else ""
    key = "silent_sitemap" if source.kind is SourceKind.SITEMAP else "silent"
    return phrase(key, newest=newest, usual=usual, address=source.url)


def _volume(source: Source, found: Anomaly) -> Phrase:
    count, usual = number(found.count), number(found.before)
    return phrase(found.name, count=count, usual=usual, address=source.url)


def _empty(source: Source, found: Anomaly) -> Phrase:
    return phrase("empty", usual=round(found.before), home=_home(source))


def _fewer(source: Source, found: Anomaly) -> Phrase:
    return phrase("fewer", count=found.count, usual=round(found.before))


def _old(source: Source, found: Anomaly) -> Phrase:
    return phrase("old", day=_detail_day(found), home=_home(source))


def _shares(source: Source, found: Anomaly) -> Phrase:
    return phrase(found.name, of=_of(found), before=_before(found), address=source.url)


def _language(source: Source, found: Anomaly) -> Phrase:
    return phrase(
        "language",
        of=_of(found),
        language=found.detail,
        before=_before(found),
        address=source.url,
    )


def _short(source: Source, found: Anomaly) -> Phrase:
    count, usual = number(found.count), number(found.before)
    return phrase("short", count=count, usual=usual, address=source.url)


def _refused(source: Source, found: Anomaly) -> Phrase:
    remedy = found.detail if found.detail in _REMEDIES else "browser"
    return phrase(
        "refused",
        of=_of(found),
        reason=found.detail,
        before=_before(found),
        remedy=phrase(f"see_{remedy}"),
        address=source.url,
    )


# Reasons for which there is something to do.
_REMEDIES = (
    *("challenge", "consent_wall", "paywall", "login", "parked", "robots"),
    "needs_scripts",
)


def _of(found: Anomaly) -> Phrase:
    """ "none of its 23 documents", "all of its 23 documents", "20 of its 23 documents"."""
    if found.count == 0:
        return phrase("none_of", of=found.of)
    if found.count == found.of:
        return phrase("all_of", of=found.of)
    return phrase("some_of", some=found.count, of=found.of)


def _before(found: Anomaly) -> Value:
    count, of = found.before, found.of_before
    if of and round(count) == of:
        return phrase("all")
    return percent(count / of) if round(count) and of else phrase("none")


def _detail_day(found: Anomaly) -> Value:
    return day(date.fromisoformat(found.detail))


def _home(source: Source) -> str:
    return "/".join(source.url.split("/")[:3])


SAID: dict[str, Callable[[Source, Anomaly], Phrase]] = {
    "silent": _silent,
    "thin": _volume,
    "flood": _volume,
    "empty": _empty,
    "fewer": _fewer,
    "old": _old,
    **dict.fromkeys(SHARES, _shares),
    "language": _language,
    "short": _short,
    REFUSAL: _refused,
}
