"""The mail channel: one SMTP conversation (RFC 5321) for all recipients on one server."""

from __future__ import annotations

import contextlib
import json
import smtplib
import ssl
from dataclasses import asdict
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from scheduler.configuration.sections import EmailChannel
from scheduler.notify.channels.message import (
    MAIL_POLICY,
    Envelope,
    Sender,
    bad_certificate,
    compose,
    raise_all,
    unreachable,
    unsubscribe_address,
)
from scheduler.notify.digest.build import OPERATOR, Digest
from scheduler.notify.digest.render import Rendered, render
from storage.errors import ChannelDownError, DeliveryError, PermanentDeliveryError, system_fault
from storage.phrases import Phrase

# Gmail cuts a mail off at 102 KB of HTML. An agreement takes 1.5 to 2 KB in full, 0.9 KB more with
# the links that answer, and 0.2 to 0.4 KB as a line: of a hundred about forty are shown in full, or
# 25 with these links.
MAIL_PAGE = 100

# Characters of a server's reply in one line of ours.
_REPLY_LENGTH = 200


class EmailSender(Sender):
    """Mails digests, with a way to unsubscribe that belongs to the recipient."""

    settings = EmailChannel

    def __init__(self, channel: EmailChannel, folder: Path) -> None:
        super().__init__(channel, folder)
        self._mailer = Mailer(channel)

    def hand_over(
        self, digest: Digest, message_id: str, recipient: str, now: datetime, body: str | None
    ) -> None:
        url, *further = self._unsubscribe_urls(digest, message_id)
        envelope = Envelope(message_id, recipient, self._channel.sender, url)
        rendered = Rendered(**json.loads(body)) if body else render(digest, url, *further)
        message = compose(digest, envelope, rendered=rendered)
        self._mailer.send(message, recipient)

    def body(self, digest: Digest, message_id: str) -> str:
        """Subject and texts, since one Message-ID stands for one mail. Sender and recipient are
        those of the configuration at each try: a wrong one may be why the first was refused.
        """
        rendered = render(digest, *self._unsubscribe_urls(digest, message_id))
        return json.dumps(asdict(rendered), ensure_ascii=False)

    def _unsubscribe_urls(self, digest: Digest, message_id: str) -> list[str | None]:
        """The way out of each subscription in the mail."""
        return [
            self._unsubscribe_url(section, section.token or message_id)
            for section in digest.sections
        ]

    def _unsubscribe_url(self, digest: Digest, token: str) -> str | None:
        subscription = digest.subscription
        if subscription.id == OPERATOR:  # the operator does not unsubscribe by one click
            return None
        setting = self._channel.unsubscribe
        return subscription.manage or unsubscribe_address(setting, token, subscription.id)

    def probe(self) -> str:
        mailer = self._mailer
        raise_all(mailer.certificates, mailer.password, mailer.greet)
        place = f"{self._channel.host}:{self._channel.port}"
        if self._channel.username:
            return Phrase("{place} lets us in", place=place)
        return Phrase("{place} answers", place=place)

    def close(self) -> None:
        self._mailer.close()

    @staticmethod
    def recipients(channel: EmailChannel) -> tuple[str, ...]:
        return channel.to

    @staticmethod
    def page_size(max_items: int) -> int:
        """A mail shows `max_items` agreements in full and lists the others."""
        return max(max_items, MAIL_PAGE)


class Mailer:
    """Hands messages to one server, to which it connects for the first one, or anew."""

    def __init__(self, channel: EmailChannel) -> None:
        self._channel = channel
        self._line: smtplib.SMTP | None = None

    def close(self) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._line.quit()
        self._hang_up()

    def greet(self) -> None:
        """Connect and log in. Raises DeliveryError or ConfigurationError."""
        line = self._line or self._connect()
        try:
            line.noop()
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise DeliveryError(self._dropped(error)) from error

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand a message over. Raises PermanentDeliveryError for a 5xx, and DeliveryError for all
        else: if the line drops after it was sent, it is repeated under the same Message-ID.
        """
        is_ascii = (self._channel.sender + recipient).isascii()
        content = message.as_bytes(policy=MAIL_POLICY.clone(utf8=not is_ascii))
        line = self._line or self._connect()
        try:
            if not is_ascii:
                line.ehlo_or_helo_if_needed()
                if not line.has_extn("smtputf8"):
                    reason = "it takes no addresses with letters beyond ASCII"
                    raise smtplib.SMTPNotSupportedError(reason)
            options = () if is_ascii else ("SMTPUTF8", "BODY=8BITMIME")  # RFC 6531
            line.sendmail(self._channel.sender, [recipient], content, options)
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = error.recipients[recipient]
            self._start_over()
            raise self._refusal(recipient, code, reply) from error
        except smtplib.SMTPSenderRefused as error:
            self._start_over()
            what = Phrase("the sender {sender}", sender=self._channel.sender)
            raise self._refusal(what, error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPResponseException as error:
            self._start_over()
            raise self._refusal("the message", error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            # smtplib says of a server that fell silent that it closed the line
            is_silent = isinstance(error, TimeoutError) or isinstance(
                error.__context__, TimeoutError
            )
            down = ChannelDownError if is_silent else DeliveryError
            raise down(self._dropped(error)) from error

    @property
    def _server(self) -> str:
        place = f"{self._channel.host}:{self._channel.port}"
        return Phrase("the mail server {place}", place=place)

    def _dropped(self, error: Exception) -> str:
        form = "{server} dropped the line: {why}"
        return Phrase(form, server=self._server, why=system_fault(error))

    def _connect(self) -> smtplib.SMTP:
        try:
            self._line = self._dial()
            if self._channel.username is not None:
                self._line.login(self._channel.username, self.password())
        except smtplib.SMTPAuthenticationError as error:
            self._hang_up()
            # Somebody corrects a wrong password within days; the digest waits for that.
            raise ChannelDownError(
                "{server} does not let us in ({code}); check username and password of the channel",
                server=self._server,
                code=error.smtp_code,
            ) from error
        except ssl.SSLCertVerificationError as error:
            self._hang_up()
            raise ChannelDownError(bad_certificate(self._server, error)) from error
        except smtplib.SMTPNotSupportedError as error:
            self._hang_up()
            raise ChannelDownError(
                f"{self._server}: {error} Check `security` of the channel"
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise ChannelDownError(unreachable(self._server, system_fault(error))) from error
        return self._line

    def _dial(self) -> smtplib.SMTP:
        channel = self._channel
        name = channel.sender.rpartition("@")[2]
        if channel.security == "tls":
            return smtplib.SMTP_SSL(
                channel.host,
                channel.port,
                name,
                timeout=channel.timeout_s,
                context=self.certificates(),
            )
        line = smtplib.SMTP(channel.host, channel.port, name, timeout=channel.timeout_s)
        if channel.security == "starttls":
            try:
                line.starttls(context=self.certificates())
            except BaseException:
                line.close()
                raise
        return line

    def certificates(self) -> ssl.SSLContext:
        """Raises DeliveryError if the file of authorities cannot be read."""
        file = self._channel.ca_file
        try:
            return ssl.create_default_context(cafile=str(file) if file else None)
        except OSError as error:
            form = "ca_file {file} cannot be read: {why}"
            raise DeliveryError(form, file=file, why=system_fault(error)) from error

    def password(self) -> str:
        """Raises ConfigurationError if it is not where the channel says."""
        return self._channel.password.reveal() if self._channel.password else ""

    def _refusal(self, what: str, code: int, reply: bytes | str) -> DeliveryError:
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        one_line = " ".join(text.split())[:_REPLY_LENGTH]
        kind = PermanentDeliveryError if 500 <= code < 600 else DeliveryError
        form = "{server} refuses {what}: {code} {answer}"
        return kind(form, server=self._server, what=what, code=code, answer=one_line)

    def _start_over(self) -> None:
        """Reset the conversation, or hang up: after a 421 the server does so itself."""
        try:
            if self._line is None or self._line.rset()[0] != 250:
                self._hang_up()
        except (smtplib.SMTPException, OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None
