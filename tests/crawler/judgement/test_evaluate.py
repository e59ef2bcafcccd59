from __future__ import annotations

import random

from crawler.judgement.lexicon import Concept, Lexicon
from crawler.judgement.reading import read
from crawler.judgement.rules.model import Element
from crawler.judgement.rules.view import View
from crawler.judgement.terms import parse_term


def test_of_words_that_start_together_the_longest_is_shown_then_the_first_by_name() -> None:
    names = ["b.short", "a.short", *(f"c.n{number}" for number in range(20))]
    random.Random(1).shuffle(names)
    concepts = [Concept(name, {"fr": parse_term("accord", "fr")}) for name in names]
    concepts.append(Concept("z.long", {"fr": parse_term("accord de réadmission", "fr")}))
    element = Element(("*",), ids=frozenset((*names, "z.long")))
    reading = read("", "Un accord de réadmission", "fr", Lexicon(concepts))
    view = View(reading, dict.fromkeys(element.ids, (element.ids,)))
    assert [hit.concept for hit in view.hits(element)] == ["z.long", *sorted(names)]


def test_many_hits_set_the_same_sentence_bits_as_few() -> None:
    reading = read("", "Un accord. Non. " * 100, "fr", Lexicon([Concept("a.b", {"fr": parse_term("accord", "fr")})]))
    element = Element(("a.b",), ids=frozenset({"a.b"}))
    bits = View(reading, {"a.b": (element.ids,)}).bits(element)
    assert bits == sum(1 << hit.sentence for hit in reading.hits["a.b"])
    assert bits.bit_count() == 100
