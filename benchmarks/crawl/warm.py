"""What a small crawl costs a daemon that begins it warm, and one that begins each anew.

Run as `python -m benchmarks.crawl.warm [--runs N] [--pages N] [--shells FOLDER]`. Crawls of few
new pages, and crawls that find nothing new, are begun in both ways in turns. Prints the processor
time of a crawl with all its processes, without what the daemon itself does around it.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.crawl.__main__ import _configuration, _served
from scheduler import jobs
from scheduler.configuration.config import load_configuration
from scheduler.crawl_process import crawl
from scheduler.warm_crawls import WarmCrawls
from storage.database.session import open_database

_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)
_SHARE = 33  # percent of the pages that hold a report
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl.warm", description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--pages", type=int, default=3)
    parser.add_argument("--shells", type=Path)
    asked = parser.parse_args()
    if ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0):
        sys.exit("this needs Linux: orphaned processes cannot be adopted here")
    warm = WarmCrawls(print)
    with (
        tempfile.TemporaryDirectory() as folder,
        _served(asked.pages, _SHARE, asked.shells) as addresses,
    ):
        path = Path(folder) / "accordwatch.yaml"
        path.write_text(_configuration(addresses), encoding="utf-8")
        first_s = _run(path, warm)  # loads all
        found: dict[str, list[float]] = {}
        for _ in range(asked.runs):
            for kind in ("new pages", "nothing new"):
                for name, begins in (("warm", warm), ("anew", None)):
                    if kind == "new pages":
                        _forget(path)
                    found.setdefault(f"{kind}, {name}", []).append(_run(path, begins))
    warm.close()
    print(json.dumps({"first, which loads all": first_s}))
    for name, taken in found.items():
        print(f"{name}: {sum(taken):.1f} s in {len(taken)} crawls, least {min(taken):.2f} s")


def _run(path: Path, warm: WarmCrawls | None) -> float:
    """Crawl all sources; return the processor time that it took."""
    chosen = load_configuration(path)
    database = open_database(chosen.database)
    before_s = _spent_s(warm)
    spec = jobs.crawl_spec(database, chosen, chosen.sources, datetime.now(UTC))
    ended = crawl(spec, lambda event: None, warm=warm)
    database.close()
    if ended.code or ended.report is None:
        sys.exit(f"a crawl failed: {ended}")
    time.sleep(0.5)  # workers end after their crawl
    return round(_spent_s(warm) - before_s, 2)


def _spent_s(warm: WarmCrawls | None) -> float:
    """What our children have used, and what crawls are forked from, with its crawls."""
    with suppress(ChildProcessError):
        while os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    kept = warm._kept if warm is not None else None
    if kept is None:
        return used.ru_utime + used.ru_stime
    fields = Path(f"/proc/{kept.process.pid}/stat").read_text().rpartition(")")[2].split()
    return used.ru_utime + used.ru_stime + sum(map(int, fields[11:15])) * _TICK_S


def _forget(path: Path) -> None:
    for one in path.parent.glob("accordwatch.db*"):
        one.unlink()


if __name__ == "__main__":
    main()
