"""Mailboxes on servers as sources, with a real IMAP server on loopback."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spiders.checks.source_tries import check_sources
from spiders.mail.connection import Mailbox, MailFailure, decoded, encoded, listed
from spiders.mail.reader import MailReader, Span, _key, _settle, _span, choose
from spiders.spec import CrawlSpec
from storage.database.session import Session, open_database
from storage.source import Login, Source, SourceKind
from storage.sources.manners import validators
from storage.sources.states import source_state
from tests.certificates import certificate
from tests.spiders.crawls import Done, crawl
from tests.spiders.local.places import local_spec
from tests.spiders.local.test_mailbox import newsletter
from tests.spiders.mail.server import NAME, PASSWORD
from tests.spiders.servers import running
from tests.spiders.test_ledger import unexplained
from tests.storage.opened import session

COUNTRIES = ("Niger", "Mali", "Chad", "Togo", "Ghana", "Benin")


@dataclass(frozen=True, slots=True)
class Box:
    """A running server and the folder that it serves."""

    folder: Path
    port: int

    def put(self, *numbers: int) -> None:
        for number in numbers:
            letter = newsletter(number, COUNTRIES[number % len(COUNTRIES)])
            (self.folder / str(number * 10)).write_bytes(bytes(letter))

    def source(self, scheme: str = "imap", name: str = "/", **values: Any) -> Source:
        url = f"{scheme}://127.0.0.1:{self.port}{name}"
        login = values.pop("login", Login(NAME, password_file=str(self.folder / "password")))
        return Source("box", SourceKind.IMAP, url, login=login, **values)

    def spec(self, source: Source, **crawl: Any) -> CrawlSpec:
        allowed = {"allow_private": [f"127.0.0.1:{self.port}"]}
        return local_spec(self.folder.parent, source, **(allowed | crawl))

    @property
    def asked(self) -> list[str]:
        lines = (self.folder / "log").read_text().splitlines()
        return [line.partition(" ")[2] for line in lines]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Any]:
    with_options = _server(tmp_path / "mail")
    with with_options() as box:
        yield box


def _server(folder: Path) -> Any:
    folder.mkdir(exist_ok=True)
    (folder / "validity").write_text("7")
    (folder / "password").write_text(f"{PASSWORD}\n")

    @contextmanager
    def start(*options: str) -> Iterator[Box]:
        with running("tests.spiders.mail.server", str(folder), *options) as line:
            yield Box(folder, int(line))

    return start


@contextmanager
def opened(box: Box, source: Source | None = None) -> Iterator[Mailbox]:
    mailbox = Mailbox(source or box.source(), frozenset({f"127.0.0.1:{box.port}"}), 5.0)
    try:
        mailbox.open()
        yield mailbox
    finally:
        mailbox.close()


def count(box: Box, source: Source | None = None) -> int:
    with opened(box, source) as mailbox:
        return mailbox.count


def refused(box: Box, source: Source) -> MailFailure:
    with pytest.raises(MailFailure) as failure, opened(box, source):
        pass
    return failure.value


def stored(done: Done) -> list[str]:
    return [
        event["url"].rsplit("/", 1)[1]
        for event in done.events
        if event["event"] == "document" and event["outcome"] == "stored"
    ]


# --- the crawl ----------------------------------------------------------------------------------


def test_new_messages_come_first_and_none_twice(served: Box) -> None:
    served.put(1, 2, 3)
    spec = served.spec(served.source(max_items=2))
    first = crawl(spec)
    assert sorted(stored(first)) == ["2", "3"], first.stderr
    assert first.problems() == ["later: 1 message is left for later looks"]
    served.put(4)
    assert sorted(stored(crawl(spec))) == ["1", "4"]
    third = crawl(spec)
    assert (third.code, stored(third), third.problems()) == (0, [], [])
    database = open_database(spec.database_url)
    assert unexplained(database) == {"box": 0}
    database.close()


def test_nothing_in_the_mailbox_changes_and_the_password_is_shown_to_nobody(served: Box) -> None:
    served.put(1)
    done = crawl(served.spec(served.source()))
    assert (stored(done), done.report["totals"]["relevant"]) == (["1"], 1)
    commands = [line for line in served.asked if line.isascii()]
    assert [line for line in commands if "SELECT" in line or "BODY[" in line] == []
    assert any(line.startswith("EXAMINE") for line in commands)
    output = f"{done.events}{done.stderr}"
    assert PASSWORD not in output


def test_a_server_that_dies_midway_is_a_failure_and_nothing_is_taken_for_read(
    tmp_path: Path,
) -> None:
    start = _server(tmp_path / "mail")
    with start("--cut", "10") as box:
        box.put(1, 2, 3)
        spec = box.spec(box.source())
        done = crawl(spec)
        assert sorted(stored(done)) == []
        (line,) = done.problems()
        assert line.startswith("connection: imap://127.0.0.1")
        assert done.code == 1
    with session(spec.database_url) as s:
        assert source_state(s, "box").failures == 1
        assert validators(s, _key(spec.sources[0])).etag is None


def test_a_wrong_password_is_a_failure_of_the_source(served: Box) -> None:
    (served.folder / "wrong").write_text("secret-of-mine")
    login = Login(NAME, password_file=str(served.folder / "wrong"))
    done = crawl(served.spec(served.source(login=login)))
    (line,) = done.problems()
    assert "login_refused: " in line
    assert NAME in line
    assert "secret-of-mine" not in f"{done.events}{done.stderr}"
    assert done.code == 1


def test_a_message_that_is_too_large_is_reported_and_not_asked_for(served: Box) -> None:
    served.put(1)
    (served.folder / "20").write_bytes(b"Subject: large\n\n" + b"word\n" * 3_000)
    done = crawl(served.spec(served.source(), max_bytes=10_000))
    assert stored(done) == ["1"]
    assert done.report["sources"]["box"]["skipped"] == {"too_large": 1}
    assert not any("UID FETCH 20 " in line for line in served.asked)


def test_a_check_tells_what_is_in_a_mailbox(served: Box) -> None:
    served.put(1, 2)
    spec = served.spec(served.source())
    (check,) = check_sources(spec.sources, spec.crawl)
    assert (check.alive, check.items, str(check.newest_on)) == (True, 2, "2025-03-06")


# --- the connection -----------------------------------------------------------------------------


def test_a_private_server_is_refused_unless_it_is_allowed(served: Box) -> None:
    with pytest.raises(MailFailure) as failure:
        Mailbox(served.source(), frozenset(), 5.0).open()
    assert failure.value.reason == "private_address"
    assert not (served.folder / "log").exists()


def test_a_mailbox_that_is_not_there_is_named_with_those_that_are(served: Box) -> None:
    failure = refused(served, served.source(name="/Bulletin"))
    assert (failure.reason, str(failure)) == (
        "missing",
        "there is no mailbox 'Bulletin'; there is INBOX, Bulletins/Présse",
    )
    served.put(1)
    assert count(served, served.source(name="/Bulletins/Pr%C3%A9sse")) == 1


def test_a_missing_variable_is_named(served: Box) -> None:
    failure = refused(served, served.source(login=Login(NAME, password_env="NO_SUCH_VARIABLE")))
    assert failure.reason == "no_password"
    assert "NO_SUCH_VARIABLE" in str(failure)


def test_a_server_that_announces_terabytes_is_left(tmp_path: Path) -> None:
    with _server(tmp_path / "mail")("--lie") as box:
        box.put(1)
        with pytest.raises(MailFailure, match="more than was asked for"), opened(box) as mailbox:
            mailbox.message(10, 10_000)


LISTED = b"* %d FETCH (UID %d RFC822.SIZE 5)\r\n"
OPENED = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [UIDNEXT 31]\r\n"


@pytest.mark.parametrize(
    ("select", "listed", "most"),
    [
        (OPENED, LISTED % (1, 10), 1),
        (OPENED, LISTED % (1, 10) * 5_000, 1),
        (OPENED, b"".join(LISTED % (n, n) for n in range(1, 5_000)), 3),
        (b"* 999999999999999999999 EXISTS\r\n", LISTED % (1, 10), 1),
        (b"* -5 EXISTS\r\n* OK [UIDVALIDITY -1]\r\n", LISTED % (1, 10), 0),
        (b"", LISTED % (1, 10), 0),
        (OPENED, b"* 1 FETCH (UID 0 RFC822.SIZE 0)\r\n", 0),
        (OPENED, b"* 1 FETCH (UID " + b"9" * 5_000 + b" RFC822.SIZE 5)\r\n", None),
        (OPENED, b"* 1 FETCH (UID 10 RFC822.SIZE 5 BODY[] {-5}\r\nabc)\r\n", None),
        (OPENED, b"* 1 FETCH (UID 10 RFC822.SIZE 5)\r\n\xff\xfe\x00\r\n", None),
        (OPENED, b"* BYE\r\n", None),
    ],
)
def test_a_server_that_lies_about_its_messages_gives_few_of_them_or_fails(
    tmp_path: Path, select: bytes, listed: bytes, most: int | None
) -> None:
    (tmp_path / "password").write_text("plain")

    def talk(listening: socket.socket) -> None:
        with suppress(OSError), listening.accept()[0] as peer, peer.makefile("rwb") as line:
            line.write(b"* OK ready\r\n")
            line.flush()
            for asked in line:
                tag, command = asked.split()[:2]
                answers = {b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n", b"EXAMINE": select}
                answers[b"FETCH"] = listed
                line.write(answers.get(command, b"") + tag + b" OK done\r\n")
                line.flush()

    with socket.create_server(("127.0.0.1", 0)) as lying:
        talker = threading.Thread(target=talk, args=(lying,))
        talker.start()
        box = Box(tmp_path, lying.getsockname()[1])
        got: int | None = None
        with suppress(MailFailure), opened(box) as mailbox:
            chosen = choose(mailbox, None, 200)
            got = len(chosen[1]) if chosen else 0
        talker.join(5)
    assert got == most


@pytest.mark.parametrize("said", [b"* OK there is more\r\n", b"* ", b"* 1 FETCH (FLAGS ())\r\n"])
def test_a_server_that_never_ends_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr("spiders.mail.connection._SMALL", 2_000_000)
    (tmp_path / "password").write_text(PASSWORD)

    def talk(listening: socket.socket) -> None:
        with suppress(OSError), listening.accept()[0] as peer:
            peer.sendall(b"* OK ready\r\n")
            while True:
                peer.sendall(said * 10_000)

    with socket.create_server(("127.0.0.1", 0)) as endless:
        talker = threading.Thread(target=talk, args=(endless,))
        talker.start()
        box = Box(tmp_path, endless.getsockname()[1])
        mailbox = Mailbox(box.source(), frozenset({f"127.0.0.1:{box.port}"}), 5.0)
        with pytest.raises(MailFailure) as failure:
            mailbox.open()
        mailbox.break_off()
        talker.join(5)
    assert failure.value.reason in ("connection", "broken")


def test_a_server_that_never_says_anything_is_left_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiders.mail.reader.STEP_S", 0.1)
    (tmp_path / "password").write_text(PASSWORD)
    run: Any = None
    with socket.create_server(("127.0.0.1", 0)) as silent:
        box = Box(tmp_path, silent.getsockname()[1])
        reader = MailReader(run)
        mailbox = Mailbox(box.source(), frozenset({f"127.0.0.1:{box.port}"}), 60.0)
        with pytest.raises(MailFailure) as failure:
            asyncio.run(reader.in_thread(mailbox, mailbox.open))
        reader.threads.shutdown(wait=True)  # the thread does not wait for the minute
    assert failure.value.reason == "timeout"


def test_messages_are_read_again_when_their_numbers_mean_others(s: Session) -> None:
    box = Source("box", SourceKind.IMAP, "imaps://a.example/")
    _settle(s, box, 7, Span(3, 9), ())
    assert _span(s, box, 7) == Span(3, 9)
    assert _span(s, box, 8) is None


def test_the_connection_is_encrypted_and_its_certificate_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = str(certificate(tmp_path).with_key)
    with _server(tmp_path / "mail")("--tls", pem) as box:
        assert refused(box, box.source("imaps")).reason == "certificate"
        monkeypatch.setenv("SSL_CERT_FILE", pem)
        box.put(1)
        assert count(box, box.source("imaps")) == 1
    with _server(tmp_path / "mail")("--starttls", pem) as box:
        assert count(box) == 1
        assert any(line.startswith("STARTTLS") for line in box.asked)


def test_without_encryption_no_password_leaves_this_machine(
    served: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiders.mail.connection.is_here", lambda host: False)
    assert refused(served, served.source()).reason == "no_encryption"
    assert not any(line.startswith(("LOGIN", "AUTHENTICATE")) for line in served.asked)
    plain = Login(NAME, password_file=str(served.folder / "password"), plain=True)
    assert count(served, served.source(login=plain)) == 0


# --- which messages -----------------------------------------------------------------------------


class Numbers:
    """A mailbox of numbers alone."""

    def __init__(self, uids: Sequence[int], next_uid: int | None = None) -> None:
        self.uids, self.next_uid, self.count = uids, next_uid, len(uids)

    def uid_at(self, place: int, /) -> int:
        return self.uids[place - 1]

    def letters(self, first: int, last: int, /) -> list[Any]:
        return [(uid, 1) for uid in self.uids[first - 1 : last]]


@pytest.mark.parametrize(
    ("uids", "before", "wanted", "left"),
    [
        ([3, 5, 9], None, [9, 5], 1),
        ([3, 5, 9, 12], Span(5, 9), [12, 3], 0),
        ([3, 5, 9, 12, 14, 17], Span(5, 9), [12, 14], 2),
        ([3, 9], Span(1, 9), [], 0),
        ([20, 21], Span(5, 9), [20, 21], 0),
        ([3], Span(5, 9), [3], 0),
    ],
)
@pytest.mark.parametrize("says_next", [True, False])
def test_new_messages_are_chosen_before_old_ones(
    uids: list[int], before: Span | None, wanted: list[int], left: int, *, says_next: bool
) -> None:
    box: Any = Numbers(uids, uids[-1] + 1 if says_next else None)
    chosen = choose(box, before, 2)
    assert chosen is not None
    _, letters, left_over, _ = chosen
    assert ([uid for uid, _ in letters], left_over) == (wanted, left)


@pytest.mark.parametrize("name", ["INBOX", "A & B", "Été/Bücher", "نشرات", 'a "b" \\c', "&-"])
def test_names_of_mailboxes_are_written_as_imap_does(name: str) -> None:
    line = b'(\\HasNoChildren) "/" ' + encoded(name).encode("ascii")
    assert listed(line) == name


def test_a_name_that_cannot_be_decoded_stays_as_it_is() -> None:
    assert decoded("a&x-b") == "a&x-b"
    assert encoded("Entwürfe") == '"Entw&APw-rfe"'
