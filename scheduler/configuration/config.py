"""The configuration: one YAML file, found and loaded. `scheduler.configuration.sections` has what
may stand in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.located_yaml import read_yaml
from scheduler.configuration.sections import FileSettings, check
from storage.errors import ConfigurationError

if TYPE_CHECKING:
    from storage.notifications.user_subscriptions import Personal
    from storage.source import Source
    from storage.subscription import Subscription

FILE_NAME = "accordwatch.yaml"
CONFIG_VARIABLE = "ACCORDWATCH_CONFIG"
DATABASE_VARIABLE = "ACCORDWATCH_DATABASE_URL"


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
        ours = [subscription.to_subscription(page) for subscription in self.settings.subscriptions]
        return (*ours, *(person.subscription for person in self.people if person.is_notified))

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
    file = find_configuration(path, environ)
    settings = check(read_yaml(file))
    database = environ.get(DATABASE_VARIABLE) or settings.database
    relative = re.fullmatch(r"(sqlite:///)([^/].*)", database)
    if relative is not None and not relative[2].startswith(":memory:"):
        database = relative[1] + str(file.parent / relative[2])
    return Configuration(file, settings, database)
