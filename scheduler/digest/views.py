"""What a mail says, in words, for the templates to lay out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.words.lines import isolated


@dataclass(frozen=True, slots=True)
class ReportView:
    title: str
    url: str | None
    about: Sequence[str]  # outlet, language, day
    direction: str
    language: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What changed in one document: passages of (change, words), and where to read the rest."""

    direction: str
    language: str
    passages: Sequence[Sequence[tuple[str, str]]]
    rest: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """`section` is the heading that the item is the first below; "" for all others. `certainty` is
    the code, for colours, and `certainty_label` the word; "" for what has none.
    """

    section: str
    section_hint: str
    certainty: str
    certainty_label: str
    kind: str
    kind_label: str
    headline: str
    before: str
    facts: Sequence[str]
    quote: str
    quote_direction: str
    quote_language: str
    quote_about: Sequence[str]
    reports_label: str
    reports: Sequence[ReportView]
    more_reports: str
    reference: str
    reference_url: str
    changes_label: str
    changes: Sequence[ChangeView]


@dataclass(frozen=True, slots=True)
class LineView:
    """An agreement beyond `max_items`: what it is, the address of a report, its day and id."""

    headline: str
    url: str | None
    about: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A document that waits for review: title, address, and outlet, probability, what was read."""

    title: str
    url: str | None
    about: Sequence[str]
    direction: str
    language: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """All strings of the templates, which only lay them out."""

    language: str
    direction: str
    start: str
    end: str
    name: str
    day: str
    summary: str
    items: Sequence[ItemView]
    notices: Sequence[str]
    notices_label: str
    more: str
    rest: Sequence[LineView]
    in_full: str
    review: Sequence[ReviewView]
    review_label: str
    review_hint: str
    nothing: str
    nothing_hint: str
    alive: str
    why: str
    change: str
    unsubscribe: str
    unsubscribe_url: str | None

    def changed(self, passage: Sequence[tuple[str, str]]) -> str:
        """A passage on one line of plain text, marked as `wdiff` does."""
        marks = {"removed": "[-{}-]", "added": "{{+{}+}}"}
        return self.isolated(" ".join(marks.get(how, "{}").format(said) for how, said in passage))

    def isolated(self, *parts: str) -> str:
        """The parts on one line of plain text, none of them changing the direction of another."""
        return " · ".join(isolated(part, self.direction) for part in parts)
