"""What a search is as the filter of a subscription."""

from __future__ import annotations

from scheduler.configuration.query import query_of, read_query

QUERY = read_query(
    [
        ("q", 'visas "laissez-passer: #1" -sport'),
        *(("party", "no"), ("party", "EU"), ("group", "Maghreb Union"), ("corridor", "it-tn")),
        *(("topic", "visa"), ("instrument", "protocol"), ("status", "signed")),
        *(("language", "fr"), ("language", "und"), ("source", "le quotidien: dernière")),
        *(("rule", "own"), ("grade", "likely"), ("text", "missing"), ("agreement", "A17")),
    ]
)


def test_the_settings_of_a_search_mean_the_same_filter() -> None:
    assert query_of(QUERY.fields).filter == QUERY.filter
