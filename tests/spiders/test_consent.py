"""Sites that send readers to a consent page first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Executable, delete, update

from storage.sources.tables import CookieJars, Frontier
from tests.spiders.crawls import crawl, source, spec
from tests.spiders.hosts import NOTHING, Answer, Answers, Host, Request, feed_of, host, page_of, to
from tests.storage.opened import session


def walled(open_to: Callable[[Request], bool], wall: str = "/consent?back=") -> Answers:
    """A site whose articles are behind a page that sets a cookie and sends back."""

    def answers(request: Request) -> Answer:
        path, _, query = request.path.partition("?")
        if path == "/feed":
            return feed_of("/news/a")
        if path == "/consent":
            return to(query.removeprefix("back="), Set_Cookie="agreed=1; Path=/")
        if path.startswith("/news/"):
            return page_of(path) if open_to(request) else to(wall + path)
        return NOTHING

    return answers


def test_an_article_behind_a_consent_page_that_sends_back_is_stored(tmp_path: Path) -> None:
    with host(walled(lambda request: "agreed=1" in request.cookie)) as site:
        done = crawl(spec(tmp_path, site.site(), [source(site.site(), "/feed")]))
    assert done.outcomes(site.site()) == {"/news/a": "stored"}, done.stderr


def test_the_next_run_need_not_pass_the_consent_page_again(tmp_path: Path) -> None:
    with host(walled(lambda request: "agreed=1" in request.cookie)) as site:
        wanted = spec(tmp_path, site.site(), [source(site.site(), "/feed")])
        crawl(wanted)
        asked = len(site.paths())
        waiting = update(Frontier).values(state="waiting", not_before_at=datetime.now(UTC))
        change(tmp_path, waiting)
        crawl(wanted)
        assert sorted(site.paths()[asked:]) == ["/feed", "/news/a"]


def change(folder: Path, statement: Executable) -> None:
    with session(f"sqlite:///{folder / 'a.db'}") as s:
        s.execute(statement)


def test_a_consent_page_that_no_cookie_opens_is_named_after_few_requests(tmp_path: Path) -> None:
    with host(walled(lambda request: False)) as site:
        done = crawl(spec(tmp_path, site.site(), [source(site.site(), "/feed")]))
    assert done.outcomes(site.site()) == {"/news/a": "consent_wall"}
    # The article without and with the cookie, and once more as a proof that it changes nothing.
    assert site.paths().count("/news/a") == 3
    assert done.report["totals"]["skipped"] == {"consent_wall": 1}


def test_cookies_go_to_no_other_host_and_last_no_longer_than_a_run(tmp_path: Path) -> None:
    def other(request: Request) -> Answer:
        return page_of(request.path) if request.path == "/there" else NOTHING

    def answers(request: Request) -> Answer:
        cookie = "mine=1; Path=/"
        if request.path == "/feed":
            return feed_of("/here", "/away", Set_Cookie=cookie)
        pages = {"/here": page_of("here"), "/away": to(away.url("/there"))}
        return pages.get(request.path, NOTHING)

    with host(other, "127.0.0.2") as away, host(answers) as site:
        wanted = spec(
            tmp_path,
            site.site(),
            [source(site.site(), "/feed")],
            allow_private=[site.name, away.name],
        )
        crawl(wanted)
        assert cookies(site, "/here") == ["mine=1"]
        crawl(wanted)
    assert cookies(away, "/there") == [""]
    assert cookies(site, "/feed") == ["", ""]


def test_what_one_site_is_given_by_a_consent_service_is_not_shown_for_another(
    tmp_path: Path,
) -> None:
    def service(request: Request) -> Answer:
        back = request.path.partition("?back=")[2]
        if not back:
            return NOTHING
        return to(f"{back}?agreed", Set_Cookie="reader=7; Path=/")

    def answers(request: Request) -> Answer:
        if request.path == "/feed":
            return feed_of("/news/a")
        if request.path == "/robots.txt":
            return NOTHING
        address = f"http://{request.headers['host']}/news/a"
        agreed = request.path.endswith("?agreed")
        return page_of(address) if agreed else to(f"{consent.url('/')}?back={address}")

    with (
        host(service, "127.0.0.3") as consent,
        host(answers) as one,
        host(answers, "127.0.0.2") as two,
    ):
        first = source(one.site(), "/feed")
        second = replace(first, id="second", url=two.url("/feed"))
        allowed = [one.name, two.name, consent.name]
        done = crawl(spec(tmp_path, one.site(), [first, second], allow_private=allowed))
    assert done.report["totals"]["stored"] == 2
    pages = [request for request in consent.asked if request.path != "/robots.txt"]
    assert [request.cookie for request in pages] == ["", ""]


def test_a_consent_page_does_not_answer_whether_the_source_has_changed(tmp_path: Path) -> None:
    def answers(request: Request) -> Answer:
        if request.path == "/consent":
            if "if-none-match" in request.headers:
                return Answer(status=304)
            return to("/feed", Set_Cookie="agreed=1; Path=/")
        if request.path != "/feed":
            return NOTHING
        if not request.cookie:
            return to("/consent")
        unchanged = request.headers.get("if-none-match") == '"f"'
        return Answer(status=304) if unchanged else feed_of(ETag='"f"')

    with host(answers) as site:
        wanted = spec(tmp_path, site.site(), [source(site.site(), "/feed")])
        crawl(wanted)
        site.asked.clear()
        change(tmp_path, delete(CookieJars))
        again = crawl(wanted)
    assert again.code == 0
    asked = [r for r in site.asked if r.path != "/robots.txt"]
    assert [(r.path, r.headers.get("if-none-match")) for r in asked] == [
        ("/feed", '"f"'),
        ("/consent", None),
        ("/feed", '"f"'),
    ]


def cookies(of: Host, path: str) -> list[str]:
    return [request.cookie for request in of.asked if request.path == path]


@pytest.mark.parametrize("status", [301, 302])
def test_a_password_in_a_redirect_is_neither_kept_nor_shown(tmp_path: Path, status: int) -> None:
    def answers(request: Request) -> Answer:
        here = request.headers["host"]
        if request.path == "/feed":
            return to(f"http://u:open@sesame@{here}/new", status)
        if request.path in ("/new", "/broken-feed"):
            return feed_of("/a", "/away")
        if request.path == "/away":
            return to(f"http://u:sesame@{here}/gone", status)
        return page_of("/a") if request.path == "/a" else NOTHING

    with host(answers) as running:
        site = running.site()
        done = crawl(spec(tmp_path, site, [source(site, "/feed")]))
        assert {"/new", "/a", "/gone"} <= set(running.paths())
    assert "sesame" not in str(done.events) + done.stderr
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert paths
    assert not [path for path in paths if b"sesame" in path.read_bytes()]
