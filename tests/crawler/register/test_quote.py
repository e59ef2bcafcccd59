"""Which sentence stands for a report."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.text.grammar import Grammar
from crawler.register.quote import MAX_CHARACTERS, quote_of
from storage.records import Card, Document, Evidence, Verdict, Zone
from tests.growth import cost_ratio

ENGLISH = Grammar("en", abbreviations=frozenset(["dr", "hon"]))
GERMAN = Grammar("de", ordinal_dots=True)
NEWS = "Algeria said on Monday that it ends the agreement."
BACKGROUND = (
    "In 1968 the two states signed an agreement on the movement and stay of Algerians in France."
)


def quoted(
    text: str,
    weights: dict[str, float],
    *,
    day: date | None = date(2025, 6, 2),
    status: str = "",
    status_again: str = "",
    lead: str = "",
    place: str = "",
    title: str = "Title",
    title_tells: float = 0.0,
    grammar: Grammar = ENGLISH,
) -> str:
    """The quote of a text in which these words are evidence of these weights; those of `status` and
    `status_again` are that for the status, that of `place` for the place, that of `lead` stands in the
    lead, and the title tells the status with `title_tells`.
    """
    fields = {status: "card.status", status_again: "card.status", place: "card.place"}
    evidence = [
        Evidence(
            rule=fields.get(word, "rule"),
            concept="concept",
            zone=Zone.LEAD if word == lead else Zone.BODY,
            start=text.index(word),
            end=text.index(word) + len(word),
            text=word,
            weight=weight,
        )
        for word, weight in weights.items()
    ]
    if title_tells:
        named = ("card.status", "concept", Zone.TITLE, 0, len(title), title, title_tells)
        evidence.append(Evidence(*named))
    verdict = Verdict(True, 9.0, 5.0, "en", card=Card(event_date=day), evidence=tuple(evidence))
    return quote_of(Document(title, text, "en"), verdict, grammar)


def test_the_sentence_with_most_evidence_is_quoted() -> None:
    assert quoted(f"Rain fell. {NEWS} Nobody spoke.", {"ends": 2.0, "spoke": 1.0}) == NEWS


WHERE = "The meeting took place in the palace of the Algerian president."


def test_the_sentence_that_tells_the_step_comes_first() -> None:
    weights = {"ends": 2.0, "palace": 3.0}
    assert quoted(f"{WHERE} {NEWS}", weights) == WHERE
    assert quoted(f"{WHERE} {NEWS}", weights, status="ends") == NEWS


def test_an_act_without_what_it_is_about_does_not_come_first() -> None:
    signed = "The minister signed for the other side."
    assert quoted(f"{NEWS} {signed}", {"ends": 5.0, "signed": 1.5}, status="signed") == NEWS


CITY = "Police officers of both states met in a hotel in Oran."


def test_a_city_does_not_hide_the_sentence_that_tells_the_step() -> None:
    weights = {"ends": 2.0, "Oran": 9.0}
    assert quoted(f"{CITY} {NEWS}", weights, status="ends", place="Oran") == NEWS


def test_what_implies_the_step_is_quoted_where_nothing_reports_it() -> None:
    weights = {"ends": 0.6, "palace": 1.4}
    assert quoted(f"{WHERE} {NEWS}", weights, status="ends") == NEWS
    told = quoted(f"{WHERE} {NEWS}", weights, status="ends", title_tells=2.0)
    assert told == WHERE  # what the title tells is not shown by a looser word in the body
    led = quoted(f"{NEWS} {WHERE}", weights, status="ends", title_tells=2.0, lead="ends")
    assert led == NEWS


def test_a_sentence_says_more_than_the_title_that_a_text_repeats() -> None:
    title = "Algeria ends the agreement on movement"
    ended = "The foreign minister has ended the agreement, he said in Oran."
    text = f"{title} Monday, 2 June 2025\n{ended}"
    weights = {"ends": 5.0, "has ended": 3.0}
    both = quoted(text, weights, status="ends", status_again="has ended", title=title)
    assert both == ended
    assert quoted(text, weights, status="ends", title=title).startswith(title)


def test_a_dateline_is_never_quoted() -> None:
    assert quoted(f"MADRID.\n{NEWS}", {"MADRID": 5.0, "ends": 2.0}) == NEWS
    title = "Spain and Mali sign agreement"
    assert quoted("MADRID.", {"MADRID": 5.0}, title=title) == title


def test_the_full_stop_of_a_day_ends_no_sentence() -> None:
    german = "Das Abkommen ist zum 1. Juni in Kraft getreten, so das Ministerium."
    assert quoted(german, {"in Kraft": 2.0}, grammar=GERMAN) == german


def test_a_title_that_is_abbreviated_ends_no_sentence() -> None:
    signed = "The memorandum was signed by the Hon. Jane Roe, as Dr. John Doe looked on."
    assert quoted(f"Rain fell. {signed} Nobody spoke.", {"signed": 2.0}) == signed


RELEASE = """SIGNATURE OF A MEMORANDUM
Today, the governments of Fiji and Tonga signed a memorandum on the
return of migrants, and on work for those who stay in the islands of
Tonga. It has been asked for since the storms of the last winter, when
many lost their homes, and was prepared by officials of both states in
two rounds of talks.
It was signed by ministers."""


def test_a_line_that_is_broken_at_a_width_ends_no_sentence() -> None:
    whole = (
        "Today, the governments of Fiji and Tonga signed a memorandum on the return of migrants, "
        "and on work for those who stay in the islands of Tonga."
    )
    assert quoted(RELEASE, {"governments": 2.0, "work": 1.0}) == whole
    assert quoted(RELEASE, {"by ministers": 2.0}) == "It was signed by ministers."
    assert quoted(RELEASE, {"homes": 2.0}).endswith("in two rounds of talks.")


def test_a_line_of_a_list_is_no_part_of_a_sentence() -> None:
    items = "\n".join(f"the agreement of Fiji with state number {one}" for one in "abcd")
    assert quoted(f"{items}\n{NEWS}", {"number b": 2.0}).endswith("number b")


def test_background_is_no_proof_of_what_is_news() -> None:
    assert quoted(f"{NEWS} {BACKGROUND}", {"ends": 2.0, "signed": 5.0}) == NEWS


@pytest.mark.parametrize("year", ["١٩٦٨", "1968"])
def test_years_are_read_in_arabic_digits_too(year: str) -> None:
    text = f"{NEWS} {BACKGROUND.replace('1968', year)}"
    assert quoted(text, {"ends": 2.0, "signed": 5.0}) == NEWS


@pytest.mark.parametrize("day", [date(1968, 12, 27), None])
def test_a_year_of_the_event_itself_is_no_background(day: date | None) -> None:
    assert quoted(f"{NEWS} {BACKGROUND}", {"ends": 2.0, "signed": 5.0}, day=day) == BACKGROUND


def test_a_sentence_that_names_an_old_year_beside_a_new_one_is_news() -> None:
    ended = "The agreement of 1968 ends in June 2025."
    assert quoted(f"{NEWS} {ended}", {"said": 2.0, "1968": 5.0}) == ended


def test_a_sentence_that_tells_the_step_is_news_whatever_year_it_names() -> None:
    ended = "Algeria has ended the agreement on movement that it signed in 1968."
    weights = {"ended": 2.0, "palace": 3.0}
    assert quoted(f"{WHERE} {ended}", weights, status="ended") == ended


def test_background_is_quoted_where_there_is_nothing_else() -> None:
    assert quoted(f"Rain fell. {BACKGROUND}", {"signed": 5.0}) == BACKGROUND


@pytest.mark.parametrize(("piece", "times"), [("Rain fell. ", 60_000), ("\n", 80_000)])
def test_the_cost_of_a_quote_grows_with_the_length_of_its_text(piece: str, times: int) -> None:
    def quote(count: int) -> None:
        assert quoted(f"{piece * count}{NEWS}", {"ends": 2.0}).endswith(NEWS)

    # Going over the text again from each sentence would cost 64 times as much.
    assert cost_ratio(lambda: quote(times), lambda: quote(times // 8)) < 24


def test_a_long_sentence_is_cut_between_words() -> None:
    long = f"Algeria ends the agreement {'of the two neighbouring states ' * 20}today."
    cut = quoted(long, {"ends": 2.0})
    assert len(cut) <= MAX_CHARACTERS + 2
    assert cut.endswith(" …")
    assert long.startswith(f"{cut[:-2]} ")
