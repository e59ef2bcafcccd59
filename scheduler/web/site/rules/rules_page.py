"""The rules that are loaded, and the verdict on a text or an address. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from crawler.extract.extract import extract
from crawler.extract.language import detect_language
from crawler.judgement.judge import Rules
from crawler.judgement.judge import judge as judge_alone
from crawler.pool import WorkerPool
from crawler.process.process import JudgedStory, as_document, judge_stories
from crawler.process.stories import in_page
from scheduler.views.verdicts import evidence_row
from scheduler.views.words.labels import Labels, direction_of
from scheduler.views.words.lines import line, percent
from scheduler.views.words.page import words_of
from scheduler.views.words.reasons import what_was_read
from scheduler.web.site.addresses import Forbidden, NotHere, language_for
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.rules.loaded_rules import (
    LoadedRules,
    families_of,
    marked,
    nearly_in,
    paragraphs,
    reasons_in_words,
    rule_view,
    sets_of,
)
from spiders.fetch.session import fetch_once
from storage.errors import AccordwatchError
from storage.languages import LANGUAGES
from storage.records import Card, Document, Evidence, Extract, Verdict
from storage.users.records import Role

router = APIRouter(include_in_schema=False)

ACTION = "/rules"
MOST_TITLE, MOST_TEXT = 500, 20_000  # characters; an article has 3,000, and a form may have 64 KB
_MOST_READ = 100_000  # characters of a page
_TITLE, _TEXT = frozenset({"title"}), frozenset({"lead", "body"})


@dataclass(frozen=True, slots=True)
class TriedText:
    """A text as it was typed. `language` is "" where it is to be detected."""

    title: str = ""
    text: str = ""
    language: str = ""

    def fault(self, words: Labels) -> str | None:
        """What is wrong with it, as a sentence; None if it can be judged."""
        if not (self.title.strip() or self.text.strip()):
            return words.say("page.trying.nothing")
        if len(self.title) > MOST_TITLE or len(self.text) > MOST_TEXT:
            most = {"title": words.number(MOST_TITLE), "text": words.number(MOST_TEXT)}
            return words.say("page.trying.too_long", **most)
        if self.language and self.language not in LANGUAGES:
            return words.say("page.trying.no_language", language=line(self.language, 20))
        return None

    @property
    def address(self) -> str:
        """The address that was written instead of a text, else ""."""
        written = self.text.strip()
        is_address = written.startswith(("http://", "https://")) and len(written.split()) == 1
        return written if is_address and not self.title.strip() else ""

    @property
    def document(self) -> Document:
        language = self.language or detect_language(self.title, self.text)
        return Document(self.title.strip(), self.text.replace("\r\n", "\n").strip(), language)


@router.get(ACTION)
def rules(request: Request) -> Response:
    """What is loaded: rules, their signals and traps, and the sets that they name; above them a
    form for a text.
    """
    return _page(request, TriedText())


@router.post(ACTION)
def attempt(
    request: Request,
    token: str = Form(max_length=64),
    title: str = Form(""),
    text: str = Form(""),
    language: str = Form(""),
) -> Response:
    """The verdict on a text, or on what stands at an address."""
    if not visitor_of(request).is_form_token(ACTION, token):
        raise Forbidden
    tried, words = TriedText(title, text, language), words_of(language_for(request))
    fault = tried.fault(words)
    if not fault and tried.address and not visitor_of(request).may(Role.EDITOR):
        fault = words.say("page.trying.only_editors")
    if fault:
        return _page(request, tried, 422, fault=fault)
    try:
        document = _read_at(request, tried.address) if tried.address else tried.document
    except AccordwatchError as error:
        said = words.say("page.trials.refused")
        return _page(request, tried, 422, fault=f"{said} {line(str(error), 300)}")
    return _page(request, tried, verdict=_verdict(document, _loaded(request), words))


def _read_at(request: Request, url: str) -> Document:
    """What stands at an address, fetched as a crawl would, and read in a process of its own. Raises
    FetchError or UnreadableError.
    """
    fetched = fetch_once(url, served_by(request).chosen.settings.crawl)
    with WorkerPool(None, workers=1) as pool:
        found: Extract = pool.submit(extract, fetched).result()
    document = as_document(found, url)
    return replace(document, text=document.text[:_MOST_READ])


def _page(request: Request, tried: TriedText, code: int = 200, **found: Any) -> Response:
    served, words = served_by(request), words_of(language_for(request))
    loaded = _loaded(request)
    values = {
        "tried": tried,
        "token": visitor_of(request).form_token(ACTION),
        "languages_known": [(one, words.language_name(one)) for one in LANGUAGES],
        "most_title": MOST_TITLE,
        "most_text": MOST_TEXT,
        "fault": None,
        "verdict": None,
        "version": loaded.version,
        "packs": served.chosen.settings.rules.packs,
        "files": [file.name for file in served.chosen.rule_files],
        "rules": [rule_view(rule, words) for rule in loaded.rules.rules],
        "sets": sets_of(loaded),
    }
    with served.database.read() as s:
        return page(request, s, "rules/rules.html.j2", code, **(values | found))


@router.get("/rules/terms/{language}")
def terms(request: Request, language: str) -> Response:
    """The terms of one language."""
    if language not in LANGUAGES:
        raise NotHere
    families = families_of(_loaded(request), language)
    with served_by(request).database.read() as s:
        return page(request, s, "rules/terms.html.j2", families=families, written_in=language)


def _loaded(request: Request) -> Rules:
    loaded: LoadedRules = request.app.state.rules
    return loaded.at(served_by(request).now())


def _verdict(document: Document, loaded: Rules, words: Labels) -> dict[str, Any]:
    """What `accordwatch classify` says, for the template."""
    stories = judge_stories(document, loaded)
    matching = [one for one in stories if one.verdict.outcome != "silent"]
    found = (
        in_page(matching[0].verdict, matching[0].story)
        if matching
        else judge_alone(document, loaded)
    )
    evidence = found.evidence
    for one in matching[1:]:
        evidence += in_page(one.verdict, one.story).evidence
    marks = [evidence_row(one) for one in evidence]
    return {
        "outcome": found.outcome if matching or not stories else "silent",
        "percent": "" if found.probability is None else percent(found.probability),
        "points": "" if found.outcome == "silent" else _points(found, words),
        "language": words.language_name(document.language),
        "code": document.language,
        "direction": direction_of(document.language),
        "read": what_was_read(found.frame, words),
        "for": reasons_in_words(found.reasons, words, 1),
        "against": reasons_in_words(found.reasons, words, -1),
        "vetoes": found.vetoes,
        "card": _card(found.card, words) if found.outcome != "silent" else [],
        "title": marked(document.title, marks, _TITLE),
        "paragraphs": paragraphs(marked(document.text, marks, _TEXT)),
        "evidence": _weights(evidence),
        "stories": len(stories),
        "found": [_story(one) for one in matching],
        "nearly": nearly_in(document, loaded, words),
    }


def _points(found: Verdict, words: Labels) -> str:
    """What decided where no judge was asked, as by a rule of one's own."""
    score, needed = f"{found.score:g}", f"{found.threshold:g}"
    return words.say("page.trying.by_points", score=score, threshold=needed)


def _weights(evidence: tuple[Evidence, ...]) -> list[tuple[str, str, float]]:
    """(words, concept, weight) of what the rules marked, the heaviest first, each once."""
    found: dict[tuple[str, str], float] = {}
    for one in evidence:
        key = (line(one.text, 80), one.concept)
        found[key] = max(found.get(key, 0.0), one.weight, key=abs)
    heaviest = sorted(found.items(), key=lambda item: -abs(item[1]))
    return [(text, concept, weight) for (text, concept), weight in heaviest[:15]]


def _story(one: JudgedStory) -> tuple[str, str, str]:
    probability = one.verdict.probability
    shown = "" if probability is None else percent(probability)
    return line(one.story.title, 160), one.verdict.outcome, shown


def _card(card: Card, words: Labels) -> list[tuple[str, str]]:
    comma = words.say("comma")
    said = (
        ("party", comma.join(words.party(code) for code in card.parties)),
        ("status", words.status(card.status, card.instrument) if card.status else ""),
        ("topic", comma.join(words.say(f"topics.{topic}") for topic in card.topics)),
        ("corridor_page.day", words.day(card.event_date) if card.event_date else ""),
        ("place", card.place or ""),
    )
    return [(words.say(f"page.{key}"), value) for key, value in said if value]
