"""Documents that are at hand when a source is read, as files and messages are: they go by no
frontier, but are judged and handed to the writer at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
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


async def keep_found(
    run: CrawlRun, source: Source, found: Sequence[FileDocument], skipped: Sequence[Skipped]
) -> tuple[int, list[str]]:
    """Has documents judged side by side and hands them to the writer. Returns how many these are,
    and why each of the others, the `skipped` ones too, is not stored.
    """
    for url, reason, line in skipped:
        run.report.skipped(source.id, url, reason, line)
    reasons = [reason for _, reason, _ in skipped]
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


async def record_look(
    run: CrawlRun, source: Source, taken: int, left: int, line: str | None, *, failed: bool
) -> None:
    """Keeps how a look went, once all that it brought is stored: the documents that were `taken`,
    those (or their files) that are `left` for later looks, and what was wrong as one `line`. A
    source without anything new offers what it did before.
    """

    def record(s: Session) -> int:
        now = datetime.now(UTC)
        offered = taken or (0 if failed else source_state(s, source.id).last_offered)
        record_poll(s, source.id, now=now, ok=not failed, error=line, offered=offered, new=taken)
        write(s, now, [of_files(source.id, (), looks=1, failed=failed, left=left)])
        return offered

    offered = await run.writer.call(record)
    run.report.polled(source.id, offered, taken, line, failed=failed)
