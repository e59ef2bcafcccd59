"""A stretch of the newest documents, in which the newest hits of a frequent word are soon found.

All hits of a word are looked up before they are sorted. Documents that are near each other in time
have ids that are near each other too, and to those the full-text search can be limited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, tuple_

from storage.database.session import Session
from storage.documents.tables import Documents

LENGTH = 20_000  # read in 10 ms; what is not frequent there is soon looked up everywhere


@dataclass(frozen=True, slots=True)
class Stretch:
    """Documents listed on `since` or later, and the least and greatest of their ids."""

    since: date
    first: int
    last: int


def newest_stretch(
    s: Session, after: int | None = None, length: int | None = None
) -> Stretch | None:
    """Return the newest of the documents that are listed after one (None: of all), `length` of them
    or LENGTH.

    None where so few are left that all can be searched.
    """
    days = select(Documents.listed_on).order_by(Documents.listed_on.desc(), Documents.id.desc())
    listed = select(Documents.id)
    if after is not None:
        day = select(Documents.listed_on).where(Documents.id == after).scalar_subquery()
        following = tuple_(Documents.listed_on, Documents.id) < tuple_(day, after)
        days, listed = days.where(following), listed.where(following)
    since = s.scalar(days.offset(length or LENGTH).limit(1))
    if since is None:
        return None
    # With OFFSET, PostgreSQL reads the index of days; else it would go through all ids.
    ids = listed.where(Documents.listed_on >= since).offset(0).subquery().c.id
    first, last = s.execute(select(func.min(ids), func.max(ids))).one()
    return Stretch(since, first, last)
