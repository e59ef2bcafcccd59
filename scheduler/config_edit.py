"""Sources written into the configuration file: its comments and order stay, and it still loads or is not changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from crawler.located_yaml import parse_yaml
from scheduler.config import check
from spiders.catalog import SourceSettings
from storage.errors import ConfigurationError


def add_sources(path: Path, sources: Sequence[SourceSettings]) -> None:
    """Put sources at the end of `sources:`. Raises ConfigurationError where the file would not load any more, or cannot
    be written; then it stays as it was."""
    text = path.read_text(encoding="utf-8")
    changed = with_sources(text, [line for source in sources for line in as_yaml(source)])
    check(parse_yaml(changed, str(path)))
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(changed, encoding="utf-8")
        os.chmod(part, path.stat().st_mode)  # noqa: PTH101 - the mode of a file that may be private
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}; nothing was changed") from error


def with_sources(text: str, lines: Sequence[str]) -> str:
    """`text` with these lines at the end of its `sources:` section, which is made where there is none."""
    rows = text.rstrip("\n").split("\n")
    start = next((number for number, row in enumerate(rows) if row.startswith("sources:")), None)
    if start is None:
        return "\n".join([*rows, "", "sources:", *lines]) + "\n"
    head = rows[start].split("#")[0].replace(" ", "")
    if head not in ("sources:", "sources:[]"):
        raise ConfigurationError("sources: stand on one line; write each on lines of its own, beginning with a dash")
    rows[start] = "sources:"
    end = _end_of_section(rows, start)
    return "\n".join([*rows[:end], *lines, *rows[end:]]) + "\n"


def as_yaml(source: SourceSettings) -> list[str]:
    """The lines of one entry of `sources:`, without what is default."""
    written = source.model_dump(mode="json", exclude_defaults=True)
    rows = [f"{key}: {_scalar(value)}" for key, value in written.items()]
    return [("  - " if number == 0 else "    ") + row for number, row in enumerate(rows)]


def _end_of_section(rows: Sequence[str], start: int) -> int:
    following: Iterable[int] = range(start + 1, len(rows))
    end = next((number for number in following if rows[number] and not rows[number].startswith((" ", "-"))), len(rows))
    while end > start + 1 and not rows[end - 1].strip():
        end -= 1
    return end


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # JSON's texts, numbers and booleans are YAML's
