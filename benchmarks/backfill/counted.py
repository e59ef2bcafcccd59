"""The command line, with a file that counts the documents which a backfill gives to its workers:
`python -m benchmarks.backfill.counted FILE WORD...`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from crawler.process.several import ToRead, WantedDocuments
from scheduler.backfill import reading as running
from scheduler.cli.main import main

_judging: Callable[..., Callable[..., Future[Any]]] = running._judging


def _counted(pool: Any) -> Callable[..., Future[Any]]:
    judge = _judging(pool)

    def count(documents: Sequence[ToRead], wanted: WantedDocuments) -> Future[Any]:
        os.write(counts, f"{len(documents)}\n".encode())
        return judge(documents, wanted)

    return count


if __name__ == "__main__":
    counts = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    running._judging = _counted
    main()
