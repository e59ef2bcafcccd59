"""Sections of the configuration that stand for themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MOST_DAYS = 36_525  # a century; much more cannot be subtracted from today


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RulesSettings(Section):
    packs: tuple[str, ...] = ("migration-cooperation",)
    files: tuple[Path, ...] = ()


class RetentionSettings(Section):
    unmatched_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 90
    # At least a month: that an address is still offered is noted once in ten days.
    history_days: Annotated[int, Field(ge=30, le=MOST_DAYS)] = 180


class DataSetSettings(Section):
    """What an exported data set says of its owner; what is empty is left out."""

    title: str = ""
    publisher: str = ""
    # An SPDX identifier or an address: both fields of a data package and of CITATION.cff.
    license: Annotated[str, Field(pattern=r"^(|[-+.\w]+|https?://\S+)$")] = ""
    address: Annotated[str, Field(pattern=r"^(|https?://\S+)$")] = ""


class PeopleSettings(Section):
    """How people are told who subscribed on the page, or have an account on it."""

    channel: str = ""  # the mail channel whose server sends to them; "": the first one
    address: Annotated[str, Field(pattern=r"^(|https?://[^\s?#]+)$")] = ""  # where the page is
