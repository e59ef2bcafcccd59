"""OPML 2.0 (opml.org), the format in which feed readers exchange their lists of feeds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import count, islice
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]  # it ships no types
from pydantic import ValidationError

from spiders.catalog.sources import DEEPEST_GROUP, SourceSettings
from spiders.kinds.offer import known_language, plain
from storage.errors import ConfigurationError
from storage.source import SourceKind

_LONGEST_NAME = 80
_MOST_FAULTS = 20  # of the XML; one fault leads to others
_BARE_AND = re.compile(rb"&(?!#?\w+;)")


def is_opml(body: bytes) -> bool:
    """Whether these are the bytes of an OPML file, or of another one in XML."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read_opml(
    body: bytes, file: str, taken: Iterable[str] = ()
) -> tuple[list[SourceSettings], list[str]]:
    """(an OPML file's feeds, what is wrong with others). Raises ConfigurationError."""
    ids = set(taken)
    sources: list[SourceSettings] = []
    root, faults = _root(body, file)
    seen: set[str] = set()
    for outline in root.iter("{*}outline"):
        values = _values(outline)
        url = values.get("xmlurl", "")
        if not url or url in seen:
            continue
        seen.add(url)
        try:
            name = plain(values.get("title") or values.get("text")) or ""
            source = SourceSettings(
                id=free_id(url, ids),
                kind=SourceKind.FEED,
                url=url,
                name=name[:_LONGEST_NAME],
                group=_group_of(outline),
                language=known_language(values.get("language")),
            )
        except ValidationError as error:
            message = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
            faults.append(f"{file}:{outline.sourceline}: {message}")
            continue
        ids.add(source.id)
        sources.append(source)
    return sources, faults


def write_opml(sources: Iterable[SourceSettings], now: datetime) -> str:
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Sources of an Accordwatch"
    etree.SubElement(head, "dateCreated").text = f"{now:%a, %d %b %Y %H:%M:%S} GMT"
    folders = {"": etree.SubElement(root, "body")}
    for source in sources:
        if source.kind is SourceKind.FEED:
            name = source.name or source.id
            values = {"type": "rss", "text": name, "title": name, "xmlUrl": source.url}
            if source.language:
                values["language"] = source.language
            etree.SubElement(_folder(folders, source.group), "outline", values)
    etree.indent(root)
    text: str = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _folder(folders: dict[str, etree._Element], group: str) -> etree._Element:
    """The folder of a group, which is made with all around it where there is none yet."""
    if group not in folders:
        outer, _, name = group.rpartition("/")
        around = _folder(folders, outer)
        folders[group] = etree.SubElement(around, "outline", {"text": name, "title": name})
    return folders[group]


def _group_of(outline: etree._Element) -> str:
    """The folders around a feed, the outermost first."""
    around = [_values(above) for above in outline.iterancestors("{*}outline")]
    labels = (values.get("text") or values.get("title") or "" for values in reversed(around))
    names = [(plain(name.replace("/", " ")) or "")[:_LONGEST_NAME].strip() for name in labels]
    return "/".join([name for name in names if name][:DEEPEST_GROUP])


def _values(outline: etree._Element) -> dict[str, str]:
    return {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}


def _root(body: bytes, file: str) -> tuple[etree._Element, list[str]]:
    """(the root, where its XML is damaged). An address with a bare & is read as it is meant."""
    safe = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    faults: list[str] = []
    try:
        root = etree.fromstring(body, etree.XMLParser(**safe))
    except etree.XMLSyntaxError as error:
        parser = etree.XMLParser(recover=True, **safe)
        root = etree.fromstring(_BARE_AND.sub(b"&amp;", body), parser)
        if root is None or not any(
            "xmlurl" in _values(outline) for outline in root.iter("{*}outline")
        ):
            raise ConfigurationError(f"{file}: not readable as OPML: {error}") from None
        faults = [
            f"{file}:{one.line}: its XML is damaged here: {one.message}" for one in parser.error_log
        ]
    if etree.QName(root).localname != "opml":
        raise ConfigurationError(f"{file}: XML, but not OPML")
    return root, faults[:_MOST_FAULTS]


# --- short names for sources ----------------------------------------------------------------------


def free_id(url: str, taken: Collection[str]) -> str:
    """An id that is not taken: the host, else the host with the path, else with a number."""
    try:
        parts = urlsplit(url)
    except ValueError:  # the fault is reported when the source is checked
        return "source"
    host = _as_id((parts.hostname or "source").removeprefix("www."))
    longer = _as_id(f"{host}-{parts.path}-{parts.query}")
    numbered = (f"{longer[:60]}-{number}" for number in count(2))
    return next(
        name
        for name in (host, longer, *islice(numbered, len(taken) + 1))
        if name and name not in taken
    )


def _as_id(text: str) -> str:
    """`text` in the characters of an id: at most 64 small letters, digits and dashes."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:64].strip("-")
