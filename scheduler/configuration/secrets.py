"""Passwords and tokens: from the environment or a file, never from the configuration, never printed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, model_validator

from storage.errors import ConfigurationError

# Shorter pieces of an address (v1, hook) stand in many words, and guard nothing.
_SHORTEST_PIECE = 5


def hide(text: str, address: str) -> str:
    """`text` with every piece of a secret address (or of the part of it that is secret) blotted out.

    Libraries and servers repeat what they were asked for in what they say, whole or in part.
    """
    rest = address.partition("://")[2] or address
    pieces = {
        piece for written in (rest, unquote(rest)) for piece in re.split(r"[/?&=@:#;,\s]+", written)
    }
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= _SHORTEST_PIECE:
            text = text.replace(piece, "***")
    return text


class Secret(BaseModel):
    """`{env: NAME}` or `{file: PATH}`; the value is read at use, so that it never lies in a setting."""

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
        """The secret's value; ConfigurationError when the variable or the file is not there."""
        if self.env is not None:
            value = os.environ.get(self.env)
            if value is None:
                raise ConfigurationError(
                    f"the environment variable {self.env} is not set; it should hold a secret"
                )
            return value
        assert self.file is not None  # noqa: S101 - one of both, see the validator
        try:
            return self.file.expanduser().read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(
                f"the secret's file {self.file} cannot be read: {error.strerror}"
            ) from error

    def __str__(self) -> str:
        return f"<secret from {f'${self.env}' if self.env else self.file}>"
