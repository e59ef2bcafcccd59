"""A document that our own code cannot store costs itself alone, and is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from spiders.spec import CrawlSpec
from storage.documents.quarantine import all_set_aside
from storage.documents.tables import SetAside
from storage.source import SourceKind
from storage.sources.tables import Frontier
from tests.spiders.crawls import crawl, source, spec
from tests.spiders.local.places import documents, local_source, local_spec, outcomes, page
from tests.spiders.servers import Site, bad_site
from tests.storage.opened import session

WITH_A_MISTAKE = "tests.spiders.poisoned_crawl"


def found(wanted: CrawlSpec) -> Sequence[Any]:
    with session(wanted.database_url) as s:
        return all_set_aside(s)


def upgrade(wanted: CrawlSpec) -> None:
    with session(wanted.database_url) as s:
        s.execute(update(SetAside).values(program="an older one"))


def test_a_document_that_cannot_be_stored_is_set_aside_and_tried_again_after_an_upgrade(
    tmp_path: Path,
) -> None:
    with bad_site() as site:
        wanted = spec(tmp_path, site, [source(site, "/feed")])
        first = crawl(wanted, WITH_A_MISTAKE)
        assert first.code == 0, first.stderr
        assert first.outcomes(site) == {
            "/a": "stored",
            "/b": "set_aside",
            "/forbidden/c": "robots",
        }
        (kept,) = found(wanted)
        assert (kept.url, kept.source_id) == (site.url("/b"), "feed")
        assert kept.fault == "ZeroDivisionError: a mistake of ours"
        assert f"set_aside: {site.url('/b')}: {kept.fault}" in first.problems()
        assert crawl(wanted).outcomes(site) == {}  # the same program is not asked again
        upgrade(wanted)
        asked = site.paths().count("/b")
        assert crawl(wanted).outcomes(site) == {"/b": "stored"}
        assert site.paths().count("/b") == asked  # its text was kept
        assert found(wanted) == []
        assert states(wanted, site) == {"/a": "stored", "/b": "stored", "/forbidden/c": "robots"}


def states(wanted: CrawlSpec, site: Site) -> dict[str, str | None]:
    with session(wanted.database_url) as s:
        rows = s.execute(select(Frontier.url, Frontier.outcome)).all()
    return {row.url.removeprefix(site.url("")): row.outcome for row in rows}


def test_what_fails_again_after_an_upgrade_is_set_aside_again(tmp_path: Path) -> None:
    with bad_site() as site:
        wanted = spec(tmp_path, site, [source(site, "/feed")])
        crawl(wanted, WITH_A_MISTAKE)
        upgrade(wanted)
        assert crawl(wanted, WITH_A_MISTAKE).outcomes(site) == {"/b": "set_aside"}
        assert crawl(wanted, WITH_A_MISTAKE).outcomes(site) == {}
        assert len(found(wanted)) == 1


def test_a_file_that_cannot_be_stored_is_tried_again_though_it_was_read(tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.mkdir()
    (held / "a.html").write_text(page("A note on olives", "The harvest of olives was good."))
    (held / "b.txt").write_text("A note on harvests\n\nThe harvest of olives was good this year.")
    wanted = local_spec(tmp_path, local_source(SourceKind.FOLDER, held))
    first = crawl(wanted, WITH_A_MISTAKE)
    assert outcomes(first) == {"a.html": "stored", "b.txt": "set_aside"}, first.stderr
    assert outcomes(crawl(wanted)) == {}
    upgrade(wanted)
    assert outcomes(crawl(wanted)) == {"b.txt": "stored"}
    assert {one.title for one in documents(wanted)} == {"A note on olives", "A note on harvests"}
    assert found(wanted) == []


def test_a_watched_page_that_cannot_be_stored_is_tried_at_each_look(tmp_path: Path) -> None:
    with bad_site() as site:
        wanted = spec(tmp_path, site, [source(site, "/watched", SourceKind.PAGE)])
        for _ in range(2):
            assert crawl(wanted, WITH_A_MISTAKE).outcomes(site) == {"/watched": "set_aside"}
        assert len(found(wanted)) == 1
        assert crawl(wanted).outcomes(site) == {"/watched": "stored"}
        assert found(wanted) == []
