"""Verdicts, and versions of a document, as the JSON objects that docs/design.md describes; and in
words, why a document was judged as it was, and why reports are one agreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from babel.numbers import format_decimal

from crawler.differences import differences as passages_between
from crawler.process.parts import in_page
from crawler.reader.answer import differences
from scheduler.views.columns import fields_row, plain
from scheduler.views.decisions import value_in_words
from scheduler.views.words.lines import isolated, line
from scheduler.views.words.page import moment
from storage.records import (
    SOUND,
    SOUNDS_LIKE,
    Card,
    Document,
    Evidence,
    ReadFrame,
    SecondReading,
    Verdict,
)

if TYPE_CHECKING:  # they bring all that judges, and SQLAlchemy
    from crawler.process.process import JudgedStory
    from scheduler.views.words.labels import Labels
    from storage.documents.tables import Version
    from storage.register.entry import LinkageReason


def verdict_row(document: Document, verdict: Verdict) -> dict[str, Any]:
    """One line of `classify --format jsonl`."""
    return {
        "id": document.external_id,
        "relevant": verdict.relevant,
        "score": round(verdict.score, 3),
        "threshold": verdict.threshold,
        "language": verdict.language,
        "rules": [
            {"id": rule.id, "version": rule.version, "score": round(rule.score, 3)}
            for rule in verdict.rules
        ],
        "card": card_row(verdict.card),
        "evidence": [evidence_row(evidence) for evidence in verdict.evidence],
        "vetoes": list(verdict.vetoes),
        "near_miss": verdict.near_miss,
        "outcome": verdict.outcome,
        "probability": None if verdict.probability is None else round(verdict.probability, 4),
        "frame": frame_row(verdict.frame),
        "reasons": [{"name": reason.name, "weight": reason.weight} for reason in verdict.reasons],
        "second_reading": reading_row(verdict.second_reading, document.title, document.text),
        "stories": [],
    }


def round_up_row(document: Document, stories: Sequence[JudgedStory]) -> dict[str, Any]:
    """The line of a round-up: the verdict on its clearest story, and `stories`, those that are
    reports or may be. All offsets count in the title and text of the whole document.
    """
    clearest, rows = max(stories, key=_clearness), []
    for judged_story in stories:
        if judged_story.verdict.outcome != "silent":
            row = fields_row(judged_story.story, "title", "start", "end")
            row |= verdict_row(
                judged_story.document, in_page(judged_story.verdict, judged_story.story)
            )
            rows.append({key: row[key] for key in row if key not in ("id", "stories")})
    return verdict_row(document, in_page(clearest.verdict, clearest.story)) | {"stories": rows}


def _clearness(one: JudgedStory) -> tuple[bool, bool, float, float]:
    verdict = one.verdict
    return verdict.relevant, verdict.near_miss, verdict.probability or 0.0, verdict.score


def frame_row(frame: ReadFrame | None) -> dict[str, Any] | None:
    """What the judge read in the clearest sentence; None if it was not asked."""
    if frame is None:
        return None
    return fields_row(frame, "parties", "act", "agreement", "about", "office")


def reading_row(
    reading: SecondReading | None, title: str = "", text: str = ""
) -> dict[str, Any] | None:
    """What a second reader answered, where its quote stands in title and text, and the fields in
    which it differs from the rules; None if nobody else read the document.
    """
    if reading is None:
        return None
    from crawler.reader.quotes import quoted  # with it comes NumPy

    return {
        **fields_row(reading, "answer", "reader", "prompt", "read_at"),
        "cause": reading.cause or None,
        "doubt": reading.doubt or None,
        "agreement": reading.agreement or None,
        "quote": reading.quote or None,
        "quoted": [evidence_row(evidence) for evidence in quoted(reading, title, text)],
        "rules_outcome": reading.rules_outcome or None,
        "differences": [
            {"field": name, "rules": plain(rules), "reader": plain(reader)}
            for name, rules, reader in differences(reading)
        ],
    }


def card_row(card: Card) -> dict[str, Any]:
    what = ("parties", "instrument", "topics", "status")
    return fields_row(
        card, *what, "event_date", "event_date_basis", "expected_on", "place", "place_key"
    )


def evidence_row(found: Evidence) -> dict[str, Any]:
    return fields_row(found, "rule", "concept", "zone", "start", "end", "text", "weight")


def version_rows(versions: Sequence[Version]) -> list[dict[str, Any]]:
    """The versions, oldest first, each but the first with what changed since the one before."""
    rows: list[dict[str, Any]] = []
    for before, version in zip((None, *versions), versions, strict=False):
        passages = passages_between(before.text, version.text) if before else ()
        changes = [[fields_row(part, "change", "text") for part in each] for each in passages]
        row = {"version": version.number, **fields_row(version, "seen_at", "title", "text")}
        rows.append({**row, "changes": changes})
    return rows


# --- in words -------------------------------------------------------------------------------------

# Features with words of their own, which stand under `reasons.whole`.
_WHOLE = {
    "agreement: words": "agreements",
    "migration: words": "migration",
    "migration: words in a hundred": "share",
    "length": "length",
    "rules: points": "points",
    SOUND: "sound",
}
_SPANS = {"sentence": "sentence", "two-sentences": "two_sentences", "core": "zone"}
_LONGEST = 160  # characters of what was read: two lines of a mail


def what_was_read(frame: ReadFrame | None, labels: Labels) -> str:
    """Who does what, about what, in the words of the document; "" if the judge was not asked."""
    if frame is None:
        return ""
    parties = labels.listed(labels.party(code) for code in frame.parties)
    parts = (parties, frame.act, frame.agreement, frame.about)
    return line(labels.say(", ").join(filter(None, parts)), _LONGEST)


class ReadingInWords(NamedTuple):
    answer: str
    quote: str
    differences: Sequence[str]


def reading_in_words(reading: SecondReading | None, words: Labels) -> ReadingInWords | None:
    """Say what a second reader answered, who that was and when; with its quote, and a line for each
    field in which it differs from the rules. `words` are those of the page.
    """
    if reading is None:
        return None
    differs = (
        words.say(
            "{field}: {reader}; according to the rules: {rules}",
            field=words.term(f"page.columns.{name}"),
            rules=value_in_words(name, _written(rules), words),
            reader=value_in_words(name, _written(reader), words),
        )
        for name, rules, reader in differences(reading)
    )
    who = isolated(line(reading.reader, 80), words.direction)
    by = words.say("({who}, {moment})", who=who, moment=moment(reading.read_at, words))
    why = why_not(reading, words)
    key = f"second_reading.answers.{reading.answer}"
    sentence = words.term(key, why=words.say(": ") + why if why else "")
    return ReadingInWords(f"{sentence} {by}", line(reading.quote, 600), list(differs))


def why_not(reading: SecondReading, labels: Labels) -> str:
    """Why a second reader read no step, or what could not be proved; "" where it gave no reason."""
    return labels.known(f"second_reading.why.{reading.doubt or reading.cause}", "")


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def reason_in_words(name: str, labels: Labels) -> str:
    """A feature of the judge in words.

    "sentence of title: step + migration" is "an act, migration in one sentence of the title"; a
    form of a term is quoted with the part that it plays.
    """
    if name in _WHOLE:
        return labels.term(f"reasons.whole.{_WHOLE[name]}")
    if name.startswith(SOUNDS_LIKE):
        return labels.say("its wording resembles “{report}”", report=name.removeprefix(SOUNDS_LIKE))
    if name.startswith("term "):
        role, _, form = name.split(" ", 2)[2].partition(": ")
        return labels.say("“{form}”, {part}", form=form, part=_part(role, labels))
    where, _, what = name.partition(": ")
    if where == "near":
        one, _, other = what.partition(" to ")
        return labels.say(
            "{one} close to {other}", one=_part(one, labels), other=_part(other, labels)
        )
    named = what.removeprefix("trap ").split(" + ")
    parts = labels.say(", ").join(_part(part, labels) for part in named)
    # "sentence of title" and "core in lead" name a stretch of a zone; "title" is a zone alone.
    first, _, rest = where.partition(" ")
    span, zone = (_SPANS.get(first, "zone"), rest.split(" ")[-1]) if rest else ("zone", first)
    named_zone = labels.known(f"reasons.zones.{zone}", zone)
    return f"{parts} {labels.term(f'reasons.spans.{span}', zone=named_zone)}"


def linkage_in_words(reason: LinkageReason, words: Labels) -> str:
    """Why a report is one of an agreement, or why these are: "Report 14, 3.9 points: same parties
    (+0.5), same stage, within three days (+3.0)". `words` are those of pages.
    """
    if reason.kind == "several":
        reports, texts = (int(value) for value in reason.values)
        both = (
            words.count("{n} report", "{n} reports", reports),
            words.count("{n} different text", "{n} different texts", texts),
        )
        return words.say(", ").join(both)
    score, rival = (words.decimal(one) for one in (*reason.values, 0.0, 0.0)[:2])
    points = (
        f"{words.term(f'page.linkage.points.{what}')}{day and f' {day}'} ({_signed(value, words)})"
        for what, value, day in reason.points
    )
    return words.term(
        f"page.linkage.{reason.kind}",
        document=reason.document_id,
        score=score,
        rival=rival,
        points=words.say(", ").join(points),
    )


def _signed(value: float, words: Labels) -> str:
    return str(format_decimal(value, "+0.0;-0.0", locale=words.locale))


def _part(part: str, labels: Labels) -> str:
    """The part in words. What rules of one's own look out for is another subject."""
    return labels.known(f"reasons.parts.{part}", labels.term("reasons.families.trap"))
