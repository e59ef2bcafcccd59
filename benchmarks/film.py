"""An analyst's morning and an operator's first hour, played on the demo: `python -m benchmarks.film
FOLDER [--language ar] [--dark] [--width 1080]`.

The demo's news site is crawled, the page is served over it, and a browser goes from page to page as
a person would. Each step leaves a numbered picture in FOLDER; `index.html` shows them in order, and
`sheet.jpg` all of them at once. It is looked at, not compared: what annoys there annoys readers.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from playwright.sync_api import Page

from scheduler.configuration.config import load_configuration
from scheduler.configuration.edit import remove_source
from scheduler.words.labels import Labels
from scheduler.words.page import words_of
from spiders.demo.configuration import demo_configuration
from storage.languages import SPOKEN_LANGUAGES
from tests.chromium import chromium

_HEIGHT = 900
_ADDED = "bulletin"  # the source that the operator adds, which is taken out before


@dataclass(frozen=True, slots=True)
class Player:
    """A browser page, where the installation is served, and the words of the language."""

    page: Page
    home: str
    news: str
    labels: Labels

    def go(self, path: str) -> None:
        self.page.goto(self.home + path)

    def say(self, key: str) -> str:
        return self.labels.say(f"page.{key}")

    def press(self, key: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=self.say(key), exact=True).first.click()

    def follow(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()


Step = tuple[str, Callable[[Player], None]]


def _ask(player: Player, path: str, words: str) -> None:
    player.go(path)
    player.page.locator('input[name="q"]').fill(words)
    player.press("go")


def _subscribe(player: Player) -> None:
    player.page.locator('input[name="kind"][value="feed"]').check()
    player.press("people.subscribe")


def _answer(player: Player) -> None:
    player.page.get_by_role("button", name=player.say("answer_no")).first.click()
    player.page.locator(".answered, .done").first.wait_for()


def _add_source(player: Player) -> None:
    player.page.locator('input[name="url"]').fill(player.news)
    player.press("trials.look")


def _pause(player: Player) -> None:
    player.go("/sources")
    player.page.locator("details.pause summary").first.click()
    player.page.locator('details.pause input[name="why"]').first.fill("The ministry moves its site")
    with player.page.expect_navigation():
        player.page.locator("details.pause button").first.click()


ANALYST: Sequence[Step] = (
    ("What does the register hold this morning?", lambda p: p.go("/")),
    ("What is new?", lambda p: p.go("/changes?days=30")),
    ("An agreement: how sure, its life, its reports", lambda p: p.follow("article h2 a")),
    ("The proof, in the text of a report", lambda p: p.follow(".report .title a")),
    ("All between two states", lambda p: p.go("/corridors/MA-NE")),
    ("One state, with filters", lambda p: p.go("/?party=MA&status=signed")),
    ("Names of two states, typed", lambda p: _ask(p, "/", "Maroc Niger")),
    ("A word in the documents", lambda p: _ask(p, "/search", "migration")),
    ("What waits for ratification?", lambda p: p.go("/pending")),
    ("Where are they?", lambda p: p.go("/map")),
    ("Tell me of this corridor", lambda p: p.go("/subscribe?corridor=MA-NE")),
    ("As a feed with an address of my own", _subscribe),
    ("What the judge was unsure about", lambda p: p.go("/review")),
    ("Answered", _answer),
    ("Who decided what?", lambda p: p.go("/decisions")),
)
OPERATOR: Sequence[Step] = (
    ("Which sources are alive?", lambda p: p.go("/sources")),
    ("A source, by its address", lambda p: p.go("/sources/add")),
    ("What it would bring", _add_source),
    ("Watched from now on", lambda p: p.press("trials.keep")),
    ("A source rests for a while", _pause),
    ("What was looked at this week", lambda p: p.go("/coverage")),
    ("The runs", lambda p: p.go("/runs")),
    ("One of them", lambda p: p.go("/runs/1")),
    ("The rules", lambda p: p.go("/rules")),
    ("Who is told what?", lambda p: p.go("/subscriptions")),
    ("The data for programs", lambda p: p.go("/data")),
)


def main() -> None:
    """Crawl, serve, play, and leave the pictures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.film", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", choices=SPOKEN_LANGUAGES, default="en")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--width", type=int, default=1080)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, _news_site() as news:
        folder = Path(place)
        configured = folder / "accordwatch.yaml"
        configured.write_text(demo_configuration(news), encoding="utf-8")
        subprocess.run([*_cli(configured, "run"), "--all"], check=True, stdout=subprocess.DEVNULL)
        known = load_configuration(configured, environ={}).sources
        added = next(one for one in known if one.id == _ADDED)
        remove_source(configured, _ADDED)
        with _served(configured) as home:
            _play(
                chosen.folder, home, added.url, chosen.language, chosen.width, is_dark=chosen.dark
            )


def _play(folder: Path, home: str, news: str, language: str, width: int, *, is_dark: bool) -> None:
    with chromium() as browser:
        page = browser.new_page(
            viewport={"width": width, "height": _HEIGHT},
            color_scheme="dark" if is_dark else "light",
            locale=language,
        )
        player = Player(page, home, news, words_of(language))
        captions = []
        for number, (caption, act) in enumerate((*ANALYST, *OPERATOR), start=1):
            act(player)
            file = f"{number:02}.png"
            page.screenshot(path=folder / file)
            captions.append((file, caption))
            print(f"{file}  {caption}", flush=True)
        _sheet(page, folder, captions)


def _sheet(page: Page, folder: Path, captions: Sequence[tuple[str, str]]) -> None:
    figures = "".join(
        f'<figure><img src="{file}" alt=""><figcaption>{file[:2]} {escape(said)}</figcaption></figure>'
        for file, said in captions
    )
    style = (
        "body{margin:8px;display:grid;grid-template-columns:repeat(5,1fr);gap:8px;font:11px "
        "sans-serif}figure{margin:0}img{width:100%;border:1px solid #999}"
    )
    index = folder / "index.html"
    index.write_text(f"<!DOCTYPE html><style>{style}</style>{figures}", encoding="utf-8")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1500, "height": _HEIGHT})
    page.goto(index.absolute().as_uri())
    page.screenshot(path=folder / "sheet.jpg", type="jpeg", quality=50, full_page=True)


def _cli(configured: Path, command: str) -> list[str]:
    return [sys.executable, "-m", "scheduler.cli", command, "--config", str(configured)]


@contextlib.contextmanager
def _news_site() -> Iterator[str]:
    command = [sys.executable, "-P", "-m", "spiders.demo", "--port", "0"]
    site = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert site.stdout is not None
        yield site.stdout.readline().strip()
    finally:
        site.terminate()
        site.wait(10)


@contextlib.contextmanager
def _served(configured: Path) -> Iterator[str]:
    command = [*_cli(configured, "web"), "--port", "0", "--edit", "amina"]
    serving = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert serving.stderr is not None
        line = next(line for line in serving.stderr if "http://" in line)
        yield "http://" + line.split("http://")[1].split("/")[0]
    finally:
        serving.terminate()
        serving.wait(30)


if __name__ == "__main__":
    main()
