"""Every error of ours, in one tree.

AccordwatchError
├── ConfigurationError      the configuration, a source list or a rule file cannot be used: exit 2
│   └── RuleError           the same, from a rule pack or lexicon
├── DatabaseError           the database cannot be opened, written or upgraded: exit 2
│   ├── UnstorableError     one record that the database does not take; the batch goes on
│   └── BackupError         a backup could not be made, or cannot be put back
├── FetchError              a source or a document could not be fetched
│   └── RefusedAddress      an address we do not fetch: scheme, private network, robots.txt
├── UnreadableError         bytes arrived that no reader of ours turns into text
└── DeliveryError           a digest could not be handed over
    └── PermanentDeliveryError   and trying again will not help
"""

from __future__ import annotations

from dataclasses import dataclass


class AccordwatchError(Exception):
    """Base of all errors we raise on purpose; its text is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a file that a person wrote, with its place (line and column count from 1)."""

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: "
        return f"{place}{self.key}: {self.message}" if self.key else f"{place}{self.message}"


class ConfigurationError(AccordwatchError):
    """A file cannot be used; carries every fault found in it, not only the first."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class RuleError(ConfigurationError):
    """A rule pack, lexicon or a user's rule file cannot be used."""


class DatabaseError(AccordwatchError):
    """The database cannot be opened, written or upgraded."""


class UnstorableError(DatabaseError):
    """One record that the database does not take; what else is in its batch can be stored."""


class BackupError(DatabaseError):
    """A backup could not be made, or is none that can be put back."""


class FetchError(AccordwatchError):
    """A source or a document could not be fetched."""


class RefusedAddress(FetchError):
    """An address that we do not fetch: its scheme, a private network, or robots.txt."""


class UnreadableError(AccordwatchError):
    """Bytes arrived that none of our readers turns into text.

    `reason` is one of a small closed set, counted in run reports: empty, encrypted, broken,
    no_text, too_large, timeout, unsupported.
    """

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)

    def __reduce__(self) -> tuple[type[UnreadableError], tuple[str, str]]:
        return type(self), (self.reason, str(self))  # it travels from worker processes


class DeliveryError(AccordwatchError):
    """A digest could not be handed over; it may be tried again after `retry_after_s` seconds."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class PermanentDeliveryError(DeliveryError):
    """The receiver refused for good; trying again will not help."""
