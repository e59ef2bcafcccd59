"""The packs that come with us: sound entries, each once, that claim nothing which we did not see."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from babel import Locale

from spiders.catalog.packs import PACKS, REGIONS, bundled_pack, counts_of
from storage.addresses import canonical_url
from storage.source import SourceKind, Trust

EVERYTHING = bundled_pack("all")
ENGLISH = Locale("en")


@pytest.mark.parametrize("name", PACKS)
def test_packs_load_and_claim_nothing(name: str) -> None:
    assert bundled_pack(name)
    assert not any(source.verified for source in bundled_pack(name))


def test_the_default_pack_has_twenty_sources_of_three_kinds_in_six_languages() -> None:
    sources = bundled_pack("default")
    assert len(sources) == 20
    assert {source.kind for source in sources} == {
        SourceKind.FEED,
        SourceKind.SITEMAP,
        SourceKind.LISTING,
    }
    assert {source.language for source in sources} == {"fr", "en", "ar", "es", "it", "de"}
    assert all(source.enabled for source in sources)


def test_the_regions_hold_the_default_sources() -> None:
    everything = {source.id: source for source in EVERYTHING}
    for source in bundled_pack("default"):
        same = everything[source.id]
        assert (source.url, source.kind) == (same.url, same.kind)
        assert source.to_source().trust == same.trust


def test_three_hundred_sources_and_more_of_sixty_states_and_more() -> None:
    assert len(EVERYTHING) >= 500
    states = {source.country for source in EVERYTHING} - {"EU", "INT"}
    assert len(states) >= 100
    counted = Counter(source.trust for source in EVERYTHING)
    assert counted[Trust.OFFICIAL] >= 240
    assert set(counted) == set(Trust)


def test_ids_are_unique_over_all_packs() -> None:
    counted = Counter(source.id for source in EVERYTHING)
    assert [name for name, times in counted.items() if times > 1] == []


def test_no_two_sources_have_one_address() -> None:
    counted = Counter(canonical_url(source.url) for source in EVERYTHING)
    assert [url for url, times in counted.items() if times > 1] == []


def test_an_entry_says_what_it_is_and_where_it_was_seen() -> None:
    assert [source.id for source in EVERYTHING if not (source.name and source.provenance)] == []
    assert [source.id for source in EVERYTHING if source.trust is None] == []


def test_languages_countries_and_days_are_real() -> None:
    assert {source.language for source in EVERYTHING} - {None} <= set(ENGLISH.languages)
    assert {source.country for source in EVERYTHING} <= {"EU", "INT", *ENGLISH.territories}
    days = [source.proof for source in EVERYTHING if source.proof]
    assert len(days) >= 80
    assert date(2025, 1, 1) < min(days) <= max(days) < date(2026, 12, 1)


def test_an_address_begins_with_https_unless_its_note_says_why_not() -> None:
    plain = [source for source in EVERYTHING if urlsplit(source.url).scheme != "https"]
    assert [source.id for source in plain if "http" not in source.note] == []


@pytest.mark.parametrize("region", REGIONS)
def test_a_file_is_of_one_region(region: str) -> None:
    """A country stands in one file, so that nobody needs two packs for it."""
    here = {source.country for source in bundled_pack(region)} - {"INT"}
    others = {source.country for name in REGIONS if name != region for source in bundled_pack(name)}
    assert here.isdisjoint(others)


def test_the_counts_of_a_pack_add_up() -> None:
    counts = counts_of("maghreb")
    assert counts.sources == len(bundled_pack("maghreb"))
    for counted in (counts.trust, counts.languages, counts.countries):
        assert sum(counted.values()) == counts.sources
        assert list(counted.values()) == sorted(counted.values(), reverse=True)


GAPS = (Path(__file__).parents[3] / "docs" / "quality.md").read_text(encoding="utf-8")


def test_the_states_that_the_page_on_quality_names_are_those_without_such_sources() -> None:
    speak: dict[str, set[Trust]] = {}
    for source in EVERYTHING:
        speak.setdefault(source.country or "", set()).add(source.to_source().trust or Trust.PRESS)
    states = {code: trusts for code, trusts in speak.items() if code not in ("EU", "INT")}
    silent = sorted(code for code, trusts in states.items() if Trust.OFFICIAL not in trusts)
    alone = sorted(code for code, trusts in states.items() if trusts == {Trust.OFFICIAL})
    assert f"only press or an agency: {', '.join(silent)}." in GAPS
    assert f"no press that reports on it: {', '.join(alone)}." in GAPS


def test_the_kinds_and_proofs_that_the_page_on_quality_counts_are_there() -> None:
    listings = sum(source.kind is SourceKind.LISTING for source in EVERYTHING)
    proven = sum(source.proof is not None for source in EVERYTHING)
    off = sum(not source.enabled for source in EVERYTHING)
    told = re.search(
        r"Of their (\d+) sources (\d+) are listings.*?(\d+) have.*? (\d+) are switched off",
        GAPS,
        re.DOTALL,
    )
    assert told is not None
    assert tuple(map(int, told.groups())) == (len(EVERYTHING), listings, proven, off)
