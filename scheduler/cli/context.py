"""The options of every command (--config, --debug, --no-pager), and what commands open by them."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.errors import AccordwatchError, ConfigurationError, DatabaseError

if TYPE_CHECKING:
    from crawler.judgement.judge import Rules
    from crawler.worker import RulesSpec
    from scheduler.configuration.config import Configuration
    from storage.database.session import Database


@dataclass(frozen=True, slots=True)
class Invocation:
    config: Path | None = None
    debug: bool = False
    no_pager: bool = False


INVOCATION: ContextVar[Invocation] = ContextVar("INVOCATION", default=Invocation())  # noqa: B039 - it is frozen


def configuration() -> Configuration:
    """The configuration of this invocation. Raises ConfigurationError."""
    from scheduler.configuration.config import load_configuration  # `--help` need not pay for it

    return load_configuration(INVOCATION.get().config)


def configuration_if_any() -> Configuration | None:
    """The configuration, for commands that work without one; None if there is none. Raises
    ConfigurationError if --config names one that is not there, or if it cannot be used.
    """
    from scheduler.configuration.config import find_configuration, load_configuration

    named = INVOCATION.get().config
    try:
        path = find_configuration(named)
    except ConfigurationError:
        if named is not None:
            raise
        return None
    return load_configuration(path)


def configured_rules(chosen: Configuration) -> Rules:
    """The configured rules, as strict as the measured volume of documents requires."""
    from crawler.worker import load_spec

    return load_spec(rules_spec(chosen))


def rules_spec(chosen: Configuration | None) -> RulesSpec:
    """What a worker loads so that it judges with the configured rules, or else the shipped ones.
    Without a database that can be read as it is, the judge keeps its own rate.
    """
    from crawler.judgement.probability.rates import FALSE_ALARMS
    from crawler.worker import RulesSpec

    if chosen is None:
        return RulesSpec(warm=False)

    rate = FALSE_ALARMS
    if chosen.settings.alerts.false_alarms_per_day is not None:
        rate = _measured_rate(chosen) or rate
    packs = tuple(chosen.settings.rules.packs)
    return RulesSpec(packs, tuple(chosen.rule_files), false_alarms=rate, warm=False)


def _measured_rate(chosen: Configuration) -> float | None:
    from scheduler.configuration.false_alarms import false_alarm_rate
    from storage.database.session import open_database

    file = chosen.database.removeprefix("sqlite:///")
    if file != chosen.database and not Path(file).exists():
        return None
    try:
        database = open_database(chosen.database, upgrade=False)
    except DatabaseError:
        return None
    with closing(database):
        return false_alarm_rate(database, chosen, datetime.now(UTC))


def opened_database(chosen: Configuration) -> closing[Database]:
    from storage.database.session import open_database

    return closing(open_database(chosen.database))


# --- the name of the login that a command was given from ------------------------------------------


def login_name() -> str:
    """The login's name. Raises ConfigurationError if it has none, as in a container."""
    try:
        return os.environ.get("USER") or getpass.getuser()
    except (KeyError, OSError) as error:  # up to Python 3.12, and from 3.13 on
        raise ConfigurationError("this login has no name: write yours, --who NAME") from error


# --- bytes from strangers are read in a worker process --------------------------------------------

Work = Callable[..., Any]


@contextmanager
def one_worker(rules: RulesSpec | None = None) -> Iterator[Work]:
    """Give what runs a stage in a worker and returns its result (see `WorkerPool.submit`). Without
    `rules` there are no stages that judge.
    """
    from crawler.pool import WorkerPool  # what needs no worker need not pay for it

    with WorkerPool(rules, workers=1) as pool:

        def work(stage: str | Callable[..., Any], *payload: Any) -> Any:
            try:
                return pool.submit(stage, *payload).result()
            except RuntimeError as error:
                raise AccordwatchError(f"no worker process can run: {error}") from error

        yield work
