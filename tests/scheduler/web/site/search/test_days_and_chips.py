"""The days of a selection in the address and in the form, and chips to take each filter off."""

from __future__ import annotations

import re

import pytest

from tests.scheduler.web.site.running import Site

QUERY = "party=MA&since=2026-03-01&until=2026-03-31&by=learnt&grade=unconfirmed"


def chips(shown: str) -> dict[str, str]:
    """The address of each chip, by its words."""
    found = re.findall(r'<a class="chip" href="([^"]+)" title="[^"]+"><bdi>([^<]+)</bdi>', shown)
    return {words: address.replace("&amp;", "&") for address, words in found}


@pytest.mark.parametrize("path", ["/", "/map", "/search"])
def test_each_filter_is_a_chip_that_goes_by_itself(site: Site, path: str) -> None:
    found = chips(site.ask(f"{path}?{QUERY}").text)
    assert found["Since: 1 March 2026"] == (
        f"{path}?party=MA&grade=unconfirmed&until=2026-03-31&by=learnt"
    )
    assert found["Parties: Morocco"].startswith(f"{path}?grade=unconfirmed&since=2026-03-01")
    assert set(found) == {
        "Parties: Morocco",
        "Grade: unconfirmed",
        "Since: 1 March 2026",
        "Until: 31 March 2026",
        "Date of: addition to the register",
    }


@pytest.mark.parametrize("path", ["/", "/map", "/search"])
def test_the_form_keeps_the_days_in_its_fields(site: Site, path: str) -> None:
    shown = site.ask(f"{path}?{QUERY}").text
    searched = shown.partition('role="search"')[2].partition("</form>")[0]
    assert searched.count('name="since"') == 1
    assert '<input name="since" value="2026-03-01" type="date">' in shown
    assert '<input name="until" value="2026-03-31" type="date">' in shown
    assert '<option value="learnt" selected>' in shown
    assert '<input type="hidden" name="party" value="MA">' in shown


@pytest.mark.parametrize("path", ["/", "/map", "/search"])
def test_fields_that_were_left_empty_do_not_stay_in_the_address(site: Site, path: str) -> None:
    sent = site.ask(f"{path}?q=&party=MA&since=&until=&by=")
    assert (sent.code, sent.headers["location"]) == (303, f"{path}?party=MA")
    assert site.ask(f"{path}?q=").headers["location"] == path


def test_days_of_learning_choose(site: Site) -> None:
    assert "3 agreements" in site.ask("/?since=2026-03-12&until=2026-03-12&by=learnt").text
    assert "0 agreements<" in site.ask("/?since=2026-03-13&by=learnt").text
    assert site.ask("/api/v1/agreements?until=2026-03-11&by=learnt").json["items"] == []
    assert site.ask("/api/v1/agreements?by=guess").code == 422
