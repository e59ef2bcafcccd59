"""The digest as an Internet message."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from scheduler.notify.channels.message import Envelope, compose, unsubscribe_address
from scheduler.notify.digest.build import Digest
from storage.records import Status
from tests.scheduler.notify.digest.samples import DIGEST, ITEM, about, in_language

ONE_CLICK = "https://watch.example/unsubscribe?t=abc"


def sent(mail: bytes) -> EmailMessage:
    """As a mail program reads it, from the bytes on the line."""
    message = message_from_bytes(mail, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def composed(digest: Digest = DIGEST, unsubscribe_url: str = ONE_CLICK) -> bytes:
    ana, watch = "ana@ngo.example", "watch@ngo.example"
    return compose(digest, Envelope("digest-7-abc", ana, watch, unsubscribe_url)).as_bytes()


def test_headers_that_mail_programs_act_on() -> None:
    message = sent(composed())
    assert message["Message-ID"] == "<digest-7-abc@ngo.example>"
    assert message["List-Id"] == "Every agreement on migration <everything.accordwatch.ngo.example>"
    assert message["List-Unsubscribe"] == f"<{ONE_CLICK}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == DIGEST.made_at
    assert message["To"] == "ana@ngo.example"


def raw_headers(mail: bytes) -> dict[str, str]:
    """What stands on the line, unfolded but not decoded: mail programs decode no encoded word in
    these headers.
    """
    head = mail.partition(b"\r\n\r\n")[0].decode("ascii")
    lines = re.sub(r"\r\n[ \t]", " ", head).split("\r\n")
    return dict(line.split(": ", 1) for line in lines)


def test_a_long_address_stands_in_its_header_as_it_is() -> None:
    long = (
        "https://watch.ngo.example/unsubscribe?t=digest-2-c65d2457ca744d35acb40c741e63f613"
        + "0" * 80
    )
    assert raw_headers(composed(unsubscribe_url=long))["List-Unsubscribe"] == f"<{long}>"


def test_a_long_thread_root_stands_in_its_headers_as_it_is() -> None:
    subscription = replace(DIGEST.subscription, id="s" * 64)
    digest = replace(DIGEST, items=(ITEM,), rest=(), subscription=subscription)
    headers = raw_headers(composed(digest))
    assert (
        headers["References"] == headers["In-Reply-To"] == f"<agreement-A17.{'s' * 64}@ngo.example>"
    )


def test_a_list_name_in_any_script_leaves_the_identity_as_it_is() -> None:
    name = "اتفاقات الهجرة بين دول البحر الأبيض المتوسط"
    subscription = replace(DIGEST.subscription, id="s" * 64, name=name)
    wanted, identity = (
        composed(replace(DIGEST, subscription=subscription)),
        f"<{'s' * 64}.accordwatch.ngo.example>",
    )
    assert raw_headers(wanted)["List-Id"].endswith(f" {identity}")
    assert sent(wanted)["List-Id"] == f"{name} {identity}"


def test_a_long_subject_begins_in_the_line_of_its_name() -> None:
    digest = replace(
        DIGEST,
        items=(
            about(
                replace(ITEM, given="Uganda and the US on people sent back"),
                status=Status.CONCLUDED,
            ),
        ),
        rest=(ITEM,) * 21,
    )
    raw = composed(digest)
    lines = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    (subject,) = (line for line in lines if line.startswith(b"Subject:"))
    assert subject.startswith(b"Subject: 22 new agreements: Uganda and the US")
    assert all(line.strip() and not line.endswith(b":") for line in lines)
    assert max(map(len, lines)) <= 78


def test_the_language_is_told() -> None:
    assert sent(composed(in_language("ar", "x")))["Content-Language"] == "ar"


def test_one_click_is_promised_only_over_https() -> None:
    message = sent(
        composed(unsubscribe_url="mailto:watch@ngo.example?subject=unsubscribe%20everything")
    )
    assert (
        message["List-Unsubscribe"] == "<mailto:watch@ngo.example?subject=unsubscribe%20everything>"
    )
    assert message["List-Unsubscribe-Post"] is None


def test_mails_about_one_agreement_alone_are_a_thread() -> None:
    alone = sent(composed(replace(DIGEST, items=(ITEM,), rest=())))
    assert alone["References"] == alone["In-Reply-To"] == "<agreement-A17.everything@ngo.example>"
    assert sent(composed())["References"] is None


def test_both_forms_are_whole_and_every_line_is_plain_ascii() -> None:
    digest = in_language("ar", "اتفاقات الهجرة")
    raw = composed(digest)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = sent(composed(digest))
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "إعلان بين المغرب والنيجر لعام 2026: موقَّع" in text.get_content()
    assert 'dir="rtl"' in html.get_content()
    assert str(message["Subject"]).startswith("13 اتفاقًا جديدًا")


def test_a_subscription_name_cannot_add_a_header() -> None:
    name = 'x\r\nBcc: a@b.example <"\\>'
    message = sent(composed(replace(DIGEST, subscription=replace(DIGEST.subscription, name=name))))
    assert message["Bcc"] is None
    assert message["List-Id"] == "x Bcc: a@b.example <everything.accordwatch.ngo.example>"


def test_the_way_out_names_the_delivery_or_the_subscription() -> None:
    assert (
        unsubscribe_address("https://a.example/u", "digest-1-x", "s")
        == "https://a.example/u?t=digest-1-x"
    )
    assert unsubscribe_address("https://a.example/u?v=1", "d", "s") == "https://a.example/u?v=1&t=d"
    assert (
        unsubscribe_address("mailto:a@b.example", "d", "s")
        == "mailto:a@b.example?subject=unsubscribe%20s"
    )
    assert unsubscribe_address(None, "d", "s") is None
