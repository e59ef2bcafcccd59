"""`publish`: a site that needs no server, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scheduler.cli.commands.deciding.curate import take
from scheduler.configuration.config import load_configuration
from scheduler.decisions.curator import Curator
from scheduler.exchange.package import ALWAYS
from scheduler.web.site.pages import register_pages
from storage.languages import SPOKEN_LANGUAGES
from tests.scheduler.command_line import EVERY_GRADE, accordwatch
from tests.scheduler.exchange.validation import faults
from tests.scheduler.given_digests import opened, register
from tests.scheduler.web.given_site import NOTE, URL, WHO, crawled, held, publish, published
from tests.scheduler.web.site.running import some_news
from tests.storage.given import NOW

ROOT = str(Path(__file__).parents[3])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("register"))


@pytest.fixture
def mine(site: Path, tmp_path: Path) -> Path:
    """The same, for a test that publishes it anew."""
    shutil.copytree(site.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "out"


def page(site: Path, name: str) -> LexborHTMLParser:
    return LexborHTMLParser((site / name).read_bytes())


def first(site: Path, name: str, selector: str) -> LexborNode:
    node = page(site, name).css_first(selector)
    assert node is not None
    return node


def pages(site: Path) -> list[Path]:
    return list(site.rglob("*.html"))


def test_every_link_leads_to_a_file_and_every_page_is_reached(site: Path) -> None:
    with held(site) as url:
        seen, broken = crawled(url)
    assert broken == []
    assert {f"/{path.relative_to(site).as_posix()}" for path in pages(site)} <= seen
    assert len(seen) > 100


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_each_entry_has_a_page_at_the_same_address_in_each_language(
    site: Path, language: str
) -> None:
    for number in (1, 2, 3):
        name = f"{language}/agreements/A{number}/index.html"
        assert first(site, name, "html").attributes["lang"] == language
        own = first(site, name, "link[rel=canonical]").attributes["href"]
        assert own == f"{URL}/{language}/agreements/A{number}/"
    assert first(site, name, "ol.life blockquote")


def test_nothing_is_left_that_needs_a_server(site: Path) -> None:
    for path in pages(site):
        tree = LexborHTMLParser(path.read_bytes())
        left = tree.css("form:not(#finder), [action], [hx-post], .tell, .acts, a[href*='?']")
        assert left == [], (path, [node.html for node in left])


def test_notes_and_names_of_those_who_decide_are_not_published(site: Path) -> None:
    for path in (file for file in site.rglob("*") if file.is_file()):
        assert NOTE.encode() not in path.read_bytes(), path
        assert WHO.encode() not in path.read_bytes(), path
    assert page(site, "en/agreements/A1/index.html").css_first("#corrections") is not None


def test_texts_of_documents_are_not_published(site: Path) -> None:
    for path in site.rglob("*"):
        if path.is_file():
            assert b"of the agency's report" not in path.read_bytes(), path


def test_what_the_browser_searches_is_the_list(site: Path) -> None:
    listed = page(site, "en/index.html").css("table.register tbody tr")
    found = [json.loads(row.attributes["data-found"] or "") for row in listed]
    assert len(found) == 3
    assert {"IT": "Italy", "TN": "Tunisia"} in [one["by"]["party"] for one in found]
    assert all(list(one["by"]["year"]) == [one["on"][:4]] for one in found if one["on"])


def test_the_data_package_is_valid_and_linked(site: Path) -> None:
    assert faults(site / "data") == []
    linked = {node.attributes["href"] for node in page(site, "fr/data/index.html").css("main a")}
    assert linked == {f"../../data/{name}" for name in ALWAYS}


def test_feeds_name_the_addresses_of_the_site(site: Path) -> None:
    feed = (site / "es/feed.atom").read_text(encoding="utf-8")
    assert f"{URL}/es/agreements/A1" in feed
    assert "grade=" not in feed
    read = json.loads((site / "es/feed.json").read_text(encoding="utf-8"))
    assert read["feed_url"] == f"{URL}/es/feed.json"


def test_a_corridor_and_a_state_lead_to_the_list_that_the_browser_narrows(site: Path) -> None:
    found = {node.attributes["href"] for node in page(site, "en/map/index.html").css("main a")}
    assert {"../index.html#party=IT&party=TN", "../index.html#party=KE"} <= found


def test_a_long_list_goes_on_without_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_pages, "PUBLISHED_PAGE", 2)
    site = published(tmp_path)
    older = f"fr/{first(site, 'fr/index.html', 'a[rel=next]').attributes['href']}"
    assert len(page(site, older).css("tbody tr")) == 1
    assert first(site, older, "table th a").attributes["href"] == "../../agreements/A1/index.html"
    assert page(site, older).css_first("#finder") is None


def test_what_is_the_same_keeps_its_time(mine: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in mine.rglob("*") if path.is_file()}
    done = accordwatch("publish", "out", *EVERY_GRADE, cwd=tmp_path)
    assert done.stderr.startswith(f"out: 3 agreements, {len(before)} files, 0 of them new")
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_only_the_pages_of_an_entry_that_changed_are_new(mine: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in mine.rglob("index.html")}
    chosen = load_configuration(tmp_path / "accordwatch.yaml", environ={})
    with closing(opened(chosen)) as database, database.begin() as s:
        take(s, "rename", ["A3", "The Nairobi deal"], Curator(WHO, "she asked them", NOW))
    publish(tmp_path)
    new = {path for path, at in before.items() if path.stat().st_mtime_ns != at}
    assert {path.parent.name for path in new if "agreements" in path.parts} == {"A3"}


def test_an_entry_that_was_merged_leads_to_the_other(mine: Path, tmp_path: Path) -> None:
    chosen = load_configuration(tmp_path / "accordwatch.yaml", environ={})
    with closing(opened(chosen)) as database, database.begin() as s:
        take(s, "merge", ["A1", "A3"], Curator(WHO, "she asked them", NOW))
    for _ in range(2):  # and still, when it is published once more
        publish(tmp_path)
        moved = first(mine, "ar/agreements/A3/index.html", "a")
        assert moved.attributes["href"] == "../A1/index.html"


# --- which entries --------------------------------------------------------------------------------


def test_what_nobody_confirmed_is_left_out(mine: Path, tmp_path: Path) -> None:
    done = accordwatch("publish", "out", cwd=tmp_path)
    assert "2 unconfirmed are left out" in done.stderr
    assert [path.name for path in (tmp_path / "out/en/agreements").iterdir()] == ["A1"]
    for one in pages(tmp_path / "out"):
        assert "Kenya" not in one.read_text(encoding="utf-8"), one


def test_a_filter_chooses_the_entries(mine: Path, tmp_path: Path) -> None:
    site = publish(tmp_path, "--party", "Italy")
    assert [path.name for path in (site / "en/agreements").iterdir()] == ["A2"]
    assert "Italy" in first(site, "en/index.html", "main p.meta bdi").text()
    with held(site) as url:
        assert crawled(url)[1] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--party", "Fiji"), "no agreement is found, so that nothing is published"),
        (("--as-of", "2026-01-01"), "--as-of: a site shows the register as it is today"),
        (("--party", "Itly"), "Italy"),
    ],
)
def test_a_filter_that_cannot_be_published_is_said_and_leaves_the_site(
    mine: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    done = accordwatch("publish", "out", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert (mine / "en/agreements/A2/index.html").is_file()
    assert not (tmp_path / ".out.part").exists()


def test_a_site_without_an_address_has_no_feeds_and_says_so(tmp_path: Path) -> None:
    register(tmp_path, *some_news())
    done = accordwatch("publish", "out", cwd=tmp_path)
    assert "set site.url" in done.stderr
    assert list((tmp_path / "out").rglob("feed.*")) == []
    assert "canonical" not in (tmp_path / "out/en/index.html").read_text(encoding="utf-8")


# --- where ----------------------------------------------------------------------------------------


def test_a_folder_of_others_is_refused(tmp_path: Path) -> None:
    register(tmp_path, *some_news())
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.tex").write_text("mine", encoding="utf-8")
    done = accordwatch("publish", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert "holds 'thesis.tex', and no site that was published before" in done.stderr
    assert (tmp_path / "out/thesis.tex").is_file()


def test_files_that_others_put_into_a_site_stay(mine: Path, tmp_path: Path) -> None:
    (mine / ".git").mkdir()
    (mine / "CNAME").write_text("watch.example.org", encoding="utf-8")
    publish(tmp_path)
    assert (mine / "CNAME").read_text(encoding="utf-8") == "watch.example.org"
    assert (mine / ".git").is_dir()


def test_a_killed_command_leaves_the_site_and_the_next_one_clears_up(
    mine: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in mine.rglob("*") if path.is_file()}
    command = [sys.executable, "-m", "scheduler.cli", "publish", "out", *EVERY_GRADE]
    with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": ROOT}) as popen:
        while not (tmp_path / ".out.part/data").exists():
            assert popen.poll() is None
            time.sleep(0.01)
        popen.kill()
    assert (tmp_path / ".out.part").is_dir()
    assert {file: file.read_bytes() for file in before} == before
    publish(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == ["out"]
