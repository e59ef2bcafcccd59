"""Documents that are at hand when a source is read, as files and messages are: they go by no
frontier, but are judged and handed to the writer at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from spiders.local.files import FileDocument, Skipped
from spiders.reading.records import Arrival
from spiders.run import CrawlRun
from spiders.tallies import of_files
from storage.database.session import Session
from storage.errors import UnreadableError
from storage.records import Judged, Source
from storage.sources.ledger import write
from storage.sources.states import record_poll, source_state


@dataclass(frozen=True, slots=True)
class Looked:
    """How a look at a source went: the documents that were `taken`, those (or their files) that are
    `left` for later looks, and what was wrong as one `line`.
    """

    taken: int
    left: int = 0
    line: str | None = None
    failed: bool = False


async def keep_found(
    run: CrawlRun, source: Source, found: Sequence[FileDocument], skipped: Sequence[Skipped]
) -> tuple[int, list[str]]:
    """Has documents judged side by side and hands them to the writer. Returns how many these are,
    and why each of the others, the `skipped` ones too, is not stored.
    """
    for one in skipped:
        run.report.skipped(source.id, one.url, one.reason, one.line)
    reasons = [one.reason for one in skipped]
    taken = 0
    for document in await asyncio.gather(*(_judge(run, source, one) for one in found)):
        if isinstance(document, str):
            reasons.append(document)
            continue
        taken += 1
        run.report.fetched(source.id)
        await run.writer.keep(Arrival(document, source.id, from_file=True))
    return taken, reasons


async def _judge(run: CrawlRun, source: Source, found: FileDocument) -> Judged | str:
    """A document, judged; the reason if it cannot be read, which is told."""
    url = found.fetched.url
    named = replace(source, name=found.outlet, url=url) if found.outlet else source
    try:
        judged = await run.workers.judge_found(found, named)
        if judged.document.published_on is None and found.seen_on is not None:
            dated = replace(found.candidate, published_on=found.seen_on)
            judged = await run.workers.judge_found(replace(found, candidate=dated), named)
    except UnreadableError as error:
        run.report.skipped(source.id, url, error.reason, f"{url}: {error}")
        return error.reason
    return judged


async def record_look(run: CrawlRun, source: Source, look: Looked) -> None:
    """Keeps how a look went, once all that it brought is stored."""
    offered = await run.writer.call(lambda s: _record(s, source.id, look, datetime.now(UTC)))
    run.report.polled(source.id, offered, look.taken, look.line, failed=look.failed)


def _record(s: Session, source_id: str, look: Looked, now: datetime) -> int:
    """Records a look; returns how many documents were offered. A source without anything new offers
    what it did before.
    """
    before = 0 if look.failed else source_state(s, source_id).last_offered
    offered = look.taken or before
    record_poll(
        s,
        source_id,
        now=now,
        ok=not look.failed,
        error=look.line,
        offered=offered,
        new=look.taken,
    )
    write(s, now, [of_files(source_id, (), looks=1, failed=look.failed, left=look.left)])
    return offered
