"""What a saved search would be as a subscription."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.ingest.ingest import ingest
from crawler.located_yaml import parse_yaml
from scheduler.configuration.config import check
from scheduler.configuration.query import read_query
from scheduler.searching.saving import as_subscription, checked_name, items_of_a_year
from storage.database.session import Database
from storage.errors import ConfigurationError
from storage.filter import Filter, Reviewed
from tests.storage.given import NOW, card, judged

QUERY = read_query(
    [
        ("q", 'visas "laissez-passer: #1" -sport'),
        *(("party", "no"), ("party", "EU"), ("group", "Maghreb Union"), ("corridor", "it-tn")),
        *(("topic", "visa"), ("instrument", "protocol"), ("status", "signed")),
        *(("language", "fr"), ("language", "und"), ("source", "le quotidien: dernière")),
        *(("rule", "own"), ("certainty", "single"), ("text", "missing"), ("agreement", "A17")),
    ]
)


@pytest.mark.parametrize("name", ["Maghreb, returns", "عودة المهاجرين", "no 'yes' & no", "x---"])
def test_the_entry_means_the_same_filter(name: str) -> None:
    yaml = as_subscription(name, QUERY, ["file"], "fr")
    (one,) = check(parse_yaml(yaml, "pasted")).subscriptions
    assert one.name == name
    assert one.filter == QUERY


def test_a_year_counts_what_a_subscription_would_have_told(database: Database) -> None:
    other = card(parties=("IT", "TN"))
    documents = [
        judged(1),
        judged(2, card=other, published_on=date(2024, 5, 1)),
        judged(3, relevant=False),
    ]
    with database.begin() as s:
        ingest(s, documents, (), now=NOW, run_id=None, crawl=False, max_age_days=None)
    with database.read() as s:
        assert items_of_a_year(s, Filter(), NOW.date()) == 1
        assert (
            items_of_a_year(s, Filter(reviewed=Reviewed.YES, since=date(2030, 1, 1)), NOW.date())
            == 1
        )


def test_a_name_is_kept_without_needless_spaces() -> None:
    assert checked_name("  Border   talks ") == "Border talks"
    with pytest.raises(ConfigurationError, match="cannot be the name of a search"):
        checked_name("a/b")
