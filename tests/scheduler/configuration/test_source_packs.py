"""Packs that the configuration chooses lie under the user's own sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.located_yaml import parse_yaml
from scheduler.configuration.config import load_configuration
from scheduler.configuration.edit import enable_source, remove_source
from scheduler.configuration.sections import check
from spiders.catalog.packs import PACKS, bundled_pack
from storage.errors import ConfigurationError
from storage.source import Source, Trust

MAGHREB = bundled_pack("maghreb")
ONE = MAGHREB[0]


def sources(text: str) -> dict[str, Source]:
    settings = check(parse_yaml(text, "a"))
    return {source.id: source.to_source() for source in settings.all_sources}


def test_the_sources_of_packs_are_there() -> None:
    found = sources("packs: [maghreb, pacific]\n")
    assert set(found) == {one.id for name in ("maghreb", "pacific") for one in bundled_pack(name)}


def test_packs_that_share_sources_bring_each_once() -> None:
    assert set(sources("packs: [default, all]\n")) == set(sources("packs: [all]\n"))


def test_an_own_entry_with_the_same_id_takes_the_place_of_a_pack_s() -> None:
    own = f"sources: [{{id: {ONE.id}, kind: page, url: 'https://own.example/'}}]\n"
    found = sources("packs: [maghreb]\n" + own)
    assert len(found) == len(MAGHREB)
    assert (found[ONE.id].url, found[ONE.id].name) == ("https://own.example/", "")


def test_an_own_entry_with_the_same_address_takes_the_place_of_a_pack_s() -> None:
    own = f"sources: [{{id: mine, kind: {ONE.kind}, url: '{ONE.url}'}}]\n"
    found = sources("packs: [maghreb]\n" + own)
    assert "mine" in found
    assert ONE.id not in found


def test_one_source_of_a_pack_is_switched_off() -> None:
    found = sources(f"packs: [maghreb]\nsources: [{{id: {ONE.id}, enabled: false}}]\n")
    assert len(found) == len(MAGHREB)
    assert (found[ONE.id].enabled, found[ONE.id].url) == (False, ONE.url)


def test_one_source_of_a_pack_is_looked_at_more_often_and_trusted_otherwise() -> None:
    entry = f"{{id: {ONE.id}, every: 15m, official: true}}"
    found = sources(f"packs: [maghreb]\nsources:\n  - {entry}\n")[ONE.id]
    assert (found.every, found.trust, found.url) == ("15m", Trust.OFFICIAL, ONE.url)


def test_an_entry_without_an_address_that_is_in_no_chosen_pack_is_a_fault() -> None:
    with pytest.raises(ConfigurationError, match=r"1:\d+: sources\[0\].url: is missing"):
        sources(f"sources: [{{id: {ONE.id}, enabled: false}}]\n")


def test_an_unknown_pack_says_where_and_which_there_are() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(parse_yaml("packs:\n  - magreb\n  - eu\n  - mars\n  - eu\n", "a"))
    listed = ", ".join(PACKS)
    assert str(caught.value).splitlines() == [
        f"a:2:5: packs[0]: 'magreb' is not a pack of sources; did you mean maghreb? there is {listed}",
        f"a:4:5: packs[2]: 'mars' is not a pack of sources; there is {listed}",
        "a:5:5: packs[3]: 'eu' stands here twice; remove one",
    ]


def test_packs_that_are_no_list_are_a_fault() -> None:
    with pytest.raises(ConfigurationError, match="1:8: packs: 'maghreb' should be a list"):
        sources("packs: maghreb\n")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "accordwatch.yaml"
    written.write_text("# Ours.\npacks: [maghreb]\n", encoding="utf-8")
    return written


def enabled(path: Path) -> bool:
    return {one.id: one for one in load_configuration(path, {}).sources}[ONE.id].enabled


def test_a_source_of_a_pack_is_switched_off_and_on_by_its_id(path: Path) -> None:
    enable_source(path, ONE.id, False)
    assert not enabled(path)
    assert path.read_text(encoding="utf-8").startswith("# Ours.\npacks: [maghreb]\n")
    enable_source(path, ONE.id, True)
    assert enabled(path)


def test_a_source_of_a_pack_cannot_be_removed_from_the_file(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"accordwatch sources switch {ONE.id} off"):
        remove_source(path, ONE.id)
