"""An admin adds a source: its address is looked at, and what it offers is added or not; and a
configured one is tried, or removed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Lock
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from pydantic import BaseModel
from starlette.responses import Response

from crawler.judgement.judge import Rules
from crawler.pool import WorkerPool
from scheduler.configuration.edit import (
    add_sources,
    as_yaml,
    checked_source,
    is_of_a_pack,
    refuse_known,
    remove_source,
)
from scheduler.views.words.lines import clean
from scheduler.views.words.phrases import reason_in_words, unread_in_words
from scheduler.web.site.addresses import NotHere
from scheduler.web.site.context import Context, InContext, Line, Text, Word
from scheduler.web.site.gate import ADMIN
from scheduler.web.site.installation import can_write, sources_now
from scheduler.web.site.pages.rules_page import LoadedRules
from scheduler.web.site.pages.sources_page import LONGEST_REASON, known_source
from spiders.checks.source_tries import SourceTry, try_sources
from spiders.finding.finder import (
    SiteSources,
    TriedSource,
    find_at,
    nothing_in,
    preview_sources,
    settings_of,
)
from spiders.finding.site_clues import DECLARED, Clue
from spiders.kinds.offer import Offer
from storage.errors import AccordwatchError, ConfigurationError
from storage.filter import Filter
from storage.languages import LANGUAGES
from storage.lists.queries import count_agreements
from storage.phrases import Phrase
from storage.search.counts import count_documents
from storage.source import Source
from storage.sources.states import add_source_decision, save_check
from storage.sources.tables import Deed, SourceDecision

router = APIRouter(include_in_schema=False)

ADD, KEEP = "/sources/add", "/sources/add/keep"
TRY, REMOVE = "/sources/try", "/sources/remove"  # what the tokens of their forms are made for
RHYTHMS = ("auto", "30m", "1h", "6h", "1d")
_LONGEST = 2_000
_EXAMPLE = "https://www.example.org"
# Of processor time; a worker that waits is ended after five times as long. A look is six requests.
_LIMIT_S = 24.0
# A reader waits for a try: it ends so long after its process has started, whatever the settings.
_PATIENCE_S, _START_S = 30.0, 10.0
_OFFERED = ("kind", "url", "name", "language", "paths")  # what of an offer goes into the file
_looking = Lock()  # one site at a time: each look is a process that reads what strangers wrote


@router.get(ADD, dependencies=[ADMIN])
def form(context: InContext, url: str = "") -> Response:
    return _page(context, url[:_LONGEST])


@router.post(ADD, dependencies=[ADMIN])
def attempt(context: InContext, url: Line = "", token: Word = "") -> Response:
    """Look at the address, and show what it offers."""
    context.check_decider(ADD, token)
    wanted = clean(url).strip()
    if wanted and "://" not in wanted:
        wanted = f"https://{wanted}"
    try:
        checked_source({"url": wanted, "kind": "feed"}, ())
        is_address = not any(map(str.isspace, wanted))
    except ConfigurationError:
        is_address = False
    if not is_address:
        return _page(
            context,
            url,
            Phrase("This is no web address: write one like {example}.", example=_EXAMPLE),
        )
    try:
        refuse_known(wanted, sources_now(context.served))
    except ConfigurationError:
        return _page(context, url, Phrase("A source has this address already."))
    if not _looking.acquire(blocking=False):
        form = "Another address is being checked. Try again in a minute."
        return _page(context, url, Phrase(form))
    try:
        site_sources = look(context, wanted)
    except AccordwatchError as error:
        reason = unread_in_words(error, context.words.language)
        return _page(context, url, Phrase("Nothing could be fetched from there."), line=reason)
    finally:
        _looking.release()
    loaded: LoadedRules = context.request.app.state.rules
    return _page(context, wanted, **_offers(context, site_sources, loaded.at(context.now())))


def look(context: Context, url: str) -> SiteSources:
    """The sources of the site. Raises AccordwatchError if nothing comes, or it takes too long."""
    settings, today = context.chosen.settings.crawl, context.now().date()
    with WorkerPool(None, workers=1, time_limit_s=_LIMIT_S) as pool:
        found: SiteSources = pool.submit(find_at, url, settings, today).result()
    return found


class KeptSource(BaseModel):
    """The source that was chosen, and what the form says of it."""

    choice: Text = ""
    url: Line = ""
    name: Line = ""
    language: Word = ""
    every: Word = "auto"
    official: Word = ""
    token: Word = ""

    @property
    def settings(self) -> dict[str, Any]:
        """Its settings, as the file has them. Raises NotHere."""
        every = self.every if self.every in RHYTHMS[1:] else None
        filled = {"name": clean(self.name).strip(), "language": self.language or None}
        return _offer_of(self.choice) | filled | {"official": bool(self.official), "every": every}


@router.post(KEEP, dependencies=[ADMIN])
def keep(context: InContext, form: Annotated[KeptSource, Form()]) -> Response:
    """Write the chosen source into the configuration, and who did it into the database."""
    who, there = context.check_decider(KEEP, form.token), sources_now(context.served)
    source = None
    try:
        source = checked_source(form.settings, there)
        refuse_known(source.url, there)
        with context.begin() as s:
            done = SourceDecision(source.id, Deed.ADDED, who, clean(form.url), context.now())
            add_source_decision(s, done)
            add_sources(context.chosen.path, [source])
    except ConfigurationError as error:
        lines = "\n".join(as_yaml(source)) if source else ""
        fault = Phrase("Nothing was changed.")
        return _page(context, form.url, fault, line=str(error), lines=lines)
    return context.see(f"/sources?{urlencode({'added': source.id})}")


# --- a source that is there -----------------------------------------------------------------------


@router.get("/sources/{source}", dependencies=[ADMIN])
def one_source(context: InContext, source: str) -> Response:
    """What can be done with a source: try it, pause it, remove it."""
    return _source_page(context, known_source(context, source))


@router.post("/sources/{source}/try", dependencies=[ADMIN])
def attempt_source(context: InContext, source: str, token: Word = "") -> Response:
    """Ask a source once, and show what it offers, as `sources check` does."""
    context.check_decider(TRY, token)
    wanted = known_source(context, source)
    if not _looking.acquire(blocking=False):
        return _source_page(
            context, wanted, Phrase("Another address is being checked. Try again in a minute.")
        )
    try:
        crawl = context.chosen.settings.crawl
        patience_s = min(crawl.timeout_s, _PATIENCE_S) + _START_S
        (tried,) = try_sources([wanted], crawl, patience_s, texts=True)
    finally:
        _looking.release()
    with context.begin() as s:
        save_check(s, tried.check)
    return _source_page(context, wanted, tried=tried)


@router.post("/sources/{source}/remove", dependencies=[ADMIN])
def remove(context: InContext, source: str, why: Line = "", token: Word = "") -> Response:
    """Take a source out of the configuration, and show the lines that add it again."""
    who = context.check_decider(REMOVE, token)
    wanted = known_source(context, source)
    try:
        with context.begin() as s:  # a file that cannot be changed takes the decision back
            reason = clean(why)[:LONGEST_REASON]
            done = SourceDecision(wanted.id, Deed.REMOVED, who, reason, context.now())
            add_source_decision(s, done)
            lines = remove_source(context.chosen.path, wanted.id)
    except ConfigurationError as error:
        return _source_page(context, wanted, Phrase("Nothing was changed."), line=str(error))
    return _source_page(context, wanted, lines="\n".join(lines))


def _source_page(
    context: Context,
    source: Source,
    fault: Phrase | None = None,
    *,
    tried: SourceTry | None = None,
    line: str = "",
    lines: str = "",
) -> Response:
    """The page of a source; `lines` are those of one that was just removed."""
    visitor = context.visitor
    of_source = Filter(sources=(source.id,))
    may_write = visitor.name is not None and can_write(context.served)
    with context.read() as s:
        return context.page(
            s,
            "sources/source.html.j2",
            source=source,
            name=source.name or source.id,
            fault=fault,
            line=line,
            lines=lines,
            tried=_tried(context, source, tried) if tried else None,
            stored=count_documents(s, of_source, everything=True),
            registered=count_agreements(s, of_source),
            is_of_a_pack=not lines and is_of_a_pack(context.chosen.path, source.id),
            longest=LONGEST_REASON,
            may_write=may_write,
        )


def _tried(context: Context, source: Source, tried: SourceTry) -> dict[str, Any]:
    """What a try has found, with what of it would alert."""
    loaded: LoadedRules = context.request.app.state.rules
    now = context.now()
    clue = Clue(source.url, DECLARED, "given")
    offer = TriedSource(source.kind, source.url, clue, Offer(), tried.candidates, tried.texts)
    spoken = source.language or tried.check.language or ""
    found = SiteSources(sources=(offer,), language=spoken)
    (preview,) = preview_sources(found, now.date(), loaded.at(now))
    problem = reason_in_words(tried.check.problem or "", context.words.language)
    return {"check": tried.check, "problem": problem, "preview": preview}


def _offer_of(written: str) -> dict[str, Any]:
    """The settings of the source that was chosen, as the form carried them. Raises NotHere."""
    try:
        settings = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise NotHere from error
    if not isinstance(settings, dict) or not isinstance(settings.get("url"), str):
        raise NotHere
    return {name: settings[name] for name in _OFFERED if name in settings}


def _page(context: Context, url: str = "", fault: Phrase | None = None, **shown: Any) -> Response:
    with context.read() as s:
        return context.page(
            s,
            "sources/add.html.j2",
            url=url,
            fault=fault,
            is_writable=can_write(context.served),
            rhythms=RHYTHMS,
            languages_known=LANGUAGES,
            **({"line": "", "lines": "", "offered": None} | shown),
        )


def _offers(context: Context, site_sources: SiteSources, rules: Rules) -> dict[str, Any]:
    """The sources that are alive, the best first, else those that are not; without any, why."""
    today = context.now().date()
    there = site_sources.sources or site_sources.dead or site_sources.empty
    if not there:
        return {"offered": [], "nothing": nothing_in(site_sources)}
    is_alive, site_sources = bool(site_sources.sources), replace(site_sources, sources=there)
    previews = list(preview_sources(site_sources, today, rules))
    settings = [settings_of(site_sources, preview.tried) for preview in previews]
    choices = [json.dumps(setting, ensure_ascii=False) for setting in settings]
    offered = list(zip(previews, choices, strict=True))
    return {"offered": offered, "is_alive": is_alive, "first": settings[0]}
