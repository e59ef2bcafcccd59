"""The inside of a worker process: what it loads when it starts, and how it answers.

Whatever happens, the answer is a plain value: an exception that does not survive pickling would take the pool down.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.extract.extract import extract
from crawler.judgement.judge import Rules, load_rules
from crawler.pages import process_page
from crawler.process import judge_document, process
from storage.errors import AccordwatchError, UnreadableError
from storage.records import Document, Fetched

# What workers can be asked for by name; other functions are given as such (the reading of a feed, for instance).
STAGES: dict[str, Callable[[Any, Rules], Any]] = {
    "process": process,
    "process_page": process_page,
    "judge_document": judge_document,
}

# A page of each kind of reading, so that the first real one does not pay for models and date parsers: 2 s, with no
# declared date, and French since the date parser loads its languages one by one.
_WARMING_PAGE = (
    "<html><head><title>Accord signé</title></head><body><h1>Accord signé</h1><p>Publié le 3 mars 2024</p>"
    "<p>Les deux ministres ont signé lundi un accord sur le retour des migrants en situation irrégulière.</p>"
    "</body></html>"
)


@dataclass(frozen=True, slots=True)
class RulesSpec:
    """Which rules the workers load: names of shipped packs, and the user's files."""

    packs: tuple[str, ...] = ("migration-cooperation",)
    files: tuple[Path, ...] = ()
    cache_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`value`, or the error that the stage ended with. `fault` is the traceback of one that is our mistake."""

    value: Any = None
    error: AccordwatchError | None = None
    fault: str = ""


_rules: Rules | AccordwatchError | None = None  # of this process, set once when it starts


def start(spec: RulesSpec, memory_limit_mb: int) -> None:
    """Load rules and models, then cap the memory. Bad rules are kept and told to whoever asks: a worker that refuses
    to start would be started again for ever."""
    global _rules
    try:
        _rules = load_rules(spec.packs, spec.files, spec.cache_dir)
    except AccordwatchError as error:
        _rules = error
    else:
        _warm_up(_rules)
    limit_memory(memory_limit_mb)


def _warm_up(rules: Rules) -> None:
    url = "https://warm.invalid/"
    found = extract(Fetched(url, url, "text/html", _WARMING_PAGE.encode(), datetime.now(UTC)))
    judge_document(Document(found.title, found.text, found.language), rules)


def limit_memory(more_mb: int) -> None:
    """Let this process take `more_mb` of private memory over what it holds now; where the system cannot say or limit
    that (macOS, Windows), the time limit is what is left.

    Counted is what may be written to (RLIMIT_DATA), not what is mapped (RLIMIT_AS): one library of ours maps a gigabyte
    when it is imported, to be filled later, and under a limit on mappings it may.
    """
    if not sys.platform.startswith("linux"):
        return
    import resource

    lines = Path("/proc/self/status").read_text().splitlines()
    held_kb = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
    limit = held_kb * 1024 + more_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def work(stage: str | Callable[..., Any], payload: tuple[Any, ...]) -> Outcome:
    """Run a stage of `STAGES` with this worker's rules, or a function with `payload` alone."""
    try:
        return Outcome(stage(*payload) if callable(stage) else STAGES[stage](payload[0], _loaded()))
    except AccordwatchError as error:
        return Outcome(error=error)
    except MemoryError:
        return Outcome(
            error=UnreadableError("too_large", "reading it took more memory than a worker may have")
        )
    except RecursionError:
        return Outcome(error=UnreadableError("broken", "it is nested too deeply to be read"))
    except Exception as error:  # the edge of a process: one document pays, and the report names it
        return Outcome(
            error=UnreadableError("broken", f"reading it failed: {type(error).__name__}: {error}"),
            fault=traceback.format_exc(),
        )


def _loaded() -> Rules:
    if isinstance(_rules, Rules):
        return _rules
    raise _rules or UnreadableError("broken", "this worker has no rules")
