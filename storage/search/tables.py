"""The table of saved searches, and the narrow rows that searches for reports are answered from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Date, Float, Integer, MetaData, String, Table

from storage.database.columns import CleanText, UtcDateTime
from storage.database.declared import Base, Mapped, mapped_column


class SavedSearches(Base):
    """Selections that were saved under a name. `name_key` is the name as it is compared; `address`
    the selection as the address of a page writes it; `items` what a subscription to it would have
    told in the year before it was saved; `owner_id` the user for whom alone it is, or None.
    """

    __tablename__ = "saved_searches"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str]
    who: Mapped[str]
    saved_at: Mapped[datetime]
    items: Mapped[int]
    owner_id: Mapped[int | None]


# What filters ask of relevant documents, a row each. It repeats what `documents` and `matches` say,
# whose rows are wide, and triggers keep it: so it is none of the tables that are
# written, copied or compared.
SEARCH_ROWS = Table(
    "search_rows",
    MetaData(),
    Column("document_id", Integer, primary_key=True),
    Column("listed_on", Date, primary_key=True),
    Column("published_on", Date),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("language", CleanText, nullable=False),
    Column("source_id", CleanText),
    Column("outlet", CleanText),
    Column("status", String),
    Column("instrument", String),
    Column("score", Float, nullable=False),
    Column("probability", Float),
)
