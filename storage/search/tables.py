"""The table of saved searches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from storage.database.base import Base


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
