"""Real requests to a server that misbehaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spiders.fetch.session import FetchSession, fetch_once
from spiders.fetch.settings import CrawlSettings
from storage.errors import FetchError, RefusedAddress
from tests.spiders.servers import Site, bad_site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with bad_site() as running:
        yield running


@pytest.fixture(scope="module")
def session(site: Site) -> Iterator[FetchSession]:
    with FetchSession(settings(site, delay_s=0)) as running:
        yield running


def settings(site: Site, **changes: object) -> CrawlSettings:
    return CrawlSettings.model_validate(
        {"allow_private": [site.host], "timeout_s": 2, "max_bytes": 100_000} | changes
    )


def test_a_page_comes_with_its_type_and_where_redirects_ended(site: Site) -> None:
    fetched = fetch_once(site.url("/moved"), settings(site))
    assert fetched.url == site.url("/moved")
    assert fetched.final_url == site.url("/a")
    assert fetched.content_type == "text/html; charset=utf-8"
    assert b"<h1>Page /a</h1>" in fetched.body


def test_we_say_who_we_are_and_send_no_cookie(site: Site) -> None:
    fetch_once(site.url("/who"), settings(site, contact="mailto:desk@ngo.example"))
    headers = next(headers for _, path, headers in site.asked() if path == "/who")
    assert headers["User-Agent"].startswith("Accordwatch/")
    assert "mailto:desk@ngo.example" in headers["User-Agent"]
    assert "Cookie" not in headers


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/empty", "empty body"),
        ("/accepted", "202"),
        ("/gone", "410"),
        ("/slow", "crawl.timeout_s"),
        ("/bomb", "larger than crawl.max_bytes"),
        ("/endless", "larger than crawl.max_bytes"),
        ("/loop", "redirects endlessly"),
        ("/broken-off", "broke off"),
    ],
)
def test_an_answer_that_cannot_be_used_is_one_clear_line(site: Site, path: str, line: str) -> None:
    with pytest.raises(FetchError, match=line) as error:
        fetch_once(site.url(path), settings(site))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("path", ["/to-private", "/to-loopback", "/forbidden/x"])
def test_what_must_not_be_fetched_is_refused(site: Site, path: str) -> None:
    with pytest.raises(RefusedAddress):
        fetch_once(site.url(path), settings(site))
    assert path not in [asked for asked in site.paths() if asked.startswith("/forbidden")]


@pytest.mark.parametrize("packed", ["deflate", "br", "zstd", "gzip,br", "gzip,gzip"])
def test_no_bomb_goes_off_however_it_is_packed(
    site: Site, session: FetchSession, packed: str
) -> None:
    with pytest.raises(FetchError, match=r"larger than crawl\.max_bytes"):
        session.get(site.url(f"/bomb?{packed}"))


def test_what_is_packed_many_times_over_is_not_unpacked(site: Site, session: FetchSession) -> None:
    with pytest.raises(FetchError, match="is packed 6 times over"):
        session.get(site.url(f"/packed?{','.join(['gzip'] * 6)}"))
    assert session.get(site.url("/packed?gzip,gzip,gzip,gzip,gzip"))[0].body == b"packed"


@pytest.mark.parametrize("kind", ["many", "one"])
def test_a_head_without_end_is_left(site: Site, session: FetchSession, kind: str) -> None:
    with pytest.raises(FetchError, match="the head of the answer does not end"):
        session.get(site.url(f"/endless-head?{kind}"))


@pytest.mark.parametrize("policy", ["sys.exit", "os.abort", "unsafe-url"])
def test_a_policy_of_referrers_is_neither_called_nor_followed(
    site: Site, session: FetchSession, policy: str
) -> None:
    assert session.get(site.url(f"/policy?{policy}"))[0].body
    headers = next(headers for _, path, headers in site.asked() if path == f"/a?{policy}")
    assert "Referer" not in headers


def test_a_redirect_to_a_file_is_not_followed(site: Site) -> None:
    with pytest.raises(FetchError, match="without an address that can be fetched"):
        fetch_once(site.url("/to-file"), settings(site))


def test_a_private_server_that_was_not_opened_is_not_even_asked(site: Site) -> None:
    before = len(site.asked())
    for url in (
        site.url("/a"),
        f"http://localhost:{site.port}/a",
        f"http://2130706433:{site.port}/a",
    ):
        with pytest.raises(RefusedAddress, match="private address"):
            fetch_once(url, CrawlSettings())
    assert len(site.asked()) == before


@pytest.mark.parametrize("robots", [500, 429])
def test_a_failing_robots_file_closes_the_site(robots: int) -> None:
    with bad_site(robots) as site:
        with pytest.raises(FetchError, match="fetch nothing"):
            fetch_once(site.url("/a"), settings(site))
        assert "/a" not in site.paths()


def test_a_missing_robots_file_opens_it() -> None:
    with bad_site(404) as site:
        assert fetch_once(site.url("/a"), settings(site)).body


def test_an_unreachable_host_is_named() -> None:
    with pytest.raises(
        FetchError, match=r"http://127\.0\.0\.1:9/robots\.txt: refuses the connection"
    ):
        fetch_once("http://127.0.0.1:9/", CrawlSettings(allow_private=("127.0.0.1:9",)))
