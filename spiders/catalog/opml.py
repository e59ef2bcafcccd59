"""OPML 2.0 (opml.org), the format in which feed readers exchange their lists of feeds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lxml import etree  # type: ignore[import-untyped]  # it ships no types
from pydantic import ValidationError

from spiders.catalog.ids import free_id
from spiders.catalog.sources import SourceSettings
from spiders.kinds.offer import known_language, plain
from storage.errors import ConfigurationError
from storage.records import SourceKind

_LONGEST_NAME = 80


def is_opml(body: bytes) -> bool:
    """Whether these are the bytes of an OPML file, or of another one in XML."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read_opml(
    body: bytes, file: str, taken: Iterable[str] = ()
) -> tuple[list[SourceSettings], list[str]]:
    """(the feeds of an OPML file as sources, what is wrong with those that cannot be sources).

    `taken` are ids that are used already. Raises ConfigurationError if the file is none.
    """
    ids = set(taken)
    sources: list[SourceSettings] = []
    faults: list[str] = []
    seen: set[str] = set()
    for outline in _root(body, file).iter("{*}outline"):
        values = {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}
        url = values.get("xmlurl", "")
        if not url or url in seen:
            continue
        seen.add(url)
        try:
            source = _source(url, values, ids)
        except ValidationError as error:
            message = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
            faults.append(f"{file}:{outline.sourceline}: {message}")
            continue
        ids.add(source.id)
        sources.append(source)
    return sources, faults


def write_opml(sources: Iterable[SourceSettings], now: datetime) -> str:
    """The feeds among the sources as OPML."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Sources of an Accordwatch"
    etree.SubElement(head, "dateCreated").text = f"{now:%a, %d %b %Y %H:%M:%S} GMT"
    body = etree.SubElement(root, "body")
    for source in sources:
        if source.kind is SourceKind.FEED:
            name = source.name or source.id
            values = {"type": "rss", "text": name, "title": name, "xmlUrl": source.url}
            if source.language:
                values["language"] = source.language
            etree.SubElement(body, "outline", values)
    etree.indent(root)
    text: str = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _source(url: str, values: dict[str, str], ids: set[str]) -> SourceSettings:
    name = plain(values.get("title") or values.get("text")) or ""
    return SourceSettings(
        id=free_id(url, ids),
        kind=SourceKind.FEED,
        url=url,
        name=name[:_LONGEST_NAME],
        language=known_language(values.get("language")),
    )


def _root(body: bytes, file: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ConfigurationError(f"{file}: not readable as OPML: {error}") from None
    if etree.QName(root).localname != "opml":
        raise ConfigurationError(f"{file}: XML, but not OPML")
    return root
