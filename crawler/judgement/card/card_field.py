"""A field of the card together with the words that speak for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from storage.records import Evidence

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CardField(Generic[T]):
    """A value and its evidence, strongest first; `value` is None where the text does not say."""

    value: T | None
    evidence: tuple[Evidence, ...] = ()
