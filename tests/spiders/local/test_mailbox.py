"""Newsletters in maildirs and mbox files as sources."""

from __future__ import annotations

import asyncio
import mailbox as standard
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.process.task import Task
from spiders.local import mailbox
from spiders.local.files import HeldFile, Portion, Room, held_file
from spiders.local.reader import LocalReader, ReadingAtHand
from spiders.mail import messages
from storage.database.session import open_database
from storage.errors import UnreadableError
from storage.source import Source, SourceKind
from storage.sources.manners import Validators
from tests.spiders.crawls import crawl
from tests.spiders.local.places import SIGNED, documents, local_source, local_spec, outcomes
from tests.spiders.test_ledger import unexplained


def newsletter(number: int, country: str, *, html: bool = True, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Migration Desk <desk@letters.example>"
    message["To"] = "reader@example.org"
    message["Subject"] = f"{country} and Spain sign a readmission agreement"
    message["Date"] = f"Tue, {number + 4:02} Mar 2025 10:00:00 +0100"
    message["Message-ID"] = f"<issue-{number}@letters.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(SIGNED.format(country) + "\nFrom Madrid, our desk.\n")
    if html:
        link = f"https://letters.example/issue/{number}?utm_source=mail"
        message.add_alternative(
            f"<html><head><title>Letter</title></head><body><p><a href='{link}'>View this email in your browser</a></p>"
            f"<p>{SIGNED.format(country)}</p><p><a href='https://letters.example/out'>Unsubscribe</a></p></body></html>",
            subtype="html",
        )
    return message


def read(path: Path, at: int = 0, **room: Any) -> Portion[Task]:
    file = held_file(path)
    assert file is not None
    source = Source("s", SourceKind.MAILBOX, path.as_uri())
    return mailbox.read(source, file, at, Room(**({"documents": 20, "max_bytes": 100_000} | room)))


def mbox(path: Path, *messages: EmailMessage) -> Path:
    box = standard.mbox(path)
    for message in messages:
        box.add(message)
    box.close()
    return path


def only(path: Path) -> Task:
    (task,) = read(path).documents
    return task


def title(of: Task) -> str | None:
    assert of.candidate is not None
    return of.candidate.title


def test_a_message_is_a_document_of_its_sender_and_day(tmp_path: Path) -> None:
    task = only(mbox(tmp_path / "a", newsletter(1, "Niger")))
    assert task.fetched.url == "https://letters.example/issue/1"
    assert task.source is not None
    assert task.candidate is not None
    assert (task.source.name, str(task.candidate.published_on)) == (
        "Migration Desk",
        "2025-03-05",
    )
    assert task.candidate.title == "Niger and Spain sign a readmission agreement"


def test_where_no_link_leads_to_it_a_message_has_its_own_name(tmp_path: Path) -> None:
    plain = only(mbox(tmp_path / "a", newsletter(1, "Niger", html=False)))
    assert plain.fetched.url == "mid:issue-1@letters.example"
    assert b"\nFrom Madrid, our desk." in plain.fetched.body
    archived = newsletter(2, "Niger", Archived_At="<https://lists.example/2>")
    assert only(mbox(tmp_path / "b", archived)).fetched.url == "https://lists.example/2"


@pytest.mark.parametrize(
    "words",
    [
        "Voir dans le navigateur",
        "Ver en el navegador",
        "عرض في المتصفح",
        "Im Browser ansehen",
        "Web version",
    ],
)
def test_the_link_to_itself_is_known_in_our_languages(words: str) -> None:
    html = f"<a href='https://a.example/other'>Read the report</a><a href='https://a.example/1'>{words}</a>"
    assert messages._in_browser(html) == "https://a.example/1"


def test_an_mbox_is_read_on_from_where_it_was_left(tmp_path: Path) -> None:
    path = mbox(tmp_path / "a", *(newsletter(number, "Mali") for number in range(5)))
    first = read(path, documents=2)
    second = read(path, first.next_at)
    assert (len(first.documents), first.ended) == (2, False)
    assert (len(second.documents), second.ended, second.next_at) == (3, True, path.stat().st_size)


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: =?utf-8?q?=ff?=\nDate: yesterday\nFrom: \xff\xfe\nContent-Type: text/html; charset=none-such\n\n<p>Text",
        b"Content-Type: multipart/alternative\n\nno boundary",
        b"no headers at all",
        b"Date: Tue, 99 Mar 2025 10:00:00 +9900\nMessage-ID: <\n\n",
    ],
)
def test_damaged_messages_harm_nothing(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"From x\n" + raw + b"\n\nFrom x\nSubject: next\n\nThe next one.\n")
    assert [title(document) for document in read(path).documents][-1] == "next"


def test_a_message_that_is_too_large_is_told_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(
        b"From x\n\n" + b"word\n" * 30_000 + b"\nFrom x\nSubject: next\n\nThe next one.\n"
    )
    portion = read(path)
    assert [title(document) for document in portion.documents] == ["next"]
    assert [reason for _, reason, _ in portion.skipped] == ["too_large"]


def test_messages_are_stored_once_also_after_they_were_read(tmp_path: Path) -> None:
    box = standard.Maildir(tmp_path / "mail")
    key = box.add(newsletter(1, "Niger"))
    box.add_folder("Lists").add(newsletter(2, "Mali"))
    spec = local_spec(tmp_path, local_source(SourceKind.MAILBOX, tmp_path / "mail"))
    first = crawl(spec)
    assert outcomes(first) == {"1": "stored", "2": "stored"}, first.stderr
    (new,) = (tmp_path / "mail" / "new").iterdir()
    new.rename(tmp_path / "mail" / "cur" / f"{key}:2,S")
    assert outcomes(crawl(spec)) == {}
    stored = {document.url: document for document in documents(spec)}
    one = stored["https://letters.example/issue/1"]
    assert (one.outlet, one.title) == (
        "Migration Desk",
        "Niger and Spain sign a readmission agreement",
    )
    assert str(one.published_on) == "2025-03-05"
    assert first.report["totals"]["relevant"] == 2
    database = open_database(spec.database_url)
    assert unexplained(database) == {"here": 0}
    database.close()


# --- one message that cannot be read --------------------------------------------------------------

NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1_000)
)
ENDLESS = {
    "subject": b"Subject: " + b"word " * 400_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?word?= " * 50_000,
    "sender": b"From: " + b'a(,"<@' * 100_000,
    "type": b"Content-Type: text/plain" + b";a=b" * 400_000,
    "disposition": b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: inline"
    + b";a*0=b" * 200_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("header", ENDLESS.values(), ids=ENDLESS)
def test_endless_headers_are_read_to_a_bound(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "a"
    others = [b"From x\nSubject: %d\n\nText.\n\n" % number for number in range(9)]
    others.insert(3, b"From x\n" + header + b"\n\nText.\n\n")
    path.write_bytes(b"".join(others))
    portion = read(path, max_bytes=10_000_000)
    assert (len(portion.documents), portion.skipped) == (10, ())
    assert max(len(document.fetched.body) for document in portion.documents) < 5_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "poison",
    [
        NESTED + b"\nText.\n\n",
        NESTED[:20_000] + b"\n" + b"word\n" * 500_000 + b"\n",
    ],
    ids=["deep", "long"],
)
def test_a_message_of_too_many_parts_costs_itself_alone(tmp_path: Path, poison: bytes) -> None:
    path = tmp_path / "a"
    others = [b"From x\nSubject: %d\n\nText.\n\n" % number for number in range(9)]
    others.insert(3, b"From x\nSubject: poison\n" + poison)
    path.write_bytes(b"".join(others))
    portion = read(path, max_bytes=10_000_000)
    assert [title(document) for document in portion.documents] == [str(n) for n in range(9)]
    ((_, reason, line),) = portion.skipped
    assert reason == "broken"
    assert line.startswith(f"{path}: the message before byte ")


class _Fragile:
    """Workers that die of one message, as of one that takes all memory."""

    async def run(self, work: Any, *payload: Any) -> Any:
        portion = work(*payload)
        if isinstance(portion, Portion) and any(
            title(document) == "poison" for document in portion.documents
        ):
            raise UnreadableError("timeout", "reading it took over 60 s and was stopped")
        return portion


@pytest.mark.parametrize("place", [0, 7, 29])
def test_a_message_that_kills_its_reader_is_passed_and_named(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a"
    others = [b"From x\nSubject: %d\n\nText.\n\n" % number for number in range(29)]
    others.insert(place, b"From x\nSubject: poison\n\nText.\n\n")
    path.write_bytes(b"".join(others))
    spec = local_spec(tmp_path, local_source(SourceKind.MAILBOX, path))
    taken: list[Portion[Task]] = []

    class Reader(LocalReader):
        async def take(
            self, reading: ReadingAtHand, file: HeldFile, portion: Portion[Task]
        ) -> None:
            taken.append(portion)

    file = held_file(path)
    assert file is not None
    run: Any = SimpleNamespace(workers=_Fragile(), spec=spec, report=SimpleNamespace(stopped=False))
    reading = ReadingAtHand(spec.sources[0], 100)
    asyncio.run(Reader(run).read_file(reading, file, Validators()))
    titles = [title(document) for portion in taken for document in portion.documents]
    assert titles == [str(number) for number in range(29)]
    ((_, reason, line),) = [one for portion in taken for one in portion.skipped]
    assert (reason, line.startswith(f"{path} (before byte ")) == ("timeout", True)
    assert taken[-1].ended
