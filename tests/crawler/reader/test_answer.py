"""What of a second reader's answer is believed, and what it makes of a verdict."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crawler.judgement.judge import Rules
from crawler.process.process import judge_document
from crawler.reader.answer import (
    Answer,
    ReadBy,
    checked_answer,
    differences,
    last_object,
    parted,
    with_second_reading,
    with_translations,
    without_second_reading,
)
from crawler.reader.proof import named_parties, prove
from crawler.reader.quotes import stands_in
from scheduler.configuration.party_names import party_meant
from storage.errors import AnswerError
from storage.records import Document, Instrument, Judged, SecondReading, Status, Translation

NOW = datetime(2026, 3, 12, 8, tzinfo=UTC)
SIGNED = Document(
    title="Tunis et Madrid signent un accord de réadmission",
    text=(
        "Les ministres de l'Intérieur tunisien et espagnol ont signé mardi à Tunis un accord de "
        "réadmission des migrants en situation irrégulière. Un comité se réunira le 4 mai 2026."
    ),
    language="fr",
    published_on=date(2026, 3, 11),
    outlet="exemple.org",
)
YES: dict[str, Any] = {
    "answer": "yes",
    "quote": "ont signé mardi à Tunis un accord de réadmission",
    "parties": ["Tunisia", "Spain"],
    "kind": "agreement",
    "agreement": "Spain-Tunisia readmission agreement (2026)",
    "status": "signed",
    "day": "2026-03-10",
    "topics": ["readmission_returns"],
    "cause": "",
}


def _proven(rules: Rules, document: Document = SIGNED, **changed: object) -> SecondReading:
    answer = checked_answer(YES | changed)
    return prove(answer, document, rules, party_meant, ReadBy("m", "p", NOW))


def test_a_yes_with_its_proof_gives_the_readers_card(rules: Rules) -> None:
    reading = _proven(rules)
    assert (reading.answer, reading.doubt) == ("yes", "")
    assert reading.card.parties == ("ES", "TN")
    assert reading.card.status is Status.SIGNED
    assert reading.card.event_date == date(2026, 3, 10)


@pytest.mark.parametrize(
    "quote",
    [
        "ONT SIGNÉ mardi à tunis un accord",
        "Tunis et Madrid signent un accord de readmission",
        "Les ministres de l'Intérieur [...] ont signé mardi à Tunis",
    ],
)
def test_a_quote_is_found_whatever_its_case_accents_and_gaps(quote: str) -> None:
    assert stands_in(quote, SIGNED)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "accord",
        "...",
        "ont signé mercredi à Tunis un accord",
        "ont signé mardi ... à Madrid un accord de réadmission",
        "signé mardi à Tunis un acc",
    ],
)
def test_a_quote_that_the_text_does_not_have_makes_the_answer_unclear(
    rules: Rules, quote: str
) -> None:
    reading = _proven(rules, quote=quote)
    assert (reading.answer, reading.doubt) == ("unclear", "quote")


@pytest.mark.parametrize("parties", [[], ["Tunisia"], ["Tunisia", "Atlantis"], ["TN", "Tunisie"]])
def test_two_parties_have_to_be_known(rules: Rules, parties: list[str]) -> None:
    reading = _proven(rules, parties=parties)
    assert reading.answer == "unclear"
    assert reading.doubt == "parties"


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        ("2026-03-10", "yes"),  # "mardi", as the day of publication resolves it
        ("2026-03-11", "yes"),  # the day of publication
        ("2026-05-04", "yes"),  # in the text
        ("", "yes"),
        ("2026-06-01", "unclear"),
        ("2019-03-10", "unclear"),
        ("Tuesday", "unclear"),
    ],
)
def test_a_day_has_to_come_from_the_text_or_the_day_of_publication(
    rules: Rules, day: str, answer: str
) -> None:
    assert _proven(rules, day=day).answer == answer


def test_an_undated_text_gives_only_the_days_that_it_names(rules: Rules) -> None:
    undated = replace(SIGNED, published_on=None)
    assert _proven(rules, undated, day="2026-05-04").answer == "yes"
    assert _proven(rules, undated, day="2026-03-10").answer == "unclear"


def test_a_no_leaves_an_alert_to_review_with_its_cause(rules: Rules) -> None:
    alert = judge_document(SIGNED, rules)
    assert alert.verdict.outcome == "alert"
    after = with_second_reading(alert, _proven(rules, answer="no", cause="recalled"))
    assert after.verdict.outcome == "review"
    assert after.verdict.second_reading is not None
    assert after.verdict.second_reading.cause == "recalled"
    assert after.verdict.card == alert.verdict.card


def test_an_unclear_answer_changes_nothing_but_is_noted(rules: Rules) -> None:
    alert = judge_document(SIGNED, rules)
    after = with_second_reading(alert, _proven(rules, answer="unclear"))
    assert replace(after.verdict, second_reading=None) == alert.verdict
    assert after.verdict.second_reading is not None


def test_the_quote_is_one_line_however_the_text_was_broken(rules: Rules) -> None:
    broken = replace(SIGNED, text=SIGNED.text.replace("mardi à", "mardi\n à"))
    reading = _proven(rules, broken, quote="ont signé mardi\n à Tunis un accord de réadmission")
    assert with_second_reading(judge_document(broken, rules), reading).quote == YES["quote"]


def test_a_yes_lifts_what_waits_for_review_and_its_fields_take_the_place_of_the_rules(
    rules: Rules,
) -> None:
    waiting = _waiting(judge_document(SIGNED, rules))
    reading = _proven(rules, status="ratified", kind="treaty")
    after = with_second_reading(waiting, reading)
    assert (after.verdict.outcome, after.verdict.registers) == ("alert", True)
    assert after.verdict.card.status is Status.RATIFIED
    assert after.verdict.card.instrument is Instrument.TREATY
    assert after.quote == YES["quote"]
    assert after.verdict.second_reading is not None
    told = {name: (before, now) for name, before, now in differences(after.verdict.second_reading)}
    assert told["status"] == (Status.SIGNED, Status.RATIFIED)
    assert without_second_reading(after.verdict).outcome == "review"
    assert without_second_reading(after.verdict).card == waiting.verdict.card


def test_a_second_answer_is_put_in_the_place_of_the_first(rules: Rules) -> None:
    alert = judge_document(SIGNED, rules)
    once = with_second_reading(alert, _proven(rules, answer="no", cause="politics"))
    again = with_second_reading(once, _proven(rules))
    assert again.verdict.outcome == "alert"
    assert again.verdict.second_reading is not None
    assert again.verdict.second_reading.rules_card == alert.verdict.card
    assert with_second_reading(again, _proven(rules)) == again


@pytest.mark.parametrize(
    ("name", "clue"),
    [
        ("Spain-Tunisia readmission agreement (2026)", "named:2026:readmission"),
        ("Spain-Tunisia joint communiqué 2026", "named:2026:"),
        ("Spain-Tunisia agreement on transfers (planned)", "named::transfers:planned"),
        ("Spain-Tunisia joint declaration on migration (planned 2026)", "named:2026::planned"),
        ("Spain-Tunisia readmission agreement", None),
    ],
)
def test_the_name_that_a_reader_gives_an_agreement_is_a_clue(
    rules: Rules, name: str, clue: str | None
) -> None:
    read = with_second_reading(judge_document(SIGNED, rules), _proven(rules, agreement=name))
    assert [one for one in read.clues if one.startswith("named:")] == ([clue] if clue else [])


def test_a_silent_document_stays_silent(rules: Rules) -> None:
    dull = judge_document(Document(title="Rain", text="It rained on Monday.", language="en"), rules)
    assert with_second_reading(dull, _proven(rules)).verdict == dull.verdict


def _waiting(one: Judged) -> Judged:
    verdict = replace(one.verdict, relevant=False, near_miss=True, registers=True, found_by=())
    return replace(one, verdict=verdict)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "it is empty"),
        ("<html><body>502 Bad Gateway</body></html>", "is no JSON"),
        ('{"answer": "yes", "quote": "ont si', "is no JSON"),
        ('["yes"]', "is no JSON object"),
        ("{}", "answer's answer"),
        ('{"answer": "perhaps"}', "answer's answer"),
        ('{"answer": "yes", "parties": "Tunisia"}', "answer's parties"),
        ('{"answer": "yes", "status": "almost"}', "answer's status"),
        ('{"answer": "no", "cause": "boring"}', "answer's cause"),
    ],
)
def test_what_is_no_answer_is_an_error_that_says_why(said: str, why: str) -> None:
    with pytest.raises(AnswerError, match=why):
        _read(said)


def _read(said: str) -> Answer:
    return checked_answer(last_object(said))


def test_an_answer_may_stand_in_a_block_and_leave_fields_out() -> None:
    answer = _read('```json\n{"answer": "no", "cause": "politics", "day": null}\n```')
    assert (answer.answer, answer.cause, answer.day) == ("no", "politics", "")


@pytest.mark.parametrize(
    "said",
    [
        'Here is my answer:\n```json\n{"answer": "no"}\n```\nI hope that this helps.',
        '```\n{"answer": "no"}\n```',
        'The set {Tunisia, Spain} signs {"answer": "yes"}? No: {"answer": "no"}',
        '[{"answer": "no"}]',
        '{"answer": "no", "agreement": "on\ntwo lines"}',
        '{"answer": "no"} {"answer": "no"} {"answer": "ye',
    ],
)
def test_the_last_json_object_of_what_is_said_is_the_answer(said: str) -> None:
    assert _read(said).answer == "no"


def test_a_part_of_an_answer_that_was_cut_short_is_none() -> None:
    with pytest.raises(AnswerError, match="is no JSON object"):
        last_object('{"answer": "yes", "more": [{"answer": "no"}, {"answer": "y')


@pytest.mark.parametrize(
    ("reply", "thought", "said"),
    [
        ("<think>Is it {so}?</think>{}", "Is it {so}?", "{}"),
        ("It is so.\n</think>\n{}", "It is so.", "\n{}"),  # the prompt began it
        ("<think>\n\n</think>\n\n{}", "", "\n\n{}"),
        ("[THINK]So.[/THINK]{}", "So.", "{}"),
        ("<think>It was still", "It was still", ""),
        ("{}", "", "{}"),
    ],
)
def test_what_a_model_thought_is_no_part_of_what_it_says(
    reply: str, thought: str, said: str
) -> None:
    assert parted(reply) == (thought, said)


@pytest.mark.parametrize(
    "said", ["{" * 1_000_000, '{"a":' * 200_000, '{"a' * 300_000, '{"a":[' * 100_000]
)
def test_an_endless_row_of_brackets_is_read_in_no_time(said: str) -> None:
    begun = time.process_time()
    with pytest.raises(AnswerError):
        last_object(said)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("word", ["signé ", "وقّع ", "ﬁ ... ", "\u0301 "])
def test_a_quote_of_ten_megabytes_and_a_million_parties_are_proven_in_no_time(
    rules: Rules, word: str
) -> None:
    begun = time.process_time()
    quote = word * (10_000_000 // len(word))
    reading = _proven(rules, quote=quote, parties=["Tunisia", "x" * 100] * 500_000)
    assert (reading.answer, reading.doubt) == ("unclear", "quote")
    assert time.process_time() - begun < 0.2  # half a millisecond; uncut .6 to .9 s


def test_states_that_the_text_does_not_name_are_no_parties(rules: Rules) -> None:
    """A reader that answers Japan and Peru about every text, with a true headline as its quote."""
    told = _proven(rules, parties=["Japan", "Peru"], quote=SIGNED.title)
    assert (told.answer, told.doubt) == ("unclear", "parties")
    told = _proven(rules, parties=["Tunisia", "Spain", "Peru"])
    assert (told.answer, told.doubt) == ("unclear", "parties")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The Tunisian and Spanish ministers signed a readmission agreement."),
        ("fr", "Tunis et Madrid ont signé un accord de réadmission."),
        ("ar", "وقّع الوزيران التونسي والإسباني اتفاق إعادة القبول."),
        ("es", "Los ministros tunecino y español firmaron un acuerdo de readmisión."),
        ("it", "I ministri tunisino e spagnolo hanno firmato un accordo di riammissione."),
        ("pt", "Os ministros tunisino e espanhol assinaram um acordo de readmissão."),
        (
            "de",
            "Der tunesische und der spanische Minister unterzeichneten ein Rückführungsabkommen.",
        ),
    ],
)
def test_adjectives_and_capitals_name_a_party_in_each_language(
    rules: Rules, language: str, text: str
) -> None:
    document = replace(SIGNED, title="", text=text, language=language)
    assert named_parties(document, rules) >= {"TN", "ES"}


# --- translations ---------------------------------------------------------------------------------

TRANSLATED = {"title": "Tunis and Madrid sign", "quote": "signed an agreement on Tuesday"}


def _translations(
    rules: Rules, given: object, languages: tuple[str, ...] = ("en",), **changed: object
) -> tuple[Translation, ...]:
    reading = _proven(rules, SIGNED, **changed)
    found = YES | {"translations": given}
    return with_translations(reading, found, SIGNED, languages).translations


def test_translations_that_were_asked_for_are_taken_and_no_others(rules: Rules) -> None:
    given = {"de": TRANSLATED, "en": TRANSLATED, "fr": TRANSLATED, "es": {"title": "Firman"}}
    english, spanish = Translation("en", **TRANSLATED), Translation("es", "Firman")
    assert _translations(rules, given, ("en", "fr", "es")) == (english, spanish)
    assert _translations(rules, given, ()) == ()


@pytest.mark.parametrize(
    "given",
    [
        None,
        "none",
        [],
        7,
        {"en": None},
        {"en": "Signed"},
        {"en": {"title": 7, "quote": [{}]}},
        {"": 1},
    ],
)
def test_translations_that_are_none_are_left_out(rules: Rules, given: object) -> None:
    assert _translations(rules, given) == ()


def test_translations_are_one_line_and_cut(rules: Rules) -> None:
    given = {"en": {"title": "Signed\n\ttwice " + "x" * 9_999, "quote": "y" * 9_999}}
    (translation,) = _translations(rules, given)
    assert translation.title.startswith("Signed twice x")
    assert (len(translation.title), len(translation.quote)) == (239, 600)


def test_a_translation_proves_nothing(rules: Rules) -> None:
    assert _translations(rules, {"en": TRANSLATED}, quote="signed an agreement on Tuesday") == (
        Translation("en", TRANSLATED["title"]),
    )
    reading = _proven(rules, quote="signed an agreement on Tuesday")
    assert (reading.answer, reading.doubt) == ("unclear", "quote")


@pytest.mark.parametrize(
    "translations",
    [
        '{"en": {"title": "Signed ',
        '{"en": {"title": "He said "yes"", "quote": ""}, "es": {"title": "a", "quote": "b"}}}',
        '{"en": {"title": "' + "again and again " * 20_000,
        "[" * 100_000,
        "",
    ],
)
def test_a_model_that_fails_at_translating_has_answered_all_the_same(translations: str) -> None:
    said = json.dumps(YES)[:-1] + ', "translations": ' + translations
    assert last_object(said) == YES
