from __future__ import annotations

import random

from crawler.judgement.rules.evaluate import RuleOutcome, View, evaluate
from crawler.judgement.rules.model import Condition, Element, Rule, RuleSet, Signal, Trap
from crawler.judgement.text.lexicon import Concept, Lexicon
from crawler.judgement.text.reading import read
from crawler.judgement.text.terms import parse_term


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
    found = outcomes_of("Un accord.", rule("b", 6.0), strict, rule("weak", 5.0), rule("a", 6.0))
    assert [outcome.rule.id for outcome in found] == ["a", "b", "weak", "strict"]


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
