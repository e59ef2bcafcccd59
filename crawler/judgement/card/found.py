"""A field of the card with the words that speak for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from storage.records import Evidence

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """`value` is None where the text does not say; the evidence stands strongest first."""

    value: T | None
    evidence: tuple[Evidence, ...] = ()
