"""How complete the register is for a state: who watches it, what lists have against what was found,
the last report, what was reviewed, and how much is missed. Page, API and `coverage` say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from babel import Locale

from scheduler.configuration.query import read_query
from scheduler.decisions.review import missed_in_words
from scheduler.views.columns import Row, fields_row, plain
from scheduler.views.entry import grade_name
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import initial
from storage.database.session import Session
from storage.filter import Filter
from storage.languages import LANGUAGES, SPOKEN_LANGUAGES
from storage.query_words import fold_query
from storage.records import Grade
from storage.review.states import (
    Reporter,
    StateFigures,
    last_report_of,
    reporters_of,
    state_figures,
)
from storage.search.counts import count_documents
from storage.search.document_rows import DocumentRow
from storage.source import Source
from storage.sources.states import source_states


class StateSource(NamedTuple):
    """A source of a state, or one that reported it; an outlet without a source has no `id`."""

    id: str | None
    name: str
    kind: str | None
    language: str | None
    country: str | None
    enabled: bool
    last_success_at: datetime | None
    reports: int
    last_report_on: date | None


class StateCoverage(NamedTuple):
    party: str
    figures: StateFigures
    sources: Sequence[StateSource]
    last_report: DocumentRow | None
    named: int  # reports in which it is named, as a party or not
    missed: Sequence[str]

    @property
    def is_party(self) -> bool:
        return bool(self.figures.found or self.figures.listed)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of the state, and nothing of it is watched."""
        return not (self.sources or self.is_party or self.named)


class Fact(NamedTuple):
    """A number, what it counts, and the address of what it counts, if a list has that."""

    text: str
    number: int
    address: str | None


def state_meant(written: str) -> str:
    """The code of a state or body. Raises QueryError that says what may be meant."""
    named = (read_query([("party", one)]).filter.parties for one in (written, "?"))
    return next(filter(None, named))[0]  # nothing at all is no party either


def names_searched(party: str) -> str:
    """The search for a state or body by its names in the languages of reports, as they are written:
    in quotation marks no name is read as a filter.
    """
    of_readers = (labels_of(language).party(party) for language in SPOKEN_LANGUAGES)
    others = (Locale(language).territories.get(party) for language in LANGUAGES)
    return " OR ".join(f'"{name}"' for name in dict.fromkeys((*of_readers, *others)) if name)


def coverage_of(
    s: Session, party: str, sources: Iterable[Source], now: datetime, words: Labels
) -> StateCoverage:
    return StateCoverage(
        party,
        state_figures(s, party, now),
        _sources(s, party, {source.id: source for source in sources}),
        last_report_of(s, party),
        count_documents(s, Filter(query=fold_query(names_searched(party)))),
        tuple(missed_in_words(s, words)),
    )


def _sources(s: Session, party: str, watched: dict[str, Source]) -> list[StateSource]:
    """By language and kind; outlets that no source watches stand last."""
    reported: dict[str, list[Reporter]] = {}
    outlets: list[StateSource] = []
    for reporter in reporters_of(s, party):
        if reporter.source_id in watched:
            reported.setdefault(str(reporter.source_id), []).append(reporter)
        else:
            name = reporter.outlet or reporter.source_id or "?"
            about = (None, None, None, False, None)
            outlets.append(StateSource(None, name, *about, reporter.reports, reporter.last_on))
    own = {key for key, one in watched.items() if (one.country or "").upper() == party}
    states, sources = source_states(s), list[StateSource]()
    for key in own | reported.keys():
        source, state, reports = watched[key], states.get(key), reported.get(key, [])
        sources.append(
            StateSource(
                key,
                source.name or key,
                source.kind.value,
                source.language,
                source.country,
                source.enabled,
                state.last_success_at if state else None,
                sum(each.reports for each in reports),
                max(filter(None, (each.last_on for each in reports)), default=None),
            )
        )
    sources.sort(key=lambda one: (one.language or "~", one.kind or "", one.name.casefold()))
    return [*sources, *outlets]


def no_party_in_words(coverage: StateCoverage, words: Labels) -> str:
    """That no agreement has it as a party; "" where one has, or where nothing else is known."""
    if coverage.is_party or coverage.is_empty:
        return ""
    return words.say(
        "No known agreement has {party} as a party.", party=words.party(coverage.party)
    )


def facts_of(coverage: StateCoverage, words: Labels) -> list[Fact]:
    """The numbers in the order in which readers need them."""
    figures = coverage.figures

    def listed(**filters: str) -> str:
        return f"/?{urlencode({'party': coverage.party, **filters})}"

    grades = (
        Fact(initial(grade_name(grade, words)), getattr(figures, grade), listed(grade=grade))
        for grade in Grade
    )
    search = f"/search?{urlencode({'q': names_searched(coverage.party)})}"
    return [
        Fact(words.say("Found in reports"), figures.found, listed()),
        *grades,
        Fact(words.term("page.finding.names.reviewed"), figures.reviewed, listed(reviewed="yes")),
        Fact(words.term("page.finding.names.known"), figures.listed, None),
        Fact(words.say("In lists, not found in reports"), figures.missing, listed(known="only")),
        Fact(words.say("Reports that name it"), coverage.named, search),
        Fact(words.say("Documents waiting for review"), figures.waiting, "/review"),
    ]


def watched_in_words(coverage: StateCoverage, words: Labels) -> str:
    """How many sources are watched, by language and kind; "" where nothing at all is known."""
    if coverage.is_empty:
        return ""
    watched = [source for source in coverage.sources if source.enabled]
    if not watched and coverage.sources:
        return words.say("None of these sources is watched.")
    if not watched:
        return words.say("No source is watched that belongs to it or has reported it.")
    languages = Counter(source.language for source in watched)
    kinds = Counter(source.kind for source in watched)
    parts = [
        *(f"{words.language_name(code or 'und')} {n}" for code, n in languages.most_common()),
        *(f"{words.term(f'page.source_kinds.{kind}')} {n}" for kind, n in kinds.most_common()),
    ]
    counted = words.count_of("page.of_sources", len(watched))
    return f"{counted}{words.say(': ')}{words.say(', ').join(parts)}"


def state_as_json(coverage: StateCoverage, words: Labels) -> Row:
    last = coverage.last_report
    return {
        "party": coverage.party,
        "name": words.party(coverage.party),
        **coverage.figures._asdict(),
        "named": coverage.named,
        "last_report": last
        and {"document_id": last.id, **fields_row(last, "title", "outlet", "published_on", "url")},
        "missed": list(coverage.missed),
        "sources": [
            {name: plain(value) for name, value in source._asdict().items()}
            for source in coverage.sources
        ],
    }
