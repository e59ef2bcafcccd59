"""In which documents the forms of our terms stand."""

from __future__ import annotations

from functools import cache

from crawler.judgement.judge import Rules, load_rules
from crawler.judgement.term_counts import Prevalence, Spread, spread_of
from storage.records import Document

SIGNED = Document(
    "Niger and Morocco sign readmission agreement",
    "The interior ministers of Niger and Morocco signed a readmission agreement on irregular "
    "migrants in Rabat.",
    "en",
    external_id="signed",
)
MARKET = Document(
    "Market opens late",
    "The agreement between the traders was to open at nine. Nobody came before ten.",
    "en",
    external_id="market",
)
FAIR = Document(
    "Fair closes early", "Rain fell on the agreement of the stalls.", "en", external_id="fair"
)


@cache
def rules() -> Rules:
    return load_rules()


def form(spread: Spread, concept: str, words: str) -> Prevalence:
    return next(one for one in spread.worst() if (one.concept, one.form) == (concept, words))


def test_a_form_is_counted_once_a_document_and_in_10000_of_its_language() -> None:
    german = Document("Der Markt", "Er war gut besucht.", "de", external_id="markt")
    found = form(
        spread_of([MARKET, FAIR, german, german], {}, rules()), "accord.plain", "agreement"
    )
    assert (found.ordinary, found.per_10k, found.true, found.false_alarms) == (2, 10_000, 0, ())


def test_true_documents_are_no_ordinary_ones() -> None:
    found = form(
        spread_of([MARKET, SIGNED], {"signed": True}, rules()), "accord.plain", "agreement"
    )
    assert (found.ordinary, found.true) == (1, 1)


def test_an_alert_that_is_not_labelled_true_is_a_false_alarm_of_the_forms_that_meet_there() -> None:
    spread = spread_of([MARKET, SIGNED], {"signed": False}, rules())
    assert form(spread, "subject.core", "irregular migrants").false_alarms == ("signed",)
    assert spread.worst(1)[0].false_alarms == ("signed",)
    assert all("market" not in one.false_alarms for one in spread.worst())


def test_what_is_in_doubt_is_left_out() -> None:
    assert spread_of([SIGNED], {"signed": None}, rules()).worst() == []


def test_counts_of_several_files_add_up() -> None:
    whole = spread_of([MARKET], {}, rules())
    whole.join(spread_of([FAIR, SIGNED], {"signed": False}, rules()))
    together = spread_of([MARKET, FAIR, SIGNED], {"signed": False}, rules())
    assert whole.worst() == together.worst()
