from __future__ import annotations

from pathlib import Path

import pytest

from spiders.catalog import PACKS, SourceSettings, bundled_pack, interval_s, load_pack
from storage.errors import ConfigurationError
from storage.records import SourceKind


def write(folder: Path, text: str) -> Path:
    path = folder / "pack.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", PACKS)
def test_packs_that_come_with_us_load_and_claim_nothing(name: str) -> None:
    sources = load_pack(bundled_pack(name))
    assert not any(source.verified for source in sources)
    assert len({source.url for source in sources}) == len(sources)


def test_the_default_pack_has_twenty_sources_of_three_kinds_in_six_languages() -> None:
    sources = load_pack(bundled_pack("default"))
    assert len(sources) == 20
    assert {source.kind for source in sources} == {SourceKind.FEED, SourceKind.SITEMAP, SourceKind.LISTING}
    assert {source.language for source in sources} == {"fr", "en", "ar", "es", "it", "de"}
    assert all(source.enabled for source in sources)


def test_the_whole_list_holds_the_default_ones() -> None:
    everything = {source.id: source.url for source in load_pack(bundled_pack("all"))}
    assert len(everything) == 154
    assert {s.id: s.url for s in load_pack(bundled_pack("default"))}.items() <= everything.items()


def test_every_fault_is_named_with_its_place(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """schema: 1
sources:
  - id: one
    kind: fed
    url: https://a.org/
  - id: two
    kind: listing
    url: a.org
    every: often
    link_patern: x
  - id: one
    kind: listing
    url: https://a.org/
    link_pattern: "("
    link_selector: "a[["
""",
    )
    with pytest.raises(ConfigurationError) as error:
        load_pack(path)
    told = str(error.value)
    assert f"{path}:4:11: sources[0].kind: 'fed' is not one of feed, sitemap, listing, page" in told
    assert f"{path}:8:10: sources[1].url: 'a.org' is not an address" in told
    assert f"{path}:9:12: sources[1].every: 'often' is not an interval such as 30m, 1h or 1d" in told
    assert f"{path}:10:5: sources[1].link_patern: unknown key" in told
    assert "sources[2].link_pattern: '(' is not a regular expression" in told
    assert "sources[2].link_selector: 'a[[' is not a CSS selector" in told


def test_ids_are_unique(tmp_path: Path) -> None:
    entry = "  - {id: one, kind: feed, url: 'https://a.org/'}\n"
    with pytest.raises(ConfigurationError, match=r"4:10: sources\[1\]\.id: 'one' stands here for the second time"):
        load_pack(write(tmp_path, "schema: 1\nsources:\n" + entry * 2))


def test_a_language_that_we_do_not_read_is_no_hint() -> None:
    settings = SourceSettings(id="x", kind=SourceKind.FEED, url="https://a.org/", language="tr")
    assert settings.to_source().language is None


@pytest.mark.parametrize(("every", "seconds"), [("30m", 1800), ("1h", 3600), ("2d", 172_800)])
def test_intervals_are_read(every: str, seconds: int) -> None:
    assert interval_s(every) == seconds
