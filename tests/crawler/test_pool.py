from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rensa import RMinHash  # type: ignore[import-untyped]  # it ships no types

from crawler.pool import WorkerPool
from crawler.process.task import Task
from crawler.worker import RulesSpec, has_rules
from storage.errors import ConfigurationError, UnreadableError
from storage.records import Document, Fetched, Judged

_PROJECT = Path(__file__).parents[2]


def _sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "awake"


def _begin(sign: Path, seconds: float) -> str:
    sign.touch()
    return _sleep(seconds)


def _stop() -> str:
    os.kill(os.getpid(), signal.SIGSTOP)
    return "went on"


def _be_busy() -> None:
    while True:
        pass


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _eat(megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


def _fill_what_is_mapped(megabytes: int) -> None:
    """Fill the memory that the fingerprint's library maps when it is imported."""
    _ = [RMinHash(num_perm=256 * 1024, seed=1) for _ in range(megabytes)]


_NO_CONTENT = Task(Fetched("u", "u", "text/html", b"", datetime(2024, 3, 12, tzinfo=UTC)))


def _double(number: int) -> int:
    return 2 * number


def _pid() -> int:
    return os.getpid()


class _Unpicklable:
    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        raise TypeError("this answer cannot be sent")


def _unpicklable() -> _Unpicklable:
    return _Unpicklable()


def _wrong() -> None:
    raise KeyError("a mistake of ours")


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(RulesSpec(), workers=2, memory_limit_mb=512, time_limit_s=2.0) as pool:
        yield pool


def test_a_task_gives_a_judged_document(pool: WorkerPool) -> None:
    page = "<html><title>Accord signé</title><body><h1>Accord signé à Rabat</h1><p>Le Maroc et le Niger ont signé.</p>"
    url = "https://www.example.org/accord"
    task = Task(Fetched(url, url, "text/html", page.encode(), datetime(2024, 3, 12, tzinfo=UTC)))
    judged = pool.submit("process", task).result(60)
    assert isinstance(judged, Judged)
    assert judged.document.title == "Accord signé à Rabat"
    assert judged.document.outlet == "example.org"


def test_a_document_that_is_text_is_judged_alone(pool: WorkerPool) -> None:
    judged = pool.submit("judge_document", Document("Titre", "Un texte.", "fr")).result(60)
    assert judged.document.title == "Titre"


def test_the_reason_of_an_unreadable_document_arrives(pool: WorkerPool) -> None:
    with pytest.raises(UnreadableError, match="no content") as caught:
        pool.submit("process", _NO_CONTENT).result(60)
    assert (caught.value.reason, caught.value.may_pass) == ("empty", False)


def test_a_task_over_time_fails_alone(pool: WorkerPool) -> None:
    slow, quick = pool.submit(_be_busy), [pool.submit(_double, n) for n in range(20)]
    assert [future.result(60) for future in quick] == [2 * n for n in range(20)]
    with pytest.raises(UnreadableError) as caught:
        slow.result(60)
    assert (caught.value.reason, caught.value.may_pass) == ("timeout", True)


def test_rules_are_loaded_beside_the_limits_when_they_are_first_needed(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("schema: 1\nconcepts: {act.of_our_own: {terms: {en: [gnarl]}}}\n")
    # Without what is kept on disk, reading rules takes a second.
    spec = RulesSpec(files=(own,), cache_dir=tmp_path, warm=False)
    with WorkerPool(spec, workers=1, memory_limit_mb=192, time_limit_s=0.5) as pool:
        assert not pool.submit(has_rules).result(60)
        with pytest.raises(UnreadableError, match="no content"):
            pool.submit("process", _NO_CONTENT).result(60)
        assert pool.submit(has_rules).result(60)
        with pytest.raises(UnreadableError) as caught:
            pool.submit(_eat, 512).result(60)
        assert caught.value.reason == "too_large"


def test_a_task_whose_worker_waits_is_not_out_of_time() -> None:
    """Neither a busy machine nor a clock that is set forward makes a document slow."""
    with WorkerPool(RulesSpec(), workers=1, time_limit_s=0.3) as pool:
        assert pool.submit(_sleep, 1.0).result(60) == "awake"


def test_a_clock_that_is_set_forward_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WorkerPool(RulesSpec(), workers=1, time_limit_s=60) as pool:
        slow = pool.submit(_begin, tmp_path / "begun", 1.0)
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + 86_400)
        assert slow.result(60) == "awake"


def test_a_task_that_hangs_is_stopped_and_may_be_tried_again() -> None:
    with WorkerPool(RulesSpec(), workers=1, time_limit_s=0.1) as pool:
        with pytest.raises(UnreadableError, match="did nothing") as caught:
            pool.submit(_stop).result(60)
        assert (caught.value.reason, caught.value.may_pass) == ("timeout", True)
        assert pool.submit(_double, 2).result(60) == 4


def test_a_task_that_kills_its_worker_fails_alone(pool: WorkerPool) -> None:
    futures = [pool.submit(_double, n) for n in range(10)] + [pool.submit(_die)]
    futures += [pool.submit(_double, n) for n in range(10)]
    with pytest.raises(UnreadableError) as caught:
        futures[10].result(60)
    assert (caught.value.reason, caught.value.may_pass) == ("broken", True)
    assert [future.result(60) for future in futures[:10]] == [2 * n for n in range(10)]
    assert [future.result(60) for future in futures[11:]] == [2 * n for n in range(10)]


def test_memory_is_limited(pool: WorkerPool) -> None:
    assert pool.submit(_eat, 64).result(60) == 64 * 1024 * 1024
    with pytest.raises(UnreadableError) as caught:
        pool.submit(_eat, 2048).result(60)
    assert caught.value.reason == "too_large"


def test_memory_that_a_library_mapped_before_the_limit_is_limited_too() -> None:
    with WorkerPool(RulesSpec(), workers=1, memory_limit_mb=256) as pool:
        pool.submit(_fill_what_is_mapped, 64).result(60)
        with pytest.raises(UnreadableError) as caught:
            pool.submit(_fill_what_is_mapped, 700).result(60)
    assert caught.value.reason == "broken"


def test_a_worker_killed_while_idle_does_not_end_the_pool(pool: WorkerPool) -> None:
    for _ in range(2):
        os.kill(pool.submit(_pid).result(60), signal.SIGKILL)
        time.sleep(0.5)
        assert pool.submit(_double, 21).result(60) == 42


def test_an_answer_that_cannot_be_sent_fails_alone(pool: WorkerPool) -> None:
    with pytest.raises(UnreadableError, match="lost"):
        pool.submit(_unpicklable).result(60)
    assert pool.submit(_double, 2).result(60) == 4


def test_a_fault_of_ours_is_logged_with_its_traceback(
    pool: WorkerPool, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UnreadableError, match="KeyError"):
        pool.submit(_wrong).result(60)
    assert "in _wrong" in caplog.text


def test_callbacks_may_submit_more(pool: WorkerPool) -> None:
    done = threading.Event()
    pool.submit(_double, 1).add_done_callback(
        lambda first: pool.submit(_double, first.result()).add_done_callback(lambda _: done.set())
    )
    assert done.wait(60)


def test_it_is_awaited_from_asyncio(pool: WorkerPool) -> None:
    async def both() -> list[int]:
        return list(
            await asyncio.gather(*(asyncio.wrap_future(pool.submit(_double, n)) for n in (1, 2)))
        )

    assert asyncio.run(both()) == [2, 4]


def test_bad_rules_are_told_to_whoever_asks(tmp_path: Path) -> None:
    with (
        WorkerPool(RulesSpec(packs=("no-such-pack",)), workers=1) as pool,
        pytest.raises(ConfigurationError, match="no-such-pack"),
    ):
        pool.submit("judge_document", Document("Titre", "Texte", "fr")).result(60)


def test_closing_waits_for_nothing_and_fails_what_is_at_work_or_waits() -> None:
    pool = WorkerPool(RulesSpec(), workers=1, time_limit_s=120)
    assert pool.submit(_double, 1).result(60) == 2
    futures = [pool.submit(_sleep, 60.0) for _ in range(3)]
    time.sleep(0.5)  # the first is at work by then, or waits like the others
    pool.close()
    for future in futures:  # of which the first would have its value, had it been waited for
        with pytest.raises(RuntimeError, match="closed"):
            future.result(1)
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(_double, 1).result(1)


_MODULE = """
from crawler.pool import WorkerPool
from crawler.worker import RulesSpec, has_rules
from storage.records import Document

print("loaded as", __name__, flush=True)

def main() -> None:
    with WorkerPool(RulesSpec(), workers=1) as pool:
        print(pool.submit("judge_document", Document("Titre", "Texte", "fr")).result(60).document.title, flush=True)
        if WAIT:
            print(pool.submit(pid).result(60), flush=True)
            input()

def pid() -> int:
    import os
    return os.getpid()

WAIT = {wait}
if __name__ == "__main__":
    main()
"""


def _run_module(folder: Path, wait: bool) -> subprocess.Popen[str]:
    (folder / "runner.py").write_text(_MODULE.format(wait=wait))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "runner"],
        env={**os.environ, "PYTHONPATH": f"{_PROJECT}{os.pathsep}{folder}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_it_works_under_a_module_run_with_a_safe_path(tmp_path: Path) -> None:
    with _run_module(tmp_path, wait=False) as child:
        out, _ = child.communicate(timeout=90)
    assert "Titre" in out
    assert child.returncode == 0


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    with _run_module(tmp_path, wait=True) as child:
        assert child.stdout is not None
        worker = next(int(line) for line in child.stdout if line.strip().isdigit())
        child.kill()
        child.wait()
    for _ in range(1000):
        if not Path(f"/proc/{worker}").exists():
            return
        time.sleep(0.1)
    pytest.fail(f"worker {worker} outlived its parent")
