"""A server that sends us on with a user and a password in the address: neither is kept or told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spiders.crawls import crawl, source, spec
from tests.spiders.hosts import NOTHING, Answer, Request, feed_of, host, page_of, to


@pytest.mark.parametrize("status", [301, 302])
def test_a_password_in_a_redirect_is_neither_kept_nor_told(tmp_path: Path, status: int) -> None:
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
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"sesame" in path.read_bytes()]
