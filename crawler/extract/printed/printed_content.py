"""What the readers of PDF and of Word files give back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PrintedContent:
    """What was read from a file. `created_on` is the day that the file declares."""

    title: str
    text: str
    created_on: date | None
    author: str | None
