"""The sections of the configuration, the file that holds them, and what may be wrong with one:
every fault is named with its place. docs/configuration.md says what each key means.

Each layer defines its own section: `crawl` in `spiders.fetch.settings`, `sources` in
`spiders.catalog.sources`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from crawler.located_yaml import KeyPath, LocatedYaml
from crawler.yaml_faults import explain
from scheduler.configuration.query import Query, QueryError
from scheduler.schedule.digest_periods import parse_rate
from spiders.catalog.intervals import known_time_zone
from spiders.catalog.packs import PACKS, bundled_pack
from spiders.catalog.secrets import Secret
from spiders.catalog.sources import ScheduleSettings, SourceSettings
from spiders.fetch.settings import CrawlSettings
from storage.addresses import canonical_url
from storage.errors import ConfigurationError, Problem
from storage.languages import SPOKEN_LANGUAGES
from storage.phrases import Phrase
from storage.records import NewsKind
from storage.subscription import PREFIX, Subscription, Unconfirmed

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
    """A validator that refuses a value with the fault that `fault_of` finds in it."""

    def validate(value: str) -> str:
        fault = fault_of(value)
        if fault:
            raise ValueError(fault)
        return value

    return validate


def language_fault(code: str) -> str | None:
    spoken = ", ".join(SPOKEN_LANGUAGES)
    return None if code in SPOKEN_LANGUAGES else f"{code!r} is not one of {spoken}"


class AlertSettings(Section):
    max_age_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 30
    operator: tuple[str, ...] = ()
    language: Annotated[str, AfterValidator(without(language_fault))] = "en"  # the operator's
    # Silent documents that a person is asked about; 0 turns the audit off.
    audit_per_week: Annotated[int, Field(ge=0, le=1000)] = 5
    # None: the rate of the judge, whatever the volume
    false_alarms_per_day: Annotated[float, Field(gt=0, le=1000)] | None = None


class MonitorSettings(Section):
    """When a source counts as being in trouble (`scheduler.jobs.health.source_findings`)."""

    failing_polls: Annotated[int, Field(ge=1, le=100)] = 3  # servers restart, connections drop
    silent_gaps: Annotated[float, Field(ge=1, le=100)] = 3.0  # times its own usual gap
    stale_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 14


class ReaderSettings(Section):
    """A second reader: a language model behind a server that speaks the OpenAI chat API.

    `url` is where its API begins ("http://127.0.0.1:8080/v1"). It reads the kinds of documents in
    `reads`, `at_once` at a time, at most `per_day` a day (UTC); a text that takes longer than
    `timeout_s` is tried again later. An alert waits for it `wait_minutes` at most. It translates
    what it quotes into the languages of the page in `translate`.
    """

    url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
    model: Annotated[str, Field(min_length=1, max_length=120)]
    api_key: Secret | None = None
    reads: Annotated[tuple[Literal["alerts", "review"], ...], Field(min_length=1)] = (
        "alerts",
        "review",
    )
    at_once: Annotated[int, Field(ge=1, le=16)] = 1
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = 120.0
    per_day: Annotated[int, Field(ge=0, le=1_000_000)] = 500
    wait_minutes: Annotated[float, Field(ge=0, le=1440)] = 15.0
    translate: tuple[Literal["en", "fr", "ar", "es"], ...] = ()

    def key(self) -> str | None:
        """The key, if one is set. Raises ConfigurationError if it is none that can be sent."""
        if self.api_key is None:
            return None
        key, place = self.api_key.reveal(), self.api_key.place
        if not key.strip():
            raise ConfigurationError("the reader's key in {place} is empty", place=place)
        if not key.isascii():
            form = "the reader's key in {place} has a letter outside ASCII, which no key has"
            raise ConfigurationError(form, place=place)
        if not re.fullmatch("[!-~]+", key):
            form = "the reader's key in {place} has a blank or a line end, which no key has"
            raise ConfigurationError(form, place=place)
        return key


class DataSetSettings(Section):
    """The owner of an exported data set, and its license; empty fields are left out."""

    title: str = ""
    publisher: str = ""
    # An SPDX identifier or an address: both fields of a data package and of CITATION.cff.
    license: Annotated[str, Field(pattern=r"^(|[-+.\w]+|https?://\S+)$")] = ""
    address: Annotated[str, Field(pattern=r"^(|https?://\S+)$")] = ""

    @property
    def register_name(self) -> str:
        """Its title; without one a Phrase, which pages say in the reader's language."""
        return self.title or Phrase("Register of migration-cooperation agreements")

    @property
    def license_is_address(self) -> bool:
        return self.license.startswith(("http://", "https://"))


class SiteSettings(Section):
    """The page's address, and the channel that mails its subscribers; "" is the first one."""

    url: Annotated[str, Field(pattern=r"^(|https?://[^\s?#]+)$")] = ""
    channel: str = ""


def unknown_packs(located: LocatedYaml, written: object) -> Iterator[Problem]:
    """A Problem for each name under `packs:` that is none of ours, or is there twice."""
    names = written if isinstance(written, list) else ()
    for number, name in enumerate(names):
        if not isinstance(name, str):
            continue
        if name not in PACKS:
            near = difflib.get_close_matches(name, PACKS, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            message = f"{name!r} is not a pack of sources; {hint}there is {', '.join(PACKS)}"
            yield located.problem(("packs", number), message)
        elif name in names[:number]:
            yield located.problem(("packs", number), f"{name!r} stands here twice; remove one")


def with_pack_settings(data: Mapping[str, Any]) -> dict[str, Any]:
    """The file as written; sources of its own that only name one of a pack get its settings."""
    own, chosen = data.get("sources"), data.get("packs")
    if not isinstance(own, list) or not isinstance(chosen, list):
        return dict(data)
    known = {source.id: source for source in _in_packs(chosen)}
    return {**data, "sources": [_filled(entry, known) for entry in own]}


@lru_cache(maxsize=8)  # computed at every tick of the daemon
def sources_with_packs(
    own: tuple[SourceSettings, ...], packs: tuple[str, ...]
) -> tuple[SourceSettings, ...]:
    """Own sources, then those of packs that none replaces by its id, or address and kind."""
    ids = {source.id for source in own}
    addresses = {(source.kind, _key(source)) for source in own} if packs else set()
    added: dict[str, SourceSettings] = {}
    for source in _in_packs(packs):
        if source.id not in ids and (source.kind, _key(source)) not in addresses:
            added.setdefault(source.id, source)
    return (*own, *added.values())


def _in_packs(names: Sequence[object]) -> Iterator[SourceSettings]:
    for name in names:
        if isinstance(name, str) and name in PACKS:
            yield from bundled_pack(name)


def _filled(entry: object, known: Mapping[str, SourceSettings]) -> object:
    if not isinstance(entry, dict) or "url" in entry or "kind" in entry:
        return entry
    name = entry.get("id")
    source = known.get(name) if isinstance(name, str) else None
    if source is None:
        return entry
    of_pack = source.model_dump(mode="json", exclude_defaults=True)
    if "trust" in entry or "official" in entry:  # the two together may contradict each other
        of_pack = {key: value for key, value in of_pack.items() if key not in ("trust", "official")}
    return {**of_pack, **entry}


def _key(source: SourceSettings) -> str:
    return canonical_url(source.url) or source.url


# --- the section channels: where digests go -------------------------------------------------------

ChannelId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Address = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")]


class FileChannel(Section):
    """Writes `.eml` and `.html` files into a folder, which is relative to the configuration."""

    id: ChannelId
    kind: Literal["file"]
    folder: Path = Path("digests")


class EmailChannel(Section):
    id: ChannelId
    kind: Literal["email"]
    to: Annotated[tuple[Address, ...], Field(min_length=1)]
    sender: Address
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 30.0
    unsubscribe: str | None = None  # an https: address of the web process, or a mailto:


class WebhookChannel(Section):
    """Standard Webhooks. While a secret is rotated both are given, the new one first."""

    id: ChannelId
    kind: Literal["webhook"]
    url: Annotated[str, Field(pattern=r"^https?://")]
    secrets: Annotated[tuple[Secret, ...], Field(min_length=1, max_length=2)]
    allow_private: bool = False
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 15.0


class ChatChannel(Section):
    """Posts to any service that Apprise knows: Slack, Teams, Discord, Telegram, Matrix, ntfy ..."""

    id: ChannelId
    kind: Literal["chat"]
    url: Secret  # an Apprise address holds its token


Channel = Annotated[
    FileChannel | EmailChannel | WebhookChannel | ChatChannel, Field(discriminator="kind")
]


# --- the whole file -------------------------------------------------------------------------------


def _subscribable(query: Query) -> Query:
    try:
        return query.for_alerts()
    except QueryError as error:
        raise ValueError(str(error)) from error


def _known_rate(value: str) -> str:
    parse_rate(value)
    return value


class SubscriptionSettings(Section):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    channels: Annotated[tuple[str, ...], Field(min_length=1)]
    name: str = ""
    filter: Annotated[Query, AfterValidator(_subscribable)] = Query()
    rate: Annotated[str, AfterValidator(_known_rate)] = "daily at 07:00"
    timezone: Annotated[str, AfterValidator(known_time_zone)] = "UTC"
    language: Annotated[str, AfterValidator(without(language_fault))] = "en"
    max_items: Annotated[int, Field(ge=1, le=1000)] = 50
    news: tuple[NewsKind, ...] = (NewsKind.NEW_AGREEMENT, NewsKind.NEW_STEP)
    say_empty: bool = False
    unconfirmed: Unconfirmed = "lines"

    def to_subscription(self, page: str = "") -> Subscription:
        """The subscription; `page` is the address of the page, "" where nobody configured it."""
        return Subscription(**(dict(self) | {"filter": self.filter.meant.filter, "page": page}))


class FileSettings(Section):
    database: str = "sqlite:///accordwatch.db"
    rules: RulesSettings = RulesSettings()
    crawl: CrawlSettings = CrawlSettings()
    retention: RetentionSettings = RetentionSettings()
    alerts: AlertSettings = AlertSettings()
    monitor: MonitorSettings = MonitorSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    reader: ReaderSettings | None = None  # without it there is no second reader
    dataset: DataSetSettings = DataSetSettings()
    site: SiteSettings = SiteSettings()
    known_agreements: bool = True
    packs: tuple[str, ...] = ()
    sources: tuple[SourceSettings, ...] = ()
    channels: tuple[Channel, ...] = ()
    subscriptions: tuple[SubscriptionSettings, ...] = ()

    @property
    def all_sources(self) -> tuple[SourceSettings, ...]:
        """The file's own sources, and those of the packs that it chooses."""
        return sources_with_packs(self.sources, self.packs)

    @property
    def all_channels(self) -> tuple[Channel, ...]:
        """The channels of the file, and the embedded channel `file` unless one has that id."""
        if any(channel.id == "file" for channel in self.channels):
            return self.channels
        return (*self.channels, FileChannel(id="file", kind="file"))


# --- what is wrong with a file ------------------------------------------------------------------


def check(located: LocatedYaml) -> FileSettings:
    """The settings. Raises ConfigurationError with each fault, in the file's order."""
    data = {} if located.data is None else located.data
    if not isinstance(data, dict):
        raise ConfigurationError(located.problem((), "should be a list of `key: value` lines"))
    problems = list(_misfits(located, data))
    try:
        settings = FileSettings.model_validate(with_pack_settings(data))
    except ValidationError as error:
        problems += explain(located, error, FileSettings)
    if problems:
        in_order = sorted(problems, key=lambda problem: (problem.line, problem.column))
        raise ConfigurationError(*in_order)
    return settings


def _misfits(located: LocatedYaml, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Faults that no single value shows: ids and addresses used twice, unknown rules, channels."""
    for section in ("sources", "channels", "subscriptions"):
        yield from _ids_twice(located, section, data.get(section))
        for index, item in _groups(data.get(section)):
            if section != "sources" and re.fullmatch(rf"{PREFIX}\d+", str(item.get("id"))):
                message = (
                    "an id like person-17 is given to what people make on the page; take another"
                )
                yield located.problem((section, index, "id"), message)
    yield from _addresses_twice(located, data.get("sources"))
    yield from unknown_packs(located, data.get("packs"))
    yield from _missing_rules(located, data.get("rules"))
    known = {"file"} | {str(item.get("id")) for _, item in _groups(data.get("channels"))}
    site = data.get("site")
    named = site.get("channel") if isinstance(site, dict) else None
    channels = _groups(data.get("channels"))
    mailing = [item.get("id") for _, item in channels if item.get("kind") == "email"]
    if named and named not in mailing:
        message = f"no channel of kind email has the id {named!r}; people are notified by mail"
        yield located.problem(("site", "channel"), message)
    listed = ", ".join(sorted(known))
    for path, name in _used_channels(data):
        if name not in known:
            yield located.problem(path, f"no channel has the id {name!r}; there is {listed}")


def _ids_twice(located: LocatedYaml, section: str, items: object) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, item in _groups(items):
        name = item.get("id")
        if not isinstance(name, str):
            continue
        if name in seen:
            message = f"{name!r} is used twice; ids are unique"
            yield located.problem((section, index, "id"), message)
        seen.add(name)


def _addresses_twice(located: LocatedYaml, sources: object) -> Iterator[Problem]:
    """Two sources of one kind with one address; a listing may be watched as a page, too."""
    seen: dict[tuple[str, str], object] = {}
    for index, item in _groups(sources):
        name = "path" if "path" in item else "url"
        url, kind = item.get(name), item.get("kind")
        if isinstance(url, str) and isinstance(kind, str):
            key = (kind, canonical_url(url) or url)
            if key in seen:
                message = f"is the address of {seen[key]}, too; remove one of the two"
                yield located.problem(("sources", index, name), message)
            seen.setdefault(key, item.get("id"))


def _missing_rules(located: LocatedYaml, written: object) -> Iterator[Problem]:
    """Packs and files that do not exist. Their content is checked when rules are loaded."""
    rules = written if isinstance(written, dict) else {}
    packs = sorted(
        folder.name
        for folder in files("crawler.judgement").joinpath("packs").iterdir()
        if folder.is_dir()
    )
    for path, name in _names(("rules", "packs"), rules.get("packs")):
        if name not in packs:
            near = difflib.get_close_matches(name, packs, 1)
            hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(packs)}"
            yield located.problem(path, f"{name!r} is not a rule pack; {hint}")
    for path, name in _names(("rules", "files"), rules.get("files")):
        file = Path(located.name).parent / name
        if not file.is_file():
            yield located.problem(path, f"{file}: no such file; write it, or remove this line")


def _names(path: KeyPath, written: object) -> Iterator[tuple[KeyPath, str]]:
    for number, name in enumerate(written if isinstance(written, list) else ()):
        if isinstance(name, str):
            yield (*path, number), name


def _used_channels(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    lists: list[tuple[KeyPath, object]] = [
        (("subscriptions", index, "channels"), item.get("channels"))
        for index, item in _groups(data.get("subscriptions"))
    ]
    alerts = data.get("alerts")
    if isinstance(alerts, dict):
        lists.append((("alerts", "operator"), alerts.get("operator")))
    for path, names in lists:
        yield from _names(path, names)


def _groups(written: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The items of a list that are groups of `key: value` lines, with their positions."""
    for index, item in enumerate(written if isinstance(written, list) else ()):
        if isinstance(item, dict):
            yield index, item
