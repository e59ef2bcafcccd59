"""Passwords and tokens: read from the environment or a file, never from the configuration, and
never printed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, model_validator

from storage.errors import ConfigurationError, system_fault

# Shorter pieces of an address, such as v1 or hook, occur within many words and are no secrets.
_SHORTEST_PIECE = 5


def hide(text: str, address: str) -> str:
    """`text` with asterisks for every piece of `address`, which is secret: libraries repeat it."""
    rest = address.partition("://")[2] or address
    separators = r"[/?&=@:#;,\s]+"
    pieces = {*re.split(separators, rest), *re.split(separators, unquote(rest))}
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= _SHORTEST_PIECE:
            text = text.replace(piece, "***")
    return text


class Secret(BaseModel):
    """`{env: NAME}` or `{file: PATH}`, read when it is used, so that no setting holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _refuse_plain_text(cls, value: object) -> object:
        if isinstance(value, str):
            # The value itself must not be repeated in an error line.
            raise ValueError("write {env: NAME} or {file: PATH}, not the secret itself")
        return value

    @model_validator(mode="after")
    def _one_of_both(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("give exactly one of env and file")
        return self

    def reveal(self) -> str:
        """The secret itself. Raises ConfigurationError if the variable or the file is not there."""
        if self.env is not None:
            value = os.environ.get(self.env)
            if value is None:
                raise ConfigurationError(
                    "the environment variable {name} is not set; it should hold a secret",
                    name=self.env,
                )
            return value
        assert self.file is not None  # noqa: S101 - one of both, see the validator
        form = "the secret's file {file} cannot be read: {why}"
        try:
            return self.file.expanduser().read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(form, file=self.file, why=system_fault(error)) from error
        except UnicodeDecodeError:  # which holds what was read
            why = "it is no text in UTF-8"
            raise ConfigurationError(form, file=self.file, why=why) from None

    @property
    def place(self) -> str:
        return f"${self.env}" if self.env else str(self.file)

    def __str__(self) -> str:
        return f"<secret from {self.place}>"
