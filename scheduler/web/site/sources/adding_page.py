"""An admin adds a source: a trial looks at the address, and what it found is kept or left."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from scheduler.configuration.added import checked_source, refuse_known
from scheduler.configuration.edit import add_sources, as_yaml
from scheduler.web.site.editing.acting import check_token
from scheduler.web.site.language import language_for
from scheduler.web.site.numbers import row_number
from scheduler.web.site.problems import NotHere
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.sources.current import can_write, sources_now
from scheduler.web.site.sources.trials import begun, told_to_script, trial_here
from scheduler.words.labels import Labels
from scheduler.words.lines import clean
from scheduler.words.page import PageSentence, words_of
from spiders.catalog.sources import SourceSettings
from storage.errors import ConfigurationError
from storage.languages import LANGUAGES
from storage.sources.source_decisions import Deed, SourceDecision, add_source_decision
from storage.trials import Trial, TrialKind

router = APIRouter(include_in_schema=False)

ADD = "/sources/add"
RHYTHMS = ("auto", "30m", "1h", "6h", "1d")
_LONGEST = 2_000
_EXAMPLE = "https://www.example.org"


@router.get(ADD)
def form(request: Request) -> Response:
    """Ask for the address."""
    return _asked(request)


@router.post(ADD)
def attempt(
    request: Request,
    url: str = Form("", max_length=_LONGEST),
    token: str = Form("", max_length=64),
) -> Response:
    """Begin to look at the address, in a process of its own."""
    who = check_token(request, ADD, token)
    wanted = clean(url).strip()
    if wanted and "://" not in wanted:
        wanted = f"https://{wanted}"
    known = sources_now(served_by(request))
    if not _is_web_address(wanted):
        return _asked(request, url, PageSentence("trials.no_address", {"example": _EXAMPLE}))
    try:
        refuse_known(wanted, known)
    except ConfigurationError:
        return _asked(request, url, PageSentence("trials.known"))
    to_trial = begun(request, ADD, TrialKind.SITE, {"url": wanted}, who)
    return to_trial or _asked(request, url, PageSentence("trials.busy"))


@router.get(f"{ADD}/{{trial}}")
def tried(request: Request, trial: str) -> Response:
    """What the trial found so far."""
    found = trial_here(request, row_number(trial), TrialKind.SITE)
    return told_to_script(request, found) or _shown(request, found)


@router.post(f"{ADD}/{{trial}}")
def keep(
    request: Request,
    trial: str,
    choice: str = Form("0", max_length=3),
    name: str = Form("", max_length=200),
    language: str = Form("", max_length=2),
    every: str = Form("auto", max_length=10),
    official: str = Form("", max_length=3),
    token: str = Form("", max_length=64),
) -> Response:
    """Write the chosen source into the configuration, and who did it into the database."""
    who = check_token(request, f"{ADD}/keep", token)
    found = trial_here(request, row_number(trial), TrialKind.SITE)
    offered, number = (found.found or {}).get("sources", []), row_number(choice)
    if number is None or number >= len(offered):
        raise NotHere
    filled = {"name": clean(name).strip(), "language": language or None, "official": bool(official)}
    filled |= {"every": every if every in RHYTHMS[1:] else None}
    served, source = served_by(request), None
    try:
        source = checked_source(offered[number]["settings"] | filled, sources_now(served))
        refuse_known(source.url, sources_now(served))
        with served.database.begin() as s:
            done = SourceDecision(source.id, Deed.ADDED, who, found.asked["url"], served.now())
            add_source_decision(s, done)
            add_sources(served.chosen.path, [source])
    except ConfigurationError as error:
        return _shown(request, found, filled | {"choice": number}, str(error), source)
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/sources?{urlencode({'added': source.id})}", 303)


def _is_web_address(written: str) -> bool:
    try:
        checked_source({"url": written, "kind": "feed"}, ())
    except ConfigurationError:
        return False
    return not any(map(str.isspace, written))


def _asked(request: Request, url: str = "", fault: PageSentence | None = None) -> Response:
    visitor, served = visitor_of(request), served_by(request)
    with served.database.read() as s:
        return page(
            request,
            s,
            "sources/add.html.j2",
            422 if fault else 200,
            trial=None,
            url=url,
            fault=fault.in_words(language_for(request)) if fault else "",
            is_writable=can_write(served),
            token=visitor.form_token(ADD) if visitor.name is not None else "",
        )


def _shown(
    request: Request,
    found: Trial,
    filled: dict[str, Any] | None = None,
    fault: str = "",
    source: SourceSettings | None = None,
) -> Response:
    visitor, served = visitor_of(request), served_by(request)
    words, what = words_of(language_for(request)), found.found or {}
    best = what["sources"][0]["settings"] if what.get("sources") else {}
    first = {"choice": 0, "name": best.get("name", ""), "language": best.get("language")}
    with served.database.read() as s:
        return page(
            request,
            s,
            "sources/add.html.j2",
            422 if fault else 200,
            trial=found,
            is_at_work=found.is_at_work(served.now()),
            is_lost=found.is_lost(served.now()),
            url=found.asked["url"],
            found={"fault": "", "is_alive": True, **what},
            offered=[_offer(one, words) for one in what.get("sources", ())],
            filled=first | {"every": None, "official": False} | (filled or {}),
            fault=fault,
            lines="\n".join(as_yaml(source)) if source else "",
            rhythms=RHYTHMS,
            languages_known=[(one, words.language_name(one)) for one in LANGUAGES],
            is_writable=can_write(served),
            again=visitor.form_token(ADD) if visitor.name is not None else "",
            token=visitor.form_token(f"{ADD}/keep") if visitor.name is not None else "",
        )


def _offer(one: dict[str, Any], words: Labels) -> dict[str, Any]:
    from datetime import date

    def day(on: str | None) -> str:
        return words.day(date.fromisoformat(on)) if on else ""

    titles = [(row["title"], day(row["on"]), row["alerts"]) for row in one["titles"]]
    settings = one["settings"]
    said = {"kind": settings["kind"], "url": settings["url"], "newest": day(one["newest_on"])}
    return one | said | {"titles": titles}
