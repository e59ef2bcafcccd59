"""Crawls as processes, and what they left in their database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spiders.fetch.settings import CrawlSettings
from spiders.spec import CrawlSpec
from storage.source import Source, SourceKind
from tests.spiders.servers import ROOT, Site
from tests.warm import start as warm

COMMAND = [sys.executable, "-P", "-m", "spiders.process"]


@dataclass(frozen=True, slots=True)
class Done:
    """A crawl that ended."""

    code: int
    events: list[dict[str, Any]]
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        last = self.events[-1]
        assert last["event"] == "finished", self.stderr
        report: dict[str, Any] = last["report"]
        return report

    def problems(self) -> list[str]:
        return [event["line"] for event in self.events if event["event"] == "problem"]

    def outcomes(self, site: Site) -> dict[str, str]:
        """What became of each document, by path: stored, changed, duplicate, or why it was skipped."""
        documents = (event for event in self.events if event["event"] == "document")
        return {
            event["url"].removeprefix(site.url("")): event.get("reason", event["outcome"])
            for event in documents
        }


def spec(folder: Path, site: Site, sources: Iterable[Source], **crawl: Any) -> CrawlSpec:
    settings: dict[str, Any] = {
        "allow_private": [site.host],
        "delay_s": 0,
        "timeout_s": 3,
        "max_bytes": 100_000,
    }
    return CrawlSpec(
        database_url=f"sqlite:///{folder / 'a.db'}",
        sources=tuple(sources),
        crawl=CrawlSettings.model_validate(settings | {"patience_s": 0} | crawl),
        workers=1,
    )


def source(site: Site, path: str, kind: SourceKind = SourceKind.FEED, **values: Any) -> Source:
    return Source(path.strip("/").replace(".", "-"), kind, site.url(path), **values)


def start(wanted: CrawlSpec, module: str = "spiders.process") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        warm.command(module),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(wanted.model_dump_json())
    process.stdin.close()
    process.stdin = None  # communicate() would flush it again
    return process


def crawl(wanted: CrawlSpec, module: str = "spiders.process") -> Done:
    return finish(start(wanted, module))


def finish(process: subprocess.Popen[str]) -> Done:
    out, err = process.communicate(timeout=120)
    return Done(process.returncode, [json.loads(line) for line in out.splitlines()], err)
