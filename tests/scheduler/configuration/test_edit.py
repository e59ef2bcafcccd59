"""Sources are written into the configuration so that it still loads, or it is left as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.located_yaml import parse_yaml
from scheduler.cli.commands.collecting.demo import starter_configuration
from scheduler.configuration.edit import (
    add_sources,
    as_yaml,
    enable_source,
    remove_source,
    with_sources,
)
from scheduler.configuration.sections import check
from spiders.catalog.packs import bundled_pack
from spiders.catalog.sources import SourceSettings
from storage.errors import ConfigurationError
from storage.source import SourceKind

NEW = SourceSettings(
    id="ministry",
    kind=SourceKind.FEED,
    url="https://ministry.example/feed?a=1&b=#2",
    name='Le "Min": x',
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "accordwatch.yaml"
    written.write_text(starter_configuration(), encoding="utf-8")
    return written


def test_a_source_is_added_and_comments_stay(path: Path) -> None:
    before = path.read_text(encoding="utf-8")
    add_sources(path, [NEW])
    after = path.read_text(encoding="utf-8")
    assert check(parse_yaml(after, "a")).sources[-1] == NEW
    assert after.startswith(before.rstrip("\n"))


def test_all_sources_that_come_with_us_can_be_added_at_once(tmp_path: Path) -> None:
    path = tmp_path / "accordwatch.yaml"
    path.write_text("database: sqlite:///x.db\n", encoding="utf-8")
    pack = bundled_pack("all")
    add_sources(path, pack)
    assert check(parse_yaml(path.read_text(encoding="utf-8"), "a")).sources == pack


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sources: []\n",
        "sources:  # none yet\n",
        "sources:\n\nretention: {unmatched_days: 9}\n",
        "# only this\n",
    ],
)
def test_a_section_is_found_or_made(text: str) -> None:
    settings = check(parse_yaml(with_sources(text, as_yaml(NEW)), "a"))
    assert settings.sources == (NEW,)
    assert settings.retention.unmatched_days == (9 if "9" in text else 90)


def test_a_source_whose_id_is_taken_changes_nothing(path: Path) -> None:
    add_sources(path, [NEW])
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="'ministry' is used twice"):
        add_sources(path, [NEW])
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_sources_on_one_line_are_not_torn_apart(tmp_path: Path) -> None:
    path = tmp_path / "accordwatch.yaml"
    path.write_text("sources: [{id: a, kind: feed, url: 'https://a.example/'}]\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="lines of its own"):
        add_sources(path, [NEW])


LAID_OUT = """# Ours.
sources:
  # The ministry.
  - id: ministry
    kind: feed
    url: https://ministry.example/feed  # in French
    enabled: true
  # The agency.
  - {id: agency, kind: feed, url: "https://agency.example/feed"}

  - id: port
    kind: page
    url: https://port.example/

retention: {unmatched_days: 9}
"""


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    path = tmp_path / "accordwatch.yaml"
    path.write_text(LAID_OUT, encoding="utf-8")
    return path


def enabled(path: Path) -> dict[str, bool]:
    return {
        source.id: source.enabled
        for source in check(parse_yaml(path.read_text(encoding="utf-8"), "a")).sources
    }


@pytest.mark.parametrize("name", ["ministry", "agency", "port"])
def test_a_source_is_switched_off_and_on_and_nothing_else_changes(
    laid_out: Path, name: str
) -> None:
    enable_source(laid_out, name, False)
    assert enabled(laid_out) == {one: one != name for one in ("ministry", "agency", "port")}
    enable_source(laid_out, name, True)
    assert all(enabled(laid_out).values())
    text = laid_out.read_text(encoding="utf-8")
    assert [
        comment in text
        for comment in ("# Ours.", "# The ministry.", "# in French", "# The agency.")
    ] == [True] * 4


def test_switching_on_what_is_on_changes_nothing(laid_out: Path) -> None:
    enable_source(laid_out, "port", True)
    assert laid_out.read_text(encoding="utf-8") == LAID_OUT


@pytest.mark.parametrize("name", ["ministry", "agency", "port"])
def test_a_source_is_taken_out_and_the_others_stay_as_they_were(laid_out: Path, name: str) -> None:
    remove_source(laid_out, name)
    assert name not in enabled(laid_out)
    left = laid_out.read_text(encoding="utf-8").splitlines()
    assert left == [line for line in LAID_OUT.splitlines() if line in left]
    assert "# The agency." in laid_out.read_text(encoding="utf-8")


def test_the_last_source_can_be_taken_out_too(laid_out: Path) -> None:
    for name in ("ministry", "agency", "port"):
        remove_source(laid_out, name)
    assert enabled(laid_out) == {}
    assert "unmatched_days: 9" in laid_out.read_text(encoding="utf-8")


def test_a_source_that_is_not_there_cannot_be_taken_out_or_switched(laid_out: Path) -> None:
    with pytest.raises(ConfigurationError, match="no source has the id 'zzz'"):
        remove_source(laid_out, "zzz")
    with pytest.raises(ConfigurationError, match="no source has the id 'zzz'"):
        enable_source(laid_out, "zzz", False)
    assert laid_out.read_text(encoding="utf-8") == LAID_OUT
