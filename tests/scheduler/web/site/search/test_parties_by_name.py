"""Parties by their names, in filters and in words, on the page and in the API."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import card, judged


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A1 between Morocco and Niger, A2 between Italy and Tunisia; no text names a state."""
    news = (judged(1), judged(2, card=card(parties=("IT", "TN")), title="Rome and Tunis"))
    with serving(tmp_path_factory.mktemp("named"), *news) as site:
        yield site


# Once parties are named the list has unconfirmed entries, and so has the count beside it.
ALL_GRADES = "grade=confirmed&amp;grade=likely&amp;grade=unconfirmed"


@pytest.mark.parametrize("name", ["Morocco", "Maroc", "المغرب", "ma", "Moroc co"])
def test_a_filter_takes_names(named: Site, name: str) -> None:
    answer = named.ask(f"/api/v1/agreements?party={quote(name)}")
    shown = named.ask(f"/?party={quote(name)}").text
    if name == "Moroc co":
        assert answer.code == 422
        assert "Did you mean Morocco?" in answer.json["detail"]
        assert "Did you mean Morocco?" in shown
    else:
        assert [one["id"] for one in answer.json["items"]] == ["A1"]
        assert "1 agreement<" in shown
        assert "party=MA" in shown


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("How many agreements with Morocco by year?", "/count?party=MA&amp;rows=year"),
        ("timeline of Morocco", "/timeline?party=MA"),
        ("Morocco vs Italy", f"/count?{ALL_GRADES}&amp;compare=MA%2CIT"),
        ("edge list by year for Morocco", "/count?party=MA&amp;rows=corridor&amp;columns=year"),
        ("two printed pages on Morocco", "/briefing?party=MA"),
        ("is it complete for Morocco", "/states/MA"),
        ("which sources for Morocco", "/states/MA"),
        ("alert me weekly about Morocco, signatures", "/subscribe?party=MA&amp;step=signed"),
        (
            "EU members with nothing with Niger",
            "/count?party=NE&amp;group=eu-members&amp;rows=party&amp;zeros=1",
        ),
        (
            "Morocco versus Italy by topic",
            f"/count?{ALL_GRADES}&amp;rows=topic&amp;compare=MA%2CIT",
        ),
        ("signed by Morocco vs Italy", "/count?step=signed&amp;compare=MA%2CIT"),
        (
            "visas versus labour mobility per year",
            "/count?topic=visa&amp;topic=labour_mobility&amp;rows=year&amp;columns=topic",
        ),
        (
            "how long from talks to signature",
            "/count?count=durations&amp;from=negotiating&amp;to=signed",
        ),
        ("what is new since 2026-03-01", "/changes?since=2026-03-01"),
        ("treaties of Italy awaiting ratification", "/pending?party=IT&amp;instrument=treaty"),
        ("signed agreements of Italy per decade", "/count?party=IT&amp;step=signed&amp;rows=year"),
        ("most active states since 2020", "/count?since=2020-01-01&amp;rows=party"),
        (
            "which countries have no agreement with Niger",
            "/count?party=NE&amp;group=eu-members&amp;rows=party&amp;zeros=1",
        ),
        (
            "which African countries have no agreement with Italy",
            "/count?party=IT&amp;group=africa&amp;rows=party&amp;zeros=1",
        ),
    ],
)
def test_a_question_that_no_list_answers_gets_the_link_to_its_answer(
    named: Site, query: str, address: str
) -> None:
    understood = named.ask(f"/?q={quote(query)}").text.partition('<p class="meta" role="status">')[
        2
    ]
    assert f'href="{address}"' in understood.partition("</p>")[0]
    assert named.ask(address.replace("&amp;", "&")).code == 200


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("how long from talks to signature", "Days between two stages"),
        ("Morocco vs Italy", "Compare"),
    ],
)
def test_the_link_to_an_answer_says_what_it_leads_to(named: Site, query: str, text: str) -> None:
    shown = named.ask(f"/?q={quote(query)}").text
    assert (
        f">{text}</a>" in shown.partition('<p class="meta" role="status">')[2].partition("</p>")[0]
    )


@pytest.mark.parametrize("query", ["Morocco Niger", "Maroc Niger", "المغرب والنيجر"])
def test_words_that_name_parties_find_their_agreements(named: Site, query: str) -> None:
    shown = named.ask(f"/?q={quote(query)}").text
    assert "1 agreement<" in shown
    assert "Read as filters: Parties: Morocco, Niger." in shown
    assert 'href="/map?party=MA&amp;party=NE"' in shown
    assert [
        one["id"] for one in named.ask(f"/api/v1/agreements?q={quote(query)}").json["items"]
    ] == ["A1"]


def test_a_pair_with_nothing_leads_to_what_is_watched_for_each(named: Site) -> None:
    shown = named.ask("/?q=Morocco+Italy").text
    assert all(f'href="/states/{code}"' in shown for code in ("MA", "IT"))
    assert 'href="/states/MA"' not in named.ask("/?q=Morocco+Niger").text


def test_other_filters_hold_for_the_parties_that_words_name(named: Site) -> None:
    assert "1 agreement<" in named.ask("/?q=Morocco+Niger&status=signed").text
    assert "0 agreements<" in named.ask("/?q=Morocco+Niger&status=ratified").text
    assert "0 agreements<" in named.ask("/?q=Morocco+Niger&since=2027-01-01").text
    assert "0 agreements<" in named.ask("/?q=Morocco+Italy").text


def test_the_search_for_documents_leads_to_the_agreements(named: Site) -> None:
    shown = named.ask("/search?q=Morocco+Niger&lang=fr").text
    assert "Maroc et Niger comme parties : 1 accord" in shown
    assert 'href="/?party=MA&amp;party=NE"' in shown


def test_a_name_beside_other_words_leads_to_the_agreements_of_the_party(named: Site) -> None:
    shown = named.ask("/?q=Rome+Tunisia").text
    assert "“Rome” with Tunisia as parties: 1 agreement" in shown
    assert 'href="/?q=Rome&amp;party=TN"' in shown
    shown = named.ask("/?q=Maroc+unheard").text
    assert "Without “unheard”: 1 agreement. Read as filters: Parties: Morocco." in shown
    assert 'href="/?party=MA"' in shown
    assert 'id="title-A1"' in shown


def test_a_misspelt_name_is_put_right(named: Site) -> None:
    for path in ("/", "/search"):
        shown = named.ask(f"{path}?q=Morroco+Niger").text
        assert '?q=Morocco+Niger"><bdi>Morocco Niger</bdi>' in shown, path


def test_what_finds_nothing_says_which_condition_is_in_the_way(named: Site) -> None:
    shown = named.ask("/?party=MA&status=ratified").text
    assert "Without “Status: ratified”: 1 agreement" in shown
    assert 'href="/?party=MA"' in shown
    assert "Without “Parties: Morocco”" not in shown
    found = named.ask("/search?q=unheard&party=MA").text
    assert "Without “unheard”: 1 document" in found
    two = named.ask("/?party=MA&status=ratified&topic=visa&since=2026-01-01&until=2026-12-31").text
    assert "Without “Topic: visas, Status: ratified”: 1 agreement" in two


@pytest.mark.parametrize(
    ("query", "said", "entry"),
    [
        ("how much money for Italy Tunisia", "Without “money”: 1 agreement", "A2"),
        ("Rome Tunis money", "Without “money”: 1 agreement", "A2"),
        (
            "Niger Morocco 1992",
            "Since: 1 January 1992, Until: 31 December 1992”: 1 agreement",
            "A1",
        ),
        ("signed in Rome with Italy, unheard", "Without “unheard”: 1 agreement", "A2"),
        (
            "treaties that Italy ratified, unheard",
            "Without “Kind: treaty, Has been: ratified, unheard”: 1 agreement",
            "A2",
        ),
        ("Niger, Fiji, Tonga in 2026", "At least one party: Niger, Fiji, Tonga; Since:", "A1"),
        ("Italy Tunisia still in force", "Without “Status: in force”: 1 agreement", "A2"),
    ],
)
def test_what_comes_closest_to_a_search_without_hits_is_shown(
    named: Site, query: str, said: str, entry: str
) -> None:
    shown = named.ask(f"/?q={quote(query)}").text
    assert "0 agreements<" in shown
    assert said in shown.partition('<p class="closest" role="status">')[2].partition("</p>")[0]
    assert f'id="title-{entry}"' in shown
    assert shown.count('id="title-') == 1


def test_the_filters_of_what_comes_closest_narrow_that(named: Site) -> None:
    shown = named.ask(f"/?q={quote('Niger, Fiji, Tonga')}").text
    narrowed = "/?any_party=NE&amp;any_party=FJ&amp;any_party=TO&amp;status=signed"
    assert narrowed in shown
    assert "1 agreement<" in named.ask(narrowed.replace("&amp;", "&")).text


def test_words_beside_filters_are_an_answer_where_they_find_nothing_else(named: Site) -> None:
    shown = named.ask("/?q=what+was+signed+in+Rome").text
    assert "<small>1 agreement<" in shown
    assert "“Rome” with Has been: signed: 1 agreement" in shown
    assert "No agreement fits all of this" not in shown


def test_a_body_that_takes_part_in_nothing_is_found_where_reports_name_it(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, judged(1, title="Frontex praises the accord"), judged(2)) as site:
        shown, found = site.ask("/?q=Frontex").text, site.ask("/search?q=Frontex").text
    assert "With these words in a report: 1 agreement" in shown
    assert 'id="title-A1"' in shown
    assert "With these words in a report: 1 document" in found


def test_the_words_themselves_are_searched_without_those_that_say_nothing(named: Site) -> None:
    shown = named.ask("/?q=which+agreements+mention+Niger").text
    assert '<a href="/?q=%22Niger%22">Search for the words instead</a>' in shown


def test_of_parties_without_any_agreement_that_is_said(named: Site) -> None:
    shown = named.ask("/?q=Germany+Gambia+unheard").text
    assert (
        "Without “unheard”: 0 agreements. Read as filters: Parties: Germany, Gambia.</p>" in shown
    )
    assert 'id="title-' not in shown


def test_one_word_of_two_is_no_answer_but_a_link(named: Site) -> None:
    shown = named.ask("/?q=Rome+unheard").text
    assert 'class="closest"' not in shown
    assert "“Rome”: 1 agreement" in shown


def test_a_question_that_no_list_answers_gets_its_link_without_any_filter(named: Site) -> None:
    shown = named.ask("/?q=sources+that+never+gave+anything").text
    assert '<a href="/sources">Sources</a>' in shown


@pytest.mark.parametrize(
    ("question", "address"),
    [
        ("number of agreements by country", "/count?rows=party"),
        ("wie viele Abkommen pro Jahr", "/count?rows=year"),
        ("map of agreements", "/map"),
    ],
)
def test_a_question_that_names_no_filter_shows_the_whole_register_and_its_link(
    named: Site, question: str, address: str
) -> None:
    shown = named.ask(f"/?q={quote(question)}").text
    whole = named.ask("/").text
    titles = re.compile(r'id="title-(A\d+)"')
    assert titles.findall(shown) == titles.findall(whole) != []
    assert f'<a href="{address}' in shown
    assert ">Search for the words instead</a>" in shown


def test_the_words_of_a_search_give_the_order_of_page_file_and_api(tmp_path: Path) -> None:
    old = card(parties=("IT", "TN"), event_date=date(2011, 4, 5))
    with serving(tmp_path, judged(1), judged(2, card=old)) as site:
        orders = (("oldest", ["A2", "A1"]), ("latest", ["A1", "A2"]), ("signed", ["A2", "A1"]))
        for words, ids in orders:
            asked = f"q={words}+signed+agreements"
            shown = site.ask(f"/?{asked}").text
            rows = csv.DictReader(io.StringIO(site.ask(f"/?{asked}&format=csv").text))
            assert re.findall(r'id="title-(A\d)"', shown) == ids
            assert [row["id"] for row in rows] == ids
            items = site.ask(f"/api/v1/agreements?{asked}").json["items"]
            assert [item["id"] for item in items] == ids
        turned = site.ask("/api/v1/agreements?q=oldest+signed+agreements&sort=day").json["items"]
        assert [item["id"] for item in turned] == ["A1", "A2"]


def test_a_word_that_may_be_a_filter_is_searched_for_and_the_filter_is_a_link(
    named: Site,
) -> None:
    shown = named.ask("/?q=signed").text
    assert "Has been: signed: 2 agreements" in shown
    assert 'href="/?step=signed"' in shown


def test_how_much_more_the_words_alone_would_find_stands_beside_them(tmp_path: Path) -> None:
    other = judged(2, card=card(parties=("IT", "TN")), title="Niger readmission, says Rome")
    with serving(tmp_path, judged(1, title="A readmission with Niger"), other) as site:
        shown = site.ask("/?q=Niger+declaration").text
        assert ">Search for the words instead</a></p>" in shown
        shown = site.ask("/?q=Niger+readmission").text
    assert ">Search for the words instead</a> (+2)</p>" in shown


def test_words_that_were_read_as_filters_are_a_link_to_the_words_themselves(named: Site) -> None:
    shown = named.ask("/?q=Niger+readmission").text
    address = "/?q=%22Niger%22+%22readmission%22"
    assert f'<a href="{address}">Search for the words instead</a>' in shown
    assert "Read as filters" not in named.ask(address).text


def test_the_words_themselves_are_searched_within_the_conditions_that_were_chosen(
    named: Site,
) -> None:
    shown = named.ask("/?q=Niger+readmission&topic=visa&grade=confirmed").text
    address = "/?q=%22Niger%22+%22readmission%22&amp;topic=visa&amp;grade=confirmed"
    assert f'<a href="{address}">Search for the words instead</a>' in shown


def test_filters_among_other_words_lead_to_what_both_find(named: Site) -> None:
    shown = named.ask("/?q=signed+with+Rome+2026").text
    assert "“Rome” with Has been: signed; Since: 1 January 2026; Until: 31 December 2026" in shown
    assert ": 1 agreement" in shown
    assert 'href="/?q=Rome&amp;step=signed&amp;since=2026-01-01&amp;until=2026-12-31"' in shown
    assert "with Has been" not in named.ask("/?q=ratified+with+Rome+2026").text


def test_filters_for_some_words_are_the_list_where_these_find_more_than_the_words(
    tmp_path: Path,
) -> None:
    other = judged(2, card=card(parties=("IT", "TN")), title="Accord signé à Rome")
    with serving(tmp_path, judged(1, title="Handshakes in Rome"), other) as site:
        shown = site.ask(f"/?q={quote('signé Rome')}").text
        words = re.search(r'<a href="([^"]+)">With all of these words in a report: 1', shown)
        assert words is not None
        alone = site.ask(words[1].replace("&amp;", "&")).text
    assert "2 agreements<" in shown
    assert "“Rome” with Has been: signed: 2 agreements" in shown
    assert [one in shown for one in ('id="title-A1"', 'id="title-A2"')] == [True, True]
    assert "1 agreement<" in alone
    assert 'id="title-A2"' in alone


def test_of_parties_with_others_the_first_is_never_left_out(named: Site) -> None:
    shown = named.ask(f"/?q={quote('Morocco with Niger and Tunisia')}").text
    closest = shown.partition('<p class="closest" role="status">')[2].partition("</p>")[0]
    assert "Parties: Morocco; At least one party: Niger, Tunisia: 1 agreement" in closest
    assert 'id="title-A1"' in shown
    assert 'class="closest"' not in named.ask(f"/?q={quote('Spain with Niger and Tunisia')}").text


def test_what_has_no_date_is_counted_where_days_leave_it_out(tmp_path: Path) -> None:
    news = (judged(1), judged(2, card=card(parties=("IT", "TN"), event_date=None)))
    with serving(tmp_path, *news) as site:
        shown = site.ask("/?since=2020-01-01").text
        assert "1 agreement without a date is left out." in shown
        assert "without a date" not in site.ask("/?since=2020-01-01&by=learnt").text
        assert "without a date" not in site.ask("/?party=MA&since=2020-01-01").text


def test_words_are_read_as_no_more_values_than_an_address_may_have(named: Site) -> None:
    few, many = (" ".join(f"A{n}" for n in range(1, last)) for last in (51, 52))
    shown = named.ask(f"/?q={quote(few)}").text
    assert "Read as filters" in shown
    assert "Read as filters" not in named.ask(f"/?q={quote(many)}").text
