"""Sections of the configuration that stand for themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from storage.languages import SPOKEN_LANGUAGES

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


def without(fault_of: Callable[[str], str | None]) -> Callable[[str], str]:
    """A validator that refuses a value with the fault that `fault_of` finds in it, if it finds
    one.
    """

    def validate(value: str) -> str:
        fault = fault_of(value)
        if fault:
            raise ValueError(fault)
        return value

    return validate


def spoken_fault(code: str) -> str | None:
    spoken = ", ".join(SPOKEN_LANGUAGES)
    return None if code in SPOKEN_LANGUAGES else f"{code!r} is not one of {spoken}"


class AlertSettings(Section):
    max_age_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 30
    operator: tuple[str, ...] = ()
    language: Annotated[str, AfterValidator(without(spoken_fault))] = "en"  # the operator's
    # Silent documents that a person is asked about; 0 turns the audit off.
    audit_per_week: Annotated[int, Field(ge=0, le=1000)] = 5
    # None: the rate of the judge, whatever the volume
    false_alarms_per_day: Annotated[float, Field(gt=0, le=1000)] | None = None


class MonitorSettings(Section):
    """When a source counts as being in trouble (`scheduler.jobs.health.source_findings`)."""

    failing_polls: Annotated[int, Field(ge=1, le=100)] = 3  # servers restart, connections drop
    silent_gaps: Annotated[float, Field(ge=1, le=100)] = 3.0  # times its own usual gap
    stale_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 14


class DataSetSettings(Section):
    """What an exported data set says of its owner; what is empty is left out."""

    title: str = ""
    publisher: str = ""
    # An SPDX identifier or an address: both fields of a data package and of CITATION.cff.
    license: Annotated[str, Field(pattern=r"^(|[-+.\w]+|https?://\S+)$")] = ""
    address: Annotated[str, Field(pattern=r"^(|https?://\S+)$")] = ""


class PeopleSettings(Section):
    """How people are told who subscribed on the page."""

    channel: str = ""  # the mail channel whose server sends to them; "": the first one
    address: Annotated[str, Field(pattern=r"^(|https?://[^\s?#]+)$")] = ""  # where the page is
