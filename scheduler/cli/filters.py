"""The filters that `search`, `agreements` and `subscriptions preview` share, as options."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from scheduler.cli.output import say
from scheduler.configuration import typed_filters
from scheduler.configuration.typed_filters import WRITTEN_LANGUAGES, TypedFilter, canonical
from storage.asking import Filter
from storage.records import Certainty, Instrument, Status, Topic

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from storage.database.session import Session


@Parameter(name="*")
@dataclass(frozen=True)
class FilterOptions:
    since: Annotated[
        date | None,
        Parameter(
            help="Published on this day or later (YYYY-MM-DD); "
            "agreements: with a step on this day or later."
        ),
    ] = None
    until: Annotated[
        date | None,
        Parameter(help="Published on this day or before; agreements: with such a step."),
    ] = None
    party: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            help="Code (MA, EU ...) or name (Morocco, Maroc ...); "
            "give it twice for agreements that both take part in.",
        ),
    ] = ()
    group: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            help="A group of parties, one of which takes part: "
            "maghreb, sahel, ecowas, gcc, eu-members ...",
        ),
    ] = ()
    corridor: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="Two parties in either order: IT-TN. Several: any of them."),
    ] = ()
    topic: Annotated[
        tuple[str, ...], Parameter(negative="", help=f"One of {', '.join(Topic)}.")
    ] = ()
    status: Annotated[
        tuple[str, ...], Parameter(negative="", help=f"One of {', '.join(Status)}.")
    ] = ()
    language: Annotated[
        tuple[str, ...], Parameter(negative="", help=f"One of {', '.join(WRITTEN_LANGUAGES)}.")
    ] = ()
    source: Annotated[
        tuple[str, ...], Parameter(negative="", help="Id of a source, or an outlet.")
    ] = field(default=())
    rule: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="Found by the rule with this id. Several: any of them."),
    ] = ()
    instrument: Annotated[
        tuple[str, ...], Parameter(negative="", help=f"One of {', '.join(Instrument)}.")
    ] = ()
    certainty: Annotated[
        tuple[str, ...],
        Parameter(negative="", help=f"How sure the agreement is: {', '.join(Certainty)}."),
    ] = ()
    text: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            help="published: the text of the agreement was found in a treaty series or gazette; "
            "missing: it was signed, and none was found.",
        ),
    ] = ()
    probability: Annotated[
        float | None, Parameter(help="At least so probable to report a step, from 0 to 1.")
    ] = None
    reviewed: Annotated[
        str, Parameter(show_default=False, help="Answered by a person: yes or no.")
    ] = ""
    by: Annotated[
        str,
        Parameter(
            show_default=False,
            help="learnt: --since and --until ask when it was learnt here, not when it happened.",
        ),
    ] = ""
    known: Annotated[
        str,
        Parameter(
            show_default=False,
            help="yes: also agreements that only lists know; only: these, or their rows.",
        ),
    ] = ""


def to_filter(query: str, options: FilterOptions | None) -> Filter:
    """The filter that a person typed. Raises ConfigurationError that says what can be typed."""
    return typed_filters.to_filter(typed(query, options), "--")


def typed(query: str, options: FilterOptions | None) -> TypedFilter:
    """What a person typed, unchecked."""
    given = options or FilterOptions()
    return TypedFilter(
        query,
        since=given.since,
        until=given.until,
        parties=canonical("party", given.party),
        groups=given.group,
        corridors=canonical("corridor", given.corridor),
        topics=given.topic,
        statuses=given.status,
        languages=given.language,
        sources=given.source,
        rules=given.rule,
        instruments=given.instrument,
        certainties=given.certainty,
        texts=given.text,
        probability=given.probability,
        reviewed=given.reviewed,
        known=given.known,
        by=given.by,
    )


def say_unknown_names(s: Session, chosen: Configuration, options: FilterOptions | None) -> None:
    """Say which sources and rules that were typed are not known: they fit nothing and may be
    misspelt.
    """
    if options is not None and options.source:
        _say_unknown_sources(s, chosen, options)
    if options is not None and options.rule:
        _say_unknown_rules(s, chosen, options)


def _say_unknown_rules(s: Session, chosen: Configuration, options: FilterOptions) -> None:
    from crawler.judgement.judge import load_rules
    from storage.search.filtering import rules_that_found

    loaded = load_rules(chosen.settings.rules.packs, chosen.rule_files)
    used = [rule.id for rule in loaded.rules.rules]
    for name in options.rule:
        if name not in used and name not in rules_that_found(s):
            say(f"no rule has the id {name!r}; there is {', '.join(used)}")


def _say_unknown_sources(s: Session, chosen: Configuration, options: FilterOptions) -> None:
    """Say which --source is neither configured nor has documents."""
    from storage.search.filtering import sources_and_outlets

    configured = {name for source in chosen.sources for name in (source.id, source.name) if name}
    asked = [name for name in options.source if name not in configured]
    if not asked:
        return
    known = configured | sources_and_outlets(s)
    folded = {name.casefold(): name for name in sorted(known)}
    for name in asked:
        if name not in known:
            near = [folded[found] for found in get_close_matches(name.casefold(), folded, 3)]
            hint = f"did you mean {', '.join(near)}?" if near else "see: accordwatch sources list"
            say(f"no source or outlet is named {name!r}; {hint}")
