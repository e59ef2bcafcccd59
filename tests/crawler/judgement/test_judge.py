from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from crawler.judgement.judge import Rules, judge, load_rules, read_document, rule_files
from crawler.judgement.rules.check import check, repeats
from crawler.judgement.rules.scoring import Labelled, read_labelled, score
from crawler.judgement.text.concepts import ConceptReader, Library
from crawler.judgement.text.grammar import language_folders, load_grammars
from crawler.judgement.text.reading import complete
from crawler.located_yaml import load_yaml
from storage.errors import ConfigurationError
from storage.languages import LANGUAGES
from storage.records import Card, Document, Status, Verdict, Zone
from tests.growth import calls_of

SIGNED = Document(
    "Fiji and Tonga sign labour mobility memorandum",
    "The governments of Fiji and Tonga signed a memorandum of understanding on seasonal "
    "workers on Monday.",
    "en",
    published_on=date(2024, 3, 5),
)


def _signed_by_the_union_and(state: str) -> Document:
    return Document(
        f"EU and {state} sign agreement on returns of migrants",
        f"The European Union and {state} signed a readmission agreement in Brussels on Thursday. "
        "Both will take back irregular migrants.",
        "en",
        published_on=date(2024, 3, 5),
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The president signed a presidential memorandum that sends troops to the border."),
        ("es", "El presidente firmó un memorando presidencial que envía tropas a la frontera."),
        ("es", "El presidente firmó un memorándum presidencial que envía tropas a la frontera."),
        ("fr", "Le président a signé un mémorandum présidentiel qui envoie des soldats."),
        ("it", "Il presidente ha firmato un memorandum presidenziale che invia i soldati."),
        ("pt", "O presidente assinou um memorando presidencial que envia tropas."),
    ],
)
def test_what_a_president_orders_at_home_is_no_memorandum_between_states(
    rules: Rules, language: str, text: str
) -> None:
    reading = complete(read_document(Document("", text, language), rules), rules.lexicon)
    papers = {"accord.named", "instrument.memorandum_of_understanding"}
    assert papers.isdisjoint(reading.hits)
    assert "trap.domestic" in reading.hits


def test_an_affair_of_the_union_and_its_member_waits_for_a_person(rules: Rules) -> None:
    between_two = judge(_signed_by_the_union_and("Tunisia"), rules)
    of_the_union = judge(_signed_by_the_union_and("Ireland"), rules)
    assert between_two.relevant
    assert not of_the_union.relevant
    assert of_the_union.near_miss
    assert of_the_union.vetoes == ("migration-cooperation/no-partners",)
    assert not of_the_union.registers


@pytest.mark.parametrize(
    ("language", "title", "text", "lacks"),
    [
        (
            "en",
            "Chad and Niger deal: what changes at the border",
            "The two governments struck a deal on the border. Lorries will be checked once.",
            "no-topic",
        ),
        ("it", "Ciad-Niger, Niamey riprende i barchini", "", "no-step"),
    ],
)
def test_what_tells_no_step_or_no_topic_waits_for_a_person(
    rules: Rules, language: str, title: str, text: str, lacks: str
) -> None:
    found = judge(Document(title, text, language, published_on=date(2024, 3, 5)), rules)
    assert (found.relevant, found.near_miss) == (False, True)
    assert found.vetoes == (f"migration-cooperation/{lacks}",)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Kenya will allow Ghana's citizens to stay without a visa, and Accra will, too."),
        ("fr", "Le Brésil et le Japon permettront à leurs ressortissants de voyager sans visa."),
        ("en", "Fiji offers Tuvalu's people climate refuge under a pact that both signed."),
        ("ar", "ستسمح تونس والأردن لمواطني البلدين بالسفر دون تأشيرة."),
        ("es", "Perú y Ecuador permitirán a sus ciudadanos viajar sin visado."),
        ("de", "Australien und Tuvalu unterzeichneten einen Vertrag über Klimaasyl."),
    ],
)
def test_visas_that_are_dropped_and_climate_refuge_are_looked_at(
    rules: Rules, language: str, text: str
) -> None:
    found = judge(Document("", text, language, published_on=date(2024, 3, 5)), rules)
    assert found.relevant or found.near_miss


def test_the_shipped_pack_has_no_fault_and_answers_its_examples() -> None:
    report = check(rule_files())
    assert report.problems == ()
    assert report.failed == ()
    assert report.examples >= 10


def test_no_line_of_yaml_is_wider_than_a_screen() -> None:
    files = rule_files()
    wide = [
        f"{path}:{number}"
        for path in (*files.packs, *files.data)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 160
    ]
    assert wide == []


def test_no_spelling_stands_twice_in_a_list_of_a_language() -> None:
    files = rule_files()
    sources = [load_yaml(path) for path in (*files.packs, *files.data)]
    grammars, library = load_grammars(), Library(sources)
    told = [
        f"{source.name}: {concept.id}: {line}"
        for source in sources
        if "gazetteer"
        not in source.name  # names stand there as newspapers write them: "Cédéao", "CEDEAO"
        for concept in ConceptReader(source, grammars, [], library).concepts().values()
        for terms in concept.terms.values()
        for line in repeats(terms)
    ]
    assert told == []


def test_every_language_has_its_folder() -> None:
    assert {folder.name for folder in language_folders()} == set(LANGUAGES)


def test_every_language_has_every_concept(rules: Rules) -> None:
    for name in (
        "accord.named",
        "step.conclude",
        "subject.core",
        "trap.sectors",
        "office.state",
        "cue.recent",
    ):
        assert set(LANGUAGES) <= rules.lexicon.concepts[name].terms.keys()


def test_a_signed_agreement_is_relevant_with_its_card(rules: Rules) -> None:
    verdict = judge(SIGNED, rules)
    assert verdict.relevant
    assert verdict.score >= verdict.threshold
    assert verdict.card.parties == ("FJ", "TO")
    assert verdict.card.status is Status.SIGNED
    assert [rule.id for rule in verdict.rules] == ["migration-cooperation"]


def test_a_veto_silences_what_the_judge_would_weigh(tmp_path: Path, rules: Rules) -> None:
    assert judge(SIGNED, rules).relevant
    user = tmp_path / "mine.yaml"
    user.write_text(
        "schema: 1\nextend:\n  rules:\n    migration-cooperation:\n"
        "      traps: [{id: seasonal, any: [mine.seasonal], weight: -0.1, veto: true}]\n"
        "concepts: {mine.seasonal: {terms: {en: [seasonal workers]}}}\n"
    )
    verdict = judge(SIGNED, load_rules(files=(user,)))
    assert verdict.vetoes == ("migration-cooperation/seasonal",)
    assert verdict.score >= verdict.threshold
    assert not verdict.relevant
    assert not verdict.near_miss


def test_points_that_just_reach_the_threshold_pass_the_gate(tmp_path: Path, rules: Rules) -> None:
    user = tmp_path / "mine.yaml"
    for threshold, asked in ((judge(SIGNED, rules).score, True), (99, False)):
        user.write_text(
            f"schema: 1\nextend: {{rules: {{migration-cooperation: {{threshold: {threshold}}}}}}}\n"
        )
        verdict = judge(SIGNED, load_rules(files=(user,)))
        assert (verdict.probability is not None) is asked


def test_evidence_is_a_slice_of_the_document(rules: Rules) -> None:
    for evidence in judge(SIGNED, rules).evidence:
        source = SIGNED.title if evidence.zone is Zone.TITLE else SIGNED.text
        assert source[evidence.start : evidence.end] == evidence.text


@pytest.mark.parametrize(
    "document",
    [
        Document("", "", "en"),
        Document("", "", "und"),
        Document(
            "Akkoord over migratie",
            "Nederland en Tunesië tekenden maandag een akkoord over migratie.",
            "und",
        ),
        Document("Göç anlaşması", "Türkiye ve Yunanistan bir anlaşma imzaladı.", "und"),
        Document("😀😀", "😀" * 1000, "fr"),
        Document("\u202e", "\u202e\u202c" * 50, "ar"),
        Document("Fiji wins", "Fiji beat Tonga in rugby on Monday.", "en"),
    ],
)
def test_what_reports_no_agreement_is_left_out(document: Document, rules: Rules) -> None:
    assert not judge(document, rules).relevant


@pytest.mark.parametrize(
    ("said", "is_deal"),
    [
        ("Canada helps Nigeria deal with trafficking.", False),
        ("Canada and Nigeria want to deal with trafficking.", False),
        ("Canada and Nigeria talk about how states deal with trafficking.", False),
        ("Canada and Nigeria struck a deal with rules on trafficking.", True),
    ],
)
def test_who_deals_with_something_has_no_deal(said: str, is_deal: bool, rules: Rules) -> None:
    evidence = judge(Document("", said, "en"), rules).evidence
    assert ("accord.migration" in {one.concept for one in evidence}) == is_deal


def test_an_unknown_pack_is_named() -> None:
    with pytest.raises(ConfigurationError, match="there is migration-cooperation"):
        load_rules(("whales",))


def test_a_user_file_changes_the_version_and_the_verdict(tmp_path: Path, rules: Rules) -> None:
    user = tmp_path / "mine.yaml"
    user.write_text("schema: 1\nextend: {rules: {migration-cooperation: {threshold: 99}}}\n")
    strict = load_rules(files=(user,))
    assert strict.version != rules.version
    assert (judge(SIGNED, rules).relevant, judge(SIGNED, strict).relevant) == (True, False)


def labelled(relevant: bool, doubt: bool = False, **labels: object) -> Labelled:
    return Labelled(
        dataclasses.replace(SIGNED, published_on=date(2024, 3, 5)), relevant, doubt, labels
    )


def verdict(relevant: bool, card: Card | None = None) -> Verdict:
    return Verdict(relevant, 5.0 if relevant else 1.0, 3.0, "en", card=card or Card())


def test_scores_leave_out_doubt_and_list_the_errors() -> None:
    missed, alarm = labelled(True), labelled(False)
    scores = score(
        [
            (labelled(True), verdict(True)),
            (missed, verdict(False)),
            (alarm, verdict(True)),
            (labelled(False), verdict(False)),
            (labelled(False, doubt=True), verdict(True)),
        ]
    )
    assert (scores.total.precision, scores.total.recall, scores.total.f1) == (0.5, 0.5, 0.5)
    assert [pair[0] for pair in scores.misses] == [missed]
    assert [pair[0] for pair in scores.false_alarms] == [alarm]


def test_either_answer_counts_and_dates_may_differ_by_a_day() -> None:
    one = Labelled(
        SIGNED,
        True,
        labels={
            "parties": ["FJ", "TO"],
            "status": "signed",
            "topics": ["visa"],
            "event_date": "2024-03-04",
        },
        alt={"status": "ratified"},
    )
    card = Card(parties=("TO", "FJ"), status=Status.RATIFIED, event_date=date(2024, 3, 5))
    shares = score([(one, verdict(True, card))]).card
    assert (shares["parties"], shares["status"], shares["event_date"], shares["topics"]) == (
        1,
        1,
        1,
        0,
    )


def test_labelled_lines_name_the_line_at_fault() -> None:
    assert read_labelled(['{"lang": "en", "relevant": false}', ""])[0].relevant is False
    with pytest.raises(ValueError, match="line 2"):
        read_labelled(['{"lang": "en", "relevant": false}', '{"lang": "en"}'])


def test_a_text_full_of_names_and_cues_is_judged_in_linear_time(rules: Rules) -> None:
    sentence = (
        "Fiji and Tonga signed a migration pact on 4 May, similar to one in the "
        "capital, in the English language. "
    )
    judge(dataclasses.replace(SIGNED, text=sentence), rules)  # the first one compiles
    long = dataclasses.replace(SIGNED, text=sentence * 1_000)
    longer = dataclasses.replace(SIGNED, text=sentence * 4_000)
    quarter, whole = calls_of(lambda: judge(long, rules)), calls_of(lambda: judge(longer, rules))
    assert whole < 6 * quarter  # linear is 4 times as many calls, quadratic 16


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[1]", "it should be a JSON object"),
        ('{"lang": "fr", "title": 3, "relevant": true}', "title should be text"),
        ('{"lang": "fr", "title": "x"}', "'relevant' is missing"),
        ('{"lang": "fr", "title": "x", "relevant": true, "alt": [1]}', "alt should map"),
        ("[" * 100_000, "nests too deeply"),
        ("9" * 5_000, "no labelled article"),
    ],
    ids=["list", "number", "missing", "alt", "nested", "digits"],
)
def test_a_line_that_is_no_labelled_article_is_told_in_one_line(line: str, told: str) -> None:
    with pytest.raises(ValueError, match="line 2 is no labelled article: ") as caught:
        read_labelled(["", line])
    assert told in str(caught.value)
    assert str(caught.value).isprintable()
