"""All tables together: importing this module makes `METADATA` know those of every room."""

from __future__ import annotations

import storage.documents.tables
import storage.notifications.tables
import storage.register.tables
import storage.sources.tables  # noqa: F401 - each adds its tables to those of Base
from storage.database.columns import Base

METADATA = Base.metadata
