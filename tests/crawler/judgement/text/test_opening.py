"""Whether a rule can start in a text is known without reading it, and never wrongly denied."""

from __future__ import annotations

import pytest

from crawler.judgement.judge import (
    Rules,
    fold_document,
    judge,
    judge_reading,
    load_rules,
    open_document,
    read_document,
)
from crawler.judgement.rules.evaluate import evaluate
from crawler.judgement.text.folding import fold
from crawler.judgement.text.lexicon import Opening
from crawler.judgement.text.matching import compile_matcher
from crawler.judgement.text.reading import complete
from crawler.judgement.text.terms import parse_term
from storage.records import Document
from tests.eval.corpus import load_articles


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


def _opening() -> Opening:
    concepts = [
        ("act.sign", parse_term("sign(s|ed)"), ()),
        ("accord.gap", parse_term("readmission ... accord"), parse_term("accord rouge")),
        ("other.word", parse_term("weather"), ()),
    ]
    return Opening(compile_matcher(concepts), ("act.sign", "accord.gap"), lambda concept: True)


@pytest.mark.parametrize(
    ("folded", "opens"),
    [
        ("they signed it", True),
        ("the weather is fine", False),
        ("readmission without it", False),
        ("an accord without it", False),
        ("an accord rouge", False),
        ("a readmission accord", True),
        ("", False),
    ],
)
def test_a_text_opens_where_all_parts_of_a_wanted_term_occur(folded: str, opens: bool) -> None:
    assert (_opening().opened(fold(folded)) is not None) is opens


def test_no_rule_starts_in_a_document_without_openings(rules: Rules) -> None:
    shut = 0
    for article in load_articles()[::4]:
        # Single sentences, of which many have nothing.
        for line in article.document.text.split(". ")[:6]:
            document = Document(title="", text=line, language=article.document.language)
            if open_document(fold_document(document), document, rules) is None:
                shut += 1
                assert not evaluate(rules.rules, read_document(document, rules))
    assert shut > 50


def test_the_verdict_on_nothing_is_that_of_a_reading(rules: Rules) -> None:
    weather = Document(title="Rain again", text="It will be dry on Sunday.", language="en")
    assert open_document(fold_document(weather), weather, rules) is None
    assert judge(weather, rules) == judge_reading(read_document(weather, rules), weather, rules)


def test_a_reading_that_was_opened_is_completed_when_the_card_is_wanted(rules: Rules) -> None:
    fewer = 0
    for article in load_articles()[::8]:
        document = article.document
        opened = open_document(fold_document(document), document, rules)
        whole = read_document(document, rules)
        early = read_document(document, rules, opened)
        assert list(complete(early, rules.lexicon).hits.items()) == list(whole.hits.items())
        assert all(whole.hits[concept] == hits for concept, hits in early.hits.items())
        fewer += len(early.hits) < len(whole.hits)
    assert fewer > 20
