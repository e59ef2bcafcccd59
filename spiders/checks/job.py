"""What the process that tries sources is told, as one JSON object on stdin."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from spiders.fetch.settings import CrawlSettings
from storage.records import Source


class CheckJob(BaseModel):
    """The sources to be tried, and how politely."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[Source, ...]
    crawl: CrawlSettings
