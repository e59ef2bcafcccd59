"""The stored documents as a list, and those that wait for review."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from scheduler.views.agreements import SPOKEN
from scheduler.views.columns import JSON_ONLY, SHEET_ONLY, Column, Table
from scheduler.views.verdicts import frame_row, reading_in_words, reading_row, what_was_read
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import line, percent
from scheduler.views.words.names import parties_in_words
from storage.records import Grade, Status

if TYPE_CHECKING:  # it brings SQLAlchemy
    from crawler.ingest.vouching import AnsweredAlert
    from storage.review.duplicates import Duplicate  # noqa: F401
    from storage.search.document_rows import DocumentRow


DOCUMENTS = Table["DocumentRow"](
    "documents",
    (
        Column("document_id", "integer", "id", required=True),
        Column("external_id", "string"),
        Column("title", "string"),
        Column("outlet", "string"),
        Column("language", "string", values=SPOKEN, title="lang"),
        Column("url", "string"),
        Column("published", "date", "published_on", empty="undated"),
        Column("relevant", "boolean", required=True),
        Column("near_miss", "boolean", required=True),
        Column("score", "number", required=True),
        Column(
            "status",
            "string",
            "card.status",
            values=Status,
            cell=lambda row, to: to.status(row.card.status, None) if row.card.status else "",
        ),
        Column(
            "parties",
            "list",
            "card.parties",
            cell=lambda row, to: parties_in_words(row.card.parties, to),
        ),
        Column("topics", "list", "card.topics"),
        Column("place", "string", "card.place"),
        Column("event_date", "date", "card.event_date"),
        Column("expected_on", "date", "card.expected_on"),
        Column("agreement_id", "string", title="agreement"),
        Column("source_id", "string"),
        Column("quote", "string"),
    ),
    ("published", "language", "outlet", "title", "parties", "status", "agreement_id"),
)


def _frame_in_words(document_row: DocumentRow, labels: Labels) -> str:
    """What was read in it, and what a second reader said who reads no step, or is unsure."""
    parts = [what_was_read(document_row.frame, labels)]
    if reading := reading_in_words(document_row.second_reading, labels):
        parts.append(f"{labels.say('Second reader')}{labels.say(': ')}{reading[0]}")
    return "; ".join(filter(None, parts))


def _reading_cell(document_row: DocumentRow) -> str:
    """ "no: politics"."""
    read = document_row.second_reading
    return ": ".join(filter(None, (read.answer, read.cause or read.doubt))) if read else ""


# --- how often alerts were right ------------------------------------------------------------------

LEAST_ALERTS = 30  # answers; with fewer a share says little: of 30, half is 50 % give or take 18
_MOST_SOURCES = 20


class Rightness(NamedTuple):
    """How many alerts of a grade or a source were answered, and how many of these were right. Of
    all of them, `by` and `name` are "".
    """

    by: str
    name: str
    answers: int
    right: int


def rightness(answered: Iterable[AnsweredAlert]) -> list[Rightness]:
    """Count the answers: of all, by grade, and by source, those with the most answers first."""
    tallies: dict[tuple[str, str], list[bool]] = {("", ""): []}
    tallies |= {("grade", grade): [] for grade in Grade}
    for source, grade, is_right in answered:
        for key in (("", ""), ("grade", grade), ("source", source)):
            tallies.setdefault(key, []).append(is_right)
    counted = [Rightness(*key, len(answers), sum(answers)) for key, answers in tallies.items()]
    sources = [one for one in counted if one.by == "source"]
    sources.sort(key=lambda one: (-one.answers, one.name))
    return [
        *(one for one in counted if one.by == "" or (one.by == "grade" and one.answers)),
        *sources[:_MOST_SOURCES],
    ]


class RightnessInWords(NamedTuple):
    """By what it is counted, the grade or the source, "7 of 9", and the share."""

    by: str
    name: str
    of: str
    share: str


def rightness_in_words(rate: Rightness, labels: Labels) -> RightnessInWords:
    by = labels.term(f"right_alerts.{rate.by or 'all'}")
    name = labels.term(f"grade.{rate.name}.name") if rate.by == "grade" else line(rate.name, 80)
    of = labels.say(
        "{right} of {answers}", right=labels.number(rate.right), answers=labels.number(rate.answers)
    )
    share = percent(rate.right / rate.answers) if rate.answers else ""
    return RightnessInWords(by, name, of, share)


REVIEW = Table["DocumentRow"](
    "review",
    (
        Column("document_id", "integer", "id", required=True, title="document"),
        Column(
            "probability",
            "number",
            lambda one: None if one.probability is None else round(one.probability, 4),
            cell=lambda one, _: "" if one.probability is None else percent(one.probability),
            title="likely",
        ),
        Column("title", "string"),
        Column("outlet", "string"),
        Column("language", "string", values=SPOKEN),
        Column("url", "string"),
        Column("published", "date", "published_on", empty="undated"),
        Column("parties", "list", "card.parties"),
        Column("status", "string", "card.status", values=Status),
        Column("agreement_id", "string", title="agreement"),
        Column(
            "frame",
            "string",
            lambda one: what_was_read(one.frame, labels_of("en")),
            SHEET_ONLY,
            cell=_frame_in_words,
            title="read",
        ),
        Column("frame", "object", lambda one: frame_row(one.frame), JSON_ONLY),
        Column("second_reading", "string", _reading_cell, SHEET_ONLY),
        Column("second_reading", "object", lambda one: reading_row(one.second_reading), JSON_ONLY),
    ),
    ("document_id", "probability", "published", "outlet", "title", "frame", "agreement_id"),
)

DUPLICATES = Table["Duplicate"](
    "duplicates",
    (
        Column("agreement_id", "string", required=True, title="agreement"),
        Column("other_agreement_id", "string", title="same as"),
        Column("document_id", "integer", title="document"),
        Column("days", "integer"),
        Column("is_close", "boolean", required=True),
    ),
    ("agreement_id", "other_agreement_id", "document_id", "days"),
)
