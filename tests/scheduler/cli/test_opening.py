"""`--open N`: the original of a result in the browser, if its address is one for a browser."""

from __future__ import annotations

import webbrowser
from datetime import date
from pathlib import Path

import pytest

from storage.records import Status
from tests.scheduler.command_line import accordwatch, succeed
from tests.scheduler.given_digests import register
from tests.storage.given import card, judged


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
