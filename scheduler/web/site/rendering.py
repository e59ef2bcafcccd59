"""Answers: a template rendered in the reader's language, and what a browser has already."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Form
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from scheduler.schedule.sources_due import count_alive
from scheduler.views.decisions import decision_in_words, leading, undone_in_words
from scheduler.views.documents import rightness_in_words
from scheduler.views.entry import (
    because,
    direction_of_quote,
    expected_in_words,
    first_report_sentences,
    has_hours,
    outlet_of,
    quoted_row,
    read_in_words,
    stage_of,
    status_name,
    support_of,
    text_sentence,
    title_of,
    topics_in_words,
    translation_of,
)
from scheduler.views.verdicts import (
    linkage_in_words,
    reading_in_words,
    reason_in_words,
    what_was_read,
)
from scheduler.views.words.labels import Labels, direction_of, labels_of
from scheduler.views.words.lines import clean, isolated, line, percent, web_address
from scheduler.views.words.names import place_in
from scheduler.views.words.page import (
    ago,
    called,
    filter_value_in_words,
    length,
    moment,
)
from scheduler.views.words.phrases import Phrase
from scheduler.web.site.addresses import (
    LANGUAGE_COOKIE,
    Forbidden,
    NotHere,
    language_for,
    row_number,
)
from scheduler.web.site.gate import Visitor
from scheduler.web.site.installation import Installation, sources_now
from storage import queries
from storage.database.session import Session
from storage.languages import SPOKEN_LANGUAGES
from storage.records import Instrument, Status, Topic
from storage.register.decisions import decision
from storage.register.records import Agreement, Decision, DecisionKind, is_listed
from storage.review import review_queue
from storage.search.document_rows import DocumentRow, report_rows, rows_in_order
from storage.users.records import Role

_TEMPLATES = Path(__file__).parent / "templates"
_MOST_DONE = 30  # as many as can be ticked at once
_LONGEST_TITLE = 160  # of an entry that was removed
_SECONDS = 20  # to count a million documents takes longer than to show one
# Fields of forms; the guard takes no body of more than 64 KB.
Word = Annotated[str, Form(max_length=64)]
Line = Annotated[str, Form(max_length=2000)]
Text = Annotated[str, Form()]


async def _fields(request: Request) -> AsyncIterator[FormData]:
    async with request.form(max_fields=60, max_part_size=64 * 1024) as form:
        yield form


Fields = Annotated[FormData, Depends(_fields)]  # a form whose fields are not known before
UNDO = "/undo"  # what the token of every form that undoes is made for; its template names it, too
YEAR_S = 365 * 24 * 3600


def served_by(request: Request) -> Installation:
    found: Installation = request.app.state.served
    return found


def visitor_of(request: Request) -> Visitor:
    """The visitor, whom the gate has identified."""
    found: Visitor = request.state.visitor
    return found


def visitor_if_any(request: Request) -> Visitor | None:
    """The visitor; None for a stranger, who sees the login page at most."""
    found: Visitor | None = getattr(request.state, "visitor", None)
    return found


def words_for(request: Request) -> Labels:
    return labels_of(language_for(request))


def check_form(request: Request, action: str, token: str) -> Visitor:
    """Return who sent a form. Raises Forbidden for one that came back without its token."""
    visitor = visitor_of(request)
    if not visitor.is_form_token(action, token):
        raise Forbidden
    return visitor


def agreement_at(s: Session, agreement_id: str) -> Agreement:
    """The agreement with an id, or what it was merged into. Raises NotHere."""
    found = queries.agreement(s, agreement_id)
    if found is None:
        raise NotHere
    return found


def document_at(s: Session, number: int | None) -> DocumentRow:
    """The stored document with a number. Raises NotHere."""
    row = report_rows(s, [number]).get(number) if number else None
    if row is None:
        raise NotHere
    return row


def see(request: Request, path: str, code: int = 303) -> RedirectResponse:
    return RedirectResponse(request.scope.get("root_path", "") + path, code)


def page_address(request: Request) -> str:
    """The address of the page: the configured one, else the one of the request. "" where it
    answers to any name: then the name in a mail would be one that a stranger chose.
    """
    served = served_by(request)
    configured = served.chosen.settings.site.url.rstrip("/")
    if configured:
        return configured
    if served.reach.is_wide and not served.reach.names:
        return ""
    port, server = request.url.port, request.scope.get("server")
    if port is not None and (server is None or port != server[1]):
        return ""  # a port that is not ours leads to somebody else on this host
    return str(request.base_url).rstrip("/")


def is_partial(request: Request) -> bool:
    """Whether a script sends the request, and swaps the answer into the page."""
    return request.headers.get("hx-request") == "true"


def set_cookie(request: Request, answer: Response, name: str, value: str, max_age_s: int) -> None:
    """Set a cookie for the page alone; over https, if it came by https."""
    reach = served_by(request).reach
    answer.set_cookie(
        name,
        value,
        max_age=max_age_s,
        path=reach.root_path or "/",
        secure=reach.secure_cookies or request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def page(
    request: Request, s: Session | None, template: str, code: int = 200, **values: Any
) -> HTMLResponse:
    """A page in the reader's language. `s`: to say what all was compiled from; None where the
    database does not answer. Sentences among the values are put into that language; one that is the
    `fault` makes it a 422.
    """
    language = language_for(request)
    visitor = visitor_if_any(request)
    words, given = labels_of(language), request.query_params.multi_items()
    root = request.scope.get("root_path", "")
    filters = [pair for pair in given if pair[0] not in ("done", "lang")]
    parameters = [pair for pair in given if pair[0] != "lang"]
    done = _done(request, s) if s is not None and visitor is not None else []
    decided = [*done, *filter(None, [values.get("answered")])]
    shown = {
        "words": words,
        "say": words.say,
        "count": words.count,
        "term": lambda code, **filled: words.term(f"page.{code}", **filled),
        "count_of": lambda code, n: words.count_of(f"page.{code}", n),
        "root": root,
        "here": request.url.path,
        # The address of this page below the root, with its filters and without what was decided.
        "again": request.url.path[len(root) :] + (f"?{urlencode(filters)}" if filters else ""),
        "typed_words": request.query_params.get("q", "").strip(),
        # Each language with its own name, and the address of this page in it.
        "languages": [
            (
                code,
                labels_of(code).language_name(code),
                f"?{urlencode([*parameters, ('lang', code)])}",
            )
            for code in SPOKEN_LANGUAGES
        ],
        "compiled": _compiled(s, served_by(request)) if s is not None else None,
        "visitor": visitor,
        "editor": visitor.name if visitor and visitor.may(Role.EDITOR) else None,
        "done": done,
        "removed_entries": _removed_entries(s, decided, words) if s is not None else {},
        **{
            name: one.in_words(language) if isinstance(one, Phrase) else one
            for name, one in values.items()
        },
    }
    if isinstance(values.get("fault"), Phrase):
        code = 422
    answer = HTMLResponse(rendered(template, **shown), code)
    answer.headers["Content-Language"] = language
    answer.headers["Vary"] = "Accept-Language, Cookie"
    if request.query_params.get("lang") in SPOKEN_LANGUAGES:
        set_cookie(request, answer, LANGUAGE_COOKIE, language, YEAR_S)
    return answer


def rendered(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)


def conditional(request: Request, body: bytes, media_type: str) -> Response:
    """The body under a tag made of it, or 304 without it if `If-None-Match` names that."""
    # Weak, since an answer that is compressed on its way has the same tag.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    if "*" in _known(request):
        return tagged(Response(status_code=304), tag)
    return not_modified(request, tag) or tagged(Response(body, media_type=media_type), tag)


def state_tag(*parts: str) -> str:
    """A weak tag of what an answer is made from, to be known before the answer is made."""
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def not_modified(request: Request, tag: str) -> Response | None:
    """A 304 for a request that has what bears this tag; None for others."""
    if tag.removeprefix("W/") in _known(request):
        return tagged(Response(status_code=304), tag)
    return None


def tagged(answer: Response, tag: str) -> Response:
    """The answer with its tag, to be asked for again before it is used again."""
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _done(request: Request, s: Session) -> list[Decision]:
    """The decisions that the address names, `?done=7,8`: those that an editor took a moment ago."""
    if not visitor_of(request).may(Role.EDITOR):
        return []
    numbers = request.query_params.get("done", "").split(",")[:_MOST_DONE]
    found = [decision(s, number) for number in map(row_number, numbers) if number]
    return [one for one in found if one is not None]


def _removed_entries(s: Session, found: Sequence[Decision], words: Labels) -> dict[int, str]:
    """What was removed from the register by decisions after which an entry is gone, by number."""
    sentences = {}
    for one in found:
        is_gone = one.agreement_id and queries.agreement(s, one.agreement_id) is None
        if one.kind is DecisionKind.IRRELEVANT and is_gone:
            row = next(iter(report_rows(s, sorted(leading(one))[:1]).values()))
            title = isolated(line(row.title, _LONGEST_TITLE), words.direction)
            parties = "–".join(map(words.short_party, row.card.parties))
            sentences[one.id] = words.say(
                "Removed “{title}” from {parties}", title=title, parties=parties
            )
    return sentences


def _compiled(s: Session, served: Installation) -> Mapping[str, int]:
    """What all was compiled from; where counting takes long, as it was some seconds ago."""

    def count() -> Mapping[str, int]:
        failing_polls = served.chosen.settings.monitor.failing_polls
        alive = count_alive(s, sources_now(served), served.now(), failing_polls)
        return {
            "documents": queries.count_stored(s),
            "sources": alive.sources,
            "silent": alive.sources - alive.alive,
            "waiting": review_queue.count_queue(s),
        }

    return served.cache.for_seconds("compiled", _SECONDS, count)


def _known(request: Request) -> set[str]:
    named = request.headers.get("if-none-match", "").split(",")
    return {one.strip().removeprefix("W/") for one in named}


# What templates call on the records that they lay out.
_FUNCTIONS = (
    *(because, decision_in_words, direction_of_quote, expected_in_words, first_report_sentences),
    *(ago, called, filter_value_in_words, has_hours, isolated, leading, length, undone_in_words),
    *(is_listed, linkage_in_words, moment, outlet_of, place_in, reading_in_words, rows_in_order),
    *(reason_in_words, rightness_in_words, stage_of, status_name, support_of, text_sentence),
    *(quoted_row, read_in_words, title_of, topics_in_words, translation_of, what_was_read),
)
_CHOICES = (Instrument, Status, Topic)
_FILTERS = (clean, direction_of, line, percent, web_address)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(("j2",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update({one.__name__: one for one in (*_FUNCTIONS, *_CHOICES)})
    environment.filters.update({function.__name__: function for function in _FILTERS})
    return environment
