"""A language model behind a server that speaks the OpenAI chat API: openai's home.

Errors repeat neither the text of a server's answer nor the key: servers repeat keys.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from crawler.judgement.judge import load_rules
from crawler.reader.answer import prove, read_answer
from crawler.reader.question import answer_schema, messages, prompt_version
from scheduler.configuration.party_names import party_meant
from scheduler.configuration.sections import ReaderSettings
from scheduler.views.verdicts import why_not
from scheduler.views.words.labels import labels_of
from storage.errors import AnswerError, ConfigurationError, ReaderError
from storage.records import Document, Evidence

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI


_MOST_TOKENS = 700  # of an answer: the quote is the longest part of it
_REFUSED = {401, 403}
_LATER = {429, 502, 503, 504}  # whatever the text: it is busy, starts, or is gone behind a proxy
_NO_FORM = {400, 422}  # of a server that knows no schema
_LONGEST_WAIT_S = 86_400.0  # of a Retry-After: by then the calls of another day may be made
_KEYLESS = "none"  # the library wants a key even for a server that has none


class ReaderClient:
    """Asks one server. To be used as an asynchronous context manager, in one event loop."""

    def __init__(self, settings: ReaderSettings) -> None:
        """Raises ConfigurationError if the library is not installed, or the key is not there."""
        try:
            from openai import AsyncOpenAI
        except ImportError:
            raise ConfigurationError(
                "a second reader needs one more package: pip install 'accordwatch[reader]'"
            ) from None
        key = settings.api_key.reveal() if settings.api_key else _KEYLESS
        self._settings = settings
        self._client: AsyncOpenAI = AsyncOpenAI(
            base_url=settings.url, api_key=key, timeout=settings.timeout_s, max_retries=0
        )
        # The forms of an answer that servers may support, the strictest first.
        self._forms = [_form(limited=True), _form(limited=False), {}]

    async def __aenter__(self) -> ReaderClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.close()

    async def ask(self, document: Document, evidence: Sequence[Evidence]) -> tuple[str, float, int]:
        """The reader's answer, the seconds that it took, and its tokens (0 if unknown). Raises
        AnswerError if it is empty, and ReaderError if the server cannot be reached.
        """
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                text, tokens = await self._answer_of(messages(document, evidence))
        except TimeoutError:
            form = "the reader did not answer within {seconds} s"
            seconds = f"{self._settings.timeout_s:g}"
            raise ReaderError(form, seconds=seconds) from None
        return text, time.monotonic() - begun, tokens

    async def _answer_of(self, chat: list[dict[str, str]]) -> tuple[str, int]:
        from openai import APIConnectionError, APIStatusError, OpenAIError

        try:
            while True:
                form = self._forms[0]
                try:
                    return await self._complete(chat, form)
                except APIStatusError as error:
                    if error.status_code not in _NO_FORM or not form:
                        raise
                    if form is self._forms[0]:  # else another text has found this out meanwhile
                        del self._forms[0]
        except APIStatusError as error:
            raise self._refusal(error) from None
        except APIConnectionError:
            down, url = "the reader at {url} cannot be reached", self._settings.url
            raise ReaderError(down, is_down=True, url=url) from None
        except OpenAIError as error:
            raise AnswerError(f"no answer to a chat came: {type(error).__name__}") from None

    async def _complete(self, chat: list[dict[str, str]], form: dict[str, Any]) -> tuple[str, int]:
        request: dict[str, Any] = {
            "model": self._settings.model,
            "messages": chat,
            "temperature": 0,
            "max_tokens": _MOST_TOKENS,
        }
        raw = await self._client.chat.completions.with_raw_response.create(**request, **form)
        body = raw.http_response.content
        try:
            done = json.loads(body)
            text = done["choices"][0]["message"]["content"]
            tokens = (done.get("usage") or {}).get("total_tokens") or 0
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            raise AnswerError("the server's answer is no answer to a chat") from None
        if not isinstance(text, str):
            raise AnswerError("the answer is empty")
        return text, tokens if isinstance(tokens, int) else 0

    def _refusal(self, error: APIStatusError) -> ReaderError:
        status, url = error.status_code, self._settings.url
        if status in _REFUSED:
            form = "the reader at {url} refuses the key (HTTP {code})"
            return ReaderError(form, is_down=True, url=url, code=status)
        if status == 404:
            form = "the reader at {url} has no model {model!r} (HTTP 404)"
            return ReaderError(form, is_down=True, url=url, model=self._settings.model)
        if status in _LATER:
            # imported here since it brings Twisted along, and few answers have the header
            from spiders.fetch.slots import parse_retry_after

            header = error.response.headers.get("retry-after")
            wait_s = parse_retry_after(header, datetime.now(UTC), _LONGEST_WAIT_S)
            form = "the reader at {url} wants to be asked later (HTTP {code})"
            return ReaderError(form, is_down=True, retry_after_s=wait_s, url=url, code=status)
        form = "the reader at {url} failed (HTTP {code})"
        return ReaderError(form, url=url, code=status)


def _form(*, limited: bool) -> dict[str, Any]:
    schema = {"name": "answer", "schema": answer_schema(limited=limited), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


# --- whether a reader understands the question: four texts of ours, with right answers ------------

# Alerts and reviews among 10,000 documents of ordinary news feeds (docs/measured.md).
CALLS_IN_10_000 = 31

# What a reader must tell apart: a step, an old agreement that is applied, a politician's wish, and
# a court that stops an agreement.
_SAMPLES = (
    (
        "yes",
        "fr",
        date(2026, 3, 11),
        "Tunis et Madrid signent un accord de réadmission",
        "Les ministres de l'Intérieur tunisien et espagnol ont signé mardi à Tunis un accord de "
        "réadmission des migrants en situation irrégulière. Le texte prévoit aussi la formation de "
        "garde-côtes.",
    ),
    (
        "no",
        "en",
        date(2026, 3, 13),
        "Second flight under returns deal lands in Kigali",
        "Twelve people arrived in Kigali on Thursday on the second flight under the returns "
        "agreement that Denmark and Rwanda signed two years ago, officials said.",
    ),
    (
        "no",
        "en",
        date(2026, 3, 16),
        "Opposition leader vows to tear up migration pact",
        "If elected, she would cancel the migration pact with Albania on her first day in office, "
        "the leader of the opposition told a rally in Milan on Sunday.",
    ),
    (
        "yes",
        "es",
        date(2026, 3, 17),
        "El Supremo suspende el acuerdo de asilo con Guatemala",
        "La Corte Suprema suspendió el lunes la aplicación del acuerdo de asilo que Estados Unidos "
        "y Guatemala firmaron en enero, hasta que decida sobre su constitucionalidad.",
    ),
)
SAMPLES = tuple(
    (expected, Document(title, text, language, day, outlet="example.org"))
    for expected, language, day, title, text in _SAMPLES
)

# (whether the answer was right, the seconds that it took, its tokens)
SampleOutcome = tuple[bool, float, int]


async def ask_samples(
    settings: ReaderSettings, print_line: Callable[[str], None]
) -> Sequence[SampleOutcome]:
    """Ask about each text, and print a line on the answer. Raises ReaderError on failure."""
    rules, outcomes = load_rules(), list[SampleOutcome]()
    async with ReaderClient(settings) as client:
        for expected, document in SAMPLES:
            text, took_s, tokens = await client.ask(document, ())
            try:
                answer = read_answer(text)
            except AnswerError as error:
                proven, why = "none", str(error)
            else:
                now = datetime.now(UTC)
                reading = prove(
                    answer,
                    document,
                    rules,
                    party_meant,
                    reader=settings.model,
                    prompt=prompt_version(),
                    now=now,
                )
                proven, why = reading.answer, why_not(reading, labels_of("en")) or reading.quote
            outcomes.append((proven == expected, took_s, tokens))
            mark = "right" if proven == expected else f"wrong, should be {expected}"
            took = f"{took_s:.1f} s, {tokens} tokens"
            proof = f"\n    {why}" if why else ""
            print_line(f"  {document.title}: {proven} ({mark}; {took}){proof}")
    return outcomes


def cost_of_a_day(outcomes: Sequence[SampleOutcome], settings: ReaderSettings) -> Iterator[str]:
    """Yield a line on the calls and tokens that a day of 20,000 ordinary articles would need."""
    calls = 2 * CALLS_IN_10_000
    took_s = statistics.mean(took_s for _, took_s, _ in outcomes)
    tokens = statistics.mean(tokens for _, _, tokens in outcomes)
    minutes = calls * took_s / settings.at_once / 60
    yield (
        f"A day of 20,000 articles: about {calls} calls, {calls * tokens:,.0f} tokens, "
        f"{minutes:.0f} minutes (of texts as short as these)."
    )
