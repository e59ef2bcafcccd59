from __future__ import annotations

from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path

import pytest

from spiders.fetch.session import fetch_once
from spiders.fetch.settings import CrawlSettings
from spiders.spec import CrawlSpec
from storage.errors import ConfigurationError, FetchError
from storage.source import Source, SourceKind
from tests import loopback
from tests.certificates import certificate
from tests.spiders.crawls import crawl


class Handler(loopback.Handler):
    def do_GET(self) -> None:
        self.answer(b"over TLS", status=404 if self.path == "/robots.txt" else 200)


@pytest.fixture
def secure_port(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    context = certificate(tmp_path, named=getattr(request, "param", True)).context
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with loopback.at_work(server):
        yield server.server_port


@pytest.mark.parametrize("secure_port", [False], indirect=True)
def test_a_certificate_without_a_name_is_reported_in_the_report_alone(
    secure_port: int, tmp_path: Path
) -> None:
    name = f"127.0.0.1:{secure_port}"
    wanted = CrawlSpec(
        database_url=f"sqlite:///{tmp_path / 'a.db'}",
        sources=(Source("a", SourceKind.FEED, f"https://{name}/feed"),),
        crawl=CrawlSettings(allow_private=(name,), patience_s=0),
        workers=1,
    )
    done = crawl(wanted)
    assert (done.code, done.stderr) == (1, "")
    assert any("certificate cannot be verified" in line for line in done.problems())


def test_an_unknown_certificate_is_refused_until_its_authority_is_given(
    secure_port: int, tmp_path: Path
) -> None:
    url, opened = f"https://127.0.0.1:{secure_port}/", (f"127.0.0.1:{secure_port}",)
    with pytest.raises(FetchError, match=r"certificate cannot be verified.*crawl\.ca_file"):
        fetch_once(url, CrawlSettings(allow_private=opened))
    assert (
        fetch_once(url, CrawlSettings(allow_private=opened, ca_file=tmp_path / "ca.pem")).body
        == b"over TLS"
    )


def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    from spiders.fetch.certificates import trust

    (tmp_path / "x.pem").write_text("no certificate")
    with pytest.raises(ConfigurationError, match=r"crawl\.ca_file: .*x\.pem: is not a PEM file"):
        trust(tmp_path / "x.pem")
