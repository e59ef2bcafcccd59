"""One poisoned item among ten in each kind of source, and one that our code cannot store."""

from __future__ import annotations

import json
import mailbox as standard
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from spiders.spec import CrawlSpec
from storage.documents.quarantine import all_set_aside
from storage.documents.tables import SetAside
from storage.source import JsonPaths, Source, SourceKind
from storage.sources.tables import Frontier
from tests.spiders.crawls import Done, crawl, source, spec
from tests.spiders.local.places import SIGNED, documents, local_source, local_spec, outcomes, page
from tests.spiders.local.test_mailbox import NESTED, newsletter
from tests.spiders.local.test_warc import record
from tests.spiders.made_site import MadeSite, made_site
from tests.spiders.mail.test_imap import Box, _server
from tests.spiders.servers import Site, bad_site
from tests.storage.opened import session

POISONED = 3
COUNTRIES = ("Niger", "Mali", "Chad", "Togo", "Ghana", "Benin", "Kenya", "Egypt", "Gabon", "Libya")
# As many parts as nobody can tell apart; nested ones, the server of the test could not send.
MANY_PARTS = b"Subject: poison\n\n" + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 400
HALF = "<description>&#xD800;</description>"


def _addresses(kind: str) -> list[str]:
    return [f"/{kind}/{number}" for number in range(10)]


def _rows(site: MadeSite, kind: str, row: str, poisoned: str) -> str:
    rows = [
        (poisoned if number == POISONED else row).format(url=site.url(path), n=number)
        for number, path in enumerate(_addresses(kind))
    ]
    return "".join(rows)


def _rss(site: MadeSite) -> str:
    row = "<item><title>Item {n}</title><link>{url}</link>%s</item>"
    rows = _rows(site, "rss", row % "", row % HALF)
    return f'<rss version="2.0"><channel><title>T</title>{rows}</channel></rss>'


def _atom(site: MadeSite) -> str:
    row = "<entry><title>Item {n}</title><link href='{url}'/>%s</entry>"
    rows = _rows(site, "atom", row % "", row % "<summary>&#x110000;</summary>")
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{rows}</feed>'


def _json(site: MadeSite, kind: str, poison: object) -> list[object]:
    found: list[object] = [
        {"url": site.url(path), "title": f"Item {number}"}
        for number, path in enumerate(_addresses(kind))
    ]
    found[POISONED] = poison
    return found


def _json_feed(site: MadeSite) -> str:
    items = _json(site, "jsonfeed", "no item")
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})


def _api(site: MadeSite) -> str:
    return json.dumps(_json(site, "api", None))


def _wordpress(site: MadeSite) -> str:
    posts: list[object] = [
        {"link": site.url(path), "title": {"rendered": f"Item {number}"}}
        for number, path in enumerate(_addresses("wordpress"))
    ]
    posts[POISONED] = {"id": 3, "title": "no object"}
    return json.dumps(posts)


def _sitemap(site: MadeSite) -> str:
    rows = _rows(
        site, "sitemap", "<url><loc>{url}</loc></url>", "<url><loc>{url}?a=1&b=2</loc></url>"
    )
    return f"<urlset>{rows}</urlset>"


def _listing(site: MadeSite) -> str:
    row = '<h3><a href="{url}">The ministers of country {n} met in the capital</a></h3>'
    site.put("/listing/3", b"%PDF-1.7 and then nothing at all", "application/pdf")
    return f"<html><body><main>{_rows(site, 'listing', row, row)}</main></body></html>"


WEB: dict[str, tuple[SourceKind, Callable[[MadeSite], str], str]] = {
    "rss": (SourceKind.FEED, _rss, "/rss/3"),
    "atom": (SourceKind.FEED, _atom, "/atom/3"),
    "jsonfeed": (SourceKind.FEED, _json_feed, "no item"),
    "sitemap": (SourceKind.SITEMAP, _sitemap, "/sitemap/3"),
    "api": (SourceKind.JSON, _api, "None"),
    "wordpress": (SourceKind.WORDPRESS, _wordpress, "3"),
}


def _stored(done: Done, source: str) -> int:
    return sum(
        event["event"] == "document" and event["outcome"] == "stored" and event["source"] == source
        for event in done.events
    )


@pytest.mark.timeout(300)
def test_on_the_web(tmp_path: Path) -> None:
    with made_site() as site:
        for kind in (*WEB, "listing"):
            for number, path in enumerate(_addresses(kind)):
                text = SIGNED.format(COUNTRIES[number]) + f" So said the {kind} of the ministry."
                site.put(path, page(f"{COUNTRIES[number]}, {kind}, and Spain sign", text))
        sources = []
        for kind, (of, make, _) in WEB.items():
            at = f"/{kind}" if of is not SourceKind.WORDPRESS else "/wp-json/wp/v2/posts?_fields=x"
            site.put(at, make(site), "application/json" if "[" in make(site)[:90] else "text/xml")
            paths = JsonPaths("", "url", "title") if of is SourceKind.JSON else None
            sources.append(Source(kind, of, site.url(at), paths=paths))
        site.put("/listing", _listing(site))
        sources.append(Source("listing", SourceKind.LISTING, site.url("/listing")))
        done = crawl(spec(tmp_path, Site(int(site.host.rpartition(":")[2])), sources))
    assert {one.id: _stored(done, one.id) for one in sources} == dict.fromkeys((*WEB, "listing"), 9)
    left_out = [line for line in done.problems() if "left_out: 1 of 10 items" in line]
    assert len(left_out) == len(WEB)
    for _, _, name in WEB.values():
        assert any(line.endswith(name) or name in line for line in left_out), name
    assert done.outcomes(Site(int(site.host.rpartition(":")[2])))["/listing/3"] == "broken"


def _letter(number: int) -> bytes:
    return bytes(newsletter(number, COUNTRIES[number]))


def _mbox(folder: Path) -> Path:
    rows = [_letter(number) for number in range(10)]
    rows[POISONED] = b"Subject: poison\n" + NESTED + b"\nText.\n"
    path = folder / "letters.mbox"
    path.write_bytes(b"".join(b"From x\n" + row + b"\n\n" for row in rows))
    return path


def _maildir(folder: Path) -> Path:
    box = standard.Maildir(folder / "maildir")
    for number in range(10):
        raw = _letter(number).replace(b"letters.example", b"maildir.example")
        poisoned = b"Subject: poison\n" + NESTED + b"\nText.\n"
        box.add(poisoned if number == POISONED else raw)
    return folder / "maildir"


def _records() -> bytes:
    rows = [
        record(number, body=page(f"{country} signs", SIGNED.format(country)).encode())
        for number, country in enumerate(COUNTRIES)
    ]
    rows[POISONED] = record(
        POISONED, body=b"\x00 no stream at all", headers="Content-Encoding: br\r\n"
    )
    return b"".join(rows)


def _warc(folder: Path) -> Path:
    path = folder / "a.warc.gz"
    path.write_bytes(_records())
    return path


def _wacz(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.wacz", "w") as archive:
        archive.writestr("archive/data.warc.gz", _records())
    return folder / "a.wacz"


def _folder(folder: Path) -> Path:
    held = folder / "files"
    held.mkdir()
    for number, country in enumerate(COUNTRIES):
        (held / f"{number}.html").write_text(page(f"{country} signs", SIGNED.format(country)))
    (held / f"{POISONED}.html").unlink()
    (held / f"{POISONED}.pdf").write_bytes(b"%PDF-1.7 and then nothing at all")
    return held


LOCAL: dict[str, tuple[SourceKind, Callable[[Path], Path]]] = {
    "folder": (SourceKind.FOLDER, _folder),
    "warc": (SourceKind.WARC, _warc),
    "wacz": (SourceKind.WARC, _wacz),
    "mbox": (SourceKind.MAILBOX, _mbox),
    "maildir": (SourceKind.MAILBOX, _maildir),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", LOCAL)
def test_on_this_machine(tmp_path: Path, kind: str) -> None:
    of, make = LOCAL[kind]
    held = tmp_path / "held"
    held.mkdir()
    source = Source(kind, of, make(held).as_uri())
    done = crawl(local_spec(tmp_path, source))
    reasons = [event.get("reason") for event in done.events if event["event"] == "document"]
    assert (len(reasons), [reason for reason in reasons if reason]) == (10, ["broken"]), done


@pytest.mark.timeout(120)
def test_on_a_mail_server(tmp_path: Path) -> None:
    with _server(tmp_path / "mail")() as box:
        assert isinstance(box, Box)
        for number in range(10):
            raw = MANY_PARTS if number == POISONED else _letter(number)
            (box.folder / str(number + 1)).write_bytes(raw)
        done = crawl(box.spec(box.source()))
    reasons = [event.get("reason") for event in done.events if event["event"] == "document"]
    assert (len(reasons), [reason for reason in reasons if reason]) == (10, ["broken"]), done


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
    assert {document.title for document in documents(wanted)} == {
        "A note on olives",
        "A note on harvests",
    }
    assert found(wanted) == []


def test_a_watched_page_that_cannot_be_stored_is_tried_at_each_look(tmp_path: Path) -> None:
    with bad_site() as site:
        wanted = spec(tmp_path, site, [source(site, "/watched", SourceKind.PAGE)])
        for _ in range(2):
            assert crawl(wanted, WITH_A_MISTAKE).outcomes(site) == {"/watched": "set_aside"}
        assert len(found(wanted)) == 1
        assert crawl(wanted).outcomes(site) == {"/watched": "stored"}
        assert found(wanted) == []
