"""The verdict on a text or an address, and why; and the rules that are loaded, as they are written.
Nothing is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from crawler.extract.extract import extract
from crawler.extract.language import detect_language
from crawler.judgement.judge import WEIGHTS_SUFFIX, Rules, pack_files
from crawler.judgement.judge import judge as judge_alone
from crawler.judgement.text.lexicon import ANY_LANGUAGE
from crawler.pool import WorkerPool
from crawler.process.parts import in_page
from crawler.process.process import judge_stories, placed_alone
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from scheduler.views.words.phrases import unread_in_words
from scheduler.web.site.addresses import NotHere
from scheduler.web.site.context import Context, InContext, Text, Word
from scheduler.web.site.gate import READER
from scheduler.web.site.pages.search_page import TEXT, TITLE, marked, paragraphs, strongest
from spiders.fetch.session import fetch_once
from storage.errors import AccordwatchError
from storage.languages import LANGUAGES
from storage.records import Card, Document
from storage.users.accounts import Role

router = APIRouter(include_in_schema=False)

ACTION = "/rules"
MOST_TITLE, MOST_TEXT = 500, 20_000  # characters; an article has 3,000, and a form may have 64 KB
_MOST_READ = 100_000  # characters of a page
_log = logging.getLogger(__name__)


@router.get(ACTION, dependencies=[READER])
def rules(context: InContext) -> Response:
    return _page(context, {"title": "", "text": "", "language": ""})


@router.post(ACTION, dependencies=[READER])
def attempt(
    context: InContext, token: Word, title: Text = "", text: Text = "", language: Text = ""
) -> Response:
    """The verdict on a text, or on what stands at an address."""
    context.check_form(ACTION, token)
    typed, words = {"title": title, "text": text, "language": language}, context.words
    fault, address = _fault(title, text, language, words), text.strip()
    is_address = address.startswith(("http://", "https://")) and len(address.split()) == 1
    is_address = is_address and not title.strip()
    if not fault and is_address and not context.visitor.may(Role.EDITOR):
        fault = words.say("An address is fetched for editors only; paste the text.")
    if fault:
        return _page(context, typed, 422, fault=fault)
    try:
        if is_address:
            document = read_at(context, address)
        else:
            spoken = language or detect_language(title, text)
            document = Document(title.strip(), text.replace("\r\n", "\n").strip(), spoken)
    except AccordwatchError as error:
        refused = words.say("Nothing could be fetched from there.")
        return _page(
            context, typed, 422, fault=f"{refused} {unread_in_words(error, words.language)}"
        )
    return _page(context, typed, verdict=verdict_shown(document, loaded_rules(context), words))


def _fault(title: str, text: str, language: str, words: Labels) -> str:
    """What is wrong with a text, as a sentence; "" if it can be judged."""
    if not (title.strip() or text.strip()):
        return words.say("There is nothing to assess: write a title or a text.")
    if len(title) > MOST_TITLE or len(text) > MOST_TEXT:
        most = {"title": words.number(MOST_TITLE), "text": words.number(MOST_TEXT)}
        return words.say(
            "That is too long: a title has at most {title} characters, a text {text}.", **most
        )
    if language and language not in LANGUAGES:
        return words.say(
            "{language} is not one of the supported languages.", language=line(language, 20)
        )
    return ""


def read_at(context: Context, url: str) -> Document:
    """What stands at an address, read in another process. Raises FetchError, UnreadableError."""
    fetched = fetch_once(url, context.chosen.settings.crawl)
    with WorkerPool(None, workers=1) as pool:
        found: Document = pool.submit(extract, fetched).result()
    document = placed_alone(found, url)
    return replace(document, text=document.text[:_MOST_READ])


def _page(context: Context, typed: dict[str, str], code: int = 200, **more: Any) -> Response:
    chosen = context.chosen
    values = {
        "typed": typed,
        "languages_known": LANGUAGES,
        "most_title": MOST_TITLE,
        "most_text": MOST_TEXT,
        "fault": "",
        "verdict": None,
        "version": loaded_rules(context).version,
        "packs": chosen.settings.rules.packs,
        # The name of each file, and its text; of weights, which are numbers alone, the name.
        "files": [
            (path.name, "" if path.suffix == WEIGHTS_SUFFIX else path.read_text(encoding="utf-8"))
            for path in (*chosen.rule_files, *pack_files(chosen.settings.rules.packs))
        ],
    }
    with context.read() as s:
        return context.page(s, "rules/rules.html.j2", code, **(values | more))


@router.get("/rules/terms/{language}", dependencies=[READER])
def terms(context: InContext, language: str) -> Response:
    """The terms of one language, by the concept for which they stand."""
    if language not in LANGUAGES:
        raise NotHere
    concepts = loaded_rules(context).lexicon.concepts
    by_concept: dict[str, list[str]] = {}
    for name in sorted(concepts):
        own = concepts[name].terms
        written = (*own.get(language, ()), *own.get(ANY_LANGUAGE, ()))
        if written:
            by_concept[name] = list(dict.fromkeys(term.source for term in written))
    with context.read() as s:
        return context.page(s, "rules/terms.html.j2", terms=by_concept, written_in=language)


def loaded_rules(context: Context) -> Rules:
    loaded: LoadedRules = context.request.app.state.rules
    return loaded.at(context.now())


def verdict_shown(document: Document, loaded: Rules, words: Labels) -> dict[str, Any]:
    """What `accordwatch classify` says, for the template."""
    stories = judge_stories(document, loaded)
    matching = [story for story in stories if story.verdict.outcome != "silent"]
    verdict = (
        in_page(matching[0].verdict, matching[0].story)
        if matching
        else judge_alone(document, loaded)
    )
    marks = verdict.evidence
    for one in matching[1:]:
        marks += in_page(one.verdict, one.story).evidence
    return {
        "outcome": verdict.outcome if matching or not stories else "silent",
        "document": document,
        "found": verdict,
        "evidence": strongest(marks),
        "card": _card(verdict.card, words) if verdict.outcome != "silent" else [],
        "title": marked(document.title, marks, TITLE),
        "paragraphs": paragraphs(marked(document.text, marks, TEXT)),
        "stories": len(stories),
        "matching": matching,
    }


def _card(card: Card, words: Labels) -> list[tuple[str, str]]:
    comma = words.say(", ")
    fields = (
        ("columns.parties", comma.join(words.party(code) for code in card.parties)),
        ("columns.status", words.status(card.status, card.instrument) if card.status else ""),
        ("finding.names.topic", comma.join(words.term(f"topics.{topic}") for topic in card.topics)),
        ("day", words.day(card.event_date) if card.event_date else ""),
        ("columns.place", card.place or ""),
    )
    return [(words.term(f"page.{key}"), value) for key, value in fields if value]


# --- the rules of the page, cached, since loading them takes seconds ------------------------------


class LoadedRules:
    """The rules of an installation.

    They are loaded at their first use, and again when one of the user's own files has
    changed. They are also loaded every hour, since the number of affordable false alarms follows
    from the volume; nobody waits for that, since the old rules serve until the new ones are there.
    """

    def __init__(self, load: Callable[[], Rules], files: Sequence[Path]) -> None:
        self._load, self._files = load, files
        self._lock = Lock()
        self._read: Hashable = None  # the files, as they were when they were loaded
        self._hour = ""
        self._rules: Rules | None = None
        # What was wrong with the files, and how these were then: they are not read again before
        # one of them changes.
        self._fault: tuple[Hashable, AccordwatchError] | None = None

    def at(self, now: datetime) -> Rules:
        """The rules as they stand now. Raises RuleError with every fault of every file."""
        files, hour = tuple(map(_stamp, self._files)), now.strftime("%Y-%m-%d %H")
        with self._lock:
            if self._rules is None or files != self._read:
                if self._fault is not None and self._fault[0] == files:
                    raise self._fault[1].with_traceback(None)
                try:
                    self._rules = self._load()
                except AccordwatchError as error:
                    self._fault = files, error
                    raise
                self._read, self._hour = files, hour
            elif hour != self._hour:
                self._hour = hour
                self._aside(self._reload)
            return self._rules

    def begin(self, now: datetime) -> None:
        """Load them aside, so that the first reader need not wait."""
        self._aside(lambda: self.at(now))

    def _reload(self) -> None:
        files = tuple(map(_stamp, self._files))
        found = self._load()
        with self._lock:
            self._rules, self._read = found, files

    def _aside(self, work: Callable[[], object]) -> None:
        Thread(target=_logged, args=(work,), name="rules", daemon=True).start()


def _logged(work: Callable[[], object]) -> None:
    try:
        work()
    except AccordwatchError as error:  # whoever asks for the rules gets it, too
        _log.warning("%s", error)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
