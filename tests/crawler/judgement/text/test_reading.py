from __future__ import annotations

import gc
import time
from dataclasses import replace
from unittest.mock import ANY

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
from crawler.judgement.probability.passages import beginning_of
from crawler.judgement.rules.evaluate import evaluate
from crawler.judgement.text.folding import fold
from crawler.judgement.text.grammar import load_grammars
from crawler.judgement.text.lexicon import Concept, Lexicon, Opening
from crawler.judgement.text.matching import compile_matcher
from crawler.judgement.text.reading import Reading, complete, read, read_part
from crawler.judgement.text.terms import TermError, parse_term
from storage.records import Document, Zone
from tests.eval.corpus import load_articles

_TOO_SHORT_S = 0.005  # below, the clock measures itself


def lexicon(language: str, **concepts: list[str]) -> Lexicon:
    """Concepts `a__b` (for a.b) with these terms."""
    found = [
        Concept(
            name.replace("__", "."),
            {
                language: tuple(
                    t for term in terms for t in parse_term(term, clitics=language == "ar")
                )
            },
        )
        for name, terms in concepts.items()
    ]
    return Lexicon(found, load_grammars())


def found(reading: Reading, concept: str) -> list[str]:
    return [reading.original(hit.start, hit.end)[3] for hit in reading.hits.get(concept, ())]


@pytest.mark.parametrize(
    ("language", "term", "text", "hits"),
    [
        ("fr", "accord(s)", "Deux accords, un accord, un désaccord.", ["accords", "accord"]),
        ("en", "sign(ed|s|)", "They sign; she signs; signed, signing.", ["sign", "signs", "signed"]),
        ("fr", "migr*", "Des migrants émigrés", ["migrants"]),
        ("de", "*abkommen", "Das Migrationsabkommen und Abkommen, Abkommens",
         ["Migrationsabkommen", "Abkommen"]),
        ("de", "*migrations*", "Jobmigrationspakt", ["Jobmigrationspakt"]),
        ("fr", "accord* de réadmission", "Les accords de réadmission", ["accords de réadmission"]),
        ("fr", "accord ... migration", "un accord très attendu sur la migration",
         ["accord très attendu sur la migration"]),
        ("fr", "accord ...2 migration", "un accord très attendu sur la migration", []),
        ("fr", "accord migration", "Un accord. Migration", []),
        ("ar", "هجرة", "والهجرة للهجرة بالهجرة مهجرة", ["والهجرة", "للهجرة", "بالهجرة"]),
        ("ar", "مذكرة تفاهم", "ومذكرةُ التفاهم", ["ومذكرةُ التفاهم"]),
        ("ar", "الاتفاق", "اتفاق والاتفاق وللاتفاق", ["والاتفاق", "وللاتفاق"]),
    ],
)  # fmt: skip
def test_terms_find_their_words(language: str, term: str, text: str, hits: list[str]) -> None:
    assert found(read("", text, language, lexicon(language, a__b=[term])), "a.b") == hits


def test_case_and_accents_where_a_term_asks_for_them() -> None:
    case = Concept("b.case", {"fr": parse_term("OIM", case=True)})
    accents = Concept("b.accents", {"fr": parse_term("traité(s)", accents=True)})
    reading = read("", "L'OIM et oim, la traite et le Traité", "fr", Lexicon([case, accents]))
    assert found(reading, "b.case") == ["OIM"]
    assert found(reading, "b.accents") == ["Traité"]


def test_a_mask_hides_the_shorter_term() -> None:
    mask = parse_term("protocole d'accord")
    concept = Concept("a.b", {"fr": parse_term("protocole", masks=mask)})
    assert found(
        read("", "Un protocole d’accord, un protocole", "fr", Lexicon([concept])), "a.b"
    ) == ["protocole"]


def test_only_the_longest_of_competing_names_counts() -> None:
    names = [
        Concept("state.GQ", {"en": parse_term("Equatorial Guinea")}, longest=True),
        Concept("state.GN", {"en": parse_term("Guinea")}, longest=True),
    ]
    reading = read("", "Equatorial Guinea and Guinea", "en", Lexicon(names))
    assert (len(reading.hits["state.GQ"]), len(reading.hits["state.GN"])) == (1, 1)


def test_only_terms_of_the_language_run() -> None:
    concept = Concept("a.b", {"fr": parse_term("accord"), "any": parse_term("UNHCR")})
    reading = read("", "accord UNHCR", "und", Lexicon([concept]))
    assert found(reading, "a.b") == ["UNHCR"]


def test_title_lead_and_body() -> None:
    body = "mot " * 70 + ". Accord final."
    reading = read("Accord", f"Accord ici. {body}", "fr", lexicon("fr", a__b=["accord"]))
    zones = [reading.sentences[hit.sentence].zone for hit in reading.hits["a.b"]]
    assert zones == [Zone.TITLE, Zone.LEAD, Zone.BODY]


def test_evidence_is_the_original_slice() -> None:
    title, text = "Ünïted", "Première phrase.\nL’ACCÓRD signé"
    reading = read(title, text, "fr", lexicon("fr", a__b=["accord signé"]))
    evidence = reading.evidence(reading.hits["a.b"][0], "rule", 1.0)
    assert evidence.text == "ACCÓRD signé" == text[evidence.start : evidence.end]


def test_abbreviations_and_ordinals_end_no_sentence() -> None:
    reading = read("", "M. Dupont a vu le Dr. Weil. Il part.", "fr", Lexicon([], load_grammars()))
    assert len(reading.sentences) == 3
    german = read("", "Am 3. Juli kam er. Er ging.", "de", Lexicon([], load_grammars()))
    assert len(german.sentences) == 3


@pytest.mark.parametrize(
    "part",
    [
        "Un accord sur la migration. Il part.\nLe WHO signe.",  # whole lines
        "Le WHO signe.",  # the second time that it stands there: the first is in small letters
        "Un accord sur la migration. Il part.\nLe WHO",  # the last sentence is cut
        "Un accord sur la",  # a phrase is cut, and its shorter form is a hit
        "La paix.\nUn accord sur la pêche",  # what hides a hit is cut off
        "Signe.\nUn accord. Il part.",  # sentences that do not stand there
        "",
    ],
)
def test_a_part_is_read_as_if_it_stood_alone(part: str) -> None:
    words = lexicon(
        "fr",
        a__b=["accord", "accord ... migration"],
        c__d=["part", "UNHCR", "WHO"],
        e__f=["accord sur la pêche hauturière", "sur la pêche"],
    )
    text = (
        "le who signe.\nLégende: Un accord\nUn accord sur la migration. Il part.\nLe WHO signe.\n"
        "La paix.\nUn accord sur la pêche hauturière."
    )
    whole = read("L’accord", text, "fr", words)
    alone = read("L’accord", part, "fr", words)
    assert read_part(part, whole, words) == replace(alone, _offsets=ANY)


def test_the_beginning_of_each_labelled_article_is_read_as_if_it_stood_alone() -> None:
    words = load_rules().lexicon
    tail = "\nThe ministers of Italy and Tunisia spoke of visas, an accord and the port of Rabat."
    cut = 0
    for labelled in load_articles()[::3]:
        document = labelled.document
        whole = read(document.title, document.text + 30 * tail, document.language, words)
        beginning = beginning_of(whole.text) or ""
        cut += not whole.text.startswith(f"{beginning}\n")
        alone = read(document.title, beginning, document.language, words)
        assert read_part(beginning, whole, words) == replace(alone, _offsets=ANY)
    assert cut > 20


@pytest.mark.parametrize(
    "term", ["a(b", "a)b", "s*n", "*", "договор", "a ...99 b", "!!", "(a|b|c|d)" * 6]
)
def test_terms_that_cannot_be_read(term: str) -> None:
    with pytest.raises(TermError):
        parse_term(term)


@pytest.mark.parametrize(
    "text",
    [
        "accord sur la migration " * 20_000,
        "a" * 500_000,
        "migrations" * 50_000,
        "." * 500_000,
        "😀" * 200_000,
        "\u202eאبحر\u202c accord" * 30_000,
        "Accord. " * 60_000,
    ],
    ids=["words", "one word", "one long compound", "dots", "emoji", "bidi", "short sentences"],
)
def test_hostile_texts_are_read_in_linear_time(text: str) -> None:
    words = lexicon("fr", a__b=["accord", "*migration*", "accord ... migration"], c__d=["a*"])
    quarter = max(_seconds(text[: len(text) // 4], words), _TOO_SHORT_S)
    # Linear is 4 times the time, quadratic 16.
    assert _seconds(text, words) < 12 * quarter


def _seconds(text: str, words: Lexicon) -> float:
    """The best of a few runs: the machine's other work only ever adds, and so does collecting the
    garbage of all tests before.
    """
    times = []
    gc.disable()
    try:
        for _ in range(3):
            started = time.process_time()
            read("", text, "fr", words)
            times.append(time.process_time() - started)
    finally:
        gc.enable()
    return min(times)


LEXICON = load_rules().lexicon


@pytest.mark.parametrize(
    ("language", "text", "concept", "is_meant"),
    [
        ("en", "The ruling deals another blow to London.", "instrument.loose", False),
        ("en", "Judges deal a severe blow to Cairo.", "instrument.loose", False),
        ("en", "Oslo and Accra deals were another success.", "instrument.loose", True),
        ("es", "Denuncian el trato a los migrantes.", "instrument.loose", False),
        ("es", "Piden un trato digno para los refugiados.", "instrument.loose", False),
        ("es", "Oslo y Acra cierran un trato.", "instrument.loose", True),
        ("it", "Si tratta di migranti e di visti.", "topic.trafficking_smuggling", False),
        ("it", "Lotta alla tratta di migranti.", "topic.trafficking_smuggling", True),
    ],
)
def test_a_verb_or_another_noun_is_no_word_of_the_field(
    language: str, text: str, concept: str, is_meant: bool
) -> None:
    whole = complete(read("", text, language, LEXICON), LEXICON)
    assert (concept in whole.hits) == is_meant


@pytest.mark.parametrize(
    ("language", "text", "is_trap"),
    [
        ("en", "Oslo and Nauru sign a pact on climate and trade.", True),
        ("en", "Oslo offers climate refuge to residents of Nauru.", False),
        ("en", "Oslo and Nauru sign climate treaty that lets islanders settle in Norway.", False),
        ("fr", "Oslo et Nauru signent un pacte climatique et commercial.", True),
        ("fr", "Oslo et Nauru signent un pacte climatique sur l'accueil des habitants.", False),
        ("es", "Oslo y Nauru firman un pacto contra el cambio climático.", True),
        ("es", "Oslo da refugio a los habitantes de Nauru ante el cambio climático.", False),
    ],
)
def test_climate_is_a_trap_unless_residence_or_refuge_is_what_is_agreed(
    language: str, text: str, is_trap: bool
) -> None:
    whole = complete(read("", text, language, LEXICON), LEXICON)
    traps = [hit for concept in whole.hits if concept[:4] == "trap" for hit in whole.hits[concept]]
    words = [whole.original(hit.start, hit.end)[3] for hit in traps]
    assert any("clim" in word for word in words) == is_trap


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
