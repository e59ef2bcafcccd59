"""Which states and bodies a cell names, in whatever language and with anything between."""

from __future__ import annotations

import pytest

from scheduler.lists.party_cells import UnknownPartyError, parties_in


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("EU; Albania", "AL EU"),
        ("Spain and Morocco", "ES MA"),
        ("Bosnia and Herzegovina and Serbia", "BA RS"),
        ("Trinidad and Tobago, France", "FR TT"),
        ("Union européenne / Guinée-Bissau", "EU GW"),
        ("Guinea-Bissau-Portugal", "GW PT"),
        ("EU-Albania", "AL EU"),
        ("Moldova, Republic of; EU", "EU MD"),
        ("Congo, Democratic Republic of the", "CD"),
        ("Democratic Republic of Congo; Congo", "CD CG"),
        ("Iran (Islamic Republic of)", "IR"),
        ("Royaume du Maroc et République française", "FR MA"),
        ("المغرب و إسبانيا", "ES MA"),
        ("Marokko und Spanien", "ES MA"),
        ("MAR, TUN", "MA TN"),
        ("Kosovo*", "XK"),
        ("Niger ; Nigeria", "NE NG"),
        ("European Community | Hong Kong SAR", "EU HK"),
        ("", ""),
    ],
)
def test_names_and_codes(cell: str, codes: str) -> None:
    assert parties_in(cell) == tuple(codes.split())


@pytest.mark.parametrize(
    ("cell", "unknown"), [("Absurdistan; FR", "Absurdistan"), ("BLEU", "BLEU")]
)
def test_what_no_state_is_called_is_named(cell: str, unknown: str) -> None:
    with pytest.raises(UnknownPartyError, match=unknown):
        parties_in(cell)
