"""Pages that say what went wrong."""

from __future__ import annotations

from storage.errors import AccordwatchError


class NotHere(AccordwatchError):
    """Nothing is stored under this address."""


class Forbidden(AccordwatchError):
    """The page may only be read, or a form came back without its token."""
