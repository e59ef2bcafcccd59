"""A web of many hosts in one process: `python -m benchmarks.workers.web HOSTS PAGES PORT NETWORK`.

Each host, NETWORK.x.y at one port, has a feed of pages; every third page reports one of a few
signatures, in other words on each host. Prints "ready". `/log` on any host answers what was asked
of all: [began, ended, host, path, by], seconds on one clock and the address of who asked. It began
when the kernel had the request, however long this process took to look at it.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOG: list[tuple[float, float, str, str, str]] = []
_SINCE_LAST_BYTE = 52  # tcpi_last_data_recv of Linux's struct tcp_info, in milliseconds
ANSWER_S = 0.02
PARTIES = (
    ("Morocco", "Niger", "Rabat"), ("Tunisia", "Italy", "Tunis"), ("Senegal", "Spain", "Dakar"),
    ("Egypt", "Greece", "Cairo"), ("Ghana", "Germany", "Accra"), ("Turkey", "Austria", "Ankara"),
    ("Albania", "Denmark", "Tirana"), ("Iraq", "Netherlands", "Baghdad"), ("India", "France", "Paris"),
)  # fmt: skip
MANNERS = (
    "{one} and {two} signed a readmission agreement in {place} on {day}. The interior ministers of "
    "{one} and {two} put their names to the text, under which both states take back their nationals.",
    "The governments of {one} and {two} have signed an agreement on the return of irregular migrants. "
    "It was signed in {place} on {day}, and lets both states ask for the readmission of nationals.",
)
DULL = (
    "The council of the town voted on Tuesday to repair the bridge number {n} of {host} before winter. "
    "Work is to take {n} weeks and to begin once the tenders are in. Residents had asked for it."
)


def address(number: int, network: str) -> str:
    """The address of a host in a network of two numbers: 127.2."""
    return f"{network}.{1 + number // 200}.{1 + number % 200}"


def article(host: int, page: int, day: datetime) -> tuple[str, str]:
    """(title, text) of a page."""
    if page % 3:
        name = f"{host}-{page}"
        return f"Bridge {name} to be repaired", DULL.format(n=host * 100 + page, host=name)
    one, two, place = PARTIES[(host // 2 + page) % len(PARTIES)]
    said = MANNERS[host % 2].format(one=one, two=two, place=place, day=f"{day:%-d %B %Y}")
    return f"{one} and {two} sign readmission agreement", f"{said} Report number {host}-{page}."


class Host(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 50

    def __init__(self, number: int, pages: int, place: tuple[str, int]) -> None:
        super().__init__(place, Handler)
        self.number, self.pages = number, pages
        self.day = datetime.now(UTC).replace(hour=6, minute=0, second=0) - timedelta(days=1)


class Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        if self.path == "/log":
            self.answer("application/json", json.dumps(LOG))
            return
        began = self.heard_at()
        time.sleep(ANSWER_S)
        if self.path == "/robots.txt":
            self.answer("text/plain", "")
        elif self.path == "/feed":
            self.answer("application/rss+xml", self.feed())
        else:
            self.answer("text/html; charset=utf-8", self.page(int(self.path.strip("/"))))
        asked, by = str(self.server.server_address[0]), self.client_address[0]
        LOG.append((began, time.monotonic(), asked, self.path, by))

    def heard_at(self) -> float:
        told = self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        (since_ms,) = struct.unpack_from("I", told, _SINCE_LAST_BYTE)
        return time.monotonic() - since_ms / 1000

    def feed(self) -> str:
        base, day = f"http://{self.headers['Host']}", format_datetime(self.server.day)
        items = "".join(
            f"<item><title>{article(self.server.number, n, self.server.day)[0]}</title>"
            f"<link>{base}/{n}</link><pubDate>{day}</pubDate></item>"
            for n in range(self.server.pages)
        )
        return f"<?xml version='1.0'?><rss version='2.0'><channel><title>a</title>{items}</channel></rss>"

    def page(self, number: int) -> str:
        title, text = article(self.server.number, number, self.server.day)
        more = DULL.format(n=number + 7, host=f"quarter {self.server.number}")
        said = text if number % 3 == 0 else f"{text}</p><p>{more}"
        return (
            f"<html lang=en><head><title>{title}</title>"
            f"<meta property='article:published_time' content='{self.server.day.isoformat()}'></head>"
            f"<body><article><h1>{title}</h1><p>{said}</p></article></body></html>"
        )

    def answer(self, content_type: str, body: str) -> None:
        sent = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        pass


def main(hosts: int, pages: int, port: int, network: str) -> None:
    for number in range(hosts):
        host = Host(number, pages, (address(number, network), port))
        threading.Thread(target=host.serve_forever, daemon=True).start()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), sys.argv[4])
