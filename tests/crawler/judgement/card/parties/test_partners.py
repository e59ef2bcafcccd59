from __future__ import annotations

import pytest

from crawler.judgement.card.parties.parties import are_partners

_UNION = frozenset(("IE", "AT"))


@pytest.mark.parametrize(
    "parties", [("FJ", "TO"), ("EU", "TN"), ("AT", "IE"), ("EU", "IE", "TN"), ("IOM", "NE")]
)
def test_two_who_can_commit_themselves_to_each_other(parties: tuple[str, ...]) -> None:
    assert are_partners(parties, _UNION)


@pytest.mark.parametrize("parties", [(), ("AT",), ("EU",), ("EU", "IE"), ("AT", "EU", "IE")])
def test_one_alone_and_the_union_with_its_members_are_no_partners(
    parties: tuple[str, ...],
) -> None:
    assert not are_partners(parties, _UNION)
