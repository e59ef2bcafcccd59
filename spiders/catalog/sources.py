"""The `sources` section of the configuration, and files of sources."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from crawler.located_yaml import LocatedYaml, read_yaml, shortened
from crawler.yaml_faults import explain
from spiders.catalog.intervals import AUTO, duration_s, interval_s, known_time_zone, parse_cron
from spiders.catalog.secrets import Secret
from spiders.kinds.json_paths import path_fault
from spiders.kinds.offer import known_language
from storage.addresses import mail_address, web_address
from storage.errors import ConfigurationError
from storage.source import LOCAL_SOURCES, JsonPaths, Login, Source, SourceKind, Trust


def _interval(value: str) -> str:
    if value != AUTO:
        interval_s(value)
    return value


def _cron(value: str, info: ValidationInfo) -> str:
    if info.data.get("every") is not None:
        raise ValueError("stands beside every; keep one of the two")
    parse_cron(value)
    return value


def _cron_zone(value: str, info: ValidationInfo) -> str:
    if info.data.get("every") is not None:
        raise ValueError("belongs to cron; an interval has no time zone: leave it out")
    return known_time_zone(value)


def _jitter(value: str, info: ValidationInfo) -> str:
    length_s, every = duration_s(value), info.data.get("every")
    if every not in (None, AUTO) and length_s > interval_s(every):
        raise ValueError(f"{value!r} is longer than the interval {every}")
    return value


def _checked_day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"{value!r} is not a day such as 2026-11-24") from None


def _trust(value: object, info: ValidationInfo) -> object:
    if value is not None and value not in list(Trust):
        raise ValueError(f"{value!r} is not one of {', '.join(Trust)}")
    if info.data.get("official") and value not in (None, Trust.OFFICIAL):
        raise ValueError(f"{value!r} stands beside official: true; keep one of the two")
    return value


Every = Annotated[str, AfterValidator(_interval)]
CronLine = Annotated[str, AfterValidator(_cron)]
CronZone = Annotated[str, AfterValidator(_cron_zone)]
Jitter = Annotated[str, AfterValidator(_jitter)]


class ScheduleSettings(BaseModel):
    """When sources are looked at that have no schedule of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: Every | None = None
    cron: CronLine | None = None
    timezone: Annotated[str, AfterValidator(known_time_zone)] | None = None
    jitter: Jitter | None = None


DEEPEST_GROUP = 10  # folders around each other
NO_SCHEDULE = ScheduleSettings()


def _kind(value: object) -> object:
    if not isinstance(value, str) or value not in list(SourceKind):
        raise ValueError(f"{value!r} is not one of {', '.join(SourceKind)}")
    return value


def _json_path(value: str) -> str:
    if (wrong := path_fault(value)) is not None:
        raise ValueError(f"{shortened(value)} {wrong}")
    return value


JsonPath = Annotated[str, AfterValidator(_json_path)]


class PathSettings(BaseModel):
    """Where the documents of a JSON API are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: JsonPath = ""
    url: JsonPath
    title: JsonPath | None = None
    published: JsonPath | None = None
    next: JsonPath | None = None


class SourceSettings(BaseModel):
    """One source: where something is published, and how we learn of it. docs/configuration.md says
    what each key means, and a test that it does so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    kind: Annotated[SourceKind, BeforeValidator(_kind)]
    url: str = Field(default="", validate_default=True)
    path: str | None = Field(default=None, validate_default=True)
    username: str | None = Field(
        default=None, validate_default=True, pattern=r"^[^\x00-\x1f\x7f]{1,255}$"
    )
    password: Secret | None = Field(default=None, validate_default=True)
    security: Literal["starttls", "none"] | None = None
    name: str = ""
    group: str = Field(
        default="", pattern=r"^([^/\x00-\x1f\x7f]{1,80}(/[^/\x00-\x1f\x7f]{1,80}){0,9})?$"
    )
    language: str | None = Field(default=None, pattern=r"^[a-z]{2}$")
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2,3}$")
    every: Every | None = None
    cron: CronLine | None = None
    timezone: CronZone | None = None
    jitter: Jitter | None = None
    enabled: bool = True
    official: bool = False
    publishes_texts: bool = False
    trust: Annotated[Trust | None, BeforeValidator(_trust)] = None
    provenance: str = ""
    proof: Annotated[date | None, BeforeValidator(_checked_day)] = None
    verified: bool = False
    link_pattern: str | None = None
    link_selector: str | None = None
    paths: PathSettings | None = None
    javascript: bool = False
    ignore: tuple[str, ...] = Field(default=(), max_length=50)
    ignore_pattern: str | None = None
    max_items: int = Field(default=200, ge=1, le=5000)
    delay_s: float | None = Field(default=None, ge=0, le=120)
    note: str = ""

    @field_validator("url")
    @classmethod
    def _address(cls, value: str, info: ValidationInfo) -> str:
        kind = info.data.get("kind")
        if kind in LOCAL_SOURCES:
            if value:
                raise ValueError(f"a source of the kind {kind} has no address; write path instead")
            return value
        if not value:
            raise PydanticCustomError("missing", "Field required")
        return mail_address(value) if kind is SourceKind.IMAP else web_address(value)

    @field_validator("path")
    @classmethod
    def _place(cls, value: str | None, info: ValidationInfo) -> str | None:
        kind = info.data.get("kind")
        if kind in LOCAL_SOURCES:
            if not value:
                raise PydanticCustomError("missing", "Field required")
            if "\0" in value:
                raise ValueError(f"{value!r} is not a path")
        elif value is not None and kind is not None:
            kinds = ", ".join(sorted(LOCAL_SOURCES))
            raise ValueError(f"belongs to sources of the kind {kinds}; a {kind} has a url")
        return value

    @field_validator("username", "password", "security")
    @classmethod
    def _of_mail(cls, value: object, info: ValidationInfo) -> object:
        kind, name = info.data.get("kind"), info.field_name
        if kind is SourceKind.IMAP:
            if value is None and name != "security":
                raise PydanticCustomError("missing", "Field required")
            is_tls = str(info.data.get("url")).startswith("imaps:")
            if value is not None and name == "security" and is_tls:
                raise ValueError("imaps:// is encrypted from the start; leave this out")
        elif value is not None and kind is not None:
            raise ValueError(f"belongs to sources of the kind imap; this one is a {kind}")
        return value

    @field_validator("javascript")
    @classmethod
    def _of_the_web(cls, value: bool, info: ValidationInfo) -> bool:
        kind = info.data.get("kind")
        if value and (kind in LOCAL_SOURCES or kind is SourceKind.IMAP):
            raise ValueError(f"a {kind} has no pages that a browser could open; remove this line")
        return value

    @field_validator("link_pattern", "ignore_pattern")
    @classmethod
    def _a_pattern(cls, value: str | None) -> str | None:
        if value is not None and (wrong := fault(value)) is not None:
            raise ValueError(f"{shortened(value)} {wrong}")
        return value

    @field_validator("ignore")
    @classmethod
    def _selectors(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for selector in value:
            cls._a_selector(selector)
        return value

    @field_validator("link_selector")
    @classmethod
    def _a_selector(cls, value: str | None) -> str | None:
        from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # few sources need it

        try:
            LexborHTMLParser("<p>").css(value or "a")
        except SelectolaxError:
            raise ValueError(f"{value!r} is not a CSS selector, such as main h3 a") from None
        return value

    def to_source(
        self, schedule: ScheduleSettings = NO_SCHEDULE, folder: Path | None = None
    ) -> Source:
        """The source as crawl and schedule take it. What it does not say of its schedule is taken
        from `schedule`. A language that we do not read is dropped. A path begins at `folder`, and
        becomes an address.
        """
        timed = self if self.every or self.cron else schedule
        jitter = self.jitter if self.jitter is not None else schedule.jitter
        official = self.official or self.publishes_texts or self.trust is Trust.OFFICIAL
        values: dict[str, Any] = {
            "official": official,
            "publishes_texts": self.publishes_texts,
            "trust": Trust.OFFICIAL if official else self.trust,
            "every": timed.every or AUTO,
            "cron": timed.cron,
            "timezone": self.timezone or schedule.timezone or "UTC",
            "jitter_s": None if jitter is None else duration_s(jitter),
            "language": known_language(self.language),
            "paths": JsonPaths(**self.paths.model_dump()) if self.paths else None,
        }
        if self.path is not None:
            place = Path(folder or Path.cwd(), Path(self.path).expanduser())
            values["url"] = Path(os.path.abspath(place)).as_uri()  # noqa: PTH100 - links stay
        values["login"] = self._login(folder or Path.cwd())
        excluded = {"note", "group", "jitter", "provenance", "proof", "path"}
        excluded |= {"username", "password", "security"}
        return Source(**self.model_dump(exclude=excluded) | values)

    def _login(self, folder: Path) -> Login | None:
        """How its mail server is logged in to. A file with a password is looked for in `folder`."""
        if self.username is None or self.password is None:
            return None
        file = self.password.file
        place = None if file is None else str(Path(folder, file.expanduser()))
        return Login(self.username, self.password.env, place, plain=self.security == "none")


class SourcePack(BaseModel):
    """A YAML file of sources, to be shared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: int = Field(alias="schema", ge=1, le=1)
    sources: tuple[SourceSettings, ...]


def load_pack(path: Path) -> tuple[SourceSettings, ...]:
    """The sources of a pack file. Raises ConfigurationError with every fault and its place."""
    return sources_in(read_yaml(path))


def usable_sources(path: Path) -> tuple[list[SourceSettings], list[str]]:
    """(usable sources of a pack, faults of others). Raises ConfigurationError if it is no pack."""
    try:
        return list(load_pack(path)), []
    except ConfigurationError as error:
        faults = [str(problem) for problem in error.problems]
    located = read_yaml(path)
    every = located.data.get("sources") if isinstance(located.data, dict) else None
    valid: list[SourceSettings] = []
    ids: set[str] = set()
    for entry in every if isinstance(every, list) else ():
        with suppress(ValidationError):
            source = SourceSettings.model_validate(entry)
            if source.id not in ids:
                valid.append(source)
            ids.add(source.id)
    if not valid or located.data.get("schema") != 1:
        raise ConfigurationError(*faults)
    return valid, faults


def sources_in(located: LocatedYaml) -> tuple[SourceSettings, ...]:
    """The sources of a pack file that was read. Raises ConfigurationError as `load_pack` does."""
    try:
        pack = SourcePack.model_validate(located.data)
    except ValidationError as error:
        raise ConfigurationError(*explain(located, error, SourcePack)) from None
    ids = [source.id for source in pack.sources]
    twice = [
        located.problem(("sources", number, "id"), f"{name!r} is used twice; ids are unique")
        for number, name in enumerate(ids)
        if name in ids[:number]
    ]
    if twice:
        raise ConfigurationError(*twice)
    return pack.sources


# --- regular expressions that people write for links ----------------------------------------------

MOST_CHARACTERS = 500  # an address pattern has some dozens
_TOKEN = re.compile(
    r"""
    (?P<escaped>\\.)
    | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
    | (?P<open>\((?:\?(?:[:=!>]|<[=!]|P?<\w+>|P=\w+|[\w-]+:))?)
    | (?P<close>\))
    | (?P<repeat>[*+]|\{\d+,\}|\{(?:\d*,)?\d\d+\})
    | (?P<bounded>\{(?:\d*,)?\d\}|\?)
    | (?P<choice>\|)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def fault(pattern: str) -> str | None:
    """What is wrong with a pattern, as the end of a sentence; None if it can be used."""
    if len(pattern) > MOST_CHARACTERS:
        return f"has {len(pattern)} characters; {MOST_CHARACTERS} are the most"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is not a regular expression: {error}"
    if _may_run_on(pattern):
        risk = "repeats a group that itself repeats or chooses, which can take for ever"
        return f"{risk}; write it without"
    return None


def _may_run_on(pattern: str) -> bool:
    varies = [False]  # for each open group: whether it holds a repeat or a choice
    closed = False  # whether the token before closed a group that holds one
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup
        if kind == "repeat" and closed:
            return True
        closed = False
        if kind == "open":
            varies.append(False)
        elif kind == "close" and len(varies) > 1:
            closed = varies.pop()
            varies[-1] = varies[-1] or closed
        elif kind in ("repeat", "choice"):
            varies[-1] = True
    return False
