"""`--open N`: the original of a result in the browser; `document`: a text and its changes."""

from __future__ import annotations

import webbrowser
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from storage.documents.tables import Texts
from storage.records import Status
from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.scheduler.given_digests import register
from tests.storage.given import NOW, card, judged
from tests.storage.opened import session


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Newest first: a report with a script for an address, one without, and two as they should be."""
    made = tmp_path_factory.mktemp("opening")
    later = card(status=Status.RATIFIED, event_date=date(2026, 8, 1))
    register(
        made,
        judged(1, published_on=date(2026, 3, 11)),
        judged(2, published_on=date(2026, 8, 2), card=later),
        judged(3, published_on=date(2026, 9, 1), url=None, card=card(parties=("IT", "TN"))),
        judged(
            4,
            published_on=date(2026, 9, 2),
            url="javascript:alert(1)",
            card=card(parties=("ES", "SN")),
        ),
        judged(
            5,
            published_on=date(2026, 9, 3),
            url="file:///etc/passwd",
            card=card(parties=("FR", "ML")),
        ),
    )
    return made


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser that writes down what it was asked for; where is the answer."""
    script, asked = tmp_path / "browser", tmp_path / "asked"
    script.write_text(f'#!/bin/sh\necho "$1" >> {asked}\n', encoding="utf-8")
    script.chmod(0o755)
    _only(f"{script} %s", monkeypatch)
    return asked


def _only(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the standard library look for browsers anew, and find this one."""
    monkeypatch.setattr(webbrowser, "_tryorder", None)
    monkeypatch.setattr(webbrowser, "_browsers", {})
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("TERM", "")
    monkeypatch.setenv("BROWSER", command)


def test_the_original_of_the_nth_document_is_opened(folder: Path, browser: Path) -> None:
    done = accordwatch("search", "--party", "NE", "--open", "2", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "opening https://news.example/1\n"
    assert browser.read_text(encoding="utf-8") == "https://news.example/1\n"


def test_of_an_agreement_the_latest_step_is_opened(folder: Path, browser: Path) -> None:
    succeed("agreements", "--party", "NE", "--open", "1", cwd=folder)
    assert browser.read_text(encoding="utf-8") == "https://news.example/2\n"


def test_the_number_is_that_of_the_table(folder: Path, browser: Path) -> None:
    rows = accordwatch("search", cwd=folder).stdout.splitlines()
    number = next(row for row in rows if "(2)" in row).split()[1]
    succeed("search", "--open", number, cwd=folder)
    assert browser.read_text(encoding="utf-8") == "https://news.example/2\n"


@pytest.mark.parametrize("number", ["1", "2"])
@pytest.mark.parametrize("command", ["search", "agreements"])
def test_what_is_no_web_address_is_refused(
    folder: Path, browser: Path, command: str, number: str
) -> None:
    done = accordwatch(command, "--open", number, "--since", "2026-03-01", cwd=folder)
    assert done.returncode == 2
    assert f"--open {number}: has no address that a browser may open: " in done.stderr
    assert not browser.exists()


def test_a_document_without_an_address_is_said(folder: Path, browser: Path) -> None:
    done = accordwatch("search", "--party", "TN", "--open", "1", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.endswith("--open 1: has no address that a browser may open\n")
    assert not browser.exists()


def test_where_there_is_no_browser_the_address_is_printed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _only("", monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    done = accordwatch("search", "--party", "NE", "--open", "1", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "https://news.example/2\n")
    assert "no browser was found" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--open", "9"), "--open 9: the last result has the number 5"),
        (("--open", "1", "--party", "JP"), "--open 1: nothing fits"),
        (("--open", "0"), "--open"),
        (("--open", "x"), "--open"),
        (("--open", "1", "--format", "jsonl"), "leave out --format"),
    ],
)
def test_numbers_that_are_none_are_said(
    folder: Path, browser: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = accordwatch("search", *arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not browser.exists()


@pytest.fixture(scope="module")
def with_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("versions")
    for days, text in enumerate(
        ("They talked in Rabat.", "They signed it in Rabat.", "They left.")
    ):
        register(path, judged(1, text=text), now=NOW + timedelta(days=days))
    return register(path, judged(2)).folder


def test_its_text_as_it_is_now(with_versions: Path) -> None:
    shown = accordwatch("document", "1", cwd=with_versions)
    assert "They left." in shown.stdout
    assert "3 versions" in shown.stderr


def test_what_changed_version_by_version(with_versions: Path) -> None:
    shown = accordwatch("document", "1", "--diff", cwd=with_versions).stdout
    assert "They [-talked-] {+signed it+} in Rabat." in shown
    assert shown.index("Version 2") < shown.index("Version 3")
    assert "[-talked-]" not in accordwatch("document", "1", "--additions", cwd=with_versions).stdout


def test_two_versions_that_somebody_chose(with_versions: Path) -> None:
    shown = accordwatch("document", "1", "--between", "1", "3", cwd=with_versions)
    assert "They [-talked in Rabat.-] {+left.+}" in shown.stdout
    refused = accordwatch("document", "1", "--between", "1", "7", cwd=with_versions)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "version 7 is not stored; these are: 1, 2, 3" in refused.stderr


def test_nothing_changed_and_nothing_there(with_versions: Path) -> None:
    assert "has not changed" in accordwatch("document", "2", "--diff", cwd=with_versions).stderr
    for number in ("99", "0", "-1", str(2**70)):
        refused = accordwatch("document", number, cwd=with_versions)
        assert (refused.returncode, "a fault of Accordwatch" in refused.stderr) == (2, False)


def test_programs_get_each_version(with_versions: Path) -> None:
    rows = json_lines("document", "1", cwd=with_versions)
    assert [row["version"] for row in rows] == [1, 2, 3]
    assert {"change": "added", "text": "signed it"} in rows[1]["changes"][0]


def test_of_a_text_that_was_deleted_it_is_not_said_that_it_has_not_changed(tmp_path: Path) -> None:
    with session(register(tmp_path, judged(1)).database) as s:
        s.execute(delete(Texts))
    shown = accordwatch("document", "1", "--diff", cwd=tmp_path)
    assert shown.stderr.splitlines() == [
        "the text was deleted after its retention period; title and address are stored"
    ]
