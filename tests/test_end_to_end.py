"""The whole way of a document as `make demo` goes it, and its digest as a browser shows it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from selectolax.lexbor import LexborHTMLParser


def accordwatch(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ACCORDWATCH_")
    }
    command = [sys.executable, "-P", "-m", "scheduler.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment, check=False
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = accordwatch("demo", str(folder), cwd=folder)
    assert done.returncode == 0, done.stderr
    for hint in ("accordwatch web", "accordwatch digest show"):
        assert hint in done.stdout
    return folder


def digest(folder: Path) -> Path:
    (page,) = (folder / "digests").glob("*.html")
    return page


def shown(browser: Browser, folder: Path, width: int, scheme: str) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=True,
    )
    page = context.new_page()
    page.goto(digest(folder).as_uri())
    return page


def test_the_declaration_of_rabat_is_one_agreement_with_its_three_reports(demo: Path) -> None:
    listed = accordwatch(
        "agreements",
        "--corridor",
        "NE-MA",
        "--format",
        "jsonl",
        "--config",
        str(demo / "accordwatch.yaml"),
        cwd=demo,
    )
    (agreement,) = map(json.loads, listed.stdout.splitlines())
    assert agreement["parties"] == ["MA", "NE"]
    assert (agreement["instrument"], agreement["status"]) == ("declaration", "signed")
    assert "trafficking_smuggling" in agreement["topics"]
    assert {report["language"] for report in agreement["reports"]} == {"fr", "ar", "en"}


def test_the_digest_tells_it_once(demo: Path) -> None:
    page = LexborHTMLParser(digest(demo).read_text(encoding="utf-8"))
    headlines = [node.text().strip() for node in page.css("h2")]
    assert (
        len(
            [headline for headline in headlines if headline.startswith("Morocco–Niger declaration")]
        )
        == 1
    )


def test_the_mail_says_the_same_as_the_page(demo: Path) -> None:
    (path,) = (demo / "digests").glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    text = mail.get_body(("plain",))
    assert text is not None
    said = re.search(r"Morocco–Niger declaration.*", text.get_content())
    assert said is not None
    assert said[0].strip().endswith(": signed")


def test_a_second_run_tells_nothing_again(demo: Path) -> None:
    before = {path.name for path in (demo / "digests").iterdir()}
    assert accordwatch("demo", str(demo), cwd=demo).returncode == 0
    assert {path.name for path in (demo / "digests").iterdir()} == before


@pytest.mark.parametrize("width", [360, 1200])
def test_the_digest_fits_a_telephone_and_a_screen(demo: Path, browser: Browser, width: int) -> None:
    page = shown(browser, demo, width, "light")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_arabic_runs_from_right_to_left_and_french_does_not(demo: Path, browser: Browser) -> None:
    page = shown(browser, demo, 800, "light")
    directions = page.evaluate(
        "[...document.querySelectorAll('p.words')].map(p => [p.lang, getComputedStyle(p).direction])"
    )
    assert ["ar", "rtl"] in directions
    assert ["fr", "ltr"] in directions
    assert not [pair for pair in directions if (pair[0] == "ar") != (pair[1] == "rtl")]


def test_a_dark_reader_gets_a_dark_page(demo: Path, browser: Browser) -> None:
    def brightness(scheme: str) -> float:
        page = shown(browser, demo, 800, scheme)
        colour = page.evaluate(
            "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
        )
        return float(sum(colour)) / 3

    assert brightness("dark") < 64 < 192 < brightness("light")


def test_the_digest_asks_nobody_else_for_anything(demo: Path, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(digest(demo).as_uri())
    assert asked == [digest(demo).as_uri()]
