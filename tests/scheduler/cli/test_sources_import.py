"""`sources add FILE` and `sources list --format pack`: what can be a source is added, the rest named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scheduler.command_line import accordwatch

FEED = "https://{0}.example/feed"
PACK_ENTRY = "  - {{id: s{0}, kind: feed, url: {1}}}\n"


def _listed(folder: Path) -> list[str]:
    listed = accordwatch("sources", "list", "--format", "jsonl", cwd=folder).stdout
    return sorted(json.loads(row)["url"] for row in listed.splitlines())


def _file(folder: Path, kind: str, poison: str) -> str:
    urls = [FEED.format(number) for number in range(9)]
    urls.insert(3, poison)
    if kind == "opml":
        rows = "".join(f'<outline text="{url}" xmlUrl="{url}"/>\n' for url in urls)
        text = f"<opml version='2.0'><body>\n{rows}</body></opml>"
    else:
        rows = "".join(PACK_ENTRY.format(number, url) for number, url in enumerate(urls))
        text = f"schema: 1\nsources:\n{rows}"
    path = folder / f"sources.{kind}"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("kind", ["opml", "yaml"])
@pytest.mark.parametrize(
    ("poison", "said"),
    [
        ("https://a.example:99999/feed", "a port is a number from 1 to 65535"),
        ("https://2.example:443/feed#top", "is the address of "),
    ],
    ids=["bad", "twin"],
)
def test_one_address_that_cannot_be_taken_costs_itself_alone(
    tmp_path: Path, kind: str, poison: str, said: str
) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    done = accordwatch("sources", "add", _file(tmp_path, kind, poison), cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert _listed(tmp_path) == sorted(FEED.format(number) for number in range(9))
    assert said in done.stderr
    assert "9 sources added, 0 were there already, 1 cannot be sources" in done.stderr


def test_what_is_no_pack_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    (tmp_path / "x.yaml").write_text("schema: 2\nsources:\n" + PACK_ENTRY.format(1, FEED))
    assert accordwatch("sources", "add", "x.yaml", cwd=tmp_path).returncode == 2
    assert _listed(tmp_path) == []


def test_groups_are_kept_in_the_configuration_and_exported_as_folders(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    (tmp_path / "mine.opml").write_text(
        "<opml><body><outline text='Africa'><outline text='Sahel'>"
        "<outline text='A' xmlUrl='https://a.example/feed'/></outline></outline></body></opml>"
    )
    assert accordwatch("sources", "add", "mine.opml", cwd=tmp_path).returncode == 0
    assert 'group: "Africa/Sahel"' in (tmp_path / "accordwatch.yaml").read_text(encoding="utf-8")
    written = accordwatch("sources", "list", "--format", "opml", cwd=tmp_path).stdout
    rows = [row.strip() for row in written.splitlines() if "<outline" in row]
    assert [row.partition(" ti")[0] for row in rows[:2]] == [
        '<outline text="Africa"',
        '<outline text="Sahel"',
    ]
    assert "https://a.example/feed" in rows[2]
