"""Read from a text what was done with an agreement: signed, ratified, suspended and so on.

Each act is found with its object, its actors and its modality, which separates an act that is
reported as done from one that lies in the past of the news ("had agreed", "signed in 2010"), one
that is denied and one that is still to come.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crawler.judgement.card.dates.coming_days import place_in_time
from crawler.judgement.card.dates.date_mentions import find_dates
from crawler.judgement.card.mentions import Act, Clauses, DateMention, Modality
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Instrument, Zone

# The last words of `instrument.*`.
INSTRUMENTS = (*(kind for kind in Instrument if kind is not Instrument.OTHER), "statement", "loose")
_ACCORDS = ("accord.migration", "accord.named")
_ACTORS = ("parliament", "cabinet", "court")
# A verb of many uses that ends an agreement (1.2 in `status`) weighs less than a clear signature.
_LEAVES = {"loose": 0.82, "noun": 0.6} | dict.fromkeys(
    ("verb", "ahead", "past", "opening", "whole"), 1.0
)
_DEEDS = (
    "signed", "sealed", "agreed", "unsigned", "negotiating", "proposed", "ratified", "approved",
    "in_force", "renewed", "resumed", "suspended", "terminated", "rejected",
)  # fmt: skip
# What `act` words say makes a report; `deed` words only name what was done.
_ACTS = tuple(
    f"{family}.{deed}.{leaf}" for family in ("act", "deed") for deed in _DEEDS for leaf in _LEAVES
)
# Acts, objects or dates: an article has 10, and what belongs together is compared pair by pair.
_MOST = 300
# Tokens between a verb of many uses ("announce", "extend") and the agreement it is about.
_LOOSE_REACH = 8
_OBJECT_REACH = 12
_ACTOR_REACH = 14  # "par 77 voix sur 140, les parlementaires ont donné leur aval"
_SUBJECT_REACH = 2  # "parliament agrees", "il Parlamento dice sì"
_NEGATION_REACH = 3  # "ont pas encore signé", "has not been signed"
_BESIDE_REACH = 4
_NAMED_REACH = 3
_LAW_REACH = 8  # "projet de loi autorisant l'approbation de l'accord"
_APPROVING = frozenset(("approved", "ratified"))
_STOPS = frozenset(("suspended", "terminated", "proposed"))
_FLOWS = ("subject.core", "topic.border_control", "topic.trafficking_smuggling")
_FLOW_REACH = 4  # "end illegal migration", "halt crossings of the strait"
_COLON = re.compile(r"[:–—،|-]\s*(?:[^\W\d_]{1,3}['’]?\s*)?$")
_CLAUSE_END = re.compile(r"[,;:،؛]\s")
_PREVIOUS_REACH = 2  # "an earlier labour accord"
_DATE_REACH = 7  # "signed by the two ministers in Rome in 2010"
_ZONES = {Zone.TITLE: 3.0, Zone.LEAD: 2.0, Zone.BODY: 1.0}
# Deeds that need an agreement as what they are done to: flights, visits and borders are stopped,
# prolonged and closed too.
_DONE_TO = frozenset(("suspended", "terminated", "renewed", "sealed"))
_ASTRAY = 0.25  # done to something else beside an agreement; at 0.1 and 0.25 as many are right
_FAR = 0.6  # an act in a sentence that does not name the agreement


@dataclass(frozen=True, slots=True)
class _Near:
    """Where the words stand that decide how an act is read, as tokens in text order."""

    objects: Mapping[int, Sequence[int]]
    laws: Mapping[int, Sequence[int]]
    accords: Mapping[int, Sequence[int]]
    negations: Sequence[int]
    modals: Sequence[int]
    backgrounds: Sequence[int]
    pluperfects: Sequence[Hit]
    agos: Sequence[int]
    flows: Sequence[int]
    actors: Mapping[str, Sequence[int]]


def find_clauses(reading: Reading, published_on: date | None) -> Clauses:
    """Find the acts, dates and objects of a text; `published_on` decides which dates are past."""
    dates = find_dates(reading, published_on)[:_MOST]
    instruments = _hits(reading, (f"instrument.{kind}" for kind in INSTRUMENTS))
    objects = tuple(
        sorted((*instruments, *reading.hits.get("object.document", ())), key=lambda hit: hit.token)[
            :_MOST
        ]
    )
    named = named_dates(reading, instruments, dates)
    hits = _outermost([hit for hit in _hits(reading, _ACTS) if _is_act(hit, reading)])
    old = old_tokens(reading, hits, dates, named)
    near = _Near(
        objects=_by_sentence(objects),
        laws=_by_sentence(reading.hits.get("object.law", ())[:_MOST]),
        accords=_by_sentence(_hits(reading, _ACCORDS)),
        negations=_tokens(reading, "modality.negation"),
        modals=_tokens(reading, "modality.ahead"),
        backgrounds=_tokens(reading, "modality.background"),
        pluperfects=reading.hits.get("modality.pluperfect", ()),
        agos=[hit.token for hit in reading.hits.get("modality.ago", ())],
        flows=_flows(reading),
        actors={name: _tokens(reading, f"actor.{name}")[:_MOST] for name in _ACTORS},
    )
    acts = tuple(
        act for hit in hits if (act := _act(reading, hit, near, hit.token in old)) is not None
    )
    past = _past(reading, instruments, near, dates, named)
    acts, dates = place_in_time(acts, dates, reading, published_on)
    return Clauses(acts, dates, objects, past)


def _hits(reading: Reading, concepts: Iterable[str]) -> list[Hit]:
    hits = [hit for concept in concepts for hit in reading.hits.get(concept, ())]
    hits.sort(key=lambda hit: (hit.token, -hit.last_token))
    return hits[:_MOST]


def _outermost(hits: Sequence[Hit]) -> list[Hit]:
    """Drop hits inside a longer one ("signed" in "will be signed") or an act to come."""
    outermost: list[Hit] = []
    reach = -1
    for hit in hits:
        inside = outermost and hit.token <= reach and outermost[-1].concept.endswith(".ahead")
        same = outermost and (hit.token, hit.last_token) == (
            outermost[-1].token,
            outermost[-1].last_token,
        )
        if (hit.last_token > reach and not inside) or same:
            outermost.append(hit)
            reach = max(reach, hit.last_token)
    return outermost


def _by_sentence(hits: Iterable[Hit]) -> Mapping[int, Sequence[int]]:
    tokens: dict[int, list[int]] = {}
    for hit in hits:
        tokens.setdefault(hit.sentence, []).append(hit.token)
    return tokens


def _flows(reading: Reading) -> list[int]:
    """Return the tokens of the people and crossings that an agreement wants to stop. Returns and
    flights are none: who stops these stops applying the agreement.
    """
    returns = set(_tokens(reading, "topic.readmission_returns"))
    tokens = {
        token
        for concept in _FLOWS
        for hit in reading.hits.get(concept, ())
        if hit.last_token not in returns
        for token in (hit.token, hit.last_token)
    }
    return sorted(tokens)


def _tokens(reading: Reading, concept: str) -> list[int]:
    return [hit.last_token for hit in reading.hits.get(concept, ())]


def _act(reading: Reading, hit: Hit, near: _Near, is_old: bool) -> Act | None:
    _, deed, leaf = hit.concept.split(".")
    objects = near.objects.get(hit.sentence, ())
    if not objects and deed == "terminated":
        # What makes a text a report may call the agreement otherwise: "its migration ties".
        objects = near.accords.get(hit.sentence, ())
    object_token = min(objects, key=lambda token: abs(token - hit.token), default=None)
    reach = _LOOSE_REACH if leaf == "loose" else _OBJECT_REACH
    distance = abs(object_token - hit.token) if object_token is not None else None
    if leaf == "loose" and (distance is None or distance > reach):
        return None
    if deed in _STOPS and leaf == "loose" and _stops_flows(hit, near):
        return None
    if deed in _APPROVING and _passes_law(hit, near, reading):
        return None
    zone = reading.sentences[hit.sentence].zone
    weight = _ZONES[zone] * _LEAVES[leaf]
    needs_object = _needs_object(hit, deed)
    is_governing = needs_object and is_about(hit, objects, reading)
    if not is_governing and (distance is None or distance > reach):
        weight *= _FAR
    if needs_object and not is_governing:
        if deed == "terminated":
            return None
        weight *= _ASTRAY
    modality = Modality.OLD if is_old else _modality(hit, leaf, near, reading)
    reach = _ACTOR_REACH if deed in _APPROVING else _SUBJECT_REACH if deed == "agreed" else 0
    actors = _actors(reading, hit, near, reach) if reach else frozenset()
    return Act(deed, modality, weight, hit, actors)


def _is_act(hit: Hit, reading: Reading) -> bool:
    """Whether a hit is an act. Some nouns are one only where the title or its second half begins:
    "Visas: suspension of the pact".
    """
    if not hit.concept.endswith(".opening"):
        return True
    sentence = reading.sentences[hit.sentence]
    if sentence.zone is not Zone.TITLE:
        return False
    before = reading.folded[sentence.start : hit.start].strip()
    if not before:
        return True
    *_, written = reading.original(sentence.start, hit.start)
    return bool(_COLON.search(written))


def _needs_object(hit: Hit, deed: str) -> bool:
    """Whether an act says nothing unless it is done to an agreement. "The answer is no" does, and
    so do words that contain both: "judges rule the scheme unlawful".
    """
    if hit.concept.endswith(".whole"):
        return False
    return deed in _DONE_TO or (deed == "rejected" and hit.token == hit.last_token)


def _stops_flows(hit: Hit, near: _Near) -> bool:
    """Whether people or crossings are stopped, not the agreement: "a deal to end arrivals"."""
    at = bisect_left(near.flows, hit.last_token + 1)
    if at >= len(near.flows) or near.flows[at] > hit.last_token + _FLOW_REACH:
        return False
    named = range(hit.last_token + 1, near.flows[at] + _FLOW_REACH)
    return not any(token in named for token in near.objects.get(hit.sentence, ()))


def _passes_law(hit: Hit, near: _Near, reading: Reading) -> bool:
    """Whether a law of one state is passed: "the migration bill", not "the law on the accord"."""
    laws = near.laws.get(hit.sentence, ())
    if not laws or reading.word(hit.token).startswith("ratif"):  # nobody ratifies a law
        return False
    law = min(laws, key=lambda token: abs(token - hit.token))
    return all(
        abs(law - hit.token) < abs(token - hit.token) and not _is_of_law(token, law, reading)
        for token in near.objects.get(hit.sentence, ())
    )


def _is_of_law(token: int, law: int, reading: Reading) -> bool:
    """Whether the law at `law` is about the agreement at `token`: "Gesetz zum Abkommen"."""
    if not 0 < token - law <= _LAW_REACH or _has_clause_end(law + 1, token, reading):
        return False
    is_beside = token - law <= _NAMED_REACH
    return is_beside or not any(_breaks(one, reading) for one in range(law + 1, token))


def _actors(reading: Reading, hit: Hit, near: _Near, reach: int) -> frozenset[str]:
    return frozenset(
        name
        for name, tokens in near.actors.items()
        if any(
            abs(token - hit.token) <= reach and reading.sentence_of[token] == hit.sentence
            for token in tokens
        )
    )


def _modality(hit: Hit, leaf: str, near: _Near, reading: Reading) -> Modality:
    if leaf == "ahead":
        return Modality.AHEAD
    if leaf == "past":
        return Modality.OLD
    start = reading.sentences[hit.sentence].start
    if _before(near.negations, hit, _NEGATION_REACH, reading, start):
        return Modality.DENIED
    if ".proposed." not in hit.concept and _is_ahead(near.modals, hit, reading, start):
        return Modality.AHEAD
    if any(had.token <= hit.token <= had.last_token for had in near.pluperfects):
        return Modality.OLD
    back = max(_BESIDE_REACH, reading.grammar.modal_reach)  # "hatte 2022 ... unterzeichnet"
    if _before(near.backgrounds, hit, back, reading, start) or _behind(near.agos, hit, reading):
        return Modality.OLD
    return Modality.DONE


def _before(tokens: Sequence[int], hit: Hit, reach: int, reading: Reading, start: int) -> bool:
    """Whether one of the tokens stands shortly before the act, in its sentence."""
    at = bisect_left(tokens, hit.token) - 1
    return at >= 0 and hit.token - tokens[at] <= reach and reading.spaces[tokens[at]] + 1 >= start


def _is_ahead(modals: Sequence[int], hit: Hit, reading: Reading, start: int) -> bool:
    """Whether a modal governs the act, behind it where the verb stands last, or else before it
    without a comma between: "In a bid to curb arrivals, the two strike a deal" reports a deal.
    """
    if _follows(modals, hit, reading.grammar.modal_behind, reading):
        return True
    if not _before(modals, hit, reading.grammar.modal_reach, reading, start):
        return False
    nearest = modals[bisect_left(modals, hit.token) - 1]
    return not _has_clause_end(nearest + 1, hit.token, reading)


def _behind(tokens: Sequence[int], hit: Hit, reading: Reading) -> bool:
    """Whether one of the tokens stands shortly behind the act: "signed two years ago"."""
    return _follows(tokens, hit, _BESIDE_REACH, reading)


def _follows(tokens: Sequence[int], hit: Hit, reach: int, reading: Reading) -> bool:
    at = bisect_left(tokens, hit.last_token)
    return (
        at < len(tokens)
        and tokens[at] - hit.last_token <= reach
        and reading.sentence_of[tokens[at]] == hit.sentence
    )


def _past(
    reading: Reading,
    instruments: Iterable[Hit],
    near: _Near,
    dates: Iterable[DateMention],
    named: frozenset[int],
) -> frozenset[int]:
    dated = [mention for mention in dates if mention.old and mention.token in named]
    past = set()
    for hit in instruments:
        start = reading.sentences[hit.sentence].start
        if (
            any(
                mention.sentence == hit.sentence
                and -_NAMED_REACH <= hit.last_token - mention.token <= 1
                for mention in dated
            )
            or _before(near.backgrounds, hit, _PREVIOUS_REACH, reading, start)
            or _behind(near.agos, hit, reading)
        ):
            past.add(hit.token)
    return frozenset(past)


def belongs_to_past_act(hit: Hit, acts: Iterable[Act]) -> bool:
    """Return whether the nearest act lies back ("a pact that had been signed")."""
    same = [act for act in acts if act.hit.sentence == hit.sentence]
    nearest = min(same, key=lambda act: abs(act.hit.token - hit.token), default=None)
    return (
        nearest is not None
        and nearest.modality is Modality.OLD
        and abs(nearest.hit.token - hit.token) <= _DATE_REACH
    )


# --- whether an agreement is what is ended --------------------------------------------------------

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
    return is_near and not _has_purpose(hit, token, reading)


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


# --- dates long past beside an agreement or an act ------------------------------------------------

_MADE = frozenset(("signed", "sealed", "agreed"))  # deeds by which an agreement comes about
_JOINT_REACH = 5  # "l'accord franco-algérien de 1968"


def named_dates(
    reading: Reading, instruments: Sequence[Hit], dates: Iterable[DateMention]
) -> frozenset[int]:
    """Return the tokens of dates that name an agreement: "the accord of 1968", "a 2019 pact"."""
    ends = {hit.last_token for hit in instruments}
    starts = {hit.token for hit in instruments}
    joints = {hit.last_token for hit in reading.hits.get("date.of", ())}
    return frozenset(
        mention.token
        for mention in dates
        if (
            mention.token - 1 in joints
            and ends.intersection(range(mention.token - _JOINT_REACH, mention.token - 1))
        )
        or mention.token - 1 in ends
        or mention.last_token + 1 in starts
    )


def old_tokens(
    reading: Reading, hits: Sequence[Hit], dates: Iterable[DateMention], named: frozenset[int]
) -> frozenset[int]:
    """Return the tokens of the acts that lie long back, by the dates beside them: a date belongs to
    the act before it, or else behind it. The date of an agreement ("the accord of 1968") dates its
    signature, not what happens to it now.
    """
    old: set[int] = set()
    verb_last = reading.grammar.modal_behind > 0
    reach_behind = _DATE_REACH if verb_last else _BESIDE_REACH
    for mention in dates:
        if not mention.old:
            continue
        same = [
            hit
            for hit in hits
            if hit.sentence == mention.sentence and not hit.concept.endswith(".ahead")
        ]
        if mention.token in named:
            same = [hit for hit in same if hit.concept.split(".")[1] in _MADE]
        before = [hit for hit in same if 0 < mention.token - hit.last_token <= _DATE_REACH]
        behind = [hit for hit in same if 0 < hit.token - mention.last_token <= reach_behind]
        within = [hit for hit in same if hit.token <= mention.token <= hit.last_token]
        dated = within or _one_dated(mention, before[-1:], behind[:1], reading)
        old.update(hit.token for hit in same if any(map(hit.overlaps, dated)))
    return frozenset(old)


def _one_dated(
    mention: DateMention, before: Sequence[Hit], behind: Sequence[Hit], reading: Reading
) -> Sequence[Hit]:
    """Return the act that a date belongs to: that before it, unless a comma parts only that one
    from it, as in "approved the accord, which was on 3 May 2020 signed".
    """
    if not (before and behind):
        return before or behind
    parted = _has_clause_end(before[0].last_token + 1, mention.token, reading)
    joined = not _has_clause_end(mention.last_token + 1, behind[0].token, reading)
    return behind if parted and joined else before


def _has_clause_end(first: int, last: int, reading: Reading) -> bool:
    """Whether a comma or the like stands between two tokens."""
    start, end = reading.spaces[first], reading.spaces[last] + 1
    *_, between = reading.original(start, end)
    return bool(_CLAUSE_END.search(between))
