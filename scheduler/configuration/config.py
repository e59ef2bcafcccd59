"""The configuration: one YAML file, checked when it is loaded. Every fault is named with its place.

Each layer defines its own section (`crawl` in `spiders.fetch.settings`, `sources` in
`spiders.catalog.sources`); `scheduler.configuration.sections` has the others, and the whole file.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from crawler.located_yaml import KeyPath, LocatedYaml, read_yaml
from crawler.yaml_faults import explain
from scheduler.configuration.sections import FileSettings, unknown_packs, with_pack_settings
from storage.addresses import canonical_url
from storage.errors import ConfigurationError, Problem
from storage.records import Source
from storage.subscription import PREFIX, Subscription, SubscriptionKind

if TYPE_CHECKING:
    from storage.notifications.tables import UserSubscription

FILE_NAME = "accordwatch.yaml"
CONFIG_VARIABLE = "ACCORDWATCH_CONFIG"
DATABASE_VARIABLE = "ACCORDWATCH_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Personal:
    """A subscription that somebody made on the page, among those of the file. `misfit` says why its
    filter can no longer be read, "" if it can: then it is paused, and nobody is notified until
    somebody changes the rules back or ends it.
    """

    stored: UserSubscription
    subscription: Subscription
    misfit: str = ""

    @property
    def is_notified(self) -> bool:
        """Whether it is notified of what is new: a feed is read instead."""
        is_pushed = self.stored.kind is not SubscriptionKind.FEED
        return is_pushed and self.state == "active"

    @property
    def state(self) -> str:
        if self.stored.confirmed_at is None:
            return "unconfirmed"
        if self.stored.paused_at is not None:
            return "paused"
        return "misfit" if self.misfit else "active"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the commands use: the file's settings, with paths made absolute, and the subscriptions
    that people made on the page, once `scheduler.configuration.user_subscriptions` read them.
    """

    path: Path
    settings: FileSettings
    database: str = field(repr=False)  # may hold a password
    people: tuple[Personal, ...] = field(default=(), repr=False)

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def sources(self) -> tuple[Source, ...]:
        schedule = self.settings.schedule
        return tuple(
            source.to_source(schedule, self.folder) for source in self.settings.all_sources
        )

    @property
    def enabled(self) -> list[Source]:
        """The sources that are switched on."""
        return [source for source in self.sources if source.enabled]

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Those of the file, and those of people that are notified now."""
        page = self.settings.site.url.rstrip("/")
        ours = [one.to_subscription(page) for one in self.settings.subscriptions]
        return (*ours, *(one.subscription for one in self.people if one.is_notified))

    @property
    def rule_files(self) -> tuple[Path, ...]:
        return tuple(self.folder / file for file in self.settings.rules.files)


def find_configuration(path: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """`path`, else ACCORDWATCH_CONFIG, else ./accordwatch.yaml. Raises ConfigurationError."""
    chosen = path or Path(environ.get(CONFIG_VARIABLE) or FILE_NAME)
    if chosen.is_dir():
        chosen = chosen / FILE_NAME
    if not chosen.is_file():
        raise ConfigurationError(f"{chosen}: no such file; write one with: accordwatch init")
    return chosen.absolute()


def load_configuration(
    path: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Configuration:
    """Read and check the configuration. Raises ConfigurationError with every fault."""
    found = find_configuration(path, environ)
    located = read_yaml(found)
    settings = check(located)
    database = environ.get(DATABASE_VARIABLE) or settings.database
    relative = re.fullmatch(r"(sqlite:///)([^/].*)", database)
    if relative is not None and not relative[2].startswith(":memory:"):
        database = relative[1] + str(found.parent / relative[2])
    return Configuration(found, settings, database)


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
