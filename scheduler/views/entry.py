"""What an entry of the register says in a language: title, status, day and place, how sure it is,
who reported it first, where its text is, what comes next, and each step with its quote.

Page, terminal, mails, chats and feeds only lay it out. All text is safe to show: without control
characters, on one line, and not too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from crawler.register.grade import Grounds
from crawler.register.steps import fits_step
from scheduler.views.register_entries import Entry
from scheduler.views.words.labels import Labels, direction_of
from scheduler.views.words.lines import clean, isolated, line, percent, web_address
from scheduler.views.words.names import name_of, place_in
from storage.database.session import Session
from storage.records import Grade, GradeBasis, Instrument, Status, TextState, Topic
from storage.register.decisions import given_names
from storage.register.records import (
    Agreement,
    FirstReport,
    Lead,
    NamedRow,
    Provenance,
    Step,
    is_listed,
)
from storage.search.document_rows import DocumentRow, rows_in_order

_LONGEST_NAME = 80
_LONGEST_TITLE = 240
_LONGEST_QUOTE = 600
_MOST_NAMED = 5  # outlets; the reports below name all of them
NOTHING_LISTED: Mapping[int, NamedRow] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An agreement as lists show it. `title` is its name with its status. `stage` names a colour;
    `is_listed`: only rows of lists report it, so that it has no reports. `given`: the name that a
    person gave it.
    """

    id: str
    name: str
    title: str
    headline: str
    parties: Sequence[tuple[str, str]]
    instrument: str
    status: str
    stage: str
    on: str
    day: date | None
    expected: str
    place: str
    topics: Sequence[str]
    reports: int
    grade: str
    grade_name: str
    grade_means: str
    is_listed: bool = False
    given: str | None = None


@dataclass(frozen=True, slots=True)
class ReportWords:
    """A document as lists show it. `url` is None where nobody may be led to it, and `where` names
    the address, or the id that it was imported with. `is_row`: it was made of a row of a list,
    which `row` names where it is known.
    """

    id: int
    title: str
    outlet: str
    language: str
    direction: str
    on: str
    day: date | None
    url: str | None
    where: str
    status: str
    parties: Sequence[tuple[str, str]]
    quote: str
    agreement_id: str | None
    relevant: bool
    is_row: bool = False
    row: str = ""


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step. `support`: how many of its reports say its status, if only some do."""

    status: str
    stage: str
    on: str
    day: date | None
    expected: str
    quote: str
    direction: str
    support: tuple[int, int] | None
    reports: Sequence[ReportWords]
    in_doubt: bool


@dataclass(frozen=True, slots=True)
class EntryWords:
    """All that an entry says. `first_report` are sentences: who reported it first, how long before
    others; `text` is one, "" where no text is due.
    """

    line: EntryLine
    because: str
    first_report: Sequence[str]
    first_report_id: int | None
    has_hours: bool
    text: str
    text_url: str | None
    is_missing: bool
    steps: Sequence[StepWords]
    mentions: Sequence[ReportWords]


def entry_in_words(
    entry: Entry,
    grounds: Grounds,
    words: Labels,
    listed: Mapping[int, NamedRow] = NOTHING_LISTED,
) -> EntryWords:
    """Say an entry in a language. `grounds` say why it is as sure as it is; `listed` of which rows
    of lists documents were made; `words` are those of the page.
    """
    found, provenance, rows = entry.agreement, entry.provenance, dict(entry.documents)
    first_report = provenance.first_report
    leads = (first_report.next, first_report.official) if first_report else ()
    return EntryWords(
        line=entry_line(found, entry.given, words),
        because=because(grounds, words),
        first_report=list(_first_report_sentences(first_report, words)) if first_report else [],
        first_report_id=first_report.document_id if first_report else None,
        has_hours=any(lead and lead.hours and lead.days in (0, 1) for lead in leads),
        text=_text_sentence(found, provenance, words),
        text_url=web_address(provenance.text_url),
        is_missing=found.text_state is TextState.MISSING,
        steps=[step_in_words(step, found, rows, words, listed) for step in found.history],
        mentions=[
            report_in_words(row, words, listed) for row in rows_in_order(rows, found.mentions)
        ],
    )


def entry_lines(s: Session, found: Sequence[Agreement], words: Labels) -> list[EntryLine]:
    """Say stored agreements as lists show them, under the names that persons gave them."""
    names = given_names(s, [one.id for one in found])
    return [entry_line(one, names.get(one.id), words) for one in found]


def entry_line(found: Agreement, given: str | None, words: Labels) -> EntryLine:
    """Say an agreement as lists show it."""
    name, status = name_of(found, given, words), ""
    if found.status:
        status = words.status(found.status, found.instrument)
    return EntryLine(
        id=found.id,
        name=name,
        title=with_status(name, found.status, found.instrument, words, is_given=bool(given)),
        headline=line(found.title, _LONGEST_TITLE),
        parties=short_parties(found.parties, words),
        instrument=words.instrument(found.instrument) if found.instrument else "",
        status=status,
        stage=stage_of(found.status),
        on=_day(found.event_date, words),
        day=found.event_date,
        expected=expected_in_words(found.expected_on, words),
        place=place_in(words.language, found.place, found.place_key),
        topics=topics_in_words(found.topics, words),
        reports=len(found.report_ids),
        grade=found.grade,
        grade_name=grade_name(found.grade, words),
        grade_means=words.say(f"grade.{found.grade}.means"),
        is_listed=found.is_only_listed,
        given=given,
    )


# --- the phrases of which it is made ------------------------------------------------------------

_STAGES = {
    Status.PROPOSED: "talks",
    Status.NEGOTIATING: "talks",
    Status.CONCLUDED: "agreed",
    Status.SIGNED: "agreed",
    Status.RATIFIED: "agreed",
    Status.RENEWED: "agreed",
    Status.IN_FORCE: "force",
    Status.SUSPENDED: "ended",
    Status.TERMINATED: "ended",
    Status.REJECTED: "ended",
}


def stage_of(status: Status | None) -> str:
    """The name of a colour: talks, agreed, force or ended; "" where the status is unknown."""
    return _STAGES[status] if status else ""


def status_name(status: Status | None, found: Agreement, words: Labels) -> str:
    """A status in words that agree with the instrument of the agreement."""
    return words.status(status, found.instrument) if status else words.say("page.unknown")


def with_status(
    name: str,
    status: Status | None,
    instrument: Instrument | None,
    words: Labels,
    *,
    is_given: bool = False,
) -> str:
    """ "Morocco–Niger declaration, 2025: signed"; the name alone where no status is known. A name
    that a person gave may be written in another direction.
    """
    if status is None:
        return name
    called = isolated(name, words.direction) if is_given else name
    return words.say("names.with_status", name=called, status=words.status(status, instrument))


def expected_in_words(on: date | None, words: Labels) -> str:
    """The day for which the next step is announced; "" where none is."""
    return words.say("expected_on", day=words.day(on)) if on else ""


def topics_in_words(topics: Iterable[Topic], words: Labels) -> list[str]:
    return [words.say(f"topics.{topic}") for topic in topics]


def short_parties(codes: Iterable[str], words: Labels) -> list[tuple[str, str]]:
    """Parties with the short names that readers of the language use, each behind its code."""
    return [(code, words.short_party(code)) for code in codes]


def step_with_day(step: Step, words: Labels) -> str:
    """The quote of a step behind its day, and before the day announced for the next one."""
    text = words.day(step.on) + words.say("colon") + step.quote if step.on else step.quote
    expected = expected_in_words(step.expected_on, words)
    return f"{text} ({expected})" if expected else text


def _day(on: date | None, words: Labels) -> str:
    return words.day(on) if on else words.say("page.undated")


# --- steps and reports --------------------------------------------------------------------------


def step_in_words(
    step: Step,
    found: Agreement,
    rows: dict[int, DocumentRow],
    words: Labels,
    listed: Mapping[int, NamedRow] = NOTHING_LISTED,
) -> StepWords:
    """Say a step of an agreement; `rows` are its documents."""
    reports = rows_in_order(rows, step.document_ids)
    agreeing = sum(fits_step(row.card.status, step) for row in reports)
    quoted = next((row for row in reports if row.quote == step.quote), None)
    return StepWords(
        status=status_name(step.status, found, words),
        stage=stage_of(step.status),
        on=_day(step.on, words),
        day=step.on,
        expected=expected_in_words(step.expected_on, words),
        quote=line(step.quote, _LONGEST_QUOTE),
        direction=direction_of(quoted.language) if quoted else "auto",
        support=None if agreeing in (0, len(reports)) else (agreeing, len(reports)),
        reports=[report_in_words(row, words, listed) for row in reports],
        in_doubt=step in found.in_doubt,
    )


def report_in_words(
    row: DocumentRow, words: Labels, listed: Mapping[int, NamedRow] = NOTHING_LISTED
) -> ReportWords:
    """Say a document; `listed` says of which rows of lists documents were made."""
    named = listed.get(row.id)
    return ReportWords(
        id=row.id,
        title=line(row.title, _LONGEST_TITLE) or words.say("untitled"),
        outlet=line(row.outlet or row.source_id or "", _LONGEST_NAME),
        language=row.language,
        direction=direction_of(row.language),
        on=_day(row.published_on, words),
        day=row.published_on,
        url=web_address(named.url if named else row.url),
        where=clean(row.url or row.external_id or ""),
        status=words.status(row.card.status, None) if row.card.status else "",
        parties=short_parties(row.card.parties, words),
        quote=line(row.quote, _LONGEST_QUOTE),
        agreement_id=row.agreement_id,
        relevant=row.relevant,
        is_row=is_listed(row.source_id),
        row=line(named.name, 160) if named else "",
    )


# --- how sure it is -----------------------------------------------------------------------------


def grade_name(grade: Grade, labels: Labels) -> str:
    """Return the word: "likely"."""
    return labels.say(f"grade.{grade}.name")


def because(grounds: Grounds, labels: Labels) -> str:
    """Return a sentence that says why: "Reported by 2 independent outlets: Le Fleuve and Hespress."

    The names are isolated, since some are written in another direction.
    """
    key = f"grade.because.{grounds.basis}"
    names = [isolated(line(one, _LONGEST_NAME), labels.direction) for one in grounds.outlets if one]
    hidden = len(names) - _MOST_NAMED
    if hidden > 0:
        names[_MOST_NAMED:] = [labels.count("names.others", hidden)]
    outlets = labels.listed(names) if names else labels.say("grade.unknown_outlet")
    if grounds.basis in (GradeBasis.OUTLETS, GradeBasis.SEVERAL):
        return labels.count(key, len(grounds.outlets), outlets=outlets)
    likely = percent(grounds.probability) if grounds.probability is not None else ""
    who = isolated(line(grounds.who, _LONGEST_NAME), labels.direction)
    return labels.say(key, outlets=outlets, percent=likely, who=who)


# --- who was first, and where the text is -------------------------------------------------------


def _first_report_sentences(first_report: FirstReport, words: Labels) -> Iterator[str]:
    """Who was first and when, how long before the next outlet, and before an official source."""
    first = _named(first_report.outlet, words)
    yield words.say("page.first_report.first", outlet=first, day=words.day(first_report.on))
    if first_report.next is None:
        yield words.say("page.first_report.alone")
    else:
        yield _led(first_report.next, "", words)
    if first_report.is_official:
        yield words.say("page.first_report.is_official")
    elif first_report.official is None:
        yield words.say("page.first_report.no_official")
    else:
        yield _led(first_report.official, "official_", words)


def _led(lead: Lead, kind: str, words: Labels) -> str:
    outlet = _named(lead.outlet, words)
    if lead.hours and lead.days in (0, 1):
        return words.count(f"page.first_report.{kind}hours", lead.hours, outlet=outlet)
    if lead.days is None:
        return words.say(f"page.first_report.{kind}undated", outlet=outlet)
    if lead.days == 0:
        return words.say(f"page.first_report.{kind}same_day", outlet=outlet)
    return words.count(f"page.first_report.{kind}days", lead.days, outlet=outlet)


def _text_sentence(agreement: Agreement, provenance: Provenance, words: Labels) -> str:
    """Return where and when the text was published, or where none was found and since when that is
    watched; "" before it was signed, and where nothing is watched.
    """
    if agreement.text_state is TextState.PUBLISHED:
        url = provenance.text_url or ""
        host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].removeprefix("www.")
        where = isolated(line(host or url, _LONGEST_NAME), words.direction)
        if provenance.text_on is None:
            return words.say("page.published_text.undated", where=where)
        return words.say(
            "page.published_text.published", where=where, day=words.day(provenance.text_on)
        )
    watched = []
    for day, hosts in provenance.watched:
        named = words.say("comma").join(isolated(one, words.direction) for one in hosts)
        watched.append(words.say("page.published_text.watched", hosts=named, day=words.day(day)))
    for who, day, where in provenance.searched:
        filled = {"who": isolated(who, words.direction), "where": isolated(where, words.direction)}
        watched.append(words.say("page.published_text.searched", day=words.day(day), **filled))
    if not watched:
        return ""
    return words.say("page.published_text.missing", watched=words.say("comma").join(watched))


def _named(outlet: str, words: Labels) -> str:
    name = line(outlet, _LONGEST_NAME) or words.say("grade.unknown_outlet")
    return isolated(name, words.direction)
