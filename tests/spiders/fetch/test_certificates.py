from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from spiders.fetch.session import fetch_once
from spiders.fetch.settings import CrawlSettings
from spiders.spec import CrawlSpec
from storage.errors import ConfigurationError, FetchError
from storage.records import Source, SourceKind
from tests.spiders.crawls import crawl


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/robots.txt" else 200)
        self.end_headers()
        self.wfile.write(b"over TLS")

    def log_message(self, format: str, *args: object) -> None:
        pass


def certificate(folder: Path, *, named: bool = True) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key; `named`: it says so as it should."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    unsigned = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if named:
        unsigned = unsigned.add_extension(names, critical=False)
    signed = unsigned.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + signed.public_bytes(pem))
    (folder / "ca.pem").write_bytes(signed.public_bytes(pem))
    return path


@pytest.fixture
def secure_port(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path, named=getattr(request, "param", True)))
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("secure_port", [False], indirect=True)
def test_a_certificate_without_a_name_is_told_in_the_report_alone(
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
