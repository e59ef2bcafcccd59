"""`sources add` with a home page or a file; `sources list` as a pack, and of packs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from scheduler.configuration.config import load_configuration
from spiders.catalog.packs import PACKS, bundled_pack
from storage.source import SourceKind
from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.spiders.catalog.test_opml import FILE as OPML
from tests.spiders.finding.sites import RSS_LINK, TODAY, home, items, rss
from tests.spiders.made_site import MadeSite, made_site

HEAD = "# our sources\ncrawl: {{delay_s: 0, allow_private: ['{host}']}} # loopback\nsources: [] # none\n"
DEAL = "Ministers of Italy and Albania sign an agreement on the readmission of irregular migrants"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[MadeSite]:
    with made_site() as running:
        text = HEAD.format(host=running.host)
        (tmp_path / "accordwatch.yaml").write_text(text, encoding="utf-8")
        yield running


def town(site: MadeSite) -> None:
    site.put("/", home(site, RSS_LINK.format("/feed", "Feed", "")))
    site.put("/feed", rss(site, [*items(), ("/news/deal", DEAL, TODAY)]), "application/rss+xml")


def test_the_feed_of_a_home_page_is_found_shown_and_written_with_the_comments_kept(
    site: MadeSite, tmp_path: Path
) -> None:
    town(site)
    done = succeed("sources", "add", site.url("/"), cwd=tmp_path)
    (source,) = load_configuration(tmp_path / "accordwatch.yaml", environ={}).sources
    assert (source.kind, source.url) == (SourceKind.FEED, site.url("/feed"))
    assert (source.name, source.language) == ("The Town", "en")
    text = (tmp_path / "accordwatch.yaml").read_text(encoding="utf-8")
    assert all(
        comment in text for comment in ("# our sources\n", "# loopback\n", "sources: # none\n")
    )
    assert site.url("/feed") in done.stdout
    assert f"would have alerted: {DEAL}" in done.stderr
    assert len(site.asked) <= 6


def test_a_dry_run_prints_what_it_would_write_and_writes_nothing(
    site: MadeSite, tmp_path: Path
) -> None:
    town(site)
    before = (tmp_path / "accordwatch.yaml").read_bytes()
    done = accordwatch("sources", "add", site.url("/"), "--dry-run", cwd=tmp_path)
    assert (tmp_path / "accordwatch.yaml").read_bytes() == before
    assert f'    url: "{site.url("/feed")}"\n' in done.stdout


def test_what_is_there_already_is_refused(site: MadeSite, tmp_path: Path) -> None:
    town(site)
    succeed("sources", "add", site.url("/"), cwd=tmp_path)
    for address in ("/", "/feed", "/feed/?utm_source=x"):
        again = accordwatch("sources", "add", site.url(address), cwd=tmp_path)
        assert again.returncode == 2
        assert "is the address of 127-0-0-1, too; nothing to add" in again.stderr


def test_a_site_with_nothing_is_one_clear_line(site: MadeSite, tmp_path: Path) -> None:
    site.put("/", home(site, found=[]))
    done = accordwatch("sources", "add", site.url("/"), cwd=tmp_path)
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert "no feed, sitemap or list of links in 6 requests" in done.stderr
    assert len(site.asked) == 6


def test_a_feed_with_nothing_of_late_is_named_with_how_to_add_it(
    site: MadeSite, tmp_path: Path
) -> None:
    site.put("/old", rss(site, [("/news/old", DEAL, date(2021, 3, 5))]), "application/rss+xml")
    site.put("/empty", rss(site, []), "application/rss+xml")
    old = accordwatch("sources", "add", site.url("/old"), cwd=tmp_path)
    assert "read as feed, its newest is of 2021-03-05; to add it all the same: --kind" in old.stderr
    empty = accordwatch("sources", "add", site.url("/empty"), cwd=tmp_path)
    assert (
        "read as feed, it is whole, and has no items yet; to add it all the same: --kind feed"
        in empty.stderr
    )


def test_with_a_kind_no_request_is_sent(site: MadeSite, tmp_path: Path) -> None:
    succeed("sources", "add", site.url("/x"), "--kind", "sitemap", cwd=tmp_path)
    assert site.asked == []


def test_a_page_whose_list_scripts_build_is_told_with_how_to_add_it(
    site: MadeSite, tmp_path: Path
) -> None:
    site.put("/", "<html><body><div id=root></div><script src=/app.js></script></body></html>")
    done = accordwatch("sources", "add", site.url("/"), cwd=tmp_path)
    assert "scripts may build its list" in done.stderr
    options = ("--kind", "listing", "--javascript", "--dry-run")
    added = accordwatch("sources", "add", site.url("/"), *options, cwd=tmp_path)
    assert "    javascript: true\n" in added.stdout


def test_a_mailbox_is_added_with_where_its_password_is(site: MadeSite, tmp_path: Path) -> None:
    add = ("sources", "add", "imaps://mail.example/News")
    assert "its kind is imap" in accordwatch(*add, cwd=tmp_path).stderr
    without = accordwatch(*add, "--kind", "imap", "--username", "me", cwd=tmp_path)
    assert "--password-env: is missing\n" in without.stderr
    options = ("--kind", "imap", "--username", "me", "--password-env", "LETTERS", "--dry-run")
    assert 'password: {"env": "LETTERS"}' in accordwatch(*add, *options, cwd=tmp_path).stdout


def test_a_site_that_does_not_answer_is_not_added(site: MadeSite, tmp_path: Path) -> None:
    done = accordwatch("sources", "add", site.url("/gone"), cwd=tmp_path)
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert "answers 404; nothing was added" in done.stderr


@pytest.mark.parametrize("port", ["65616", "+80", "80:80", "0", "-1", "x"])
@pytest.mark.parametrize("options", [(), ("--kind", "feed")])
def test_a_port_that_is_none_is_refused_at_once(
    tmp_path: Path, port: str, options: tuple[str, ...]
) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    done = accordwatch("sources", "add", f"http://a.example:{port}/", *options, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "a port is a number from 1 to 65535" in done.stderr


def test_an_option_that_is_none_is_told_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    done = accordwatch("sources", "add", "http://a.example/", "--language", "english", cwd=tmp_path)
    assert "--language: 'english' is not a language code that is known here\n" in done.stderr
    done = accordwatch("sources", "add", "http://a.example/", "--id", "A B", cwd=tmp_path)
    assert "--id: 'A B' should be lower-case letters, digits and dashes" in done.stderr


def test_discover_reads_the_best_source_of_a_home_page(site: MadeSite, tmp_path: Path) -> None:
    town(site)
    done = succeed("discover", site.url("/"), cwd=tmp_path)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows[-1] == {"url": site.url("/news/deal"), "title": DEAL, "published": str(TODAY)}
    assert f"read as feed: {site.url('/feed')}" in done.stderr


def test_discover_with_a_kind_reads_the_page_itself(site: MadeSite, tmp_path: Path) -> None:
    town(site)
    done = succeed("discover", site.url("/"), "--kind", "listing", cwd=tmp_path)
    assert len(done.stdout.splitlines()) == len(items())


@pytest.mark.parametrize("port", ["65616", "+80", "80:80", "0", "x"])
def test_discover_refuses_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    done = accordwatch("discover", f"http://a.example:{port}/", cwd=tmp_path)
    assert (done.returncode != 0, done.stderr.count("\n"), done.stdout) == (True, 1, "")


def test_opml_goes_in_and_out(tmp_path: Path) -> None:
    path = tmp_path / "accordwatch.yaml"
    path.write_text("# mine\nsources: []\n", encoding="utf-8")
    (tmp_path / "a.opml").write_bytes(OPML)
    done = accordwatch("sources", "add", "a.opml", cwd=tmp_path)
    assert done.returncode == 1
    assert "2 sources added, 0 were there already, 3 cannot be sources" in done.stderr
    again = accordwatch("sources", "add", "a.opml", cwd=tmp_path)
    assert "0 sources added, 2 were there already, 3 cannot be sources" in again.stderr
    written = accordwatch("sources", "list", "--format", "opml", cwd=tmp_path).stdout
    assert written.count("xmlUrl=") == 2
    assert path.read_text(encoding="utf-8").startswith("# mine\n")


def test_an_empty_feed_is_said_to_be_there(site: MadeSite, tmp_path: Path) -> None:
    site.put("/", home(site, RSS_LINK.format("/flux", "Feed", ""), found=[]))
    site.put("/flux", rss(site, []), "application/rss+xml")
    done = accordwatch("sources", "add", site.url("/"), cwd=tmp_path)
    assert done.returncode != 0
    assert f"its feed {site.url('/flux')} has no items yet (6 requests)" in done.stderr
    assert f"accordwatch sources add {site.url('/flux')} --kind feed" in done.stderr
    site.put("/", home(site, RSS_LINK.format("/flux", "Feed", "")))
    done = accordwatch("sources", "add", site.url("/"), "--dry-run", cwd=tmp_path)
    assert 'kind: "listing"' in done.stdout
    assert f"left out: feed {site.url('/flux')}, it has no items yet" in done.stderr


def test_a_page_of_two_links_is_not_said_to_be_old(site: MadeSite, tmp_path: Path) -> None:
    site.put("/", home(site, found=items(2)))
    done = accordwatch("sources", "add", site.url("/"), cwd=tmp_path)
    assert "None" not in done.stderr
    assert f"but a listing: {site.url('/')}, it has too few links" in done.stderr


@pytest.mark.parametrize("links", [0, 2])
def test_one_page_is_offered_as_a_page_that_is_watched_and_can_be_added_so(
    site: MadeSite, tmp_path: Path, links: int
) -> None:
    site.put("/", home(site, found=items(links)))
    refused = accordwatch("sources", "add", site.url("/"), cwd=tmp_path)
    assert "--kind page" in refused.stderr
    succeed("sources", "add", site.url("/"), "--kind", "page", cwd=tmp_path)
    assert 'kind: "page"' in (tmp_path / "accordwatch.yaml").read_text(encoding="utf-8")


FEED = "https://{0}.example/feed"
PACK_ENTRY = "  - {{id: s{0}, kind: feed, url: {1}}}\n"


def _listed(folder: Path) -> list[str]:
    return sorted(row["url"] for row in json_lines("sources", "list", cwd=folder))


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
    succeed("sources", "add", "mine.opml", cwd=tmp_path)
    assert 'group: "Africa/Sahel"' in (tmp_path / "accordwatch.yaml").read_text(encoding="utf-8")
    written = accordwatch("sources", "list", "--format", "opml", cwd=tmp_path).stdout
    rows = [row.strip() for row in written.splitlines() if "<outline" in row]
    assert [row.partition(" ti")[0] for row in rows[:2]] == [
        '<outline text="Africa"',
        '<outline text="Sahel"',
    ]
    assert "https://a.example/feed" in rows[2]


def test_packs_are_counted_without_a_configuration(tmp_path: Path) -> None:
    rows = json_lines("sources", "list", "--packs", cwd=tmp_path)
    assert [row["pack"] for row in rows] == list(PACKS)
    for row in rows:
        assert row["sources"] == len(bundled_pack(row["pack"]))
        assert sum(row["countries"].values()) == row["sources"]
        assert not row["chosen"]


def test_chosen_packs_are_marked(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("packs: [gulf]\n", encoding="utf-8")
    table = accordwatch("sources", "list", "--packs", cwd=tmp_path).stdout
    assert "gulf (chosen)" in table
    assert table.count("(chosen)") == 1
    rows = csv.DictReader(
        accordwatch(
            "sources", "list", "--packs", "--format", "csv", cwd=tmp_path
        ).stdout.splitlines()
    )
    assert [row["pack"] for row in rows if row["chosen"].lower() == "true"] == ["gulf"]


def test_the_sources_of_a_chosen_pack_are_listed_and_switched_off(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("packs: [gulf]\n", encoding="utf-8")
    first = bundled_pack("gulf")[0].id
    succeed("sources", "switch", first, "off", cwd=tmp_path)
    rows = {row["id"]: row for row in json_lines("sources", "list", cwd=tmp_path)}
    assert len(rows) == len(bundled_pack("gulf"))
    assert rows[first]["enabled"] is False
