from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from random import Random

import pytest

from crawler.judgement.rules.evaluate import RuleOutcome, View, evaluate, matches, meet, party
from crawler.judgement.rules.model import Condition, Element, Rule, RuleSet, Signal, Trap
from crawler.judgement.text.lexicon import Concept, Lexicon
from crawler.judgement.text.reading import Hit, Reading, read
from crawler.judgement.text.terms import parse_term
from storage.records import Zone


def test_of_words_that_start_together_the_longest_is_shown_then_the_first_by_name() -> None:
    names = ["b.short", "a.short", *(f"c.n{number}" for number in range(20))]
    random.Random(1).shuffle(names)
    concepts = [Concept(name, {"fr": parse_term("accord")}) for name in names]
    concepts.append(Concept("z.long", {"fr": parse_term("accord de réadmission")}))
    element = Element(("*",), ids=frozenset((*names, "z.long")))
    reading = read("", "Un accord de réadmission", "fr", Lexicon(concepts))
    view = View(reading, dict.fromkeys(element.ids, (element.ids,)))
    assert [hit.concept for hit in view.hits(element)] == ["z.long", *sorted(names)]


DEAL = Element(("a.deal",), ids=frozenset({"a.deal"}))
SPORT = Element(("a.sport",), ids=frozenset({"a.sport"}))


def rule(name: str, weight: float, threshold: float = 5.0) -> Rule:
    """Met by a deal, with a trap for a deal in sport, of which all words may be what occurs."""
    deal = Signal(
        "deal", Condition((DEAL,), needs=frozenset({DEAL.ids})), weight, weight, core=True
    )
    sport = Trap(
        "sport", Condition((DEAL, SPORT), needs=frozenset({DEAL.ids, SPORT.ids})), -1.0, cap=-1.0
    )
    return Rule(
        id=name,
        name=name,
        version="1",
        threshold=threshold,
        near_miss=1.0,
        signals=(deal,),
        traps=(sport,),
    )


def outcomes_of(text: str, *rules: Rule) -> list[RuleOutcome]:
    concepts = [
        Concept("a.deal", {"fr": parse_term("accord")}),
        Concept("a.sport", {"fr": parse_term("match")}),
    ]
    everywhere = {"a.deal": tuple(range(len(rules)))}
    elements = {"a.deal": (DEAL.ids,), "a.sport": (SPORT.ids,)}
    return evaluate(RuleSet(rules, everywhere, elements), read("", text, "fr", Lexicon(concepts)))


def test_the_best_rule_comes_first_the_relevant_before_all_others() -> None:
    strict = rule("strict", weight=9.0, threshold=10.0)
    outcomes = outcomes_of("Un accord.", rule("b", 6.0), strict, rule("weak", 5.0), rule("a", 6.0))
    assert [outcome.rule.id for outcome in outcomes] == ["a", "b", "weak", "strict"]


def test_a_trap_shows_the_words_that_met_it() -> None:
    (outcome,) = outcomes_of("Un accord avant le match.", rule("a", 6.0))
    (trap,) = outcome.traps
    assert [hit.concept for hit in outcome.first_place(trap)] == ["a.deal", "a.sport"]
    assert outcome.score == 5.0


def test_the_first_word_of_each_kind_is_shown_and_no_more() -> None:
    (outcome,) = outcomes_of("Un match et un match. Un accord. Un accord.", rule("a", 6.0))
    (trap,) = outcome.traps
    shown = [(hit.concept, hit.sentence) for hit in outcome.first_place(trap)]
    assert shown == [("a.deal", 2), ("a.sport", 1)]  # sentence 0 is the title


def test_many_hits_set_the_same_sentence_bits_as_few() -> None:
    reading = read(
        "",
        "Un accord. Non. Non. " * 100,  # no byte of it reads the same from behind
        "fr",
        Lexicon([Concept("a.b", {"fr": parse_term("accord")})]),
    )
    element = Element(("a.b",), ids=frozenset({"a.b"}))
    bits = View(reading, {"a.b": (element.ids,)}).bits(element)
    assert bits == sum(1 << hit.sentence for hit in reading.hits["a.b"])
    assert bits.bit_count() == 100


# Words of the texts, by the concept that each is of. Two concepts are of one party: state.x and
# capital.x.
WORDS = {
    "state.x": "xanadu",
    "capital.x": "xara",
    "state.y": "yonder",
    "state.z": "zembla",
    "act.sign": "signe",
    "paper.deal": "accord",
    "paper.treaty": "accord de paix",
    "trap.sport": "match",
}
FAMILIES = {
    "states": ("state.x", "capital.x", "state.y", "state.z"),
    "acts": ("act.sign",),
    "papers": ("paper.deal", "paper.treaty"),
    "sports": ("trap.sport",),
}
FILLERS = ("un", "autre", "mot", "encore", "ici")
LEXICON = Lexicon([Concept(name, {"fr": parse_term(word)}) for name, word in WORDS.items()])
ELEMENTS = {name: Element((name,), ids=frozenset(ids)) for name, ids in FAMILIES.items()}
BY_CONCEPT = {concept: (ELEMENTS[name].ids,) for name, ids in FAMILIES.items() for concept in ids}


def element(name: str, distinct: int = 1) -> Element:
    return Element((name,), distinct, ELEMENTS[name].ids, name)


def sentence(chance: Random) -> str:
    length = chance.choice((1, 2, 3, 4, 6, 8, 60))
    # In a long sentence of few fillers, one element has more hits than are looked through one by
    # one.
    words = [chance.choice(chance.choice((FILLERS, tuple(WORDS.values())))) for _ in range(length)]
    return " ".join(words).capitalize() + "."


def reading(chance: Random) -> Reading:
    title = sentence(chance) if chance.random() < 0.7 else ""
    paragraphs = [
        " ".join(sentence(chance) for _ in range(chance.randint(1, 3)))
        for _ in range(chance.randint(1, 3))
    ]
    return read(title, "\n".join(paragraphs), "fr", LEXICON)


def condition(chance: Random) -> Condition:
    names = list(FAMILIES)
    chance.shuffle(names)
    taking_part = names[: chance.randint(1, 3)]
    nearness = chance.choice(("anywhere", "sentences", "words"))
    # Only what stands beside the anchor may ask for several different ones.
    elements = [
        element(
            name,
            chance.choice((1, 1, 2, 3))
            if name == "states" and (place or nearness != "words")
            else 1,
        )
        for place, name in enumerate(taking_part)
    ]
    absent = names[3:] if chance.random() < 0.3 else []
    return Condition(
        tuple(elements),
        sentences=chance.randint(1, 3) if nearness == "sentences" else None,
        words=chance.randint(0, 4) if nearness == "words" else None,
        zones=frozenset(
            chance.choice(((), (), (Zone.TITLE,), (Zone.TITLE, Zone.LEAD), (Zone.BODY,)))
        ),
        absent=tuple(map(element, absent)),
    )


# --- the definition, read slowly ------------------------------------------------------------------


def hits_of(read_text: Reading, one: Element, sentences: Sequence[int]) -> list[Hit]:
    hits = [
        hit
        for concept in one.ids
        for hit in read_text.hits.get(concept, ())
        if hit.sentence in sentences
    ]
    return sorted(hits, key=lambda hit: (hit.token, -hit.last_token, hit.concept))


def enough(hits: Sequence[Hit], one: Element) -> bool:
    different = {party(hit.concept) for hit in hits} if one.distinct > 1 else hits
    return len(different) >= one.distinct


def places(asked: Condition, read_text: Reading) -> Iterator[None]:
    """One for each place where the condition is met."""
    every = range(len(read_text.sentences))
    allowed = [n for n in every if not asked.zones or read_text.sentences[n].zone in asked.zones]
    if asked.words is not None:
        for n in allowed:
            yield from places_in_sentence(asked, read_text, n)
    elif asked.sentences is not None:
        after = 0
        for first in every:
            window = range(first, first + asked.sentences)
            if first >= after and holds(
                asked, read_text, [n for n in window if n in allowed], window
            ):
                after = first + asked.sentences
                yield
    elif holds(asked, read_text, allowed, allowed):
        alone = len(asked.elements) == 1 and asked.elements[0].distinct == 1
        yield from [None] * (len(hits_of(read_text, asked.elements[0], allowed)) if alone else 1)


def holds(
    asked: Condition, read_text: Reading, allowed: Sequence[int], around: Sequence[int]
) -> bool:
    has_all = all(enough(hits_of(read_text, one, allowed), one) for one in asked.elements)
    return has_all and not any(hits_of(read_text, one, around) for one in asked.absent)


def places_in_sentence(asked: Condition, read_text: Reading, n: int) -> Iterator[None]:
    if any(hits_of(read_text, one, [n]) for one in asked.absent):
        return
    anchors, *others = [hits_of(read_text, one, [n]) for one in asked.elements]
    after = 0
    for anchor in anchors:
        ends = [anchor.last_token]
        for hits, one in zip(others, asked.elements[1:], strict=True):
            near = [hit for hit in hits if words_between(anchor, hit) <= (asked.words or 0)]
            if not enough(near, one):
                break
            ends += [hit.last_token for hit in first_of_each(near, one)]
        else:
            if anchor.token >= after:
                after = max(ends) + 1
                yield


def first_of_each(hits: Sequence[Hit], one: Element) -> list[Hit]:
    if one.distinct == 1:
        return list(hits[:1])
    firsts: dict[str, Hit] = {}
    for hit in hits:
        firsts.setdefault(party(hit.concept), hit)
    return list(firsts.values())[: one.distinct]


def words_between(one: Hit, other: Hit) -> int:
    first, second = sorted((one, other), key=lambda hit: (hit.token, hit.last_token))
    return second.token - min(first.last_token, second.last_token) - 1


def assert_one_window(bits: int, asked: Condition, read_text: Reading) -> None:
    """The sentences that a condition names are the allowed ones of the first window that holds all
    it asks for.
    """
    named = [n for n in range(len(read_text.sentences)) if bits >> n & 1]
    assert named[-1] - named[0] < (asked.sentences or 0)
    assert not asked.zones or all(read_text.sentences[n].zone in asked.zones for n in named)
    assert holds(asked, read_text, named, named)


@pytest.mark.parametrize("seed", range(4))
def test_conditions_are_met_where_their_definition_says(seed: int) -> None:
    chance = Random(seed)
    met_ones = 0
    for _ in range(150):
        read_text = reading(chance)
        view = View(read_text, BY_CONCEPT)
        for _ in range(10):
            asked = condition(chance)
            found, expected = list(matches(asked, view)), list(places(asked, read_text))
            shown = (asked, [read_text.hits, read_text.sentences])
            assert (meet(asked, view) is not None) == bool(expected), shown
            assert len(found) == len(expected), shown
            if asked.sentences is not None and (met := meet(asked, view)) is not None:
                assert_one_window(met[0], asked, read_text)
            met_ones += bool(found)
            for place in found:
                assert all(
                    enough([hit for hit in place if hit.concept in one.ids], one)
                    for one in asked.elements
                )
                sentences = {hit.sentence for hit in place}
                assert max(sentences) - min(sentences) < (
                    asked.sentences or (1 if asked.words is not None else 99)
                )
    assert 200 < met_ones < 1300  # neither nothing nor everything
