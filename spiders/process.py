"""A crawl as a process: `python -P -m spiders.process`.

The first line on stdin is a CrawlSpec as JSON. Further lines (`spiders.spec`) are sources that
became due meanwhile. Event lines in JSON go to stdout: {"event": "source" | "document" | "problem",
...} while it works, {"event": "finished", "exit", "report"} at the end, or {"event": "failed",
"why"} where there can be no report. Logs go to stderr.

Exit 0: all well. 1: some sources failed. 2: nothing could be done. 70: it crashed by a fault of
ours. SIGTERM ends it within seconds. SIGKILL loses nothing: what was claimed and not stored is
fetched by the next run.

Its workers import this module, too, since it is the main one, and need neither Scrapy nor the
database: what a crawl imports is imported by `main`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import traceback

from storage.errors import AccordwatchError

_PR_SET_PDEATHSIG = 1  # prctl(2)
PARENT_VARIABLE = "ACCORDWATCH_PARENT"  # the id of the process that started us

# Python itself ends with 1 after an uncaught exception, which here means that sources failed.
CRASHED = 70  # EX_SOFTWARE of sysexits.h


def main() -> int:
    """Do what stdin orders. Returns the exit code."""
    # Have Linux send us SIGTERM when the thread that started us is gone. An orphaned crawl would
    # work beside the next one, and everything would be fetched twice.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.environ.get(PARENT_VARIABLE, str(os.getppid())) != str(os.getppid()):
        sys.exit(2)  # the parent was gone before we looked
    try:
        from spiders.crawl import crawl_as_ordered

        return crawl_as_ordered()
    except AccordwatchError as error:
        sys.stderr.write(f"{error}\n")
        _emit_failure(str(error))
        return 2
    except Exception as error:  # the edge of the process
        traceback.print_exc()
        fault = " ".join(f"{type(error).__name__}: {error}".split())
        _emit_failure(f"it crashed by a fault of ours: {fault}")
        return CRASHED


def _emit_failure(why: str) -> None:
    line = json.dumps({"event": "failed", "why": why}, ensure_ascii=False)
    with contextlib.suppress(OSError):  # nobody listens any more
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
