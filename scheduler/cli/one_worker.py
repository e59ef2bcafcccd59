"""Bytes from strangers are read in a worker process, under the limits that a crawl sets: a command
must not take all memory, or run for ever, because of what stands in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from storage.errors import AccordwatchError

if TYPE_CHECKING:
    from crawler.worker import RulesSpec

Work = Callable[..., Any]


@contextmanager
def one_worker(rules: RulesSpec | None = None) -> Iterator[Work]:
    """Give what runs a stage in a worker and returns its result (see `WorkerPool.submit`). Without
    `rules` there are no stages that judge.
    """
    from crawler.pool import WorkerPool  # what needs no worker need not pay for it

    with WorkerPool(rules, workers=1) as pool:

        def work(stage: str | Callable[..., Any], *payload: Any) -> Any:
            try:
                return pool.submit(stage, *payload).result()
            except RuntimeError as error:
                raise AccordwatchError(f"no worker process can run: {error}") from error

        yield work
