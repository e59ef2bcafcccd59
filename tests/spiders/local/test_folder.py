"""A folder of documents as a source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spiders.checks.source_tries import check_sources
from spiders.fetch.settings import CrawlSettings
from spiders.spec import CrawlSpec
from storage.database.session import open_database
from storage.source import SourceKind
from tests.spiders.crawls import crawl
from tests.spiders.local.places import (
    SIGNED,
    documents,
    local_source,
    local_spec,
    outcomes,
    page,
    versions,
)
from tests.spiders.test_ledger import counted, unexplained


@pytest.fixture
def held(tmp_path: Path) -> Path:
    folder = tmp_path / "held"
    (folder / "2025").mkdir(parents=True)
    (folder / "a.html").write_text(
        page("Morocco and Spain sign a readmission agreement", SIGNED.format("Morocco"))
    )
    (folder / "2025" / "b.txt").write_text(
        "A note on harvests\n\nThe harvest of olives was good this year in the south."
    )
    return folder


def wanted(tmp_path: Path, held: Path, **values: object) -> CrawlSpec:
    return local_spec(tmp_path, local_source(SourceKind.FOLDER, held, name="Archive", **values))


def test_each_file_is_a_document_and_is_read_once(tmp_path: Path, held: Path) -> None:
    spec = wanted(tmp_path, held)
    first, second = crawl(spec), crawl(spec)
    assert (first.code, outcomes(first)) == (0, {"a.html": "stored", "b.txt": "stored"}), (
        first.stderr
    )
    assert (second.code, outcomes(second)) == (0, {})
    totals = first.report["totals"]
    assert (totals["offered"], totals["new"], totals["stored"], totals["relevant"]) == (2, 2, 2, 1)
    stored = {document.title: document for document in documents(spec)}
    assert {one.outlet for one in stored.values()} == {"Archive"}
    assert stored["A note on harvests"].url == (held / "2025" / "b.txt").as_uri()


def test_a_changed_file_is_a_new_version(tmp_path: Path, held: Path) -> None:
    spec = wanted(tmp_path, held)
    crawl(spec)
    (held / "2025" / "b.txt").write_text(
        "A note on harvests\n\nThe harvest of olives was poor this year in the south."
    )
    assert outcomes(crawl(spec)) == {"b.txt": "changed"}
    assert (len(documents(spec)), versions(spec)) == (2, 1)


def test_links_pipes_and_hidden_files_are_left_alone(tmp_path: Path, held: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("Nobody reads this text, which lies outside.")
    (held / "link.txt").symlink_to(outside / "secret.txt")
    (held / "folder").symlink_to(outside)
    (held / "round").symlink_to(held)
    os.mkfifo(held / "pipe.txt")
    (held / ".draft.txt").write_text("A draft that is not done, and that nobody is to read.")
    assert outcomes(crawl(wanted(tmp_path, held))) == {"a.html": "stored", "b.txt": "stored"}


def test_what_cannot_be_read_is_told_and_not_tried_again(tmp_path: Path, held: Path) -> None:
    (held / "large.txt").write_text("word " * 30_000)
    (held / "broken.pdf").write_bytes(b"%PDF-1.4 and then nothing of the kind")
    spec = wanted(tmp_path, held)
    first = outcomes(crawl(spec))
    assert (first["large.txt"], first["broken.pdf"]) == ("too_large", "broken")
    assert outcomes(crawl(spec)) == {}


def test_more_files_than_one_look_takes_are_left_for_the_next(tmp_path: Path, held: Path) -> None:
    for number in range(6):
        (held / f"n{number}.txt").write_text(
            f"Note {number}\n\nThe number of this note is {number}, and nothing else."
        )
    spec = wanted(tmp_path, held, max_items=5)
    first, second = crawl(spec), crawl(spec)
    assert (len(outcomes(first)), len(outcomes(second))) == (5, 3)
    assert first.problems() == ["later: 3 files are left for later looks"]
    assert second.problems() == []


def test_a_folder_that_is_not_there_fails(tmp_path: Path) -> None:
    done = crawl(wanted(tmp_path, tmp_path / "gone"))
    assert done.code == 1
    assert done.problems() == [f"missing: {tmp_path / 'gone'}: there is no such file or folder"]


def test_a_check_counts_what_is_there(tmp_path: Path, held: Path) -> None:
    there, gone = (
        local_source(SourceKind.FOLDER, held),
        local_source(SourceKind.FOLDER, tmp_path / "gone"),
    )
    check = next(check_sources([there], CrawlSettings()))
    assert (check.alive, check.items, check.problem) == (True, 2, None)
    assert next(check_sources([gone], CrawlSettings())).alive is False


def test_the_sums_of_the_ledger_add_up(tmp_path: Path, held: Path) -> None:
    (held / "broken.pdf").write_bytes(b"%PDF-1.4 and then nothing of the kind")
    (held / "large.txt").write_text("word " * 30_000)
    spec = wanted(tmp_path, held)
    crawl(spec)
    (held / "a.html").write_text(
        page("Morocco and Spain sign two agreements", SIGNED.format("Morocco"))
    )
    crawl(spec)
    database = open_database(spec.database_url)
    told = counted(database)["here"]
    assert unexplained(database) == {"here": 0}
    database.close()
    assert (told.polls, told.new) == (2, 5)
    assert told.outcomes == {"stored": 2, "changed": 1, "broken": 1, "too_large": 1}
