"""What the daemon serves: health, numbers, and the way out of a subscription."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families
from selectolax.lexbor import LexborHTMLParser

from scheduler.configuration.config import Configuration
from scheduler.notify.deliver import send_due
from scheduler.web.operations import Operated
from scheduler.web.server import parse_listen, serving
from storage.database.session import Database
from storage.errors import ConfigurationError
from storage.notifications import receivers
from storage.sources.states import record_poll
from storage.sources.tables import Poll
from tests.scheduler.given_digests import collect, configured, opened
from tests.scheduler.notify.channels.mail_server import MailServer
from tests.scheduler.notify.channels.mail_server import serving as serving_mail
from tests.storage.given import NOW, card, deliveries_of, judged

MAIL = """
channels:
  - {{id: office, kind: email, to: [ana@ngo.example, ben@ngo.example], sender: watch@ngo.example, host: 127.0.0.1,
     port: {port}, security: none, unsubscribe: "https://watch.example/unsubscribe"}}
"""
ARABIC = "subscriptions:\n  - {id: everything, name: اتفاقات, language: ar, channels: [office], rate: immediately}\n"


@dataclass
class Site:
    database: Database
    chosen: Configuration
    address: str = ""
    stuck: list[str] = field(default_factory=list)
    failing: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: str = ""
    ) -> tuple[int, str, http.client.HTTPMessage]:
        line = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=10)
        try:
            line.request(method, path, body or None)
            answer = line.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            line.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    mail = MailServer()
    with serving_mail(mail):
        chosen = configured(tmp_path, ARABIC, MAIL.format(port=mail.port))
        database = opened(chosen)
        collect(database, chosen, judged(1), now=NOW)
        send_due(database, chosen, now=NOW)
    made = Site(database, chosen)
    served = Operated(database, lambda: made.chosen, lambda: (made.stuck, made.failing))
    with serving(("127.0.0.1", 0), served) as address:
        made.address = address
        yield made
    database.close()
    assert len(mail.accepted) == 2


def token_of(site: Site, recipient: str) -> str:
    from storage.notifications.digests import digest

    with site.database.read() as s:
        claimed = digest(s, 1)
        assert claimed is not None
        sent = {delivery.recipient: delivery.message_id for delivery in deliveries_of(s, claimed)}
    return sent[recipient]


def attribute(html: str, element: str, name: str) -> str | None:
    node = LexborHTMLParser(html).css_first(element)
    assert node is not None
    return node.attributes[name]


def gone(site: Site) -> set[tuple[str, str]]:
    with site.database.read() as s:
        return receivers.unsubscribed(s, "everything")


def test_it_is_well_until_a_job_is_stuck(site: Site) -> None:
    code, body, _ = site.ask("GET", "/healthz")
    assert (code, json.loads(body)["status"]) == (200, "ok")
    site.stuck = ["send"]
    code, body, _ = site.ask("GET", "/healthz")
    assert (code, json.loads(body)["stuck"]) == (503, ["send"])


def test_it_is_not_well_while_a_job_fails_in_a_row_and_says_why(site: Site) -> None:
    site.failing = {"send": "the disk is full"}
    code, body, _ = site.ask("GET", "/healthz")
    health_json = json.loads(body)
    assert (code, health_json["status"], health_json["failing"]) == (
        503,
        "failing",
        {"send": "the disk is full"},
    )


def test_prometheus_reads_the_numbers(site: Site) -> None:
    _, body, headers = site.ask("GET", "/metrics")
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    numbers = {family.name: family.samples for family in text_string_to_metric_families(body)}
    assert numbers["accordwatch_agreements"][0].value == 1
    assert numbers["accordwatch_sources"][0].value == 1
    assert numbers["accordwatch_deliveries_undelivered"][0].value == 0


def test_each_source_and_each_channel_has_its_numbers(site: Site) -> None:
    with site.database.begin() as s:
        record_poll(s, "fleuve", Poll(NOW, False, 0, 0), "timeout: no answer")
    unanswered(site)
    _, body, _ = site.ask("GET", "/metrics")
    samples = {
        (sample.name.removeprefix("accordwatch_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }
    assert samples["source_alive", "fleuve"] == 0
    assert samples["source_failures", "fleuve"] == 1
    assert samples["source_last_poll_timestamp_seconds", "fleuve"] == NOW.timestamp()
    assert samples["deliveries_failing", "office"] == 2
    assert samples["deliveries_oldest_timestamp_seconds", "office"] == NOW.timestamp()


def unanswered(site: Site) -> None:
    """Two mails wait because the mail server is gone."""
    collect(site.database, site.chosen, judged(2, card=card(parties=("IT", "TN"))), now=NOW)
    assert (
        send_due(site.database, site.chosen, now=NOW).waiting == 1
    )  # the other one counts with it


def test_it_is_degraded_while_mails_wait_for_a_server_that_is_down(site: Site) -> None:
    unanswered(site)
    code, body, _ = site.ask("GET", "/healthz")
    health_json = json.loads(body)
    assert (code, health_json["status"]) == (200, "degraded")
    (line,) = health_json["degraded"]
    assert line.startswith(
        "2 of 2 deliveries by office failed and wait: the mail server 127.0.0.1:"
    )
    assert [(one["channel"], one["since_at"]) for one in health_json["waiting"]] == [
        ("office", NOW.isoformat())
    ]
    assert site.ask("GET", "/healthz?strict")[0] == 503


def test_it_is_degraded_while_all_sources_fail(site: Site) -> None:
    with site.database.begin() as s:
        record_poll(s, "fleuve", Poll(NOW, False, 0, 0), "dns: no such name")
    assert json.loads(site.ask("GET", "/healthz")[1])["status"] == "degraded"


def test_one_post_ends_the_subscription_of_this_recipient_alone(site: Site) -> None:
    path = f"/unsubscribe?t={token_of(site, 'ana@ngo.example')}"
    code, body, _ = site.ask("POST", path, "List-Unsubscribe=One-Click")
    assert code == 200
    assert "اتفاقات" in body
    assert gone(site) == {("office", "ana@ngo.example")}
    assert site.ask("POST", path, "List-Unsubscribe=One-Click")[0] == 200


def test_opening_the_link_asks_in_the_readers_language_and_ends_nothing(site: Site) -> None:
    path = f"/unsubscribe?t={token_of(site, 'ben@ngo.example')}"
    code, body, headers = site.ask("GET", path)
    assert code == 200
    assert attribute(body, "html", "dir") == "rtl"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert gone(site) == set()
    action = attribute(body, "form", "action")
    assert site.ask("POST", f"/unsubscribe{action}")[0] == 200
    assert gone(site) == {("office", "ben@ngo.example")}


@pytest.mark.parametrize("token", ["", "digest-1-guess", "%00", "<script>"])
def test_a_token_that_is_none_of_ours_ends_nothing(site: Site, token: str) -> None:
    for method in ("GET", "POST"):
        code, body, _ = site.ask(method, f"/unsubscribe?t={token}")
        assert code == 404
        assert "<script>" not in body
    assert gone(site) == set()


def test_all_else_is_not_here(site: Site) -> None:
    assert site.ask("GET", "/")[0] == site.ask("POST", "/metrics")[0] == 404


@pytest.mark.parametrize(
    "written", ["9180", ":9180", "localhost:", "localhost:99999", "localhost:x"]
)
def test_an_address_to_listen_on_that_is_none(written: str) -> None:
    with pytest.raises(ConfigurationError, match="is not an address to listen on"):
        parse_listen(written)


def test_a_taken_port_is_named(site: Site) -> None:
    taken = ("127.0.0.1", int(site.address.rpartition(":")[2]))
    served = Operated(site.database, lambda: site.chosen, lambda: ([], {}))
    with pytest.raises(ConfigurationError, match="cannot listen on"), serving(taken, served):
        pass
