"""A crawl that is begun early, as `run` does, in a process without threads:
`python -m tests.scheduler.forked_run SPECIFICATION [kill]`. Says what came of it, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from scheduler.jobs.crawl_process import Event, crawl, forked_crawl
from spiders.spec import CrawlSpec


def main(path: str, *, kill: bool) -> None:
    wanted = CrawlSpec.model_validate_json(Path(path).read_text(encoding="utf-8"))
    with forked_crawl() as unused:
        assert unused is not None
    with forked_crawl() as early:
        assert early is not None
        pid = early.pid

        def hear(event: Event) -> None:
            if kill and event["event"] == "source":  # its documents are still to come
                os.kill(pid, signal.SIGKILL)

        ended = crawl(wanted, hear, forked=early)
    left = [one for one in (unused.pid, pid) if Path(f"/proc/{one}").exists()]
    again = early.begin() is not None
    said = {"code": ended.code, "fault": ended.fault, "left": left, "again": again}
    print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], kill=sys.argv[2:] == ["kill"])
