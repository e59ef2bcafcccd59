"""Entering an agreement by hand, or an article by its address: read, judged and shown before it is
stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from starlette.responses import Response

from crawler.extract.language import detect_language
from crawler.process.process import judge_document
from scheduler.decisions import curation
from scheduler.views.register_entries import Entry, named_entries
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean, web_address
from scheduler.views.words.names import NamedBy, made_name
from scheduler.views.words.phrases import unread_in_words
from scheduler.web.site.context import Context, Fields, InContext
from scheduler.web.site.editing.decision_forms import (
    card_as_written,
    card_form,
    curator_for,
    leave,
    read_card,
)
from scheduler.web.site.gate import EDITOR
from scheduler.web.site.pages.rules_page import loaded_rules, read_at, verdict_shown
from storage.documents.documents import stored_at
from storage.errors import AccordwatchError
from storage.lists.queries import neighbours
from storage.records import Card, Document, Instrument, Topic
from storage.register.entry import Agreement

router = APIRouter(include_in_schema=False)

ACTION = "/add"
_TYPED = ("url", "title", "note", "text")
_LONGEST = 2_000  # characters of an address or a note
_NEAR_DAYS = 31  # entries of the same parties that are as near are shown before another is made
_NOBODY = Card((), None, (), None, None)


@router.get(ACTION, dependencies=[EDITOR])
def blank(context: InContext) -> Response:
    return _form(context, {}, {})


@router.post(ACTION, dependencies=[EDITOR])
def add(context: InContext, form: Fields) -> Response:
    """Read what stands at an address, or store what the form says."""
    who = context.check_decider(ACTION, str(form.get("token", "")))
    words = context.words
    typed = {name: clean(str(form.get(name, ""))[:_LONGEST]) for name in _TYPED}
    values, _, faults = read_card(form, words)
    faults |= {
        name: words.say("Write an address that begins with https:// or http://.")
        for name in ("url", "text")
        if typed[name] and web_address(typed[name]) is None
    }
    known = None
    if typed["url"] and "url" not in faults:
        with context.read() as s:
            known = stored_at(s, typed["url"])
    if known is not None:
        faults["url"] = words.say(
            "This address is stored already, as document {document}.", document=known
        )
    # "Read" is the first button, so that Enter in any field presses it.
    if form.get("act") == "read" and (typed["url"] or not typed["title"]):
        return _prefilled(context, typed, faults.get("url", ""), known)
    if len(values.get("parties", "").split(",")) < 2:
        faults.setdefault(
            "parties",
            words.term("page.edit.faults.parties"),
        )
    is_read = bool(typed["url"]) and form.get("read") == typed["url"]
    if faults:
        return _form(context, typed, values, faults, known=known, is_read=is_read)
    typed["title"] = typed["title"] or _title(values, words)
    if not form.get("sure") and (near := _near(context, values, words)):
        return _form(context, typed, values, {}, code=409, near=near, is_read=is_read)
    try:
        document = _document(context, typed, who, is_read=is_read)
        with context.begin() as s:
            curator = curator_for(context, who, typed["note"])
            entered = curation.enter(s, document, values, curator)
            decided = [entered.number]
            if typed["text"]:
                added = curation.attach_text(s, entered.home, typed["text"], curator)
                decided.append(added.number)
            return leave(context, decided, entered.home)
    except AccordwatchError as error:
        return _form(
            context, typed, values, {"url": unread_in_words(error, words.language)}, is_read=is_read
        )


def _title(values: Mapping[str, str], words: Labels) -> str:
    """What an entry is called that is known by hand, without a title of its own."""
    of = {name: [one for one in value.split(",") if one] for name, value in values.items()}
    instruments, days = of.get("instrument", []), of.get("event_date", [])
    known = NamedBy(
        of["parties"],
        Instrument(instruments[0]) if instruments else None,
        map(Topic, of.get("topics", [])),
        int(days[0][:4]) if days else None,
    )
    return made_name(known, words)


def _document(context: Context, typed: Mapping[str, str], who: str, *, is_read: bool) -> Document:
    """The article at the address, read once more, or a note of what the form says."""
    if is_read:
        return replace(read_at(context, typed["url"]), title=typed["title"])
    text = typed["note"] or typed["title"]
    return Document(
        typed["title"],
        text,
        detect_language(typed["title"], text),
        url=typed["url"] or None,
        outlet=who,
        external_id=f"by-hand/{uuid4()}",
    )


def _prefilled(context: Context, typed: dict[str, str], fault: str, known: int | None) -> Response:
    """The form, filled with what stands at the address."""
    words, url = context.words, typed["url"]
    fault = fault if url else words.say("Write an address that begins with https:// or http://.")
    if fault:
        return _form(context, typed, {}, {"url": fault}, known=known)
    try:
        document = read_at(context, url)
    except AccordwatchError as error:
        return _form(context, typed, {}, {"url": unread_in_words(error, words.language)})
    rules = loaded_rules(context)
    card = judge_document(document, rules, with_card=True).verdict.card
    shown = verdict_shown(document, rules, words)
    typed["title"] = document.title
    return _form(context, typed, card_as_written(card), verdict=shown, is_read=True)


def _near(context: Context, values: Mapping[str, str], words: Labels) -> list[Entry]:
    """Entries that may be the same: of these parties, and of nearly the same day or of none."""
    written = values.get("event_date", "")
    on = date.fromisoformat(written) if written else None

    def is_near(agreement: Agreement) -> bool:
        both = on is not None and agreement.event_date is not None
        return not both or abs((agreement.event_date - on).days) <= _NEAR_DAYS  # type: ignore[operator]

    with context.read() as s:
        agreements = neighbours(s, values["parties"].split(","), on)
        return named_entries(s, [one for one in agreements if is_near(one)], words.language)


def _form(
    context: Context,
    typed: Mapping[str, str],
    values: Mapping[str, str],
    faults: Mapping[str, str] | None = None,
    *,
    code: int = 0,
    **shown: Any,
) -> Response:
    made: dict[str, Any] = {
        "typed": dict.fromkeys(_TYPED, "") | dict(typed),
        **card_form(_NOBODY, context.words, values, faults),
        "faults": faults or {},
        "verdict": None,
        "near": [],
        "known": None,
        "is_read": False,
    }
    with context.read() as s:
        code = code or (422 if faults else 200)
        return context.page(s, "editing/add.html.j2", code, **(made | shown))
