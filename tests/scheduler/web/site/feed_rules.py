"""What a validator says of a feed: the rules of RFC 4287, as far as ours can break them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

_ATOM = "{http://www.w3.org/2005/Atom}"
# RFC 3986, section 2: reserved and unreserved characters, and what is quoted whole.
_ADDRESS = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_ONCE_OF_ATOM = ("id", "title", "updated")


def faults_of(body: bytes) -> list[str]:
    """What is wrong in a feed."""
    return list(_of_atom(body))


def _of_atom(body: bytes) -> Iterator[str]:
    root = etree.fromstring(body)
    if root.tag != f"{_ATOM}feed" or not _LANGUAGE.fullmatch(
        root.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    ):
        yield "no feed of a language"
    yield from _of_atom_element(root)
    links = {(one.get("rel"), one.get("href")) for one in root.findall(f"{_ATOM}link")}
    if [rel for rel, _ in links].count("self") != 1:
        yield "not one link to itself"
    entries = root.findall(f"{_ATOM}entry")
    for entry in entries:
        yield from _of_atom_element(entry)
        published, updated = (_text(entry, name) for name in ("published", "updated"))
        yield from _of_moment(published)
        if datetime.fromisoformat(published) > datetime.fromisoformat(updated):
            yield f"updated before it was published: {updated}"
        if not _text(entry, "summary").strip():
            yield "an entry says nothing"
    names = [_text(entry, "id") for entry in entries]
    if len(set(names)) != len(names):
        yield f"two entries of one id: {names}"
    if root.find(f"{_ATOM}author/{_ATOM}name") is None:
        yield "nobody wrote it"


def _of_atom_element(element: Any) -> Iterator[str]:
    for name in _ONCE_OF_ATOM:
        if len(element.findall(f"{_ATOM}{name}")) != 1:
            yield f"not one {name}"
    yield from _of_address(_text(element, "id"))
    yield from _of_moment(_text(element, "updated"))
    for link in element.findall(f"{_ATOM}link"):
        yield from _of_address(link.get("href", ""))


def _text(element: Any, name: str) -> str:
    return str(element.findtext(f"{_ATOM}{name}", ""))


def _of_address(written: str) -> Iterator[str]:
    if not _ADDRESS.fullmatch(written) or ":" not in written:
        yield f"no address: {written!r}"


def _of_moment(written: str) -> Iterator[str]:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", written):
        yield f"no moment of RFC 3339: {written!r}"
