"""What happens in worker processes: loading rules and models, and running stages.

A worker always answers with a plain value, even after an error: an exception that cannot be pickled
would bring down the whole pool.

Extraction and judgement are imported by the functions that use them: whoever starts workers imports
this module too, and needs neither (a second, and 100 MB).
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import disk_cache
from crawler.judgement.probability.rates import FALSE_ALARMS
from storage.errors import AccordwatchError, UnreadableError

if TYPE_CHECKING:
    from crawler.judgement.judge import Rules


@dataclass(frozen=True, slots=True)
class RulesSpec:
    """The rules that the workers load: names of packs that we ship, and files of the user."""

    packs: tuple[str, ...] = ("migration-cooperation",)
    files: tuple[Path, ...] = ()
    cache_dir: Path | None = None
    false_alarms: float = FALSE_ALARMS  # in 10,000 ordinary documents
    warm: bool = True  # read a first page before the real ones, which is for many of them


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a stage: a value or an error. `fault` is the traceback of a bug."""

    value: Any = None
    error: AccordwatchError | None = None
    fault: str = ""


# Of this process: what it may load and use, and what came of loading.
_spec: RulesSpec | None = None
_memory_limit_mb = 0
_rules: Rules | AccordwatchError | None = None
_tasks = 0  # that it has done

# A worker that has read pages holds some 18 MB that is free. To give it back takes 3 ms.
_GIVES_BACK_AFTER = 20  # tasks


def start(spec: RulesSpec | None, memory_limit_mb: int) -> None:
    """Say which rules this process judges by, if by any, and limit its memory."""
    global _spec, _memory_limit_mb, _rules
    if spec != _spec:
        _rules = None
    _spec, _memory_limit_mb = spec, memory_limit_mb
    limit_memory(memory_limit_mb)


def load() -> None:
    """Load rules and models, unless that was done; the limits of a task do not count meanwhile. If
    rules cannot be loaded, each document gets this error: a worker that fails to start would be
    restarted forever.
    """
    global _rules
    if _spec is None or _rules is not None:
        return
    lift_memory_limit()
    # What is made here stays for ever. Looking for garbage in it took a quarter of the loading.
    gc.disable()
    try:
        _rules = load_spec(_spec)
    except AccordwatchError as error:
        _rules = error
    if _spec.warm and not isinstance(_rules, AccordwatchError):
        from crawler.process.stages import warm_up

        warm_up(_rules)
    gc.freeze()
    gc.enable()
    limit_memory(_memory_limit_mb)


def has_rules() -> bool:
    """Whether this process holds the rules that it may use."""
    return _rules is not None


def load_spec(spec: RulesSpec) -> Rules:
    """Load these rules. Raises ConfigurationError if they cannot be used."""
    use_one_thread()
    from crawler.judgement.judge import load_rules

    return load_rules(spec.packs, spec.files, spec.cache_dir, false_alarms=spec.false_alarms)


def use_one_thread() -> None:
    """Have NumPy's library begin no threads: the encoder uses one. Others take 50 ms to begin,
    again in each forked process, where they are busy waiting for a tenth of a second, and hold 2
    MB.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


def limit_memory(more_mb: int) -> None:
    """Let this process use `more_mb` of private memory beside what it uses now, where that can be
    measured: on Linux. The limit is on RLIMIT_DATA rather than RLIMIT_AS, because one of our
    libraries reserves a gigabyte of address space.
    """
    if not sys.platform.startswith("linux"):
        return

    lines = Path("/proc/self/status").read_text().splitlines()
    held_kb = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
    limit = held_kb * 1024 + more_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def lift_memory_limit() -> None:
    if sys.platform.startswith("linux"):
        most = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def give_back_memory() -> None:
    """Give back to the system what is free between used pieces of memory, which a fork would copy,
    and what is only read from files.
    """
    disk_cache.release_memory()
    if sys.platform == "linux":
        with suppress(AttributeError):  # not with musl
            ctypes.CDLL(None).malloc_trim(0)


# What ends a worker whose task took too much processor time.
OUT_OF_TIME = signal.SIGPROF


@contextmanager
def limited_time(limit_s: float) -> Iterator[None]:
    """End this process if what happens inside takes more than `limit_s` seconds of processor time,
    which the kernel counts: a busy or suspended machine does not matter.
    """
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def work(stage: str | Callable[..., Any], payload: tuple[Any, ...], limit_s: float) -> Outcome:
    """Run a named stage with this worker's rules, or call a function with `payload` alone."""
    global _tasks
    if not callable(stage):
        loading = _outcome(load, ())
        if loading.error is not None:
            return loading
    with limited_time(limit_s):
        outcome = _outcome(stage, payload)
    _tasks += 1
    if _tasks % _GIVES_BACK_AFTER == 0:
        give_back_memory()
    return outcome


def _outcome(stage: str | Callable[..., Any], payload: tuple[Any, ...]) -> Outcome:
    try:
        if callable(stage):
            return Outcome(stage(*payload))
        from crawler.process.stages import STAGES

        return Outcome(STAGES[stage](payload[0], _loaded()))
    except AccordwatchError as error:
        return Outcome(error=error)
    except MemoryError:
        return Outcome(
            error=UnreadableError("too_large", "reading it took more memory than a worker may use")
        )
    except RecursionError:
        return Outcome(error=UnreadableError("broken", "it is nested too deeply to be read"))
    except Exception as error:  # the edge of the process: only this document fails, and is reported
        message = f"reading it failed: {type(error).__name__}: {error}"
        return Outcome(error=UnreadableError("broken", message), fault=traceback.format_exc())


def _loaded() -> Rules:
    if _rules is None:
        raise UnreadableError("broken", "this worker has no rules")
    if isinstance(_rules, AccordwatchError):
        raise _rules
    return _rules


def has_threads() -> bool:
    """Whether this process has threads, those of libraries too. They would be missing in a copy."""
    return len(list(Path("/proc/self/task").iterdir())) > 1
