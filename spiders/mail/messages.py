"""A message as a document: its subject is the title, its `Date` the day, its sender the outlet.

The standard library's `email` reads messages, however damaged they are.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr
from html import escape
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser

from crawler.extract.encoding import decode
from crawler.extract.page_words import words_pattern
from crawler.process.task import Task
from spiders.kinds.offer import plain
from storage.addresses import MAX_LENGTH, canonical_url
from storage.errors import UnreadableError
from storage.records import Candidate, Fetched
from storage.source import Source

_TITLE = re.compile(r"<title\b[^>]*>.*?</title\s*>", re.IGNORECASE | re.DOTALL)
_LONGEST_NAME = 200  # characters of a sender's name
_LONGEST_LINK = 120  # characters of its text; a sentence that speaks of browsers is no link to it


# Characters of one header, before its encoded words are decoded: that takes time and memory that
# grow with the square of their number. Subjects have a hundred, boundaries of parts at most 70.
_LONGEST_HEADER = 4_000
# The parts of a message that hold parts, times its lines: each line is compared with the boundaries
# of all parts around it. These take 8 s; the digest of a busy list comes to a million.
_MOST_COMPARED = 20_000_000
_MOST_HOLDERS = 300  # each inside of the next they take a second
_HOLDER = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)


class _BoundedHeaders(policy.EmailPolicy):
    """The standard library's present way of reading mails, with headers that are not endless."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        lines, room = [], _LONGEST_HEADER
        for line in sourcelines:
            lines.append(line[:room])
            room -= len(line)
            if room <= 0:
                break
        return super().header_source_parse(lines)


def message_in(raw: bytes, place: str, source: Source) -> Task:
    """A message as a document. It is hardly ever too damaged for that: the reader of mails takes
    all. `place` is its address if it has none of its own. Raises UnreadableError.
    """
    message = _parsed(raw)
    assert isinstance(message, EmailMessage)  # noqa: S101 - the policy makes these
    subject = plain(_header(message, "Subject")) or ""
    body, is_html = _body(message)
    url = _address(message, body if is_html else "") or place
    if is_html:
        content = _TITLE.sub("", body)
        content = f"<html><head><title>{escape(subject)}</title></head>{content}</html>"
    else:
        content = f"{subject}\n\n{body}" if subject else body
    kind = "text/html" if is_html else "text/plain"
    fetched = Fetched(
        url, url, f"{kind}; charset=utf-8", content.encode("utf-8", "replace"), datetime.now(UTC)
    )
    hint = Candidate(url, subject or None, _day_of_message(message), source.language)
    sender = _sender(message)
    of = replace(source, name=sender, url=url) if sender else source
    return Task(fetched, hint, of, is_message=True)


def _parsed(raw: bytes) -> Message:
    holders = sum(1 for _ in _HOLDER.finditer(raw))
    if holders > _MOST_HOLDERS or holders * raw.count(b"\n") > _MOST_COMPARED:
        raise UnreadableError(
            "broken", f"its {holders:,} nested parts are too many to be told apart"
        )
    try:
        return message_from_bytes(raw, policy=_BoundedHeaders())
    except RecursionError:
        raise UnreadableError("broken", "its parts are nested too deeply to be read") from None


def _header(message: EmailMessage, name: str) -> str:
    """A header as text; "" if it is missing, or cannot be read."""
    with suppress(Exception):  # the standard library fails in many ways on damaged headers
        return str(message[name] or "")
    return ""


def _body(message: EmailMessage) -> tuple[str, bool]:
    """(the text of a message, whether it is HTML)."""
    part = None
    with suppress(Exception):  # as above
        part = message.get_body(preferencelist=("html", "plain"))
    if part is None:
        return "", False
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    return decode(raw, str(part.get("Content-Type", ""))), part.get_content_subtype() == "html"


def _day_of_message(message: EmailMessage) -> date | None:
    with suppress(Exception):  # as above
        when = message["Date"].datetime
        return when.date() if isinstance(when, datetime) else None
    return None


def _sender(message: EmailMessage) -> str | None:
    """Who sends a newsletter: the name that it gives itself, the name of its list, or its host."""
    name, address = parseaddr(_header(message, "From"))
    listed = _header(message, "List-Id").partition("<")[0].strip(' "')
    host = address.rpartition("@")[2].lower().removeprefix("www.")
    sender = plain(name) or plain(listed) or host
    return sender[:_LONGEST_NAME] or None


def _address(message: EmailMessage, html: str) -> str | None:
    """Where a message can be read (RFC 5064, or its own link), else its own name (RFC 2392)."""
    archived = canonical_url(_header(message, "Archived-At").strip(" <>"))
    url = archived or _in_browser(html)
    if url is not None and len(url) <= MAX_LENGTH:
        return url
    name = _header(message, "Message-ID").strip().strip("<>")
    own = f"mid:{quote(name, safe='@')}"
    return own if name and len(own) <= MAX_LENGTH else None


def _in_browser(html: str) -> str | None:
    if not html:
        return None
    in_browser = words_pattern("<in_browser>", ignore_case=True)
    for link in LexborHTMLParser(html).css("a[href]"):
        text = " ".join(link.text().split())
        if len(text) <= _LONGEST_LINK and in_browser.search(text):
            return canonical_url(link.attributes.get("href") or "")
    return None
