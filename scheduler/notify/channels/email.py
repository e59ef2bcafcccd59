"""The mail channel: one SMTP conversation (RFC 5321) for as many recipients as there are."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from types import TracebackType

from scheduler.configuration.channels import EmailChannel
from storage.errors import DeliveryError, PermanentDeliveryError

# What a server says goes into one line of ours.
_REPLY_LENGTH = 200


class Mailer:
    """Hands messages to one server. Connects at the first, again after a line that dropped. A context manager."""

    def __init__(self, channel: EmailChannel) -> None:
        self._channel = channel
        self._line: smtplib.SMTP | None = None

    def __enter__(self) -> Mailer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._line.quit()
        self._hang_up()

    def greet(self) -> None:
        """Connect and log in, and send nothing; raises DeliveryError or ConfigurationError."""
        line = self._line or self._connect()
        try:
            line.noop()
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise DeliveryError(
                f"{self._server} dropped the line: {error or type(error).__name__}"
            ) from error

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand the message over for one recipient.

        Raises PermanentDeliveryError where the server refuses it for good (5xx), DeliveryError for all else: a line
        that drops after the message was sent is repeated under the same Message-ID.
        """
        line = self._line or self._connect()
        try:
            line.send_message(message, self._channel.sender, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = error.recipients[recipient]
            self._start_over()
            raise self._refusal(f"refuses {recipient}", code, reply) from error
        except smtplib.SMTPSenderRefused as error:
            self._start_over()
            raise self._refusal(
                f"refuses the sender {self._channel.sender}", error.smtp_code, error.smtp_error
            ) from error
        except smtplib.SMTPResponseException as error:
            self._start_over()
            raise self._refusal("refuses the message", error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise DeliveryError(
                f"{self._server} dropped the line: {error or type(error).__name__}"
            ) from error

    @property
    def _server(self) -> str:
        return f"the mail server {self._channel.host}:{self._channel.port}"

    def _connect(self) -> smtplib.SMTP:
        try:
            self._line = self._dial()
            self._log_in(self._line)
        except smtplib.SMTPAuthenticationError as error:
            self._hang_up()
            # A wrong password is mended by a person, within days: the digest waits for that.
            advice = "check username and password of the channel"
            raise DeliveryError(
                f"{self._server} does not let us in ({error.smtp_code}); {advice}"
            ) from error
        except ssl.SSLCertVerificationError as error:
            self._hang_up()
            raise DeliveryError(
                f"{self._server} has no valid certificate: {error.verify_message}"
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            self._hang_up()
            raise DeliveryError(
                f"{self._server}: {error} Check `security` of the channel"
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise DeliveryError(
                f"{self._server} cannot be reached: {error or type(error).__name__}"
            ) from error
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
                context=self._certificates(),
            )
        line = smtplib.SMTP(channel.host, channel.port, name, timeout=channel.timeout_s)
        if channel.security == "starttls":
            try:
                line.starttls(context=self._certificates())
            except BaseException:
                line.close()
                raise
        return line

    def _certificates(self) -> ssl.SSLContext:
        file = self._channel.ca_file
        try:
            return ssl.create_default_context(cafile=str(file) if file else None)
        except OSError as error:
            raise DeliveryError(
                f"ca_file {file} cannot be read: {error.strerror or error}"
            ) from error

    def _log_in(self, line: smtplib.SMTP) -> None:
        if self._channel.username is not None:
            password = self._channel.password.reveal() if self._channel.password else ""
            line.login(self._channel.username, password)

    def _refusal(self, what: str, code: int, reply: bytes | str) -> DeliveryError:
        said = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        text = f"{self._server} {what}: {code} {' '.join(said.split())[:_REPLY_LENGTH]}"
        return PermanentDeliveryError(text) if 500 <= code < 600 else DeliveryError(text)

    def _start_over(self) -> None:
        """The next message begins on a clean line, or on a new one: 421 means that the server hangs up."""
        try:
            if self._line is None or self._line.rset()[0] != 250:
                self._hang_up()
        except (smtplib.SMTPException, OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None
