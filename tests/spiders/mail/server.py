"""An IMAP server with one mailbox, made of Twisted's: `python -m tests.spiders.mail.server FOLDER`.

Each file in the folder is a message, its name is the UID; the file `validity` holds the UIDVALIDITY.
What is asked of it goes to the file `log` there. Prints its port.

--tls FILE: encrypted from the start. --starttls FILE: on demand. --cut UID: the connection breaks in
the middle of that message. --lie: announces messages of terabytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from twisted.internet import protocol, reactor
from twisted.mail.interfaces import (
    IAccountIMAP,
    IMailboxIMAP,
    IMailboxIMAPInfo,
    IMessageIMAP,
    IMessageIMAPFile,
)
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

# What types they have are said in part only.
imap4: Any = import_module("twisted.mail.imap4")
ssl: Any = import_module("twisted.internet.ssl")
checkers: Any = import_module("twisted.cred.checkers")
portal: Any = import_module("twisted.cred.portal")

NAME, PASSWORD = "reader@example.org", "corrèct horse"
MAILBOXES = ("INBOX", "Bulletins/Présse")


@implementer(IMessageIMAP, IMessageIMAPFile)
class OneMessage:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.message: Message = message_from_bytes(path.read_bytes())

    def getUID(self) -> int:
        return int(self.path.name)

    def getFlags(self) -> list[str]:
        return []

    def getInternalDate(self) -> str:
        return "01-Mar-2025 10:00:00 +0000"

    def getHeaders(self, negate: bool, *names: Any) -> dict[str, str]:
        wanted = {(name if isinstance(name, str) else name.decode()).lower() for name in names}
        return {
            key.lower(): str(value)
            for key, value in self.message.items()
            if (key.lower() in wanted) != negate
        }

    def getBodyFile(self) -> BytesIO:
        return BytesIO(self.path.read_bytes().partition(b"\n\n")[2])

    def getSize(self) -> int:
        return self.path.stat().st_size

    def isMultipart(self) -> bool:
        return False

    def getSubPart(self, part: int) -> None:
        raise IndexError(part)

    def open(self) -> BytesIO:
        return BytesIO(self.path.read_bytes())


@implementer(IMailboxIMAP, IMailboxIMAPInfo)
class OneMailbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def paths(self) -> list[Path]:
        found = (path for path in self.folder.iterdir() if path.name.isdigit())
        return sorted(found, key=lambda path: int(path.name))

    def getFlags(self) -> list[str]:
        return ["\\Seen"]

    def getHierarchicalDelimiter(self) -> str:
        return "/"

    def getUIDValidity(self) -> int:
        return int((self.folder / "validity").read_text())

    def getUIDNext(self) -> int:
        return max((int(path.name) for path in self.paths()), default=0) + 1

    def getUID(self, message: int) -> int:
        return int(self.paths()[message - 1].name)

    def getMessageCount(self) -> int:
        return len(self.paths())

    def getRecentCount(self) -> int:
        return 0

    def getUnseenCount(self) -> int:
        return 0

    def isWriteable(self) -> bool:
        return True

    def addListener(self, listener: Any) -> None:
        pass

    def removeListener(self, listener: Any) -> None:
        pass

    def store(self, *_: Any, **__: Any) -> None:
        raise AssertionError("nothing in the mailbox may change")

    addMessage = expunge = destroy = store

    def requestStatus(self, names: Any) -> dict[str, int]:
        return imap4.statusRequestHelper(self, names)  # type: ignore[no-any-return]

    def fetch(self, messages: Any, uid: bool) -> Iterator[tuple[int, OneMessage]]:
        paths = self.paths()
        messages.last = int(paths[-1].name) if uid else len(paths)
        for place, path in enumerate(paths, 1):
            if (int(path.name) if uid else place) in messages:
                yield place, OneMessage(path)


@implementer(IAccountIMAP)
class Account:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def listMailboxes(self, reference: str, pattern: str) -> list[tuple[str, OneMailbox]]:
        return [(name, OneMailbox(self.folder)) for name in MAILBOXES]

    def select(self, name: str, rw: bool = True) -> OneMailbox | None:
        return OneMailbox(self.folder) if name in MAILBOXES else None


class Server(imap4.IMAP4Server):  # type: ignore[misc]  # see above
    options: argparse.Namespace

    def lineReceived(self, line: bytes) -> None:
        with (self.options.folder / "log").open("ab") as log:
            log.write(line + b"\n")
        cut = self.options.cut
        if cut and line.split(b" ", 1)[1].startswith(b"UID FETCH %d " % cut):
            self.transport.write(b"* 1 FETCH (UID %d BODY[] {1000}\r\nSubject: half" % cut)
            self.transport.loseConnection()
        elif self.options.lie and b"UID FETCH" in line:
            self.transport.write(b"* 1 FETCH (UID 1 BODY[] {999999999999}\r\nSubject: ")
        else:
            super().lineReceived(line)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tls", default="")
    parser.add_argument("--starttls", default="")
    parser.add_argument("--cut", type=int, default=0)
    parser.add_argument("--lie", action="store_true")
    options = parser.parse_args()
    Server.options = options
    account = Account(options.folder)

    class Realm:
        def requestAvatar(self, name: bytes, mind: Any, *wanted: Any) -> Any:
            return IAccountIMAP, account, lambda: None

    checker = checkers.InMemoryUsernamePasswordDatabaseDontUse()
    checker.addUser(NAME.encode(), PASSWORD.encode())
    way_in = portal.Portal(Realm(), [checker])

    def context(pem: str) -> Any:
        return ssl.DefaultOpenSSLContextFactory(pem, pem) if pem else None

    class Factory(protocol.Factory):
        def buildProtocol(self, address: Any) -> Server:
            server = Server(contextFactory=context(options.starttls))
            server.portal = way_in
            server.challengers = {b"PLAIN": imap4.PLAINCredentials}
            return server

    running: Any = reactor
    tls = context(options.tls)
    if tls is not None:
        port = running.listenSSL(0, Factory(), tls, interface="127.0.0.1")
    else:
        port = running.listenTCP(0, Factory(), interface="127.0.0.1")
    sys.stdout.write(f"{port.getHost().port}\n")
    sys.stdout.flush()
    running.run()


if __name__ == "__main__":
    main()
