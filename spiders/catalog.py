"""The `sources` section of the configuration, and the packs of sources that come with us."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from crawler.located_yaml import LocatedYaml, read_yaml
from spiders.offer import known_language
from storage.errors import ConfigurationError, Problem
from storage.records import Source, SourceKind

INTERVAL = re.compile(r"([1-9]\d{0,3})(m|h|d)")
UNIT_S = {"m": 60, "h": 3600, "d": 86_400}
PACKS = ("default", "all")


def interval_s(every: str) -> int:
    """Seconds of an interval such as "30m", "1h" or "1d". Raises ValueError for anything else."""
    found = INTERVAL.fullmatch(every)
    if found is None:
        raise ValueError(f"{every!r} is not an interval such as 30m, 1h or 1d")
    return int(found[1]) * UNIT_S[found[2]]


def _kind(value: object) -> object:
    if not isinstance(value, str) or value not in list(SourceKind):
        raise ValueError(f"{value!r} is not one of {', '.join(SourceKind)}")
    return value


class SourceSettings(BaseModel):
    """One source: who publishes, and how we learn of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="short name, used in reports and --source")
    kind: Annotated[SourceKind, BeforeValidator(_kind)] = Field(description="feed, sitemap, listing or page")
    url: str = Field(description="address of the feed, sitemap, listing or page")
    name: str = Field(default="", description="the outlet's name as readers know it")
    language: str | None = Field(
        default=None, pattern=r"^[a-z]{2}$", description="main language, a hint only: each text is looked at"
    )
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2,3}$", description="country code, EU or INT")
    every: str = Field(default="1h", description="how often it is looked at: 30m, 1h, 1d")
    enabled: bool = Field(default=True, description="false: kept in the list, not looked at")
    verified: bool = Field(default=False, description="true once you saw it work")
    link_pattern: str | None = Field(default=None, description="listing: regular expression that a link's address fits")
    link_selector: str | None = Field(default=None, description="listing: CSS selector of the links")
    max_items: int = Field(default=200, ge=1, le=5000, description="documents taken from one look")
    delay_s: float | None = Field(default=None, ge=0, le=120, description="seconds between two requests; else crawl's")
    note: str = Field(default="", description="anything worth knowing")

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{value!r} is not an address that begins with http:// or https://")
        if parts.username is not None:
            raise ValueError("an address with a user name or password is not supported; write it without")
        return value

    @field_validator("every")
    @classmethod
    def _an_interval(cls, value: str) -> str:
        interval_s(value)
        return value

    @field_validator("link_pattern")
    @classmethod
    def _a_pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"{value!r} is not a regular expression: {error}") from None
        return value

    @field_validator("link_selector")
    @classmethod
    def _a_selector(cls, value: str | None) -> str | None:
        try:
            LexborHTMLParser("<p>").css(value or "a")
        except SelectolaxError:
            raise ValueError(f"{value!r} is not a CSS selector, such as main h3 a") from None
        return value

    def to_source(self) -> Source:
        """The source as the crawl takes it; a language that we do not read is no hint."""
        values = self.model_dump(exclude={"note"})
        return Source(**values | {"language": known_language(self.language)})


class SourcePack(BaseModel):
    """A YAML file of sources, to be shared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: int = Field(alias="schema", ge=1, le=1)
    sources: tuple[SourceSettings, ...]


def load_pack(path: Path) -> tuple[SourceSettings, ...]:
    """The sources of a pack file. Raises ConfigurationError with every fault and its place."""
    located = read_yaml(path)
    return _validated(located)


def bundled_pack(name: str) -> Path:
    """The file of a pack that comes with us, one of PACKS."""
    return Path(str(files("spiders").joinpath("sources", f"{name}.yaml")))


def _validated(located: LocatedYaml) -> tuple[SourceSettings, ...]:
    try:
        pack = SourcePack.model_validate(located.data)
    except ValidationError as error:
        raise ConfigurationError(*(_problem(located, fault) for fault in error.errors())) from None
    ids = [source.id for source in pack.sources]
    twice = [
        located.problem(("sources", number, "id"), f"{name!r} stands here for the second time; ids are unique")
        for number, name in enumerate(ids)
        if name in ids[:number]
    ]
    if twice:
        raise ConfigurationError(*twice)
    return pack.sources


def _problem(located: LocatedYaml, fault: Any) -> Problem:
    message = str(fault["msg"]).removeprefix("Value error, ")
    unknown = fault["type"] == "extra_forbidden"
    if unknown:
        known = ", ".join(SourceSettings.model_fields)
        message = f"unknown key; keys are: {known}"
    return located.problem(tuple(fault["loc"]), message, at_key=unknown)
