"""What a query that is not understood is answered: the fault, and what may be meant."""

from __future__ import annotations

import pytest

from scheduler.configuration.query import QueryError, read_query


@pytest.mark.parametrize(
    ("name", "values", "key", "near"),
    [
        ("since", ["2026-03-01", "2026-03-02"], "once", ()),
        ("corridor", ["Itly-TN"], "pair", ("Italy-TN",)),
        ("corridor", ["Itly"], "pair", ()),
    ],
)
def test_a_value_that_is_not_understood_is_named_with_what_is_near(
    name: str, values: list[str], key: str, near: tuple[str, ...]
) -> None:
    with pytest.raises(QueryError) as caught:
        read_query([(name, value) for value in values])
    assert [(misread.name, misread.key, misread.near) for misread in caught.value.misread] == [
        (name, key, near)
    ]
