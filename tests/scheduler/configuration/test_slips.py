"""Slips of the pen in filters and counts: one clear line each, with what may be meant."""

from __future__ import annotations

import pytest

from scheduler.configuration.counting import read_counting
from scheduler.configuration.query import QueryError, read_query
from scheduler.views.agreements import SORTED_BY

SORTS = {"sort": tuple(SORTED_BY)}


@pytest.mark.parametrize(
    ("pair", "line"),
    [
        (("agreement", "17"), "agreement: “17” is not known. Did you mean A17?"),
        (("agreement", "#17"), "agreement: “#17” is not known. Did you mean A17?"),
        (("agreement", "A12345678901"), "agreement: “A12345678901” is not known."),
        (("language", "english"), "language: “english” is not known. Did you mean en?"),
        (("language", "Arabe"), "language: “Arabe” is not known. Did you mean ar?"),
        (
            ("instrument", "MoU"),
            "instrument: “MoU” is not known. Did you mean memorandum_of_understanding?",
        ),
        (("topic", "workers"), "topic: “workers” is not known. Did you mean labour_mobility?"),
        (("status", "firmados"), "status: “firmados” is not known. Did you mean signed?"),
        (("sort", "dya"), "sort: “dya” is not known. Did you mean day?"),
        (("as_of", "2999-01-01"), "as_of: “2999-01-01” is still to come."),
    ],
)
def test_a_slip_is_one_line_with_what_may_be_meant(pair: tuple[str, str], line: str) -> None:
    with pytest.raises(QueryError) as caught:
        read_query([pair], SORTS)
    assert str(caught.value) == line


@pytest.mark.parametrize("given", [[("rows", "year")], []])
def test_rows_and_columns_are_not_both_years(given: list[tuple[str, str]]) -> None:
    with pytest.raises(QueryError) as caught:
        read_counting([*given, ("columns", "year")])
    assert str(caught.value) == "columns: “year” stands in the rows already."


def test_parties_with_parties_and_topics_with_topics_are_a_matrix() -> None:
    for one in ("party", "topic"):
        read_counting([("rows", one), ("columns", one)])
