"""The mail channel in conversation with a real server."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from scheduler.configuration.sections import EmailChannel
from scheduler.notify.channels.email import Mailer
from scheduler.notify.channels.message import Envelope, compose
from storage.errors import DeliveryError, PermanentDeliveryError
from tests.certificates import Certificate, certificate
from tests.scheduler.notify.channels.mail_server import PASSWORD, MailServer, serving
from tests.scheduler.notify.digest.samples import DIGEST


def mailing(settings: EmailChannel) -> closing[Mailer]:
    return closing(Mailer(settings))


def channel(server: MailServer, **settings: object) -> EmailChannel:
    fields = {
        "id": "office",
        "kind": "email",
        "to": ["ana@ngo.example"],
        "sender": "watch@ngo.example",
    }
    return EmailChannel.model_validate(
        {
            **fields,
            "host": "127.0.0.1",
            "port": server.port,
            "security": "none",
            "timeout_s": 5,
            **settings,
        }
    )


def hand_over(
    mailer: Mailer, recipient: str = "ana@ngo.example", message_id: str = "digest-1"
) -> None:
    mailer.send(compose(DIGEST, Envelope(message_id, recipient, "watch@ngo.example")), recipient)


@pytest.fixture
def certified(tmp_path: Path) -> Certificate:
    return certificate(tmp_path)


@pytest.fixture
def secret(tmp_path: Path) -> dict[str, object]:
    file = tmp_path / "password"
    file.write_bytes(PASSWORD + b"\n")
    return {"username": "watch", "password": {"file": str(file)}}


def test_a_digest_arrives_whole() -> None:
    with serving(MailServer()) as server, mailing(channel(server)) as mailer:
        hand_over(mailer)
    ((recipient, message),) = server.accepted
    assert recipient == "ana@ngo.example"
    assert message["Message-ID"] == "<digest-1@ngo.example>"
    body = message.get_body(("html",))
    assert body is not None
    assert "Morocco–Niger declaration, 2026: signed" in body.get_content()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_encrypted_line_with_a_login(
    security: str, certified: Certificate, secret: dict[str, object]
) -> None:
    with serving(MailServer(), tls=certified.context, implicit=security == "tls") as server:
        with mailing(
            channel(server, security=security, ca_file=str(certified.file), **secret)
        ) as mailer:
            hand_over(mailer)
        assert server.recipients == ["ana@ngo.example"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    security: str, certified: Certificate
) -> None:
    with serving(MailServer(), tls=certified.context, implicit=security == "tls") as server:
        with (
            mailing(channel(server, security=security)) as mailer,
            pytest.raises(DeliveryError) as caught,
        ):
            hand_over(mailer)
        assert "no valid certificate" in str(caught.value)
        assert not isinstance(caught.value, PermanentDeliveryError)
        assert not server.accepted


def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    old = certificate(tmp_path, days=-1)
    with serving(MailServer(), tls=old.context) as server:
        settings = channel(server, security="starttls", ca_file=str(old.file))
        with mailing(settings) as mailer, pytest.raises(DeliveryError, match="expired"):
            hand_over(mailer)


def test_after_a_421_the_next_mail_goes_over_a_new_line() -> None:
    with serving(MailServer(replies=["421 too many mails on this line"])) as server:
        with mailing(channel(server)) as mailer:
            with pytest.raises(DeliveryError, match="421 too many mails"):
                hand_over(mailer)
            hand_over(mailer)
        assert (server.conversations, len(server.accepted)) == (2, 1)


def test_a_server_without_encryption_is_not_spoken_to_in_the_clear() -> None:
    with serving(MailServer()) as server:
        with (
            mailing(channel(server, security="starttls")) as mailer,
            pytest.raises(DeliveryError, match="security"),
        ):
            hand_over(mailer)
        assert not server.accepted


def test_a_wrong_password_is_named_waits_for_a_person_and_is_not_repeated_in_the_line(
    certified: Certificate, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("hunter2")
    with serving(MailServer(), tls=certified.context) as server:
        settings = channel(
            server,
            security="starttls",
            ca_file=str(certified.file),
            username="watch",
            password={"file": str(wrong)},
        )
        with mailing(settings) as mailer:
            for _ in range(2):  # nor is a line used on which nobody was let in
                with pytest.raises(DeliveryError, match="username and password") as caught:
                    hand_over(mailer)
    assert not isinstance(caught.value, PermanentDeliveryError)
    assert "hunter2" not in str(caught.value)
    assert server.accepted == []


def test_one_refused_recipient_among_ten_harms_no_other_and_the_line_is_kept() -> None:
    addresses = [f"reader{number}@ngo.example" for number in range(10)]
    server = MailServer(refused={"reader4@ngo.example": "550 5.1.1 no such mailbox"})
    with serving(server), mailing(channel(server)) as mailer:
        for address in addresses:
            if address in server.refused:
                with pytest.raises(
                    PermanentDeliveryError,
                    match=r"refuses reader4@ngo\.example: 550 5\.1\.1 no such",
                ):
                    hand_over(mailer, address)
            else:
                hand_over(mailer, address)
        assert server.conversations == 1
    assert server.recipients == [address for address in addresses if address not in server.refused]


def test_a_full_mailbox_may_be_emptied() -> None:
    server = MailServer(refused={"ana@ngo.example": "452 4.2.2 mailbox full"})
    with (
        serving(server),
        mailing(channel(server)) as mailer,
        pytest.raises(DeliveryError) as caught,
    ):
        hand_over(mailer)
    assert not isinstance(caught.value, PermanentDeliveryError)


def test_a_4xx_may_be_tried_again_and_a_5xx_not() -> None:
    server = MailServer(replies=["451 4.3.0 later", "554 5.7.1 spam"])
    with serving(server), mailing(channel(server)) as mailer:
        with pytest.raises(DeliveryError) as later:
            hand_over(mailer)
        with pytest.raises(PermanentDeliveryError, match="554"):
            hand_over(mailer)
        hand_over(mailer)
    assert not isinstance(later.value, PermanentDeliveryError)
    assert len(server.accepted) == 1


def test_a_line_that_drops_after_data_may_be_tried_again_under_the_same_id() -> None:
    server = MailServer(replies=["accept and drop"])
    with serving(server), mailing(channel(server)) as mailer:
        with pytest.raises(DeliveryError, match="dropped the line"):
            hand_over(mailer)
        hand_over(mailer)
    assert server.message_ids == ["<digest-1@ngo.example>"] * 2


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = MailServer(port=taken.getsockname()[1])
        with (
            mailing(channel(nobody)) as mailer,
            pytest.raises(DeliveryError, match=f"127.0.0.1:{nobody.port} cannot be"),
        ):
            hand_over(mailer)
