"""A language model behind a server that speaks the OpenAI chat API: httpx2's home.

Errors repeat neither the text of a server's answer nor the key: servers repeat keys.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from crawler.reader.answer import last_object, parted
from crawler.reader.question import unbounded
from scheduler.configuration.sections import ReaderSettings
from spiders.fetch.retry_after import parse_retry_after
from storage.errors import AnswerError, ConfigurationError, ReaderError

_MOST_BYTES = 1_000_000  # of an answer, which has a few thousand
# Tokens for a model that thinks before it answers and cannot be asked not to: usual are 300 to
# 3,000 a text.
THINKING_TOKENS = 4_000
_MOST_COUNTED = 10_000_000  # tokens of one call: more is no count
_REFUSED = {401, 403}
_LATER = {429, 502, 503, 504}  # whatever the text: it is busy, starts, or is gone behind a proxy
_MISFIT = {400, 422}  # of a server that does not know a field, or a value of one
_ZIPPED = {"gzip", "x-gzip", "deflate"}
_LONGEST_WAIT_S = 86_400.0  # of a Retry-After: by then the calls of another day may be made

# What may be sent with a question, in the order in which it is left out when a server refuses it
# and names it. Servers know different ways to ask a model not to think: llama.cpp and vLLM the
# first, Ollama and providers the second; some models can be asked only to think little.
_TEMPLATE, _NO_EFFORT = "chat_template_kwargs", "reasoning_effort"
_LOW_EFFORT, _BOUNDS = "reasoning_effort: low", "bounds in a schema"
_TEMPERATURE, _LIMIT, _SCHEMA = "temperature", "max_tokens", "response_format"
# The words by which a refusal names each of them.
_NAMED = {
    _TEMPLATE: ("chat_template_kwargs", "enable_thinking"),
    _NO_EFFORT: ("reasoning", "think value"),
    _LOW_EFFORT: ("reasoning", "think value"),
    _TEMPERATURE: ("temperature",),
    _LIMIT: ("max_completion_tokens",),  # what is to be sent in its place
    _BOUNDS: ("response_format", "schema", "grammar"),
    _SCHEMA: ("response_format", "schema", "grammar"),
}
# Two further tries where the refusal names nothing that we sent.
_UNNAMED = ({_TEMPLATE, _NO_EFFORT, _LOW_EFFORT, _BOUNDS}, {_SCHEMA})


@dataclass(frozen=True, slots=True)
class Form:
    """What is known of a server: fields that it `refused`, whether its model `thinks` all the same,
    and whether requests in this form work (None: not tried, False: it refused every form).
    """

    refused: frozenset[str] = frozenset()
    thinks: bool = False
    works: bool | None = None

    @classmethod
    def from_json(cls, found: Mapping[str, Any] | None) -> Form:
        return cls(**{**found, "refused": frozenset(found["refused"])}) if found else cls()

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "refused": sorted(self.refused)}

    def narrowed(self, refusal: str) -> Form | None:
        """The form to try after a refusal, which may name a field. None if nothing is left."""
        for field, names in _NAMED.items():
            if field not in self.refused and any(name in refusal for name in names):
                return replace(self, refused=self.refused | {field})
        for fields in _UNNAMED:
            if not fields <= self.refused:
                return replace(self, refused=self.refused | fields)
        return None

    def fields(self, most_tokens: int, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a request, beside model and messages."""
        most = most_tokens + (THINKING_TOKENS if self.thinks else 0)
        sent: dict[str, Any] = {_LIMIT: most, _TEMPERATURE: 0}
        sent[_TEMPLATE] = {"enable_thinking": False}
        sent[_NO_EFFORT] = "none"
        form = {"name": "answer", "schema": schema, "strict": True}
        sent[_SCHEMA] = {"type": "json_schema", "json_schema": form}
        if _BOUNDS in self.refused:
            form["schema"] = unbounded(schema)
        sent = {name: value for name, value in sent.items() if name not in self.refused}
        if _LIMIT in self.refused:
            sent["max_completion_tokens"] = most
        if _NO_EFFORT in self.refused and _LOW_EFFORT not in self.refused:
            sent["reasoning_effort"] = "low"
        return sent


class Reply(NamedTuple):
    """An answer: its JSON object, and what it took. `tokens` counts the whole call, `written` what
    the model wrote; 0 if unknown.
    """

    found: dict[str, Any]
    took_s: float
    tokens: int
    written: int


class ReaderClient:
    """Asks one server. To be used as an asynchronous context manager, in one event loop. `form`
    begins as what is known of the server, and ends as what was found out.
    """

    def __init__(self, settings: ReaderSettings, form: Form | None = None) -> None:
        """Raises ConfigurationError if the library is not installed, or the key cannot be used."""
        try:
            import httpx2
        except ImportError:
            raise ConfigurationError(
                "a second reader needs one more package: pip install 'accordwatch[reader]'"
            ) from None
        headers = {"accept-encoding": "identity"}
        if key := settings.key():
            headers["authorization"] = f"Bearer {key}"
        self._settings = settings
        self._failures = (httpx2.HTTPError, httpx2.InvalidURL)
        # The whole exchange has one limit, in `ask`: a limit for each read would have no sum.
        self._http = httpx2.AsyncClient(headers=headers, timeout=None, follow_redirects=False)
        self.form = form or Form()

    async def __aenter__(self) -> ReaderClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def ask(
        self, chat: list[dict[str, str]], most_tokens: int, schema: Mapping[str, Any]
    ) -> Reply:
        """The answer to a chat: the last JSON object of it, which should have this schema and no
        more than `most_tokens`. Raises AnswerError if there is none, and ReaderError if the server
        cannot be asked.
        """
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                had_room = self.form.thinks
                said = await self._say(chat, most_tokens, schema)
                if said.is_cut_short and not had_room:
                    said = await self._say(chat, most_tokens, schema)
        except TimeoutError:
            form = "the reader did not answer within {seconds} s"
            raise ReaderError(form, seconds=f"{self._settings.timeout_s:g}") from None
        if said.is_cut_short:
            form = "it was still thinking after {tokens} tokens; switch that off (docs/reader.md)"
            raise AnswerError(form, tokens=most_tokens + THINKING_TOKENS)
        took_s = time.monotonic() - begun
        return Reply(last_object(said.text), took_s, said.tokens, said.written)

    async def _say(
        self, chat: list[dict[str, str]], most_tokens: int, schema: Mapping[str, Any]
    ) -> _Said:
        """What the model says, in the first form that the server takes."""
        while True:
            form = self.form
            fields = form.fields(most_tokens, schema)
            request = {"model": self._settings.model, "messages": chat, **fields}
            status, headers, body = await self._exchange(request)
            if status in _MISFIT and self._narrow(form, body.decode(errors="replace")):
                continue
            if not 200 <= status < 300:
                raise self._refusal(status, headers)
            said = _read_reply(body)
            known = Form() if form.works is False else replace(self.form, works=True)
            self.form = replace(known, thinks=self.form.thinks or said.has_thought)
            return said

    async def _exchange(self, request: dict[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        """Status, header and body of an answer, which is read no further than it may go on."""
        url, body = f"{self._settings.url.rstrip('/')}/chat/completions", bytearray()
        try:
            async with self._http.stream("POST", url, json=request) as answer:
                async for piece in answer.aiter_raw():
                    body += piece
                    if len(body) > _MOST_BYTES:
                        break
        except self._failures:
            form = "the reader at {url} cannot be reached"
            raise ReaderError(form, is_down=True, url=self._settings.url) from None
        if answer.headers.get("content-encoding") in _ZIPPED:  # though none was asked for
            return answer.status_code, answer.headers, _unzipped(bytes(body))
        return answer.status_code, answer.headers, bytes(body)

    def _narrow(self, form: Form, refusal: str) -> bool:
        """Whether there is another form to try, after this one was refused. One that has worked is
        refused for the sake of one text: only if the next is refused, too, it works no more. A
        server that has refused every form is not tried with each again.
        """
        if self.form.refused != form.refused:
            return True  # another text has found this out meanwhile
        if form.works is not None:
            self.form = replace(form, works=None if form.works else False)
            return False
        narrowed = form.narrowed(refusal)
        self.form = narrowed or replace(form, works=False)
        return narrowed is not None

    def _refusal(self, status: int, headers: Mapping[str, str]) -> ReaderError:
        url = self._settings.url
        if status in _REFUSED:
            form = "the reader at {url} refuses the key (HTTP {code})"
            return ReaderError(form, is_down=True, url=url, code=status)
        if status == 404:
            form = "the reader at {url} has no model {model!r} (HTTP 404)"
            return ReaderError(form, is_down=True, url=url, model=self._settings.model)
        if 300 <= status < 400:
            form = "the reader at {url} redirects to {place}; give the address where that ends"
            place = _place(url, headers.get("location", ""))
            return ReaderError(form, is_down=True, url=url, place=place)
        if status in _LATER:
            header = headers.get("retry-after")
            wait_s = parse_retry_after(header, datetime.now(UTC), _LONGEST_WAIT_S)
            form = "the reader at {url} wants to be asked later (HTTP {code})"
            return ReaderError(form, is_down=True, retry_after_s=wait_s, url=url, code=status)
        form = "the reader at {url} failed (HTTP {code})"
        return ReaderError(form, url=url, code=status)


def _place(url: str, location: str) -> str:
    """Where a redirect leads, without what may be a key."""
    try:
        parts = urlsplit(urljoin(url, location))
    except ValueError:
        return "?"
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if location else "?"
    return place.encode("ascii", "replace").decode()[:200]


def _unzipped(body: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, _MOST_BYTES + 1)
    except zlib.error:
        return b""


# An answer begins at once, or has come to its end. What else a model wrote until its tokens were
# used up is what it thought, of which some servers show neither beginning nor end.
_BEGUN = re.compile(r"^\s*(?:[{\[]|```)|(?:\}|```)\s*$")


class _Said(NamedTuple):
    """What a model said, without what it thought. `is_cut_short`: that used up its tokens."""

    text: str
    has_thought: bool
    is_cut_short: bool
    tokens: int
    written: int


def _read_reply(body: bytes) -> _Said:
    """Read a server's answer. Raises AnswerError if it is none, or too long."""
    if len(body) > _MOST_BYTES:
        form = "the server's answer is longer than {most} bytes"
        raise AnswerError(form, most=_MOST_BYTES)
    try:
        done = json.loads(body)
        choice, usage = done["choices"][0], done.get("usage")
        message = choice["message"]
        content = _text(message.get("content"))
        reasoning = _text(message.get("reasoning_content") or message.get("reasoning"))
        is_used_up = choice.get("finish_reason") == "length"
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise AnswerError("the server's answer is no answer to a chat") from None
    thought, said = parted(content)
    is_cut_short = is_used_up and not _BEGUN.search(said)
    if not said.strip() and not is_used_up:
        said = reasoning  # some servers take an answer in the form that was asked for as reasoning
    has_thought = bool(thought or is_cut_short or (reasoning.strip() and said is not reasoning))
    tokens, written = _count(usage, "total_tokens"), _count(usage, "completion_tokens")
    return _Said(said, has_thought, is_cut_short, tokens, written)


def _text(content: object) -> str:
    """A message's content, which some servers send in parts."""
    if isinstance(content, list):
        return "".join(_text(one.get("text")) for one in content if isinstance(one, dict))
    return content if isinstance(content, str) else ""


def _count(usage: object, name: str) -> int:
    """A count of tokens; 0 if the server gives none that can be."""
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if type(count) is int and 0 <= count <= _MOST_COUNTED else 0
