"""Documents that an older Accordwatch could not store are judged and stored again."""

from __future__ import annotations

import logging

from spiders.reading.records import Arrival
from spiders.run import CrawlRun
from storage.database.session import Session
from storage.documents.set_aside import SetAsideDocument, of_other_programs
from storage.errors import AccordwatchError, UnreadableError
from storage.sources.frontier import FrontierRow, row_of

log = logging.getLogger(__name__)


async def try_again(run: CrawlRun) -> None:
    """Tries once more what was set aside, once after each upgrade."""
    try:
        for one, row in await run.writer.call(_waiting):
            if run.report.stopped:
                return
            await _try(run, one, row)
    except AccordwatchError as error:
        run.abort(error)
    except Exception:  # the edge: what is set aside must not end the run
        log.exception("what was set aside could not be tried again")


def _waiting(s: Session) -> list[tuple[SetAsideDocument, FrontierRow | None]]:
    return [(one, row_of(s, one.url)) for one in of_other_programs(s)]


async def _try(run: CrawlRun, one: SetAsideDocument, row: FrontierRow | None) -> None:
    if one.document is None:
        return
    try:
        judged = await run.workers.judge_again(one.document)
    except UnreadableError as error:  # the next run tries it again
        log.warning("%s: still set aside: %s", one.url, error)
        return
    run.report.add(one.source_id)
    run.report.fetched(one.source_id)
    await run.writer.keep(Arrival(judged, one.source_id, row=row, was_set_aside=True))
