"""A published site over the register of the page's tests, and a web server that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

from selectolax.lexbor import LexborHTMLParser

from scheduler.cli.commands.deciding.curate import take
from scheduler.decisions.curator import Curator
from storage.users import users
from tests.loopback import at_work
from tests.scheduler.command_line import EVERY_GRADE, succeed
from tests.scheduler.given_digests import opened, register, store
from tests.scheduler.web.site.running import some_news
from tests.storage.given import NOW

URL = "https://watch.example.org/register"
WHO, NOTE = "Marguerite Z.", "Ask the ministry for the annex"


def published(folder: Path) -> Path:
    """A register of which a person confirmed an entry, corrected it and wrote a note; as a site."""
    chosen = register(folder, more=f"site: {{url: {URL}}}\n")
    for judged in some_news():  # one after the other, so that the first is A1
        store(chosen, judged)
    with closing(opened(chosen)) as database, database.begin() as s:
        curator = Curator(WHO, "she read it", NOW)
        take(s, "confirm", ["A1"], curator)
        take(s, "rename", ["A1", "Declaration of Rabat"], curator)
        users.add_note(s, "A1", WHO, NOTE, NOW)
    return publish(folder)


def publish(folder: Path, *options: str) -> Path:
    succeed("publish", "out", *(options or EVERY_GRADE), cwd=folder)
    return folder / "out"


@contextmanager
def held(site: Path) -> Iterator[str]:
    """The address of a plain web server that holds the folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with at_work(ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}"


def crawled(url: str) -> tuple[set[str], list[str]]:
    """What links lead to from the front page on, and the links that lead to no file or to no part
    of a page.
    """
    waiting, seen, broken = ["/index.html"], {"/index.html"}, list[str]()
    while waiting:
        here = waiting.pop()
        body = _body(url + here)
        if body is None:
            broken.append(here)
            continue
        tree = LexborHTMLParser(body) if here.endswith(".html") else LexborHTMLParser("")
        parts = {node.attributes["id"] for node in tree.css("[id]")}
        for node in tree.css("[href], [src], [action]"):
            for name in {"href", "src", "action"} & node.attributes.keys():
                asked = urlsplit(node.attributes[name] or "")
                if asked.netloc:  # of another site
                    continue
                if asked.query or (
                    asked.fragment and not asked.path and asked.fragment not in parts
                ):
                    broken.append(f"{here}: {node.attributes[name]}")
                path = urlsplit(urljoin(url + here, asked.path)).path
                if path not in seen:
                    seen.add(path)
                    waiting.append(path)
    return seen, broken


def _body(address: str) -> bytes | None:
    try:
        with urlopen(address) as answer:
            body: bytes = answer.read()
            return body if answer.url == address else None
    except HTTPError:
        return None
