"""The words of lists: what their columns, kinds and topics are called (`words.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from crawler.judgement.text.letters import fold_text
from crawler.located_yaml import shipped_yaml
from storage.records import Instrument, Topic

_FILE = Path(__file__).with_name("words.yaml")
_NO_WORD = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Text as it is compared: folded, words with single spaces between them."""
    return _NO_WORD.sub(" ", fold_text(text)).strip()


@cache
def column_names() -> Mapping[str, str]:
    """The field of each name of a column."""
    return {name: field for field, names in _words("columns").items() for name in names}


def fields() -> tuple[str, ...]:
    """What a column can be."""
    return tuple(_words("columns"))


@cache
def party_names() -> Mapping[str, str]:
    return {name: code for code, names in _words("parties").items() for name in names}


def kind_in(text: str) -> Instrument | None:
    """The kind of paper that a cell or a title names; None if it names none."""
    written = text.strip()
    if written in {*Instrument}:
        return Instrument(written)
    found = _named("kinds", text)
    return Instrument(found[0]) if found else None


def topics_in(text: str) -> tuple[Topic, ...]:
    """The topics that a cell or a title names, in the order of the table."""
    codes = {part.strip() for part in re.split("[,;]", text)} & {*Topic}
    named = {*codes, *_named("topics", text)}
    return tuple(topic for topic in Topic if topic in named)


def _named(section: str, text: str) -> list[str]:
    """What a text names, in the order of the section."""
    said = f" {plain(text)} "
    words = _words(section).items()
    return [key for key, names in words if any(f" {name} " in said for name in names)]


@cache
def _words(section: str) -> Mapping[str, tuple[str, ...]]:
    return {key: tuple(map(plain, map(str, names))) for key, names in _file()[section].items()}


@cache
def _file() -> Mapping[str, Any]:
    data: Mapping[str, Any] = shipped_yaml(_FILE)
    return data
