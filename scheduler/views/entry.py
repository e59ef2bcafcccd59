"""What an entry of the register says in a language: its status, how sure it is, who reported it
first, where its text is, what comes next; and what is said of its steps and reports.

Page, terminal, mails, chats and feeds lay out the records and ask here for the words. All text is
safe to show: without control characters, on one line, and not too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from crawler.register.grade import Grounds
from crawler.register.steps import fits_step
from scheduler.views.words.labels import Labels, direction_of
from scheduler.views.words.lines import isolated, line, percent
from scheduler.views.words.names import name_of
from storage.lists.first_reports import FirstReport, Lead, Provenance
from storage.records import Grade, GradeBasis, Status, TextState, Topic
from storage.register.corridors import EntryReading
from storage.register.entry import Agreement, Step
from storage.search.document_rows import DocumentRow, rows_in_order

_LONGEST_NAME = 80
LONGEST_TITLE = 240
LONGEST_QUOTE = 600
_MOST_NAMED = 5  # outlets; the reports below name all of them


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


STAGES = tuple(dict.fromkeys(_STAGES.values()))


def stage_of(status: Status | None) -> str:
    """The name of a colour: talks, agreed, force or ended; "" where the status is unknown."""
    return _STAGES[status] if status else ""


def status_name(status: Status | None, agreement: Agreement, words: Labels) -> str:
    """A status in words that agree with the instrument of the agreement."""
    return words.status(status, agreement.instrument) if status else words.say("unknown")


def titled(agreement: Agreement, own_name: str | None, status: Status | None, words: Labels) -> str:
    """ "Morocco–Niger declaration, 2025: signed"; the name alone where no status is known. A name
    that a person gave may be written in another direction.
    """
    name = name_of(agreement, own_name, words)
    if status is None:
        return name
    called = isolated(name, words.direction) if own_name else name
    return words.say(
        "{name}: {status}", name=called, status=words.status(status, agreement.instrument)
    )


def expected_in_words(on: date | None, words: Labels) -> str:
    """The day for which the next step is announced; "" where none is."""
    return words.say("expected on {day}", day=words.day(on)) if on else ""


def topics_in_words(topics: Iterable[Topic], words: Labels) -> list[str]:
    return [words.term(f"topics.{topic}") for topic in topics]


def step_with_day(step: Step, words: Labels, rows: Mapping[int, DocumentRow]) -> str:
    """The quote of a step behind its day, and before the day announced for the next one and its
    translation. `rows` has the step's reports.
    """
    text = words.day(step.on) + words.say(": ") + step.quote if step.on else step.quote
    expected = expected_in_words(step.expected_on, words)
    quoted = quoted_row(step, rows_in_order(rows, step.document_ids))
    translated = marked_translation(quoted, "quote", words)
    return " ".join(filter(None, (text, f"({expected})" if expected else "", translated)))


# --- steps and reports --------------------------------------------------------------------------


class Support(NamedTuple):
    """How many of a step's reports say its status, and of how many."""

    agreeing: int
    reports: int


def support_of(step: Step, reports: Sequence[DocumentRow]) -> Support | None:
    """How many of a step's reports say its status, and of how many; None if all do, or none."""
    agreeing = sum(fits_step(row.card.status, step) for row in reports)
    return None if agreeing in (0, len(reports)) else Support(agreeing, len(reports))


def quoted_row(step: Step, reports: Iterable[DocumentRow]) -> DocumentRow | None:
    """The report with the quote of a step."""
    return next((row for row in reports if row.quote == step.quote), None)


def direction_of_quote(step: Step, reports: Iterable[DocumentRow]) -> str:
    quoted = quoted_row(step, reports)
    return direction_of(quoted.language) if quoted else "auto"


def translation_of(row: DocumentRow | None, part: Literal["title", "quote"], words: Labels) -> str:
    """A machine's translation of a title or quote into the reader's language; "" if there is none,
    as where the document itself is in that language.
    """
    given = row.translations if row else ()
    own = (
        getattr(translation, part)
        for translation in given
        if translation.language == words.language
    )
    return line(next(own, ""), LONGEST_QUOTE)


def marked_translation(
    row: DocumentRow | None, part: Literal["title", "quote"], words: Labels
) -> str:
    """The same for plain text: in brackets, with the words that it is a machine's."""
    text = translation_of(row, part, words)
    marked = f"{words.say('machine translation')}{words.say(': ')}{text}"
    return isolated(f"[{marked}]", words.direction) if text else ""


def title_of(row: DocumentRow, words: Labels) -> str:
    return line(row.title, LONGEST_TITLE) or words.say("untitled")


def outlet_of(row: DocumentRow) -> str:
    return line(row.outlet or row.source_id or "", _LONGEST_NAME)


# --- how sure it is -----------------------------------------------------------------------------


def grade_name(grade: Grade, labels: Labels) -> str:
    """Return the word: "likely"."""
    return labels.term(f"grade.{grade}.name")


def because(grounds: Grounds, labels: Labels) -> str:
    """Return a sentence that says why: "Reported by 2 independent outlets: Le Fleuve and Hespress."

    The names are isolated, since some are written in another direction.
    """
    key = f"grade.because.{grounds.basis}"
    names = [
        isolated(line(outlet, _LONGEST_NAME), labels.direction)
        for outlet in grounds.outlets
        if outlet
    ]
    hidden = len(names) - _MOST_NAMED
    if hidden > 0:
        names[_MOST_NAMED:] = [labels.count("{n} other", "{n} others", hidden)]
    outlets = labels.listed(names) if names else labels.say("an unknown outlet")
    if grounds.basis in (GradeBasis.OUTLETS, GradeBasis.SEVERAL):
        return labels.count_of(key, len(grounds.outlets), outlets=outlets)
    likely = percent(grounds.probability) if grounds.probability is not None else ""
    who = isolated(line(grounds.who, _LONGEST_NAME), labels.direction)
    return labels.term(key, outlets=outlets, percent=likely, who=who)


def read_in_words(entry_reading: EntryReading, words: Labels) -> str:
    """Who read the reports of an entry beside all others of the same parties, and when."""
    who = isolated(line(entry_reading.decision.who, _LONGEST_NAME), words.direction)
    day = words.day(entry_reading.decision.at.date())
    return words.count(
        "{who} read this report on {day} beside all others of the same parties.",
        "{who} read these {n} reports on {day}: they are about one agreement.",
        entry_reading.reports,
        who=who,
        day=day,
    )


# --- who was first, and where the text is -------------------------------------------------------


def first_report_sentences(first_report: FirstReport, words: Labels) -> Iterator[str]:
    """Who was first and when, how long before the next outlet, and before an official source."""
    first = _named(first_report.outlet, words)
    yield words.say("{outlet}, {day}", outlet=first, day=words.day(first_report.on))
    if first_report.next is None:
        yield words.say("no other outlet so far")
    else:
        yield _led(first_report.next, "", words)
    if first_report.is_official:
        yield words.say("this is an official source")
    elif first_report.official is None:
        yield words.say("no source marked as official so far")
    else:
        yield _led(first_report.official, "official_", words)


def has_hours(first_report: FirstReport) -> bool:
    """Whether its sentences count hours."""
    leads = (first_report.next, first_report.official)
    return any(lead is not None and _is_in_hours(lead) for lead in leads)


def _is_in_hours(lead: Lead) -> bool:
    return bool(lead.hours) and lead.days in (0, 1)


def _led(lead: Lead, kind: str, words: Labels) -> str:
    outlet = _named(lead.outlet, words)
    if _is_in_hours(lead):
        return words.count_of(f"page.first_report.{kind}hours", lead.hours or 0, outlet=outlet)
    if lead.days is None:
        return words.term(f"page.first_report.{kind}undated", outlet=outlet)
    if lead.days == 0:
        return words.term(f"page.first_report.{kind}same_day", outlet=outlet)
    return words.count_of(f"page.first_report.{kind}days", lead.days, outlet=outlet)


def text_sentence(agreement: Agreement, provenance: Provenance, words: Labels) -> str:
    """Return where and when the text was published, or where none was found and since when that is
    watched; "" before it was signed, and where nothing is watched.
    """
    if agreement.text_state is TextState.PUBLISHED:
        url = provenance.text_url or ""
        host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].removeprefix("www.")
        where = isolated(line(host or url, _LONGEST_NAME), words.direction)
        if provenance.text_on is None:
            return words.say("Published: {where}", where=where)
        return words.say(
            "Published: {where}, {day}", where=where, day=words.day(provenance.text_on)
        )
    watched = []
    for day, hosts in provenance.watched:
        named = words.say(", ").join(isolated(one, words.direction) for one in hosts)
        watched.append(words.say("{hosts} (since {day})", hosts=named, day=words.day(day)))
    for who, day, where in provenance.searched:
        filled = {"who": isolated(who, words.direction), "where": isolated(where, words.direction)}
        watched.append(words.say("{where} ({who}, {day})", day=words.day(day), **filled))
    if not watched:
        return ""
    return words.say("No text found; searched in: {watched}", watched=words.say(", ").join(watched))


def _named(outlet: str, words: Labels) -> str:
    name = line(outlet, _LONGEST_NAME) or words.say("an unknown outlet")
    return isolated(name, words.direction)
