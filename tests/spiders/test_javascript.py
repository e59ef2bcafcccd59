"""Pages that scripts build, opened in a real chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from spiders.catalog.sources import load_pack
from spiders.checks.source_tries import check_sources
from spiders.spec import CrawlSpec
from storage.errors import ConfigurationError
from storage.source import Source, SourceKind
from tests import loopback
from tests.spiders.catalog.test_sources import write
from tests.spiders.crawls import Done, crawl
from tests.spiders.local.places import SIGNED, documents, local_spec

LIST = """<!doctype html><html><head><title>News</title><link rel=stylesheet href=/style.css></head><body><main id=list></main>
<img src=/logo.png><iframe src=/frame.html></iframe>
<script src=/app.js></script></body></html>"""
APP = """
fetch("/api/news", {method: "POST", body: "{}"}).then(answer => answer.json()).then(async items => {
  const asked = ["http://%(elsewhere)s/direct", "/leap", "/private/data"];
  const came = await Promise.allSettled(asked.map(url => fetch(url).then(answer => answer.text())));
  new WebSocket("ws://%(elsewhere)s/socket");
  document.getElementById("list").innerHTML = items.map(
    item => `<h3><a href="${item.url}">${item.title}</a></h3>`).join("") + came.map(one => `<p>${one.value}</p>`).join("");
});"""
STORY = "<!doctype html><html><head><title>{0}</title></head><body>{1}</body></html>"
ARTICLE = f"<article><h1>Niger and Spain sign an agreement</h1><p>{SIGNED.format('Niger')}</p><p>The text will be sent to both parliaments before the summer, the ministry said.</p></article>"
APP_STORY = f"""<!doctype html><html><head><title>Ministry</title></head><body><div id=root></div>
<noscript>You need to enable JavaScript to run this app.</noscript>
<script>document.title = "Mali and Spain sign an agreement";
document.getElementById("root").innerHTML = `<article><h1>Mali and Spain sign an agreement</h1><p>{SIGNED.format("Mali")}</p><p>It was the third meeting of the two ministers this year, and the first in the capital.</p></article>`;</script></body></html>"""
AWAY = """<!doctype html><html><head><title>Ministry</title></head><body><div id=root></div>
<noscript>You need to enable JavaScript to run this app.</noscript><script>location.replace("%s");</script></body></html>"""
LEAVING = (
    "<!doctype html><html><head><title>News</title></head><body><main>"
    + "".join(
        f'<h3><a href="/story/{n}">The ministers of both countries met for story {n}</a></h3>'
        for n in (1, 3, 4, 5)
    )
    + "</main></body></html>"
)
NEWS = '[{"url": "/story/1", "title": "Niger and Spain sign an agreement"}, {"url": "/story/2", "title": "Mali and Spain sign an agreement"}]'


@dataclass
class Web:
    """A site on 127.0.0.1 that may be fetched, and one on 127.0.0.2 that may not."""

    port: int = 0
    elsewhere: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, str, str]:
        pages = {
            "/robots.txt": ("text/plain", "User-agent: *\nDisallow: /private/\n"),
            "/news": ("text/html", LIST),
            "/app.js": ("text/javascript", APP % {"elsewhere": self.elsewhere}),
            "/api/news": ("application/json", NEWS),
            "/story/1": ("text/html", STORY.format("Niger and Spain sign", ARTICLE)),
            "/story/2": ("text/html", APP_STORY),
            "/story/3": ("text/html", AWAY % f"http://{self.elsewhere}/x"),
            "/story/4": ("text/html", AWAY % "/private/x"),
            "/story/5": ("text/html", AWAY % "/story/5"),
            "/leaving": ("text/html", LEAVING),
            "/hungry": (
                "text/html",
                "<script>const a = []; for (;;) a.push(new Array(1e6).fill(1));</script>",
            ),
        }
        return (200, *pages[path]) if path in pages else (404, "text/html", "<p>Nothing here")

    def paths(self, host: str = "127.0.0.1") -> list[str]:
        return sorted(path for at, path in self.asked if at == host)

    def source(self, path: str = "/news", **values: Any) -> Source:
        url = f"http://127.0.0.1:{self.port}{path}"
        return Source("app", SourceKind.LISTING, url, **({"javascript": True} | values))

    def spec(self, folder: Path, source: Source, **crawl: Any) -> CrawlSpec:
        allowed = {"allow_private": [f"127.0.0.1:{self.port}"], "delay_s": 0, "timeout_s": 5}
        return local_spec(folder, source, **(allowed | crawl))


@contextmanager
def _serving(web: Web, host: str) -> Iterator[int]:
    class Handler(loopback.Handler):
        def do_GET(self) -> None:
            web.asked.append((host, self.path))
            if self.path == "/leap":
                leap = {"Location": f"http://{web.elsewhere}/leapt"}
                self.answer(status=302, headers=leap)
                return
            status, kind, body = web.answer(self.path)
            everybody = {"Access-Control-Allow-Origin": "*"}
            self.answer(body.encode(), f"{kind}; charset=utf-8", status, everybody)

        do_POST = do_GET

    with loopback.answering(Handler, host) as port:
        yield port


@pytest.fixture
def web() -> Iterator[Web]:
    found = Web()
    with _serving(found, "127.0.0.1") as port, _serving(found, "127.0.0.2") as other:
        found.port, found.elsewhere = port, f"127.0.0.2:{other}"
        yield found


def outcomes(done: Done) -> dict[str, str]:
    found = (event for event in done.events if event["event"] == "document")
    return {event["url"][-1]: event.get("reason", event["outcome"]) for event in found}


def test_a_list_built_by_a_script_is_read_and_nothing_goes_past_the_gate(
    web: Web, tmp_path: Path
) -> None:
    spec = web.spec(tmp_path, web.source())
    done = crawl(spec)
    assert outcomes(done) == {"1": "stored", "2": "stored"}, done
    assert done.report["totals"]["relevant"] == 2
    assert "Mali and Spain sign an agreement" in [document.title for document in documents(spec)]
    asked = ["/api/news", "/app.js", "/leap", "/news", "/robots.txt", "/story/1", "/story/2"]
    assert web.paths() == asked
    assert web.paths("127.0.0.2") == []


def test_a_page_that_sends_itself_to_where_nothing_is_fetched_is_refused_by_its_reason(
    web: Web, tmp_path: Path
) -> None:
    spec = web.spec(tmp_path, web.source("/leaving"))
    done = crawl(spec)
    reasons = {"1": "stored", "3": "private_address", "4": "robots", "5": "redirect_loop"}
    assert outcomes(done) == reasons, done
    assert [document.url for document in documents(spec)] == [
        f"http://127.0.0.1:{web.port}/story/1"
    ]
    assert web.paths("127.0.0.2") == []


def test_without_a_browser_the_source_fails_and_says_what_to_install(
    web: Web, tmp_path: Path
) -> None:
    spec = web.spec(tmp_path, web.source(), browser=tmp_path / "none")
    (check,) = check_sources(spec.sources, spec.crawl)
    assert not check.alive
    assert "browser_missing: no chromium was found" in str(check.problem)


def test_only_pages_of_the_web_can_be_opened_in_a_browser(tmp_path: Path) -> None:
    entry = "{id: a, kind: folder, path: a, javascript: true}"
    with pytest.raises(ConfigurationError, match="no pages that a browser could open"):
        load_pack(write(tmp_path, f"schema: 1\nsources:\n  - {entry}\n"))
