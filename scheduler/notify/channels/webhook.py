"""The webhook channel: a signed POST after the Standard Webhooks specification (1.0)."""

from __future__ import annotations

import base64
import binascii
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from scheduler.configuration.sections import WebhookChannel
from scheduler.notify.channels.message import Sender, bad_certificate, raise_all, unreachable
from scheduler.notify.channels.payload import payload
from scheduler.notify.digest.build import Digest
from spiders.catalog.secrets import Secret, hide
from spiders.fetch.private_networks import is_public, literal_address
from spiders.fetch.retry_after import parse_retry_after
from storage.errors import (
    ChannelDownError,
    ConfigurationError,
    DeliveryError,
    PermanentDeliveryError,
    system_fault,
)
from storage.phrases import Phrase

_USER_AGENT = "Accordwatch-Webhook"
_SHORTEST_KEY = 16  # bytes; the specification asks new secrets for 24
_LONGEST_WAIT_S = 86_400.0
_LONGEST_EXCHANGE_S = 120.0  # well below the lease of a delivery
_ANSWER_BYTES = 1024  # of an answer's body, which only a person reads who looks for a fault


class GoneError(PermanentDeliveryError):
    """The receiver answered 410: it will never want another digest."""


class WebhookSender(Sender):
    settings = WebhookChannel
    in_full = True
    is_like_mail = False

    def hand_over(
        self, digest: Digest, message_id: str, recipient: str, now: datetime, body: str | None
    ) -> None:
        post(self._channel, message_id, body or self.body(digest, message_id), now)

    def probe(self) -> str:
        reach(self._channel)
        form = "{place} can be reached, and its secrets can be used"
        return Phrase(form, place=shown(self._channel))

    @staticmethod
    def page_size(max_items: int) -> int:
        """What does not fit on a page comes on the next one: programs leave nothing out."""
        return max_items

    def body(self, digest: Digest, message_id: str) -> str:
        """A digest as it is sent. It is stored, since every try under one id must send the same."""
        return json.dumps(payload(digest), ensure_ascii=False)


def post(channel: WebhookChannel, message_id: str, body: str, now: datetime) -> None:
    """Send `body` under `message_id`, signed at `now` with each secret. Redirects are not followed.
    Raises GoneError for 410, and DeliveryError, with the wait that Retry-After asks for, for all
    but 2xx: a receiver that answers 400 today may be repaired tomorrow.
    """
    # newest first: while a secret is rotated, either verifies
    keys = [_key(secret.reveal(), channel) for secret in channel.secrets]
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": _USER_AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(key).sign(message_id, now, body) for key in keys),
    }
    status, retry_after, text = _exchange(channel, body.encode(), headers)
    if 200 <= status < 300:
        return
    place = shown(channel)
    where = Phrase("the webhook {place} answered {code}", place=place, code=status)
    if status == 410:
        form = "{where}: it accepts no more messages; the channel {channel} is closed"
        raise GoneError(form, where=where, channel=channel.id)
    if 300 <= status < 400:
        form = "{where}: redirects are not followed; give the address where it ends"
        raise DeliveryError(form, where=where)
    if text:
        where = Phrase("{where}: {answer}", where=where, answer=_hidden(text, channel))
    wait_s = parse_retry_after(retry_after, now, _LONGEST_WAIT_S)
    raise DeliveryError(where, retry_after_s=wait_s)


def reach(channel: WebhookChannel) -> None:
    """Connect without sending anything. Raises as `post` does, also for an unusable secret."""

    def look_up(secret: Secret) -> None:
        _key(secret.reveal(), channel)

    def call() -> None:
        parts = urlsplit(channel.url)
        secure = parts.scheme == "https"
        with _explained(channel):
            _dial(channel, parts.hostname or "", _port(channel), secure=secure).close()

    raise_all(*(partial(look_up, secret) for secret in channel.secrets), call)


def _key(secret: str, channel: WebhookChannel) -> bytes:
    """The bytes of a secret. The library would read a password as base64 and cut it."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if len(key) < _SHORTEST_KEY:
        raise ConfigurationError(
            "a secret of the channel {channel} is not one: write whsec_ and 24 to 64 random bytes "
            "in base64",
            channel=channel.id,
        )
    return key


def _exchange(
    channel: WebhookChannel, data: bytes, headers: Mapping[str, str]
) -> tuple[int, str | None, str]:
    parts = urlsplit(channel.url)
    host, port = parts.hostname or "", _port(channel)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with _explained(channel):
        # We connect ourselves: the address that was checked is the one that is spoken to.
        line = _dial(channel, host, port, secure=parts.scheme == "https")
        connection = http.client.HTTPConnection(host, port, timeout=channel.timeout_s)
        connection.sock = line
        with closing(connection), _limited(line):
            connection.request(
                "POST", path, data, {**headers, "host": parts.netloc.rpartition("@")[2]}
            )
            answer = connection.getresponse()
            text = " ".join(answer.read(_ANSWER_BYTES).decode("utf-8", "replace").split())
            return answer.status, answer.headers.get("retry-after"), text


@contextmanager
def _explained(channel: WebhookChannel) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(bad_certificate(shown(channel), error)) from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        why = _hidden(system_fault(error), channel)
        raise ChannelDownError(unreachable(shown(channel), why)) from error


def _port(channel: WebhookChannel) -> int:
    parts = urlsplit(channel.url)
    try:
        return parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:  # its text shows a part of the address
        raise ConfigurationError(
            f"the address of the channel {channel.id} has a port that does not exist"
        ) from error


def _dial(channel: WebhookChannel, host: str, port: int, *, secure: bool) -> socket.socket:
    last: OSError | None = None
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        literal = literal_address(str(address[0]))
        if not channel.allow_private and (literal is None or not is_public(literal)):
            raise DeliveryError(
                "the webhook {place} leads to the private address {address}; set allow_private: "
                "true on the channel {channel} if it is meant",
                place=shown(channel),
                address=address[0],
                channel=channel.id,
            )
        try:
            plain = socket.create_connection((str(address[0]), port), channel.timeout_s)
        except OSError as error:
            last = error
            continue
        if not secure:
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
    raise last or OSError("no address")


@contextmanager
def _limited(line: socket.socket) -> Iterator[None]:
    """Hang up if the exchange takes too long: each read has its limit, but there may be many."""

    def hang_up() -> None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(_LONGEST_EXCHANGE_S, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def shown(channel: WebhookChannel) -> str:
    """Scheme and host alone: with most services the path is a token, and a query may hold one."""
    parts = urlsplit(channel.url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _hidden(text: str, channel: WebhookChannel) -> str:
    """`text` with every part of the address blotted out that may be a secret."""
    parts = urlsplit(channel.url)
    user = parts.netloc.rpartition("@")[0]
    return hide(text, f"{user}/{parts.path}?{parts.query}#{parts.fragment}")
