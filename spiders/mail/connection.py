"""A mailbox on a server, by IMAP (RFC 3501). imaplib's one home.

The mailbox is opened by EXAMINE and messages are fetched by BODY.PEEK, so that nothing in it
changes, not even whether a message was read. What the server sends is bounded, whatever length it
announces: imaplib alone would reserve that much memory.

Everything here blocks, and is to be run in a thread. `break_off`, from another thread, ends it.
"""

from __future__ import annotations

import base64
import binascii
import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from spiders.catalog.secrets import Secret, hide
from spiders.fetch.private_networks import PRIVATE, is_public, literal_address
from spiders.fetch.refusals import Refusal
from storage.errors import AccordwatchError, ConfigurationError
from storage.source import Login, Source

IMAPS_PORT, IMAP_PORT = 993, 143
GOODBYE_S = 3.0  # for the server to answer that we log out
# Bytes of an answer that holds no message: headers, or a line for each of some thousand messages.
_SMALL = 20_000_000
_MOST_NAMES = 12  # mailboxes that are listed when a name was misspelt
_UID, _SIZE = re.compile(rb"\bUID (\d{1,10})\b"), re.compile(rb"\bRFC822\.SIZE (\d{1,18})\b")
_BODY = re.compile(rb"\bBODY\[[^\]]*\] \{\d+\}$")
_PLAIN_NAME = re.compile(r"[\w.@+-]+", re.ASCII)

T = TypeVar("T")


class MailFailure(AccordwatchError):
    """A mailbox that cannot be read. `reason` is one word for counting: private_address, dns,
    connection, timeout, certificate, no_encryption, no_password, login_refused, missing, broken.
    """

    def __init__(self, reason: str, line: str) -> None:
        self.reason = reason
        super().__init__(line)


# A message on the server: its number there, which it keeps, and its size in bytes.
ServerMessage = tuple[int, int]


class _Client(imaplib.IMAP4):
    """imaplib's client behind the address gate, which takes no more than `room` bytes a command."""

    def __init__(self, box: Mailbox) -> None:
        self.box, self.room = box, _SMALL
        super().__init__(box.host, box.port, box.timeout_s)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        box = self.box
        box.socket = raw_socket = connect(box.host, box.port, box.allowed, box.timeout_s)
        if not box.is_tls:
            return raw_socket
        try:
            context = ssl.create_default_context()
            box.socket = context.wrap_socket(raw_socket, server_hostname=box.host)
        except BaseException:
            raw_socket.close()
            raise
        return box.socket

    def read(self, size: int) -> bytes:
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        self.room -= size
        if self.room < 0:
            raise self.abort("the server sends more than was asked for")


def is_here(host: str) -> bool:
    """Whether a server is on this machine, so that nobody can listen."""
    address = literal_address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


class Mailbox:
    """The mailbox of a source. Raises MailFailure, or ConfigurationError for the password."""

    def __init__(self, source: Source, allowed: frozenset[str], timeout_s: float) -> None:
        assert source.login is not None  # noqa: S101 - the configuration is checked
        self.source, self.login = source, source.login
        self.allowed, self.timeout_s = allowed, timeout_s
        parts = urlsplit(source.url)
        self.host, self.is_tls = parts.hostname or "", parts.scheme == "imaps"
        self.port = parts.port or (IMAPS_PORT if self.is_tls else IMAP_PORT)
        self.socket: socket.socket | None = None  # that of the client, as soon as there is one
        self._may_be_plain = source.login.plain or is_here(self.host)
        self._client: _Client | None = None
        self._password = ""
        self.validity = 0  # another one means that the numbers of messages mean others
        self.count = 0
        self.next_uid: int | None = None

    # --- opening --------------------------------------------------------------------------------

    def open(self) -> None:
        self._password = _password(self.login)
        for step in (self._connect, self._log_in, self._examine):
            self._do(step)

    def _connect(self) -> None:
        client = self._client = _Client(self)
        if self.is_tls or client.state != "NONAUTH":
            return
        if "STARTTLS" in client.capabilities:
            client.starttls(ssl.create_default_context())
            self.socket = client.sock
        elif not self._may_be_plain:
            raise MailFailure(
                "no_encryption",
                "the server does not offer STARTTLS, so the password would go over the network as "
                "it is; write imaps:// if it is encrypted from the start",
            )

    def _log_in(self) -> None:
        client, name, password = self.client, self.login.username, self._password
        if client.state != "NONAUTH":
            if not (
                self.is_tls or self._may_be_plain
            ):  # who stands between us would keep us from STARTTLS in this way
                raise MailFailure("no_encryption", "the server lets us in before it encrypts")
            return
        try:
            if "AUTH=PLAIN" in client.capabilities:
                client.authenticate("PLAIN", lambda _: f"\0{name}\0{password}".encode())
            else:
                client.login(name if _PLAIN_NAME.fullmatch(name) else _quoted(name), password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            line = f"the server refuses the name or password of {name}: {self._message(error)}"
            raise MailFailure("login_refused", line) from None
        except UnicodeEncodeError:
            line = "the server takes passwords of plain ASCII only; change it, or the server"
            raise MailFailure("login_refused", line) from None

    def _examine(self) -> None:
        client = self.client
        name = unquote(urlsplit(self.source.url).path).strip("/") or _INBOX
        client.room = _SMALL
        status, answer = client.select(encoded(name), readonly=True)
        if status != "OK":
            raise MailFailure("missing", f"there is no mailbox {name!r}{self._others()}")
        self.count = _number(answer)
        self.validity = _number(client.response("UIDVALIDITY")[1])
        self.next_uid = _number(client.response("UIDNEXT")[1]) or None

    def _others(self) -> str:
        with suppress(imaplib.IMAP4.error, OSError):
            lines = self.client.list()[1]
            names = [listed(line) for line in lines if isinstance(line, bytes)]
            boxes = [name for name in names if name is not None]
            more = f" and {len(boxes) - _MOST_NAMES} more" if len(boxes) > _MOST_NAMES else ""
            if boxes:
                return f"; there is {', '.join(boxes[:_MOST_NAMES])}{more}"
        return ""

    # --- reading --------------------------------------------------------------------------------

    def uid_at(self, place: int) -> int:
        """The number of the message at a place; places are counted from 1, in order of numbers."""
        return self._letters(str(place))[0][0]

    def letters(self, first: int, last: int) -> list[ServerMessage]:
        if first > last:
            return []
        found = self._letters(f"{first}:{last}")
        return found[: last - first + 1]  # a server may list a million more

    def _letters(self, places: str) -> list[ServerMessage]:
        lines = self._do(lambda: self._fetch(places, "(UID RFC822.SIZE)"))
        sizes = {
            int(uid[1]): int(size[1])
            for line in lines
            if isinstance(line, bytes)
            if (uid := _UID.search(line)) and (size := _SIZE.search(line))
        }
        if not sizes:
            raise MailFailure("broken", "the server does not say which messages there are")
        return sorted(sizes.items())

    def heads(self, first: int, last: int) -> list[bytes]:
        """The headers of the messages from one place to another that show what they are."""
        names = "(FROM SUBJECT DATE MESSAGE-ID ARCHIVED-AT LIST-ID)"
        parts = f"(BODY.PEEK[HEADER.FIELDS {names}])"
        lines = self._do(lambda: self._fetch(f"{first}:{last}", parts)) if first <= last else []
        return [line[1] for line in lines if isinstance(line, tuple)]

    def message(self, uid: int, most: int) -> bytes | None:
        """The bytes of a message, `most` at most; None if it is gone."""
        client = self.client

        def fetch() -> Sequence[Any]:
            client.room = most + 100_000
            return _checked(client.uid("FETCH", str(uid), "(BODY.PEEK[])"))

        for line in self._do(fetch):
            if isinstance(line, tuple) and _BODY.search(line[0]):
                return bytes(line[1])
        return None

    def _fetch(self, places: str, parts: str) -> Sequence[Any]:
        self.client.room = _SMALL
        return _checked(self.client.fetch(places, parts))

    # --- ending ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Logs out, if the server still listens."""
        if self._client is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                self._client.sock.settimeout(GOODBYE_S)
                self._client.logout()
            with suppress(OSError):
                self._client.shutdown()

    def break_off(self) -> None:
        """Cuts the connection, so that a thread that waits for the server goes on."""
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)

    @property
    def client(self) -> _Client:
        assert self._client is not None  # noqa: S101 - it was opened
        return self._client

    def _do(self, work: Callable[[], T]) -> T:
        """What `work` returns; MailFailure for all that keeps a server from answering."""
        try:
            return work()
        except Refusal as error:
            raise MailFailure(error.reason, str(error)) from None
        except (imaplib.IMAP4.error, OSError, ValueError) as error:
            known = ((why, line) for kind, why, line in _WHY if isinstance(error, kind))
            reason, line = next(known, ("broken", "the server answers what we do not understand"))
            raise MailFailure(reason, f"{line}: {self._message(error)}") from None

    def _message(self, error: BaseException) -> str:
        """What the server or the system says, without the password."""
        message = " ".join(str(error).removeprefix("b'").removesuffix("'").split())[:300]
        hidden = message.replace(self._password, "***") if self._password else message
        return hide(hidden, self._password)


_WHY: tuple[tuple[type[BaseException], str, str], ...] = (
    (ssl.SSLCertVerificationError, "certificate", "its certificate cannot be verified"),
    (ssl.SSLError, "no_encryption", "it does not speak TLS as its address says"),
    (socket.gaierror, "dns", "the name of the server does not resolve"),
    (TimeoutError, "timeout", "the server does not answer in time"),
    (ConnectionRefusedError, "connection", "the server refuses the connection"),
    (imaplib.IMAP4.abort, "connection", "the connection broke"),
    (OSError, "connection", "the connection broke"),
)


def _password(login: Login) -> str:
    secret = Secret.model_validate({"env": login.password_env, "file": login.password_file})
    try:
        return secret.reveal()
    except ConfigurationError as error:
        raise MailFailure("no_password", str(error)) from None


def _checked(answer: tuple[str, Sequence[Any]]) -> Sequence[Any]:
    status, lines = answer
    if status != "OK":
        raise imaplib.IMAP4.error(str(lines[-1] if lines else status))
    return lines


def _number(lines: Sequence[Any] | None) -> int:
    """The number in the last of these lines; 0 if there is none."""
    last = lines[-1] if lines else None
    match = re.match(rb"\d{1,18}", last) if isinstance(last, bytes) else None
    return int(match[0]) if match else 0


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# --- names of mailboxes in modified UTF-7 (RFC 3501, section 5.1.3) -------------------------------

_INBOX = "INBOX"
_OTHERS = re.compile(r"[^\x20-\x7e]+")
_CODED = re.compile(r"&([A-Za-z0-9+,]*)-")
# A line of LIST: flags, the delimiter of levels, the name with or without quotation marks.
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"\\?."|NIL) (?P<name>"(?:[^"\\]|\\.)*"|[^"\s]\S*)')


def encoded(name: str) -> str:
    """A name in modified UTF-7, between quotation marks, as commands take it."""
    return _quoted(_OTHERS.sub(lambda match: f"&{_base64(match[0])}-", name.replace("&", "&-")))


def decoded(name: str) -> str:
    """A name in modified UTF-7, as people write it. What cannot be read stays as it is."""

    def read(match: re.Match[str]) -> str:
        if not match[1]:
            return "&"
        padded = match[1].replace(",", "/") + "=" * (-len(match[1]) % 4)
        try:
            return base64.b64decode(padded).decode("utf-16-be")
        except (binascii.Error, ValueError):
            return match[0]

    return _CODED.sub(read, name)


def listed(line: bytes) -> str | None:
    """The name in a line of LIST; None if the line cannot be read, or messages are never in it."""
    match = _LISTED.match(line)
    if match is None or b"\\noselect" in match["flags"].lower():
        return None
    name = match["name"].decode("ascii", "replace")
    if name.startswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return decoded(name)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")


# --- a TCP connection through the address gate ----------------------------------------------------


def connect(host: str, port: int, allowed: frozenset[str], timeout_s: float) -> socket.socket:
    """Connect to `host`. The name is resolved once, and only public addresses are tried, unless
    "host:port" is among the `allowed`. Raises Refusal ("private_address"), or an OSError if nobody
    answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    is_open = f"{host.lower()}:{port}" in allowed
    addresses = [
        address
        for _, _, _, _, address in found
        if is_open or is_public(ip_address(str(address[0]).partition("%")[0]))
    ]
    if not addresses:
        raise Refusal("private_address", PRIVATE.format(host=host))
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            return socket.create_connection((str(address[0]), port), timeout_s)
    return socket.create_connection((str(last[0]), port), timeout_s)
