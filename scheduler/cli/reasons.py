"""What speaks for and against a report, as a reader would say it."""

from __future__ import annotations

_WHOLE = {
    "agreement: words": "how often agreements are named",
    "migration: words": "how often migration is named",
    "migration: words in a hundred": "how much of the text is about migration",
    "length": "the length of the text",
    "rules: points": "the points of the rules",
}
_PARTS = {
    "agreement": "an agreement",
    "step": "an act",
    "talks": "talks",
    "office": "an office of state",
    "about-migration": "an agreement about migration",
    "named-agreement": "a named agreement",
    "instrument": "an instrument",
    "clear-act": "a clear act",
    "clear-talks": "clear talks",
    "labour": "workers",
    "entry": "visas or entry",
    "border": "borders",
    "past": "words of the past",
    "news": "words of the day",
    "announced": "an announcement",
}
_SPANS = {
    "sentence": "one sentence of the",
    "two-sentences": "two sentences of the",
    "core": "in the",
}
_ZONES = {"title": "title", "lead": "lead", "body": "text"}


def reason_in_words(name: str) -> str:
    """A feature of the judge in words.

    "sentence of title: step + migration" is "an act, migration in one sentence of the title"; a
    form of a term is quoted with the part that it plays.
    """
    if name in _WHOLE:
        return _WHOLE[name]
    if name.startswith("term "):
        role, _, form = name.split(" ", 2)[2].partition(": ")
        return f"“{form}”, {_PARTS.get(role, role)}"
    where, _, what = name.partition(": ")
    if where == "near":
        one, _, other = what.partition(" to ")
        return f"{_PARTS.get(one, one)} close to {_PARTS.get(other, other)}"
    return f"{_parts(what)} {_place(where)}"


def _parts(what: str) -> str:
    named = what.removeprefix("trap ")
    return ", ".join(_PARTS.get(part, part) for part in named.split(" + "))


def _place(where: str) -> str:
    """ "sentence of title" and "core in lead" name a stretch of a zone; "title" is a zone alone."""
    first, _, rest = where.partition(" ")
    if not rest:
        return f"in the {_ZONES.get(first, first)}"
    zone = rest.split(" ")[-1]
    span = _SPANS.get(first, first)
    return f"{span if span.startswith('in') else f'in {span}'} {_ZONES.get(zone, zone)}"
