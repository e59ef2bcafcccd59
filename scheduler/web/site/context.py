"""What every handler is given: the request, the installation that serves it, who asks, and the
words of their language; and the answers that are made of these.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Form
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from scheduler.configuration.config import Configuration
from scheduler.schedule.sources_due import count_alive
from scheduler.views.decisions import leading
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import isolated, line
from scheduler.views.words.phrases import in_words
from scheduler.web.site.addresses import (
    LANGUAGE_COOKIE,
    Forbidden,
    NotHere,
    language_for,
    row_number,
)
from scheduler.web.site.gate import Visitor
from scheduler.web.site.installation import Installation, sources_now
from scheduler.web.site.rendering import rendered
from storage.database.session import Session
from storage.languages import SPOKEN_LANGUAGES
from storage.lists import queries
from storage.phrases import Phrase
from storage.register.decisions import decision
from storage.register.entry import Agreement, Decision, DecisionKind
from storage.review import review_queue
from storage.search.document_rows import DocumentRow, report_rows
from storage.users import users
from storage.users.accounts import Role

_MOST_DONE = 30  # as many as can be ticked at once
_LONGEST_TITLE = 160  # of an entry that was removed
# What stands behind the decisions in an address, where a colleague was to be told of them by mail.
TOLD, UNTOLD = "told", "untold"
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


@dataclass(frozen=True, slots=True)
class Context:
    """A request with what its answer is made of. `somebody` is the visitor whom the gate has
    identified, None for a stranger, who sees the login page at most.
    """

    request: Request
    served: Installation
    somebody: Visitor | None
    words: Labels

    @classmethod
    def of(cls, request: Request) -> Context:
        somebody: Visitor | None = getattr(request.state, "visitor", None)
        return cls(request, request.app.state.served, somebody, labels_of(language_for(request)))

    @property
    def visitor(self) -> Visitor:
        """The visitor. Raises Forbidden for a stranger."""
        if self.somebody is None:
            raise Forbidden
        return self.somebody

    @property
    def language(self) -> str:
        return self.words.language

    @property
    def chosen(self) -> Configuration:
        return self.served.chosen

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What stands behind the question mark, in order."""
        return self.request.query_params.multi_items()

    @property
    def root(self) -> str:
        """What the page lies under, such as "/watch"."""
        root: str = self.request.scope.get("root_path", "")
        return root

    @property
    def is_partial(self) -> bool:
        """Whether a script sends the request, and swaps the answer into the page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def page_address(self) -> str:
        """The address of the page: the configured one, else the one of the request. "" where it
        answers to any name: then the name in a mail would be one that a stranger chose.
        """
        request, reach = self.request, self.served.reach
        configured = self.chosen.settings.site.url.rstrip("/")
        if configured:
            return configured
        if reach.is_wide and not reach.names:
            return ""
        port, server = request.url.port, request.scope.get("server")
        if port is not None and (server is None or port != server[1]):
            return ""  # a port that is not ours leads to somebody else on this host
        return self.home

    @property
    def home(self) -> str:
        """The address of the page as this request names it."""
        return str(self.request.base_url).rstrip("/")

    def now(self) -> datetime:
        return self.served.now()

    def read(self) -> AbstractContextManager[Session]:
        return self.served.database.read()

    def begin(self) -> AbstractContextManager[Session]:
        return self.served.database.begin()

    def check_form(self, action: str, token: str) -> Visitor:
        """Return who sent a form. Raises Forbidden for one that came back without its token."""
        if not self.visitor.is_form_token(action, token):
            raise Forbidden
        return self.visitor

    def check_decider(self, action: str, token: str) -> str:
        """Return the name of who sent a form. Raises Forbidden for somebody who only reads, too."""
        name = self.check_form(action, token).name
        if name is None:
            raise Forbidden
        return name

    def see(self, path: str, code: int = 303) -> RedirectResponse:
        return RedirectResponse(self.root + path, code)

    def set_cookie(self, answer: Response, name: str, value: str, max_age_s: int) -> None:
        """Set a cookie for the page alone; over https, if it came by https."""
        reach = self.served.reach
        answer.set_cookie(
            name,
            value,
            max_age=max_age_s,
            path=reach.root_path or "/",
            secure=reach.secure_cookies or self.request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )

    def conditional(self, body: bytes, media_type: str) -> Response:
        """The body under a tag made of it, or 304 without it if `If-None-Match` names that."""
        # Weak, since an answer that is compressed on its way has the same tag.
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        if "*" in self._known_tags:
            return tagged(Response(status_code=304), tag)
        return self.not_modified(tag) or tagged(Response(body, media_type=media_type), tag)

    def not_modified(self, tag: str) -> Response | None:
        """A 304 for a request that has what bears this tag; None for others."""
        if tag.removeprefix("W/") in self._known_tags:
            return tagged(Response(status_code=304), tag)
        return None

    @property
    def _known_tags(self) -> set[str]:
        named = self.request.headers.get("if-none-match", "").split(",")
        return {one.strip().removeprefix("W/") for one in named}

    def page(
        self, s: Session | None, template: str, code: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page in the reader's language. `s`: to say what all was compiled from; None where the
        database does not answer. Sentences among the values are put into that language; one that
        is the `fault` makes it a 422.
        """
        request, words, visitor, root = self.request, self.words, self.somebody, self.root
        given = self.parameters
        filters = [pair for pair in given if pair[0] not in ("done", "lang")]
        parameters = [pair for pair in given if pair[0] != "lang"]
        done = _done(self, s) if s is not None and visitor is not None else []
        decided = [*done, *filter(None, [values.get("answered")])]
        shown = {
            "words": words,
            "say": words.say,
            "count": words.count,
            "term": lambda code, **filled: words.term(f"page.{code}", **filled),
            "count_of": lambda code, n: words.count_of(f"page.{code}", n),
            "root": root,
            "here": request.url.path,
            # This page below the root, with its filters and without what was decided.
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
            "compiled": _compiled(s, self.served) if s is not None else None,
            "visitor": visitor,
            "is_static": self.served.is_static,
            "editor": visitor.name if visitor and visitor.may(Role.EDITOR) else None,
            "done": done,
            "told": next((one for one in _named_as_done(self) if one in (TOLD, UNTOLD)), ""),
            "colleagues": partial(_colleagues, s, visitor),
            "removed_entries": _removed_entries(s, decided, words) if s is not None else {},
            **{
                name: in_words(phrase, words.language) if isinstance(phrase, Phrase) else phrase
                for name, phrase in values.items()
            },
        }
        if isinstance(values.get("fault"), Phrase):
            code = 422
        answer = HTMLResponse(rendered(template, **shown), code)
        answer.headers["Content-Language"] = words.language
        answer.headers["Vary"] = "Accept-Language, Cookie"
        if request.query_params.get("lang") in SPOKEN_LANGUAGES:
            self.set_cookie(answer, LANGUAGE_COOKIE, words.language, YEAR_S)
        return answer


async def _context(request: Request) -> Context:  # async: it needs no thread of its own
    return Context.of(request)


InContext = Annotated[Context, Depends(_context)]


def state_tag(*parts: str) -> str:
    """A weak tag of what an answer is made from, to be known before the answer is made."""
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def tagged(answer: Response, tag: str) -> Response:
    """The answer with its tag, to be asked for again before it is used again."""
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def agreement_at(s: Session, agreement_id: str) -> Agreement:
    """The agreement with an id, or what it was merged into. Raises NotHere."""
    agreement = queries.agreement(s, agreement_id)
    if agreement is None:
        raise NotHere
    return agreement


def document_at(s: Session, number: int | None) -> DocumentRow:
    """The stored document with a number. Raises NotHere."""
    row = report_rows(s, [number]).get(number) if number else None
    if row is None:
        raise NotHere
    return row


def _done(context: Context, s: Session) -> list[Decision]:
    """The decisions that the address names, `?done=7,8`: those that an editor took a moment ago."""
    if not context.visitor.may(Role.EDITOR):
        return []
    decisions = [
        decision(s, number) for number in map(row_number, _named_as_done(context)) if number
    ]
    return [one for one in decisions if one is not None]


def _named_as_done(context: Context) -> list[str]:
    return context.request.query_params.get("done", "").split(",")[: _MOST_DONE + 1]


def _colleagues(s: Session | None, visitor: Visitor | None) -> list[str]:
    """Who can be told of a decision by mail."""
    found = users.users(s) if s is not None else []
    return [user.name for user in found if user.address and visitor and user.name != visitor.name]


def _removed_entries(s: Session, decisions: Sequence[Decision], words: Labels) -> dict[int, str]:
    """What was removed from the register by decisions after which an entry is gone, by number."""
    sentences = {}
    for removal in decisions:
        is_gone = removal.agreement_id and queries.agreement(s, removal.agreement_id) is None
        if removal.kind is DecisionKind.IRRELEVANT and is_gone:
            row = next(iter(report_rows(s, sorted(leading(removal))[:1]).values()))
            title = isolated(line(row.title, _LONGEST_TITLE), words.direction)
            parties = "–".join(map(words.short_party, row.card.parties))
            sentences[removal.id] = words.say(
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
            "is_checked": any(last_on or reason for _, last_on, reason in alive.silent),
            "waiting": review_queue.count_queue(s),
        }

    return served.cache.for_seconds("compiled", _SECONDS, count)
