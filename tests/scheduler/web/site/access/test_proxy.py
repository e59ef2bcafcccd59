"""Behind a real proxy under /watch, whether that strips its prefix or not."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest

from scheduler.web.site.installation import Reach
from tests.scheduler.web.site.access.proxy import proxying
from tests.scheduler.web.site.access.team import Team, session_in, team
from tests.scheduler.web.site.running import PAGES, Site


@contextmanager
def proxied(
    folder: Path, *, strips: bool, trusted: tuple[str, ...] = ("127.0.0.1",), scheme: str = "https"
) -> Iterator[tuple[Team, Team]]:
    """The page as the proxy shows it, and as it is."""
    with (
        team(folder, reach=Reach(root_path="/watch", proxies=trusted)) as behind,
        proxying(behind.site.port, "/watch", strips=strips, scheme=scheme) as port,
    ):
        yield Team(Site(port, behind.site.served), behind.clock, tokens=behind.tokens), behind


@pytest.mark.parametrize("strips", [True, False])
def test_the_whole_way_through_the_proxy(tmp_path: Path, strips: bool) -> None:
    with proxied(tmp_path, strips=strips) as (front, _):
        sent = front.ask("/watch/search?q=workers")
        assert sent.headers["location"] == "/watch/login?next=%2Fsearch%3Fq%3Dworkers"
        answer = front.try_login("edda", wanted="/search?q=workers")
        assert (answer.code, answer.headers["location"]) == (303, "/watch/search?q=workers")
        assert "Path=/watch;" in answer.headers["set-cookie"]
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        front.cookies["edda"] = session_in(answer)
        linked: dict[str, str] = {}  # each address, and a page that links to it
        for path in PAGES:
            shown = front.ask("/watch" + path, "edda").text
            addresses = re.findall(r'(?:href|action)="(/[^"]*)"', shown)
            assert addresses
            assert all(one.startswith("/watch/") for one in addresses), path
            # what stands behind # is never sent
            linked |= dict.fromkeys(re.findall(r'href="(/[^"#]*)', shown), path)
        for address, path in linked.items():
            answer = front.ask(address.replace("&amp;", "&"), "edda")
            assert answer.code in (200, 302), (address, path)
        assert front.ask("/watch", "edda").code == 200
        moved = front.ask("/watch/corridors/it-tn", "edda")
        assert moved.headers["location"] == "/watch/corridors/IT-TN"


@pytest.mark.parametrize("strips", [True, False])
def test_feeds_and_lists_name_addresses_that_lead_back_through_the_proxy(
    tmp_path: Path, strips: bool
) -> None:
    with proxied(tmp_path, strips=strips) as (front, _):
        place = f"https://127.0.0.1:{front.site.port}/watch"
        found = feedparser.parse(front.ask("/watch/feed.atom", "read").body)
        links = {link.rel: link.href for link in found.feed.links}
        assert links == {"self": f"{place}/feed.atom", "alternate": f"{place}/"}
        assert all(entry.link.startswith(f"{place}/agreements/A") for entry in found.entries)
        first = front.ask("/watch/api/v1/agreements?limit=1", "read").json
        assert first["next"].startswith(f"{place}/api/v1/agreements?limit=1&after=A")
        again = front.ask(
            first["next"].removeprefix(f"https://127.0.0.1:{front.site.port}"), "read"
        )
        assert again.code == 200


def test_a_decision_and_logging_out_go_through_the_proxy(tmp_path: Path) -> None:
    with proxied(tmp_path, strips=True, scheme="http") as (front, _):
        front.login("edda")
        shown = front.ask("/watch/review", "edda").text
        token = re.findall(r'name="token" value="([^"]+)"', shown)[-1]
        origin = f"http://127.0.0.1:{front.site.port}"
        form = {"document": "4", "says": "no", "token": token}
        answer = front.ask("/watch/review", "edda", "POST", form=form, Origin=origin)
        assert (answer.code, answer.headers["location"]) == (303, "/watch/review?done=1")
        left = re.findall(r'name="token" value="([^"]+)"', shown)[0]
        gone = front.ask("/watch/logout", "edda", "POST", form={"token": left})
        assert gone.headers["location"] == "/watch/login"
        assert front.ask("/watch/", "edda").code == 303


def test_a_proxy_that_is_not_trusted_is_not_believed(tmp_path: Path) -> None:
    with proxied(tmp_path, strips=True, trusted=()) as (front, _):
        assert "Secure" not in front.try_login("rita").headers["set-cookie"]


def test_waits_go_by_the_address_that_the_trusted_proxy_names(tmp_path: Path) -> None:
    with proxied(tmp_path, strips=True) as (front, behind):
        for number in range(20):
            behind.try_login(f"user{number}", "guess", X_Forwarded_For="198.51.100.7")
        assert behind.try_login("rita", X_Forwarded_For="198.51.100.7").code == 429
        assert front.try_login("rita").code == 303


def test_cookies_may_be_kept_to_https_come_what_may(tmp_path: Path) -> None:
    with team(tmp_path, reach=Reach(secure_cookies=True)) as made:
        answer = made.try_login("rita")
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


def named_by_proxy(proxies: tuple[str, ...]) -> Reach:
    return Reach(proxies=proxies, login_header="Remote-User")


def test_who_has_logged_in_at_a_trusted_proxy_is_who_it_names(tmp_path: Path) -> None:
    with team(tmp_path, reach=named_by_proxy(("127.0.0.0/8",))) as made:
        assert made.site.ask("/").code == 303
        shown = made.site.ask("/review", Remote_User="EDDA").text
        assert "Log out" not in shown
        token = re.findall(r'name="token" value="([^"]+)"', shown)[-1]
        form = {"document": "4", "says": "no", "token": token}
        assert made.site.ask("/review", "POST", form, Remote_User="rita").code == 403
        assert made.site.ask("/review", "POST", form, Remote_User="edda").code == 303
        assert made.site.ask("/users", Remote_User="edda").code == 403  # roles are ours to give
        assert made.site.ask("/users", Remote_User="ada").code == 200


@pytest.mark.parametrize("name", ["nobody", "", " ", "\xff"])
def test_whom_the_proxy_names_and_nobody_added_is_a_stranger(tmp_path: Path, name: str) -> None:
    with team(tmp_path, reach=named_by_proxy(("127.0.0.1",))) as made:
        assert made.site.ask("/", Remote_User=name).code == 303


@pytest.mark.parametrize(
    "reach",
    [named_by_proxy(()), named_by_proxy(("192.0.2.1",)), Reach(proxies=("127.0.0.1",))],
)
def test_a_name_that_no_trusted_proxy_says_lets_nobody_in(tmp_path: Path, reach: Reach) -> None:
    with team(tmp_path, reach=reach) as made:
        answer = made.site.ask("/", Remote_User="ada", X_Forwarded_For="192.0.2.1")
        assert answer.headers["location"] == "/login"


def test_of_two_names_neither_is_believed(tmp_path: Path) -> None:
    with (
        team(tmp_path, reach=named_by_proxy(("127.0.0.1",))) as made,
        socket.create_connection(("127.0.0.1", made.site.port), timeout=30) as line,
    ):
        names = "Remote-User: ada\r\nremote-user: rita\r\n"
        line.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{names}\r\n".encode())
        assert b" 303 " in line.recv(100)
