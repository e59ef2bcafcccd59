"""The client of a second reader against a real HTTP server: models that think, fence and talk,
servers that refuse fields, redirect, or send without an end.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from crawler.reader.question import answer_schema
from scheduler.configuration.sections import ReaderSettings
from scheduler.jobs.reader.client import THINKING_TOKENS, Form, ReaderClient, Reply
from scheduler.jobs.reader.samples import ask_samples, found_out
from storage.errors import AccordwatchError, AnswerError, ReaderError
from tests.scheduler.jobs.reader import chat_server as served
from tests.scheduler.jobs.reader.chat_server import ChatServer, chat_server

NO = {"answer": "no", "cause": "recalled"}
SAID = json.dumps(NO)
CHAT = [{"role": "user", "content": "Is it one?"}]
MOST_TOKENS = 700


@pytest.fixture(autouse=True)
def plain_no(server: ChatServer) -> None:
    server.answer = lambda body: served.Reply(SAID)


def _ask(
    server: ChatServer, times: int = 1, form: Form | None = None, timeout_s: float = 10
) -> tuple[list[Reply | AccordwatchError], Form]:
    """What comes of each question, one after the other, and what was found out."""
    settings = ReaderSettings(url=server.url, model="m", timeout_s=timeout_s)

    async def ask() -> tuple[list[Reply | AccordwatchError], Form]:
        got: list[Reply | AccordwatchError] = []
        async with ReaderClient(settings, form) as client:
            for _ in range(times):
                try:
                    got.append(await client.ask(CHAT, MOST_TOKENS, answer_schema()))
                except AccordwatchError as error:
                    got.append(error)
            return got, client.form

    return asyncio.run(ask())


def _found(server: ChatServer, times: int = 1) -> list[Any]:
    got, _ = _ask(server, times)
    return [one.found if isinstance(one, Reply) else str(one) for one in got]


@pytest.mark.parametrize(
    "reply",
    [
        served.Reply(f"<think>\nIs {{it}} one? No.\n</think>\n\n{SAID}"),
        served.Reply(f"Is it one? No.\n</think>\n{SAID}"),
        served.Reply(f"Here is the answer:\n```json\n{SAID}\n```\nDone."),
        served.Reply(f"```\n{SAID}\n```"),
        served.Reply(SAID, more={"reasoning_content": 'Perhaps {"answer": "yes"}'}),
        served.Reply("", more={"reasoning_content": SAID}),
        served.Reply(None, more={"reasoning": SAID}),
        served.Reply([{"type": "thinking", "thinking": []}, {"type": "text", "text": SAID}]),
    ],
)
def test_the_answer_is_found_wherever_a_model_puts_it(
    server: ChatServer, reply: served.Reply
) -> None:
    server.answer = lambda body: reply
    assert _found(server) == [NO]
    assert len(server.asked) == 1


def test_a_model_is_asked_not_to_think_in_all_ways_that_servers_know(server: ChatServer) -> None:
    _found(server)
    (asked,) = server.asked
    assert asked["chat_template_kwargs"] == {"enable_thinking": False}
    assert asked["reasoning_effort"] == "none"
    assert asked["max_tokens"] == MOST_TOKENS


def _thinks(tokens: int, how: Callable[[str], served.Reply]) -> served.Answer:
    """A model that needs so many tokens before it answers."""

    def answer(body: dict[str, Any]) -> served.Reply:
        is_done = body["max_tokens"] >= tokens + 100
        return served.Reply(SAID) if is_done else how("Okay, the user asks {whether}. ")

    return answer


@pytest.mark.parametrize(
    "how",
    [
        lambda said: served.Reply("", more={"reasoning_content": said}, finish="length"),
        lambda said: served.Reply(None, more={"reasoning": said}, finish="length"),
        lambda said: served.Reply(f"<think>{said}", finish="length"),
        lambda said: served.Reply(said, finish="length"),  # its prompt began the thinking
        lambda said: served.Reply("", finish="length"),  # its thinking is not shown
    ],
)
def test_a_model_that_thinks_all_the_same_gets_room_for_it_from_then_on(
    server: ChatServer, how: Callable[[str], served.Reply]
) -> None:
    server.answer = _thinks(2_000, how)
    assert _found(server, times=2) == [NO, NO]
    room = MOST_TOKENS + THINKING_TOKENS
    assert [asked["max_tokens"] for asked in server.asked] == [MOST_TOKENS, room, room]


def test_a_model_that_never_ends_thinking_is_named(server: ChatServer) -> None:
    server.answer = _thinks(100_000, lambda said: served.Reply(f"<think>{said}", finish="length"))
    assert _found(server) == [
        "it was still thinking after 4700 tokens; switch that off (docs/reader.md)"
    ]
    assert len(server.asked) == 2


# As servers word it: vLLM, Ollama, providers, llama.cpp.
REFUSALS = {
    '"chat_template_kwargs"': "Unrecognized request argument supplied: chat_template_kwargs",
    '"reasoning_effort": "none"': 'invalid reasoning value: "none"',
    '"reasoning_effort"': "{'loc': ('body', 'reasoning_effort'), 'msg': 'Extra inputs'}",
    '"max_tokens"': "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    '"temperature"': "Unsupported value: 'temperature' does not support 0 with this model.",
    "maxLength": "Failed to parse grammar",
    '"response_format"': "This response_format type is unavailable now",
}


def _refuses(*named: str, status: int = 400) -> served.Answer:
    """A server that refuses a request with one of these in it, and names the first of them."""

    def answer(body: dict[str, Any]) -> served.Reply:
        written = json.dumps(body)
        for one in named:
            if one in written:
                return served.Reply(status=status, body=REFUSALS[one].encode())
        return served.Reply(SAID)

    return answer


@pytest.mark.parametrize(
    ("refusing", "requests", "left"),
    [
        (_refuses('"chat_template_kwargs"', status=422), 2, {"reasoning_effort": "none"}),
        (_refuses('"reasoning_effort": "none"'), 2, {"reasoning_effort": "low"}),
        (_refuses('"reasoning_effort"'), 3, {"chat_template_kwargs": {"enable_thinking": False}}),
        (_refuses('"max_tokens"', '"temperature"'), 3, {"max_completion_tokens": MOST_TOKENS}),
        (_refuses("maxLength"), 2, {"reasoning_effort": "none"}),
        (_refuses('"response_format"'), 3, {"reasoning_effort": "none"}),
    ],
)
def test_a_field_that_a_server_refuses_is_left_out_from_then_on(
    server: ChatServer, refusing: served.Answer, requests: int, left: dict[str, Any]
) -> None:
    server.answer = refusing
    assert _found(server, times=3) == [NO] * 3
    assert len(server.asked) == requests + 2
    assert left.items() <= server.asked[-1].items()


def test_what_was_found_out_about_a_server_is_used_by_the_next_client(server: ChatServer) -> None:
    server.answer = _refuses('"chat_template_kwargs"', '"response_format"')
    _, known = _ask(server)
    server.asked.clear()
    assert _ask(server, 2, Form.from_json(known.to_json()))[1] == known
    assert len(server.asked) == 2


def test_a_server_that_refuses_everything_is_tried_in_each_form_only_once(
    server: ChatServer,
) -> None:
    server.answer = lambda body: served.Reply(status=400, body=b"no")
    got, known = _ask(server, times=4)
    assert [str(one) for one in got] == [f"the reader at {server.url} failed (HTTP 400)"] * 4
    assert len(server.asked) == 3 + 3
    server.answer = lambda body: served.Reply(SAID)
    assert _ask(server, 2, known)[1] == Form(works=True)  # it is asked for a form again


def test_one_text_that_a_server_refuses_does_not_cost_its_form(server: ChatServer) -> None:
    too_long = iter([False, True, False, True, False])
    server.answer = lambda body: (
        served.Reply(status=400, body=b"too long") if next(too_long) else served.Reply(SAID)
    )
    got, known = _ask(server, times=5)
    assert [isinstance(one, Reply) for one in got] == [True, False, True, False, True]
    assert (len(server.asked), known) == (5, Form(works=True))


@pytest.mark.parametrize("zipped", [False, True])
def test_an_answer_without_end_is_left_after_a_megabyte(server: ChatServer, zipped: bool) -> None:
    if zipped:
        bomb = gzip.compress(b" " * 100_000_000)
        server.answer = lambda body: served.Reply(body=bomb, headers={"Content-Encoding": "gzip"})
    else:
        server.answer = lambda body: served.Reply(body=b" " * 65_536, again_s=0)
    tracemalloc.start()
    try:
        assert _found(server) == ["the server's answer is longer than 1000000 bytes"]
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert server.sent_bytes < 20_000_000  # what is on its way is lost


def test_an_answer_that_is_zipped_though_none_was_asked_for_is_read(server: ChatServer) -> None:
    message = {"choices": [{"message": {"content": SAID}}]}
    body = gzip.compress(json.dumps(message).encode())
    server.answer = lambda _: served.Reply(body=body, headers={"Content-Encoding": "gzip"})
    assert _found(server) == [NO]


def test_the_time_for_an_answer_is_that_of_all_its_pieces_together(server: ChatServer) -> None:
    server.answer = lambda body: served.Reply(body=b" ", again_s=0.05)
    begun = time.monotonic()
    got, _ = _ask(server, timeout_s=0.5)
    assert str(got[0]) == "the reader did not answer within 0.5 s"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_says_where_it_pointed(
    server: ChatServer, status: int
) -> None:
    with chat_server(lambda body: served.Reply(SAID)) as elsewhere:
        place = f"{elsewhere.url}/chat/completions"
        secret = place.replace("//", "//user:hunter2@") + "?key=hunter2"
        server.answer = lambda body: served.Reply(status=status, headers={"Location": secret})
        (error,), _ = _ask(server)
        assert elsewhere.asked == []
    assert isinstance(error, ReaderError)
    assert error.is_down
    assert str(error) == (
        f"the reader at {server.url} redirects to {place}; give the address where that ends"
    )


@pytest.mark.parametrize("location", ["", "http://[", "/\u202egnp.exe", "x" * 3_000])
def test_a_redirect_to_nowhere_is_a_short_line(server: ChatServer, location: str) -> None:
    headers = {"Location": location.encode().decode("latin-1")} if location else {}
    server.answer = lambda body: served.Reply(status=302, headers=headers)
    (error,) = _found(server)
    assert error.isascii()
    assert len(error) < 400


@pytest.mark.parametrize(
    "usage",
    [
        *({"total_tokens": count} for count in (int("9" * 30), -1, "1000", None, True, 1e400, 2.5)),
        {},
        None,
        [],
        "1000",
    ],
)
def test_a_count_of_tokens_that_can_be_none_counts_as_nothing(
    server: ChatServer, usage: object
) -> None:
    server.answer = lambda body: served.Reply(SAID, usage=usage)
    (reply,), _ = _ask(server)
    assert isinstance(reply, Reply)
    assert (reply.found, reply.tokens) == (NO, 0)


def test_a_number_of_five_thousand_digits_is_no_answer(server: ChatServer) -> None:
    body = b'{"choices": [{"message": {"content": "{}"}}], "usage": {"total_tokens": %b}}'
    server.answer = lambda _: served.Reply(body=body % (b"9" * 5_000))
    assert _found(server) == ["the server's answer is no answer to a chat"]


def test_a_check_says_that_a_model_thinks_and_what_the_server_does_not_take(
    server: ChatServer,
) -> None:
    def answer(body: dict[str, Any]) -> served.Reply:
        if "chat_template_kwargs" in body:
            return served.Reply(status=400, body=b"chat_template_kwargs?")
        usage = {"total_tokens": 1800, "completion_tokens": 900}
        return served.Reply(f"<think>Hm.</think>{SAID}", usage=usage)

    server.answer = answer
    lines: list[str] = []
    settings = ReaderSettings(url=server.url, model="m")
    outcomes, form = asyncio.run(ask_samples(settings, lines.append))
    assert [outcome.is_right for outcome in outcomes] == [False, True, True, False]
    refused, thinks = found_out(outcomes, form)
    assert refused == "The server does not take chat_template_kwargs: it is asked without."
    assert thinks.startswith("It thinks before it answers: 900 tokens a text. Switch that off")


def test_a_check_goes_on_behind_a_text_whose_answer_is_none(server: ChatServer) -> None:
    server.answer = lambda body: served.Reply(body=b"<html>")
    lines: list[str] = []
    outcomes, _ = asyncio.run(ask_samples(ReaderSettings(url=server.url, model="m"), lines.append))
    assert (len(outcomes), any(outcome.is_right for outcome in outcomes)) == (4, False)
    assert "no answer to a chat" in lines[0]


def test_what_is_no_json_object_is_an_error_that_repeats_nothing(server: ChatServer) -> None:
    server.answer = lambda body: served.Reply("Incorrect API key provided: sk-1")
    (error,), _ = _ask(server)
    assert isinstance(error, AnswerError)
    assert "sk-1" not in str(error)
