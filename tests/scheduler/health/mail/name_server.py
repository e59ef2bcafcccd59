"""A real server of names on the loopback, which knows what a test tells it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

# Name and type, such as "_dmarc.ngo.example TXT", to what is answered as zone files write it.
Zone = Mapping[str, Sequence[str]]


@contextmanager
def naming(zone: Zone, *, failing: bool = False) -> Iterator[str]:
    """Its address and port. A name that it does not know does not exist; `failing`: it can answer
    nothing.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_answer, args=(line, zone, failing))
        thread.start()
        host, port = line.getsockname()
        try:
            yield f"{host}:{port}"
        finally:
            line.sendto(b"", line.getsockname())
            thread.join(5)


def _answer(line: socket.socket, zone: Zone, failing: bool) -> None:
    while True:
        wire, sender = line.recvfrom(65_535)
        if not wire:
            return
        asked = dns.message.from_wire(wire)
        line.sendto(_said(asked, zone, failing).to_wire(), sender)


def _said(asked: dns.message.Message, zone: Zone, failing: bool) -> dns.message.Message:
    answer = dns.message.make_response(asked)
    answer.flags |= dns.flags.RA
    (question,) = asked.question
    name = question.name.to_text(omit_final_dot=True)
    found = zone.get(f"{name} {question.rdtype.name}", ())
    if failing:
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif found:
        rows = dns.rrset.from_text(question.name, 60, "IN", question.rdtype.name, *found)
        answer.answer.append(rows)
    elif not any(key.split()[0] == name for key in zone):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer


def text(value: str) -> str:
    """A text as a zone file writes it: in strings of at most 255 characters."""
    pieces = [value[start : start + 255] for start in range(0, len(value), 255)]
    return " ".join(f'"{piece}"' for piece in pieces)
