"""Bytes of any kind for what reads strangers' bytes, guided by what the code has not run yet (atheris):
`make fuzz`, or `python -m tests.hostile.fuzz [TARGET...] [--seconds 240] [--keep FOLDER]`.

A target may raise the errors that it names, and must answer within five seconds and 2 GB. What breaks
it is written to a file in FOLDER, and belongs into a test. Each target has a process of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

SLOWEST_S = 5
MOST_MB = 2048
LONGEST = 4096  # bytes; what is long only is tried in tests
_NOW = datetime(2026, 11, 29, tzinfo=UTC)
_SCRATCH = Path(tempfile.gettempdir()) / "accordwatch-fuzzed.yaml"


@dataclass(frozen=True)
class Target:
    """`work` takes any bytes. `seeds` show it what it knows; `words` are put together anew."""

    work: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[str, ...] = ()


def _read_by(kind: str, body: bytes) -> None:
    from spiders.kinds import feed, sitemap
    from storage.records import Fetched
    from storage.source import Source, SourceKind

    address = "https://paper.example/news"
    fetched = Fetched(address, address, "application/xml", body, _NOW)
    reader = {"feed": feed, "sitemap": sitemap}[kind]
    reader.read(fetched, Source("paper", SourceKind(kind), address))
    if kind == "feed":
        feed.texts(fetched)


def feed(body: bytes) -> None:
    _read_by("feed", body)


def sitemap(body: bytes) -> None:
    _read_by("sitemap", body)


def rule(body: bytes) -> None:
    from crawler.judgement.rules.book import RuleFiles, load_book
    from storage.errors import ConfigurationError

    _SCRATCH.write_bytes(body)
    with suppress(ConfigurationError):
        load_book(RuleFiles(own=(_SCRATCH,), languages=_english()))


@cache
def _english() -> tuple[Path, ...]:
    from crawler.judgement.text.grammar import language_folders

    return tuple(folder for folder in language_folders() if folder.name == "en")


@cache
def _rules() -> Any:
    from crawler.judgement.judge import load_rules

    return load_rules()


def day(body: bytes) -> None:
    """Days in a text, in metadata, in lists and in feeds, and rates of digests."""
    from crawler.extract.fields import read_day
    from crawler.judgement.card.dates.date_mentions import find_dates
    from crawler.judgement.judge import read_document
    from scheduler.exchange.list_rows import day_in
    from scheduler.schedule.digest_periods import parse_rate
    from spiders.kinds.offer import iso_date, latest_moment
    from storage.errors import ConfigurationError
    from storage.records import Document

    text = body.decode("utf-8", "replace")
    read_day(text)
    iso_date(text)
    latest_moment(text)
    for reading in (day_in, parse_rate):
        with suppress(ConfigurationError, ValueError):
            reading(text)
    document = Document("", text, "en")
    for published in (None, date(2024, 2, 29), date(1800, 1, 1), date(2999, 12, 31)):
        find_dates(read_document(document, _rules()), published)


def address(body: bytes) -> None:
    from storage import addresses

    url = body.decode("utf-8", "surrogateescape")
    found = addresses.canonical_url(url, "https://paper.example/a/b?c")
    if found is not None:
        assert addresses.canonical_url(found) == found, "not the same a second time"
        assert addresses.key_of(found) == addresses.key_of(found)
        assert found.startswith(("http://", "https://"))
        addresses.host_and_port(found)
        addresses.names_a_list(found, url)
    for look in (addresses.key_of, addresses.without_users, addresses.site_of):
        look(url)
    addresses.is_series(url)
    for checked in (addresses.web_address, addresses.mail_address):
        with suppress(ValueError):
            checked(url)


def message(body: bytes) -> None:
    from spiders.mail.messages import message_in
    from storage.errors import UnreadableError
    from storage.source import Source, SourceKind

    source = Source("letters", SourceKind("mailbox"), "mailbox:letters")
    with suppress(UnreadableError):
        message_in(body, "mailbox:letters#1", source)


_RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><language>fr</language><item><title>A &amp; b</title>
<link>https://paper.example/1</link><pubDate>Tue, 24 Nov 2026 10:00:00 +0100</pubDate><description><![CDATA[<p>x</p>]]></description>
</item></channel></rss>"""
_ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar"><entry><title type="html">A</title>
<link href="/2" rel="alternate"/><updated>2026-11-24T10:00:00Z</updated><content>c</content></entry></feed>"""
_JSON_FEED = b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1,"url":"/3","title":"A","date_published":"2026-11-24T10:00:00Z"}]}'
_SITEMAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://paper.example/1</loc><lastmod>2026-11-24</lastmod><news:news><news:title>A</news:title>
<news:publication_date>2026-11-24T10:00:00+01:00</news:publication_date></news:news></url></urlset>"""
_INDEX = b"<sitemapindex><sitemap><loc>https://paper.example/s.xml.gz</loc><lastmod>2026-11-24</lastmod></sitemap></sitemapindex>"
_RULE = b"""rules:
  - id: mine
    title: "Visas"
    when: {all: [{any: [own.visa]}, {near: {concepts: [own.visa, own.talks], words: 8}}]}
    score: 0.8
concepts:
  own.visa: {en: ["visa*", "entry permit", "= Visa"], fr: ["visa"]}
  own.talks: {en: ["talk(s)", "negotiat*"]}
extend: {status.signed: {en: ["penned"]}}
disable: [rule.one]
"""
_MESSAGE = b"""From: Ana <ana@ngo.example>\r\nSubject: =?utf-8?b?w6k=?=\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100
MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=latin-1
Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>=E9 <a href="https://paper.example/1">read</a></p>\r\n--b--\r\n"""

TARGETS: Mapping[str, Target] = {
    "feed": Target(feed, (_RSS, _ATOM, _JSON_FEED), ("<item>", "</item>", "<![CDATA[", "&#x1f600;", "xml:base=", "<link>")),
    "sitemap": Target(sitemap, (_SITEMAP, _INDEX, b"https://paper.example/1\n"), ("<loc>", "<url>", "<!ENTITY", "]]>", "<?xml")),
    "rule": Target(rule, (_RULE,), ("concepts:", "near:", "any:", "all:", "not:", "&a", "*a", "<<:", "!!python", "? ")),
    "day": Target(day, (b"on 24 November 2026", b"2026-11-24T10:00:00Z", b"le 1er mars dernier", "٢٤ نوفمبر ٢٠٢٦".encode(), b"24/11/26", b"45620", b"weekly on monday at 07:00"), ("février", "31", "0000", "last", "مارس")),
    "address": Target(address, (b"https://user:pw@paper.example:443/a/../b?utm_source=x&b=1#c", b"//[::1]:80/", "http://bücher.example/é".encode(), b"mailto:a@b.example"), ("xn--", "%2e", "\\", "@", "[", "]:")),
    "message": Target(message, (_MESSAGE,), ("boundary=", "message/rfc822", "=?utf-8?q?", "charset=", "--b")),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=240, help="for each")
    parser.add_argument("--keep", type=Path, default=Path(".fuzz"))
    parser.add_argument("--here", action="store_true", help="in this process: one target")
    chosen = parser.parse_args()
    folder = chosen.keep.absolute()
    if chosen.here:
        fuzz(chosen.targets[0], folder, chosen.seconds)
    failed = []
    for name in chosen.targets or TARGETS:
        common = ["--seconds", str(chosen.seconds), "--keep", str(folder)]
        command = [sys.executable, "-m", "tests.hostile.fuzz", "--here", name, *common]
        print(f"== {name}", flush=True)
        if subprocess.run(command).returncode != 0:
            failed.append(name)
    sys.exit(f"what broke these lies in {folder}: {', '.join(failed)}" if failed else 0)


def fuzz(name: str, folder: Path, seconds: int) -> None:
    """Never returns. What was interesting is kept in the folder, for the next time."""
    import atheris  # `make fuzz` installs it

    target = TARGETS[name]
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / f"{name}.dict"
    words.write_text("".join(f"{_quoted(word)}\n" for word in target.words), encoding="ascii")
    with atheris.instrument_imports(
        include=["spiders", "crawler", "storage", "scheduler", "feedparser"]
    ):
        for seed in target.seeds:
            target.work(seed)
    options = {
        "max_total_time": seconds,
        "timeout": SLOWEST_S,
        "rss_limit_mb": MOST_MB,
        "max_len": LONGEST,
    }
    flags = [f"-{key}={value}" for key, value in options.items()]
    kept = [
        f"-dict={words}",
        f"-artifact_prefix={folder}/{name}-",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], str(corpus), *flags, *kept], target.work)
    atheris.Fuzz()


def _quoted(word: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"'


if __name__ == "__main__":
    main()
