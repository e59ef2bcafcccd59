"""Whether an agreement is what is ended, stopped, refused or prolonged.

Much else ends beside an agreement: "a deal to end the war", "flights are suspended under the pact".
The agreement is what ends where it stands right behind the act, or shortly before it, with nothing
between them that gives the act another object.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.judgement.text.reading import Hit, Reading

_BEHIND = 7  # tokens: "suspends the application of the EU-Georgia visa agreement"
_BEFORE = 16  # "das Abkommen mit Russland über den Grenzverkehr am Mittwoch in Kiew aufgekündigt"
_LONGEST_PARTICLE = 2  # letters: "visant *à* suspendre", "volto *a* fermare"


def is_about(hit: Hit, objects: Sequence[int], reading: Reading) -> bool:
    """Return whether one of `objects`, tokens in the sentence of an act, is what it is done to."""
    return any(_is_object(token, hit, reading) for token in objects)


def _is_object(token: int, hit: Hit, reading: Reading) -> bool:
    if token > hit.last_token:
        between = range(hit.last_token + 1, token)
        return len(between) < _BEHIND and not any(_breaks(one, reading) for one in between)
    if token >= hit.token:
        return True
    is_near = hit.token - token <= _BEFORE
    return is_near and not _has_purpose(hit, token, reading) and not _has_own(hit, reading)


def _has_own(hit: Hit, reading: Reading) -> bool:
    """Whether an article begins another object right behind the act: "the deal ends the war"."""
    grammar = reading.grammar
    if hit.last_token > hit.token and reading.word(hit.last_token) in (
        grammar.definite | grammar.indefinite
    ):
        return True
    behind = hit.last_token + 1
    ends = behind >= len(reading.sentence_of) or reading.sentence_of[behind] != hit.sentence
    if ends or reading.word(behind) not in grammar.definite or _is_date(behind + 1, reading):
        return False
    *_, between = reading.original(hit.start, reading.spaces[behind] + 1)
    return between.rstrip()[-1:].isalnum()


def _is_date(token: int, reading: Reading) -> bool:
    """Whether the article before is that of a day: "fue cancelado el lunes", "le 9 mai"."""
    if token >= len(reading.sentence_of):
        return False
    days = reading.family("date")
    return reading.word(token)[:1].isdigit() or any(hit.token == token for hit in days)


def _has_purpose(hit: Hit, token: int, reading: Reading) -> bool:
    """Whether the act is what the agreement at `token` is for: "a deal to end the war"."""
    prefix = reading.grammar.object_break_prefix
    if prefix and reading.word(hit.token).startswith(prefix):
        return True
    before = hit.token - 1
    if len(reading.word(before)) <= _LONGEST_PARTICLE and not _breaks(before, reading):
        before -= 1
    return before > token and _breaks(before, reading)


def _breaks(token: int, reading: Reading) -> bool:
    return reading.word(token) in reading.grammar.object_breaks
