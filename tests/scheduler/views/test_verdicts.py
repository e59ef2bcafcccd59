"""Features of the judge and grades of agreements are said in words that an analyst understands."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

import crawler.judgement
from crawler.judgement.probability.passages import AROUND
from crawler.judgement.probability.weights import WITH_ENCODER, load_weights
from crawler.register.grade import Grounds
from crawler.register.linkage import points, timing
from crawler.register.linkage.board import COPY, OF_ROW
from crawler.register.linkage.points import NAMED_ALIKE, RECALLS_ITS_DATE, SAME_PAPER
from crawler.register.linkage.timing import ONE_OCCASION, SECOND_SOON
from scheduler.views.entry import because, grade_name
from scheduler.views.verdicts import linkage_in_words, reason_in_words
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.messages import Message
from scheduler.views.words.terms import TERMS
from storage.languages import SPOKEN_LANGUAGES
from storage.records import GRADE_OF, GradeBasis
from storage.register.entry import LinkageReason

# The concepts that the rules which come with us look for, and show as evidence.
CONCEPTS = {
    concept
    for file in Path(crawler.judgement.__file__).parent.glob("languages/*/pack.yaml")
    for concept in re.findall(r"^  ([a-z]+\.[a-z-]+):", file.read_text("utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("migration: words in a hundred", "how much of the text is about migration"),
        (
            "sentence of title: agreement + migration + 2 parties",
            "an agreement, migration, 2 parties in one sentence of the title",
        ),
        ("two-sentences of body: step", "an action in two sentences of the text"),
        ("core in lead: instrument + a party", "an instrument, a party in the lead"),
        ("title: trap sport", "sport in the title"),
        ("near: step to agreement", "an action close to an agreement"),
        ("term en step: sign", "“sign”, an action"),
    ],
)
def test_a_reason_is_said_in_words(name: str, expected: str) -> None:
    assert reason_in_words(name, labels_of("en")) == expected


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_no_shipped_reason_shows_how_it_is_spelled_inside(language: str) -> None:
    weights, labels = load_weights(), labels_of(language)
    sentences = [reason_in_words(name, labels) for name in (*weights.structure, *weights.terms)]
    assert [
        sentence
        for sentence in sentences
        if sentence.startswith("term ") or "two-" in sentence or ": " in sentence
    ] == []


def wordless(language: str, monkeypatch: pytest.MonkeyPatch) -> Labels:
    """The words of a language with a dot for each of their letters: what is a letter all the same
    in a sentence made of them is a code of ours.
    """
    translated = Message.translated

    def dotted(message: Message, language: str, n: int = 1) -> str:
        pieces = re.split(r"(\{\w+\})", translated(message, language, n))
        return "".join(piece if piece[:1] == "{" else re.sub(r"\w", "·", piece) for piece in pieces)

    monkeypatch.setattr(Message, "translated", dotted)
    return labels_of(language)


def said_with_letters(sentences: Iterable[str]) -> list[str]:
    return [sentence for sentence in sentences if re.search(r"[^\W\d_]", sentence)]


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_no_reason_of_a_verdict_lacks_words(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = wordless(language, monkeypatch)
    weights = (load_weights(), load_weights(WITH_ENCODER))
    names = {name for weight in weights for name in weight.structure} - {AROUND}
    roles = {name.split(" ", 2)[2].partition(": ")[0] for name in load_weights().terms}
    terms = {f"term en {role}: 1" for role in roles}
    traps = {
        f"title: trap {concept.removeprefix('trap.')}"
        for concept in CONCEPTS
        if concept[:5] == "trap."
    }
    named = names | terms | traps
    assert said_with_letters(reason_in_words(name, words) for name in sorted(named)) == []


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_no_evidence_lacks_words(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = wordless(language, monkeypatch)
    assert said_with_letters(words.concept(concept) for concept in sorted(CONCEPTS)) == []


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_no_reason_of_a_place_in_the_register_lacks_words(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = wordless(language, monkeypatch)
    kinds = ("one", "joined", "doubtful", "rivalled", "apart", "decided", "alone")
    reasons = [
        LinkageReason("several", values=(3, 2)),
        *(LinkageReason(kind, 1, (1.0, 2.0)) for kind in kinds),
        *(LinkageReason("joined", 1, (1.0,), ((point, 1.0, ""),)) for point in reasons_of_points()),
    ]
    sentences = [linkage_in_words(reason, words) for reason in reasons]
    links = [words.term(f"page.linkage.{kind}", agreement=3) for kind in ("follows", "beside")]
    assert said_with_letters([*sentences, *links]) == []


def reasons_of_points() -> set[str]:
    """Every reason that a point may have, as the code of the linkage writes it."""
    found = {COPY, OF_ROW, RECALLS_ITS_DATE, NAMED_ALIKE, SAME_PAPER, SECOND_SOON, *ONE_OCCASION}
    for module in (points, timing):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            match node:
                case ast.Call(func=ast.Name(id="Point")):
                    written = [one for one in ast.walk(node) if isinstance(one, ast.Constant)]
                    found |= {
                        constant.value for constant in written if isinstance(constant.value, str)
                    }
    return found


def test_each_point_for_or_against_one_agreement_has_words() -> None:
    before = "page.linkage.points."
    worded = {code.removeprefix(before) for code in TERMS if code.startswith(before)}
    assert worded - {"topics alike", "other topics"} == reasons_of_points()


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (LinkageReason("one"), "Only one report"),
        (LinkageReason("several", values=(3, 1)), "3 reports, 1 different text"),
        (
            LinkageReason("joined", 14, (3.5,), (("recalls its date", 2.5, "2016-03-18"),)),
            "Report 14, score 3.5: gives the day on which it was concluded 2016-03-18 (+2.5)",
        ),
        (
            LinkageReason("rivalled", 2, (1.2, 1.0), (("another subject", -2.0, ""),)),
            "To be checked: report 2, score 1.2, against 1 for another agreement: "
            "another subject (-2.0)",
        ),
        (LinkageReason("decided", 3), "Report 3: a person decided it"),
    ],
)
def test_why_reports_are_one_agreement_is_said_in_words(
    reason: LinkageReason, expected: str
) -> None:
    assert linkage_in_words(reason, labels_of("en")) == expected


@pytest.mark.parametrize(
    ("concept", "expected"),
    [
        *(("state.MA", "Morocco"), ("capital.GB", "UK"), ("step.conclude", "an action")),
        *(("topic.visa", "visas"), ("instrument.treaty", "treaty"), ("instrument.loose", "a kind")),
        *(("trap.animals", "another subject"), ("unheard.of", "unheard")),
    ],
)
def test_what_stands_behind_evidence_is_said_in_words(concept: str, expected: str) -> None:
    assert labels_of("en").concept(concept).startswith(expected)


ENGLISH = labels_of("en")


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_each_degree_has_a_word_a_meaning_and_a_sentence(language: str) -> None:
    labels = labels_of(language)
    for basis in GradeBasis:
        grade, grounds = GRADE_OF[basis], Grounds(basis, ("Le Fleuve", "Hespress"), 0.52, "amina")
        words = {grade_name(grade, labels), labels.term(f"grade.{grade}.means")}
        assert len({*words, because(grounds, labels)}) == 3


def test_independent_outlets_are_counted_and_named_up_to_five() -> None:
    outlets = tuple(f"Paper {number}" for number in range(1, 8))
    sentence = because(Grounds(GradeBasis.SEVERAL, outlets), ENGLISH)
    assert sentence.startswith("Reported by 7 independent outlets: Paper 1, Paper 2, Paper 3,")
    assert "Paper 5 and 2 others. No two of them surely report the same stage" in sentence


def test_what_is_doubtful_says_how_probable_it_is() -> None:
    sentence = because(Grounds(GradeBasis.DOUBTFUL, ("Il Foglio",), 0.523), ENGLISH)
    assert "Reported only by Il Foglio" in sentence
    assert "52 %" in sentence


def test_an_unknown_outlet_is_called_so_and_a_name_cannot_turn_the_line() -> None:
    assert "an unknown outlet" in because(Grounds(GradeBasis.SINGLE), ENGLISH)
    arabic = because(Grounds(GradeBasis.SINGLE, ("صوت\u202e الساحل",)), ENGLISH)
    assert "\u2068صوت الساحل\u2069" in arabic


def test_a_person_who_confirmed_it_is_named() -> None:
    sentence = because(Grounds(GradeBasis.PERSON, who="amina"), ENGLISH)
    assert sentence == "Confirmed by a person: amina."
