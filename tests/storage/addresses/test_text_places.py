"""Which addresses are of treaty series and gazettes."""

from __future__ import annotations

import pytest

from storage.addresses.text_places import is_gazette, is_series


@pytest.mark.parametrize(
    "url",
    [
        "https://treaties.un.org/pages/showDetails.aspx?objid=1",
        "http://www.treaties.fcdo.gov.uk/awweb/1",
        "https://www.consilium.europa.eu/en/documents-publications/treaties-agreements/agreement/?id=2011051",
    ],
)
def test_pages_of_treaty_series(url: str) -> None:
    assert is_series(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://www.consilium.europa.eu/en/press/press-releases/1",
        "https://treaties.un.org.evil.example/1",
        "https://evil.example/treaties.un.org/1",
        "ftp://treaties.un.org/1",
        "https://[broken/1",
    ],
)
def test_other_addresses_are_none(url: str | None) -> None:
    assert not is_series(url)
    assert not is_gazette(url)


def test_an_official_journal_is_no_treaty_series() -> None:
    assert is_gazette("https://eur-lex.europa.eu/eli/dec/2026/1")
    assert not is_series("https://eur-lex.europa.eu/eli/dec/2026/1")
