"""The crawl process, with a mistake of ours: the register cannot take some documents.

python -m tests.spiders.poisoned_crawl < SPEC
"""

from __future__ import annotations

import sys
from typing import Any

from sqlalchemy import or_, select

from crawler.ingest import ingest
from spiders import process
from storage.database.session import Session
from storage.documents.tables import Documents

POISONED = ("%/b", "%/b.txt", "%/watched")


def arm() -> None:
    cluster = ingest.cluster  # type: ignore[attr-defined]  # the place where it is called

    def failing(s: Session, *arguments: Any) -> Any:
        poisoned = or_(*(Documents.url.like(pattern) for pattern in POISONED))
        if s.scalar(select(Documents.id).where(poisoned)):
            raise ZeroDivisionError("a mistake of ours")
        return cluster(s, *arguments)

    ingest.cluster = failing  # type: ignore[attr-defined, assignment]  # the same


if __name__ == "__main__":
    arm()
    sys.exit(process.main())
