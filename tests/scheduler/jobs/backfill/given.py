"""Archives of our own texts, and what reads them in this process."""

from __future__ import annotations

import gzip
import html
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from crawler.judgement.judge import load_rules
from crawler.process.stages import judge_several
from crawler.process.task import Several, Task, WantedDocuments, name_of
from scheduler.jobs.backfill.portions import cut_here, find_archives
from scheduler.jobs.backfill.reading import (
    ArchiveResult,
    BackfillOrder,
    found_documents,
    read_archive,
)
from spiders.local.files import HeldFile
from storage.errors import UnreadableError
from storage.records import Document

SIGNED = (
    "Rabat et Niamey signent une déclaration contre la traite des êtres humains",
    "Le Maroc et le Niger ont signé lundi à Rabat une déclaration d'entente contre la traite des "
    "êtres humains et le trafic de migrants. Le document a été paraphé par les commissions "
    "nationales des deux pays, en présence des deux ministres de l'intérieur.",
)
DULL = (
    "Le marché aux fleurs rouvre samedi",
    "Les fleuristes de la place attendent de nombreux visiteurs samedi matin. La mairie a repeint "
    "les étals et planté douze tilleuls. Un orchestre jouera jusqu'au soir, et l'entrée est libre.",
)


def page(title: str, text: str) -> str:
    """A page of a newspaper with this article, which declares no day."""
    said = "".join(f"<p>{html.escape(text)}</p>" for text in (text, DULL[1], DULL[1][::-1]))
    return (
        f"<html lang=fr><head><title>{html.escape(title)}</title></head><body><article>"
        f"<h1>{html.escape(title)}</h1>{said}</article></body></html>"
    )


def record(url: str, body: bytes, seen: str = "2016-08-02T08:00:00Z") -> bytes:
    """A WARC record, packed, in which a server answers with a page."""
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: {seen}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n")


def web_archive(path: Path, dull: int = 3) -> Path:
    """An archive with one report among pages that report nothing."""
    articles = [(f"https://a.example/{n}", (f"{DULL[0]} {n}", DULL[1])) for n in range(dull)]
    articles.insert(1, ("https://a.example/accord", SIGNED))
    path.write_bytes(b"".join(record(url, page(*said).encode()) for url, said in articles))
    return path


def lines(path: Path, *rows: Mapping[str, object]) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def held(path: Path) -> HeldFile:
    """A file as it is found."""
    (file,), _ = find_archives([str(path)])
    return file


@dataclass
class Reader:
    """Reads archives in this process. `dies_at` are words of documents that end a worker."""

    order: BackfillOrder
    dies_at: str = ""
    judged: int = 0
    received: list[tuple[int, int]] = field(default_factory=list)
    stops_after: int = 1_000  # portions

    def read(self, file: HeldFile) -> ArchiveResult:
        return read_archive(file, self.order, cut_here, self._judge, self._hear)

    def found(self, file: HeldFile) -> list[Document]:
        return list(found_documents(self.order, file))

    def _hear(self, result: ArchiveResult) -> bool:
        self.received.append((result.read, result.found))
        return len(self.received) <= self.stops_after

    def _judge(
        self, documents: Sequence[Task | Document], wanted: WantedDocuments
    ) -> Future[Several]:
        future: Future[Several] = Future()
        if self.dies_at and any(self.dies_at in name_of(document) for document in documents):
            future.set_exception(UnreadableError("timeout", "a worker had to be stopped"))
        else:
            self.judged += len(documents)
            future.set_result(judge_several((documents, wanted), load_rules()))
        return future


def reader(folder: Path, wanted: WantedDocuments | None = None, **options: object) -> Reader:
    """One whose results lie in this folder."""
    order = BackfillOrder(folder / "results", "rules 1", wanted or WantedDocuments())
    return Reader(order, **options)  # type: ignore[arg-type]  # the fields above
