"""Why a document was judged as it was, and why reports are one agreement, as a reader would say it
in their language.
"""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from storage.records import SOUND, SOUNDS_LIKE, ReadFrame
from storage.register.records import Reason

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
    return line(labels.say("comma").join(filter(None, parts)), _LONGEST)


def reason_in_words(name: str, labels: Labels) -> str:
    """A feature of the judge in words.

    "sentence of title: step + migration" is "an act, migration in one sentence of the title"; a
    form of a term is quoted with the part that it plays.
    """
    if name in _WHOLE:
        return labels.say(f"reasons.whole.{_WHOLE[name]}")
    if name.startswith(SOUNDS_LIKE):
        return labels.say("reasons.sounds_like", report=name.removeprefix(SOUNDS_LIKE))
    if name.startswith("term "):
        role, _, form = name.split(" ", 2)[2].partition(": ")
        return labels.say("reasons.term", form=form, part=_part(role, labels))
    where, _, what = name.partition(": ")
    if where == "near":
        one, _, other = what.partition(" to ")
        return labels.say("reasons.near", one=_part(one, labels), other=_part(other, labels))
    named = what.removeprefix("trap ").split(" + ")
    parts = labels.say("comma").join(_part(part, labels) for part in named)
    # "sentence of title" and "core in lead" name a stretch of a zone; "title" is a zone alone.
    first, _, rest = where.partition(" ")
    span, zone = (_SPANS.get(first, "zone"), rest.split(" ")[-1]) if rest else ("zone", first)
    zones: Mapping[str, str] = labels.words["reasons"]["zones"]
    return f"{parts} {labels.say(f'reasons.spans.{span}', zone=zones.get(zone, zone))}"


def linkage_in_words(reason: Reason, words: Labels) -> str:
    """Why a report is one of an agreement, or why these are: "Report 14, 3.9 points: same parties
    (+0.5), same stage, within three days (+3.0)". `words` are those of pages.
    """
    if reason.kind == "several":
        reports, texts = (int(value) for value in reason.values)
        both = (words.count("page.reports", reports), words.count("page.linkage.texts", texts))
        return words.say("comma").join(both)
    score, rival = (words.decimal(one) for one in (*reason.values, 0.0, 0.0)[:2])
    points = (
        f"{words.say(f'page.linkage.points.{what}')}{day and f' {day}'} ({_signed(value, words)})"
        for what, value, day in reason.points
    )
    return words.say(
        f"page.linkage.{reason.kind}",
        document=reason.document_id,
        score=score,
        rival=rival,
        points=words.say("comma").join(points),
    )


def _signed(value: float, words: Labels) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(value, "+0.0;-0.0", locale=words.locale))


def _part(part: str, labels: Labels) -> str:
    """The part in words; as it is written in the rules where there are none."""
    known: Mapping[str, str] = labels.words["reasons"]["parts"]
    return str(known.get(part, part))
