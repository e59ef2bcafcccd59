"""The errors that several layers raise, as one tree; rooms have some of their own beside them.

AccordwatchError
├── ConfigurationError      the configuration, a source list or a rule file cannot be used: exit 2
│   └── RuleError           a rule pack or lexicon cannot be used
├── DatabaseError           the database cannot be opened, written or upgraded: exit 2
│   ├── OtherSchemaError    its tables are those of another version of this program
│   ├── UnstorableError     the database rejects one record; the rest of its batch is stored
│   └── BackupError         a backup could not be made, or cannot be restored
├── ExportError             a data set cannot be written where it should be
├── FaultError              our own code failed on one document, which is set aside
├── FetchError              a source or a document could not be fetched
│   └── RefusedAddress      an address that we do not fetch: scheme, private network, robots.txt
├── UnreadableError         none of our readers can turn the bytes into text
└── DeliveryError           a digest could not be delivered
    ├── PermanentDeliveryError trying again will not help
    └── ChannelDownError       its server does not answer: all that is due by it waits
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.phrases import Phrase


def system_fault(error: Exception) -> str:
    """The message of the system or a library, without the error number; never empty."""
    message = getattr(error, "strerror", None)
    return message if isinstance(message, str) and message else str(error) or type(error).__name__


def our_fault(why: str) -> str:
    """The line for an exception that nobody foresaw."""
    return Phrase("a fault of ours: {why}", why=why)


class AccordwatchError(Exception):
    """The base of all errors that we raise on purpose. Its text says, in one line, what to do; if
    it has `values`, they fill in a form (`Phrase`).
    """

    def __init__(self, *lines: str, **values: object) -> None:
        self.lines = (Phrase(*lines, **values),) if values else lines
        super().__init__("\n".join(self.lines))

    @property
    def line(self) -> str:
        """Its text: a `Phrase` if it was raised with one."""
        return self.lines[0] if len(self.lines) == 1 else str(self)


def fault_line(error: BaseException) -> str:
    """What went wrong, for a process edge. Of an exception that nobody foresaw it is type and
    place: its text may hold a key.
    """
    if isinstance(error, AccordwatchError):
        return error.line
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return our_fault(f"{type(error).__name__}{place}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a file that a person wrote. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: "
        return f"{place}{self.key}: {self.message}" if self.key else f"{place}{self.message}"


class ConfigurationError(AccordwatchError):
    """A file cannot be used. `problems` holds every fault found in it, not only the first."""

    def __init__(self, *problems: Problem | str, **values: object) -> None:
        self.problems = problems
        lines = (problem if isinstance(problem, str) else str(problem) for problem in problems)
        super().__init__(*lines, **values)


class RuleError(ConfigurationError):
    """A rule pack, lexicon or a user's rule file cannot be used."""


class DatabaseError(AccordwatchError):
    """The database cannot be opened, written or upgraded."""


class OtherSchemaError(DatabaseError):
    """The tables of the database are those of another version of this program."""


class UnstorableError(DatabaseError):
    """The database rejects one record. The rest of its batch can still be stored."""


class BackupError(DatabaseError):
    """A backup could not be made, or a file is not a backup that can be restored."""


class ExportError(AccordwatchError):
    """A data set cannot be written where it should be."""


class FaultError(AccordwatchError):
    """Our own code failed on one document. The rest of its batch can still be stored."""


class FetchError(AccordwatchError):
    """A source or a document could not be fetched; `reason` is that of run reports, if known."""

    reason = ""


class RefusedAddress(FetchError):
    """An address that we do not fetch: its scheme, a private network, or robots.txt."""


class UnreadableError(AccordwatchError):
    """None of our readers can turn the bytes of a document into text. `reason` is one of: empty,
    encrypted, broken, no_text, scanned, too_large, timeout, unsupported, or one of those in
    `crawler/extract/articles/reasons.py`. Run reports count them. `may_pass`: it was not the bytes
    alone, so that another attempt may succeed.
    """

    def __init__(self, reason: str, message: str, *, may_pass: bool = False) -> None:
        self.reason, self.may_pass = reason, may_pass
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        # worker processes pickle it
        return type(self), (self.reason, str(self)), {"may_pass": self.may_pass}


class AnswerError(AccordwatchError):
    """The answer of a second reader does not have the form that was requested."""


class ReaderError(AccordwatchError):
    """A second reader could not be called. `is_down`: it can read no other texts either;
    `retry_after_s` is after how many seconds it wants the next call.
    """

    def __init__(
        self,
        message: str,
        *,
        is_down: bool = False,
        retry_after_s: float | None = None,
        **values: object,
    ) -> None:
        super().__init__(message, **values)
        self.is_down = is_down
        self.retry_after_s = retry_after_s


class DeliveryError(AccordwatchError):
    """A digest could not be delivered. It may be tried again after `retry_after_s` seconds."""

    def __init__(self, *lines: str, retry_after_s: float | None = None, **values: object) -> None:
        super().__init__(*lines, **values)
        self.retry_after_s = retry_after_s


class ChannelDownError(DeliveryError):
    """The server of a channel lets nobody in: whatever else goes through it would fail, too."""


class PermanentDeliveryError(DeliveryError):
    """The receiver has refused for good. Trying again will not help."""
