"""The webhook channel against a receiver that verifies signatures."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.configuration.sections import WebhookChannel
from scheduler.notify.channels import webhook
from scheduler.notify.channels.payload import WebhookBody, payload, schema
from scheduler.notify.channels.webhook import GoneError, WebhookSender, post
from scheduler.notify.deliver import send_due
from scheduler.notify.digest.build import Review
from scheduler.views.words.phrases import in_words
from storage.errors import ConfigurationError, DeliveryError, PermanentDeliveryError
from storage.notifications import deliveries
from storage.records import GradeBasis
from tests.scheduler.given_digests import collect, configured, opened
from tests.scheduler.notify.channels.hook_receiver import OLD_SECRET, SECRET, Receiver, receiving
from tests.scheduler.notify.channels.silent_server import holding
from tests.scheduler.notify.digest.samples import DIGEST, UNSURE, about
from tests.storage.given import NOW, judged


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setenv("HOOK_OLD_SECRET", OLD_SECRET)


def channel(url: str, **settings: object) -> WebhookChannel:
    fields = {
        "id": "desk",
        "kind": "webhook",
        "url": url,
        "secrets": [{"env": "HOOK_SECRET"}],
        "allow_private": True,
    }
    return WebhookChannel.model_validate({**fields, "timeout_s": 5, **settings})


def send(to: WebhookChannel) -> None:
    post(to, "digest-7-abc", json.dumps(payload(DIGEST), ensure_ascii=False), datetime.now(UTC))


def probe(to: WebhookChannel) -> None:
    assert "can be reached" in WebhookSender(to, Path()).probe()


def test_a_digest_arrives_signed_and_whole() -> None:
    with receiving(Receiver()) as receiver:
        send(channel(receiver.url))
    ((message_id, body),) = receiver.accepted
    assert message_id == "digest-7-abc"
    assert body == payload(DIGEST)
    assert body["data"]["items"][0]["headline"] == "Morocco–Niger declaration, 2026: signed"
    assert body["data"]["items"][0]["name"] == "Morocco–Niger declaration, 2026"
    assert body["data"]["items"][0]["event_date"] == "2026-11-20"
    assert [item["quote"]["language"] for item in body["data"]["items"][:2]] == ["fr", "ar"]
    assert WebhookBody.model_validate_json(json.dumps(body)).data.pages == 1


@pytest.mark.parametrize("known", [SECRET, OLD_SECRET])
def test_while_a_secret_is_rotated_either_verifies(known: str) -> None:
    both = [{"env": "HOOK_SECRET"}, {"env": "HOOK_OLD_SECRET"}]
    with receiving(Receiver(secret=known)) as receiver:
        send(channel(receiver.url, secrets=both))
    assert receiver.ids == ["digest-7-abc"]


def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    with (
        receiving(Receiver()) as target,
        receiving(Receiver(answers=[(307, {"location": target.url})])) as receiver,
    ):
        with pytest.raises(DeliveryError, match="answered 307: redirects are not followed"):
            send(channel(receiver.url))
        assert target.attempts == 0


def test_gone_is_for_good() -> None:
    with receiving(Receiver(answers=[(410, {})])) as receiver, pytest.raises(GoneError) as gone:
        send(channel(receiver.url))
    assert ": il ne veut plus rien ; le canal" in in_words(gone.value.line, "fr")


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_any_other_answer_may_be_tried_again(status: int) -> None:
    with (
        receiving(Receiver(answers=[(status, {})])) as receiver,
        pytest.raises(DeliveryError) as caught,
    ):
        send(channel(receiver.url))
    assert not isinstance(caught.value, PermanentDeliveryError)
    assert caught.value.retry_after_s is None


def test_what_the_receiver_asks_for_is_kept() -> None:
    with (
        receiving(Receiver(answers=[(503, {"retry-after": "900"})])) as receiver,
        pytest.raises(DeliveryError) as caught,
    ):
        send(channel(receiver.url))
    assert caught.value.retry_after_s == 900


@pytest.mark.parametrize("call", [send, probe])
@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "localhost", "[::ffff:127.0.0.1]"])
def test_a_private_address_is_refused_unless_opened(
    host: str, call: Callable[[WebhookChannel], None]
) -> None:
    with receiving(Receiver()) as receiver:
        url = receiver.url.replace("127.0.0.1", host)
        with pytest.raises(DeliveryError, match=r"private address .* allow_private"):
            call(channel(url, allow_private=False))
        assert receiver.attempts == 0


@pytest.mark.parametrize("call", [send, probe])
def test_a_public_address_needs_no_leave(
    call: Callable[[WebhookChannel], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "is_public", lambda address: str(address) == "127.0.0.1")
    with receiving(Receiver()) as receiver:
        call(channel(receiver.url, allow_private=False))
        assert receiver.attempts == (call is send)


def test_a_receiver_that_never_ends_its_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_LONGEST_EXCHANGE_S", 0.2)
    begun = time.monotonic()
    with holding(lambda: False) as silent, pytest.raises(DeliveryError):
        send(channel(f"http://127.0.0.1:{silent.port}/", timeout_s=20))
    assert time.monotonic() - begun < 10


TOKENS = "/services/T0hunter2/%48unter2 hunter2?token=hunter2"


@pytest.mark.parametrize("status", [301, 404, 410])
def test_an_answer_is_told_without_what_may_be_a_token(status: int) -> None:
    with receiving(Receiver(answers=[(status, {})], echoes=True)) as receiver:
        url = receiver.url.replace("//", "//user:hunter2@") + TOKENS.replace(" ", "+")
        with pytest.raises(DeliveryError) as caught:
            send(channel(url))
    assert "unter2" not in str(caught.value)
    assert f"answered {status}" in str(caught.value)
    assert str(caught.value).startswith(f"the webhook {receiver.url.removesuffix('/hook')} ")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/services/T0hunter2",  # nobody listens there
        f"http://127.0.0.1:9{TOKENS}",
        "http://127.0.0.1:hunter2/",
        "http://user:8hunter2/y@127.0.0.1:9/",
        "http://127.0.0.1:9/\u0127unter2",
    ],
)
def test_an_address_that_cannot_be_reached_is_told_without_what_may_be_a_token(url: str) -> None:
    with pytest.raises((DeliveryError, ConfigurationError)) as caught:
        send(channel(url))
    assert "unter2" not in str(caught.value)


FOR_THE_DESK = "subscriptions:\n  - {id: all, channels: [desk], rate: immediately}\n"
DESK = """
channels:
  - {{id: desk, kind: webhook, url: "{url}/T0hunter2", allow_private: true, secrets: [{{env: HOOK_SECRET}}]}}
"""


def test_a_failure_is_kept_and_logged_without_the_token(tmp_path: Path) -> None:
    with receiving(Receiver(answers=[(500, {})], echoes=True)) as receiver:
        chosen = configured(tmp_path, FOR_THE_DESK, DESK.format(url=receiver.url))
        database = opened(chosen)
        collect(database, chosen, judged(1), now=NOW)
        sent = send_due(database, chosen, now=NOW)
    with database.read() as s:
        (delivery,) = deliveries.undelivered(s)
    database.close()
    assert "answered 500" in (delivery.last_error or "")
    assert "hunter2" not in f"{delivery.last_error} {sent.problems}"
    assert "a répondu 500" in in_words(delivery.last_error or "", "fr")


@pytest.mark.parametrize("value", ["", "whsec_", "not base64 at all!"])
def test_a_secret_that_is_none_is_named_and_not_shown(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", value)
    with pytest.raises(ConfigurationError, match="a secret of the channel desk"):
        send(channel("http://127.0.0.1:9/"))


def test_the_documented_schema_is_the_one_of_the_code() -> None:
    written = json.loads(Path("docs/webhook.schema.json").read_text(encoding="utf-8"))
    assert written == schema()


def test_what_waits_for_review_comes_along() -> None:
    body = payload(replace(DIGEST, review=Review(12, (UNSURE,))))
    assert body["data"]["review"] == {
        "waiting": 12,
        "best": [
            {
                "document_id": 9,
                "title": "Rome and Tunis speak about returns",
                "url": "https://desk.example/9",
                "outlet": "The Desk",
                "language": "en",
                "probability": 0.314,
                "read": "Italy and Tunisia, speak, returns",
            }
        ],
    }
    assert payload(DIGEST)["data"]["review"] is None


def test_an_item_says_how_sure_it_is_and_what_its_place_is_called() -> None:
    sure = about(DIGEST.items[0], grade_basis=GradeBasis.OUTLETS, place_key="rabat")
    (item,) = payload(replace(DIGEST, items=(sure,), rest=()))["data"]["items"]
    assert (item["grade"], item["place_key"]) == ("likely", "rabat")


def test_a_probe_misses_a_secret_although_the_receiver_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HOOK_SECRET")
    with receiving(Receiver()) as receiver, pytest.raises(DeliveryError, match="HOOK_SECRET"):
        WebhookSender(channel(receiver.url), Path()).probe()
