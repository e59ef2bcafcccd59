"""The rules with which a command judges, as strict as the measured volume requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.judgement.probability.rates import FALSE_ALARMS
from crawler.worker import RulesSpec, load_spec
from scheduler.configuration.config import Configuration

if TYPE_CHECKING:
    from crawler.judgement.judge import Rules


def configured_rules(chosen: Configuration) -> Rules:
    """The configured rules, as strict as the measured volume of documents requires."""
    return load_spec(rules_spec(chosen))


def rules_spec(chosen: Configuration | None) -> RulesSpec:
    """What a worker loads so that it judges with the configured rules, or else the shipped ones.
    Without a database that can be read as it is, the judge keeps its own rate.
    """
    if chosen is None:
        return RulesSpec(warm=False)

    rate = FALSE_ALARMS
    if chosen.settings.alerts.false_alarms_per_day is not None:
        from scheduler.configuration.false_alarms import measured_rate  # it opens the database

        rate = measured_rate(chosen) or rate
    packs = tuple(chosen.settings.rules.packs)
    return RulesSpec(packs, tuple(chosen.rule_files), false_alarms=rate, warm=False)
