"""`sources add`: finds the sources of a site, shows what each would have given, and adds the best
of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from crawler.yaml_faults import wording
from scheduler.cli.context import configuration, configured_rules
from scheduler.cli.output import counted, print_table, say
from storage.errors import AccordwatchError, ConfigurationError, FetchError
from storage.languages import UNKNOWN_LANGUAGE
from storage.records import Candidate, Document, SourceKind

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from spiders.catalog.sources import SourceSettings
    from spiders.finding.finder import SiteSources
    from spiders.finding.ranking import TriedSource

LATELY = timedelta(days=7)
UNDATED = 20  # items of a source without dates that are judged, as if they were of these days
MOST_SHOWN = 5

Kind = Literal["feed", "sitemap", "listing", "page", "wordpress", "json", "imap"]


@dataclass(frozen=True, slots=True)
class _Sight:
    """A source, what it had in the last days, and what of that would have alerted."""

    tried: TriedSource
    lately: Sequence[Candidate]
    alerts: Sequence[Candidate]


def add(
    url: Annotated[str, Parameter(help="Address of a site, or of a source itself.")],
    /,
    *,
    kind: Annotated[
        Kind | None,
        Parameter(help="What the address is; it is then added as it is, without any request."),
    ] = None,
    id: Annotated[str | None, Parameter(help="Its short name; else made from the address.")] = None,
    language: Annotated[str | None, Parameter(help="Its main language, two letters.")] = None,
    every: Annotated[
        str | None, Parameter(help="How often it is looked at: 30m, 1h, 1d, auto.")
    ] = None,
    cron: Annotated[str | None, Parameter(help="Or when: minute hour day month weekday.")] = None,
    timezone: Annotated[
        str | None, Parameter(help="Time zone of --cron, like Europe/Madrid.")
    ] = None,
    jitter: Annotated[
        str | None, Parameter(help="How much later it may be, by chance: 10m.")
    ] = None,
    javascript: Annotated[
        bool, Parameter(negative="", help="Scripts build its pages: a browser opens them.")
    ] = False,
    username: Annotated[str | None, Parameter(help="imap: who opens the mailbox.")] = None,
    password_env: Annotated[
        str | None, Parameter(help="imap: the environment variable that holds the password.")
    ] = None,
    dry_run: Annotated[
        bool, Parameter(negative="", help="Print what would be added, and add nothing.")
    ] = False,
) -> None:
    """Find the best source of a site and add it to the configuration, whose comments and order
    stay.

    Takes at most six requests, robots.txt included. With --kind none is sent.
    """
    options = {"every": every, "cron": cron, "timezone": timezone, "jitter": jitter}
    login = {"username": username, "password": {"env": password_env} if password_env else None}
    known = {"id": id, "url": url, "language": language, "kind": kind, "javascript": javascript}
    _add(known | options | login, dry_run=dry_run)


def _add(written: dict[str, Any], *, dry_run: bool) -> None:
    """Add a source as it was written, completed by what its site shows where no kind was given."""
    from scheduler.configuration.edit import add_sources, as_yaml

    chosen, url = configuration(), written["url"]
    source = _checked(written | {"kind": written["kind"] or "feed"}, url, chosen)
    if written["kind"] is None:
        guessed = _guessed(url, chosen)
        spoken = written["language"] or guessed["language"]
        source = _checked(written | guessed | {"language": spoken}, url, chosen)
    if dry_run:
        sys.stdout.write("\n".join(as_yaml(source)) + "\n")
        say("nothing was added; to add it: the same without --dry-run")
        return
    add_sources(chosen.path, [source])
    say(f"added as {source.id}; look at it once with: accordwatch sources check {source.id}")


def _guessed(url: str, chosen: Configuration) -> dict[str, Any]:
    """The settings of the best source of a site. Raises AccordwatchError if there is nothing to
    add.
    """
    _refuse_known(url, chosen)
    found = _look(url, chosen)
    best = found.sources[0]
    _refuse_known(best.url, chosen)
    paths = {} if best.paths is None else {"paths": asdict(best.paths)}
    known = {"name": found.name, "language": _known_language(found)}
    return {"kind": str(best.kind), "url": best.url} | known | paths


def _checked(written: dict[str, Any], url: str, chosen: Configuration) -> SourceSettings:
    """The source, if it is one. Raises ConfigurationError with what is wrong with the options."""
    from pydantic import ValidationError

    from spiders.catalog.ids import free_id
    from spiders.catalog.sources import SourceSettings

    taken = {source.id for source in chosen.sources}
    try:
        return SourceSettings.model_validate(
            written | {"id": written["id"] or free_id(written["url"], taken)}
        )
    except ValidationError as error:
        raise ConfigurationError(*(_fault(url, dict(fault)) for fault in error.errors())) from error


def _refuse_known(url: str, chosen: Configuration) -> None:
    from storage.addresses.keys import key_of

    for source in chosen.sources:
        if key_of(source.url) == key_of(url):
            raise ConfigurationError(f"{url}: is the address of {source.id}, too; nothing to add")


def _known_language(found: SiteSources) -> str | None:
    from spiders.kinds.offer import known_language

    return known_language(found.language)


# --- looking ------------------------------------------------------------------------------------


def _look(url: str, chosen: Configuration) -> SiteSources:
    """What the site offers, shown as a table. Raises AccordwatchError if that is nothing."""
    from crawler.fetch.session import FetchSession
    from spiders.finding.finder import find

    today = datetime.now(UTC).date()
    with FetchSession(chosen.settings.crawl) as session:
        try:
            found = find(url, session, today)
        except FetchError as error:
            advice = "nothing was added; to add it unseen, say what it is with --kind"
            raise FetchError(f"{error}; {advice}") from error
    if not found.sources:
        raise AccordwatchError(f"{url}: {_nothing(found)}")
    sights = list(_sights(found, today, chosen))
    _show(sights, found, today)
    return found


def _nothing(found: SiteSources) -> str:
    from spiders.kinds.listing import SCRIPTED

    if found.given is not SourceKind.LISTING:
        what = found.first.problem or "it is whole, and has no items yet"
        if found.dead:
            what = _why_dead(found.dead[0])
        return f"read as {found.given}, {what}; to add it all the same: --kind {found.given}"
    requests = counted(found.asked, "request")
    if found.empty:
        one = found.empty[0]
        add = f"to add it all the same: accordwatch sources add {one.url} --kind {one.kind}"
        return f"its {one.kind} {one.url} has no items yet ({requests}); {add}"
    looked = f"no feed, sitemap or list of links in {requests}"
    if found.dead:
        one = found.dead[0]
        poor = f"{looked}, but a {one.kind}: {one.url}, {_why_dead(one)}"
        return (
            f"{poor}; to add it all the same: accordwatch sources add {one.url} --kind {one.kind}"
        )
    if SCRIPTED in (found.first.problem or ""):
        advice = "open it in a browser with --kind listing --javascript"
        return f"{looked}; scripts may build its list: {advice}"
    return f"{looked}; name its page of news, or add that with --kind listing"


def _why_dead(one: TriedSource) -> str:
    return f"its newest is of {one.newest_on}" if one.newest_on else "it has too few links"


def _sights(found: SiteSources, today: date, chosen: Configuration) -> Iterator[_Sight]:
    from crawler.judgement.judge import judge

    rules = configured_rules(chosen)
    relevant: dict[str, bool] = {}
    for tried in found.sources[:MOST_SHOWN]:
        undated = [one for one in tried.candidates if one.published_on is None][:UNDATED]
        lately = tried.since(today - LATELY)
        for one in [*lately, *undated]:
            if one.url not in relevant:
                text = tried.texts.get(one.url, "")
                language = one.language or _known_language(found) or UNKNOWN_LANGUAGE
                document = Document(one.title or "", text, language, one.published_on, one.url)
                relevant[one.url] = judge(document, rules).relevant
        alerts = [one for one in [*lately, *undated] if relevant[one.url]]
        yield _Sight(tried, lately, alerts)


def _show(sights: Sequence[_Sight], found: SiteSources, today: date) -> None:
    columns = ("", "kind", "newest", "offers", "last 7 days", "would alert", "texts", "address")
    print_table("", columns, [_row(sight, best=number == 0) for number, sight in enumerate(sights)])
    for one in found.dead:
        say(f"left out: {one.kind} {one.url}, {_why_dead(one)}")
    for one in found.empty:
        say(f"left out: {one.kind} {one.url}, it has no items yet")
    for alert in sights[0].alerts[:MOST_SHOWN]:
        say(f"would have alerted: {alert.title}")
    if sights[0].alerts:
        say("judged by headline and summary; the whole text decides later")
    say(f"looked with {counted(found.asked, 'request')}")


def _row(sight: _Sight, *, best: bool) -> tuple[str, ...]:
    tried = sight.tried
    dated = any(one.published_on for one in tried.candidates)
    return (
        "*" if best else "",
        str(tried.kind),
        tried.newest_on.isoformat() if tried.newest_on else "no dates",
        str(len(tried.candidates) or counted(len(tried.offer.more), "part")),
        str(len(sight.lately)) if dated else "",
        str(len(sight.alerts)),
        f"{tried.full_texts:.0%} whole" if tried.kind is SourceKind.FEED else "",
        tried.url,
    )


# --- names --------------------------------------------------------------------------------------


def _fault(url: str, fault: Mapping[str, Any]) -> str:
    """A fault, with the option to which it belongs as it was typed; the address has no option."""
    path = fault["loc"]
    name = "password-env" if path[0] == "password" else str(path[0]).replace("_", "-")
    option = "" if name == "url" else f"--{name}: "
    # An option is no key of a file.
    said = wording(path, fault).removesuffix("; add this key")
    return f"{url}: {option}{said}"
