"""Changes of the `sources` in the configuration file.

Comments and the order of the file stay. The file is changed only if it still loads afterwards.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crawler.located_yaml import LocatedYaml, parse_yaml
from crawler.yaml_faults import wording
from scheduler.configuration.sections import FileSettings, check
from spiders.catalog.opml import free_id
from spiders.catalog.sources import SourceSettings
from storage.addresses import key_of
from storage.errors import ConfigurationError
from storage.source import Source

_ENABLED = re.compile(r"(\benabled:\s*)(true|false)\b")


def add_sources(path: Path, sources: Sequence[SourceSettings]) -> None:
    """Add sources at the end of `sources:`. Raises ConfigurationError if the file would not load
    any more, or cannot be written; then it stays as it was.
    """
    text = path.read_text(encoding="utf-8")
    _write(path, text, with_sources(text, [row for source in sources for row in as_yaml(source)]))


def remove_source(path: Path, source_id: str) -> list[str]:
    """Remove a source from the file, with the comments inside it, and return its lines: below
    `sources:` they add it again. Raises ConfigurationError if no source has this id, or the file
    would not load any more.
    """
    text, located, settings = _read_file(path)
    if _only_in_a_pack(settings, source_id):
        remedy = f"switch it off: accordwatch sources switch {source_id} off"
        raise ConfigurationError(f"{source_id} comes from a pack and not from this file; {remedy}")
    start, end = _place_of(text, located, settings, source_id)
    rows = text.split("\n")
    rest = [*rows[:start], *rows[end:]]
    wanted = [source for source in settings.sources if source.id != source_id]
    if not wanted:
        rest[_section_start(rest)] = "sources: []"
    _write(path, text, "\n".join(rest), wanted)
    return rows[start:end]


def is_of_a_pack(path: Path, source_id: str) -> bool:
    """Whether a chosen pack has this source. Raises ConfigurationError for a bad file."""
    _, _, settings = _read_file(path)
    of_packs = settings.model_copy(update={"sources": ()}).all_sources
    return source_id in {pack.id for pack in of_packs}


def enable_source(path: Path, source_id: str, enabled: bool) -> None:
    """Switch a source on or off; one of a pack gets an entry. Raises as `remove_source`."""
    text, located, settings = _read_file(path)
    if _only_in_a_pack(settings, source_id):
        entry = [f"  - id: {source_id}", f"    enabled: {'true' if enabled else 'false'}"]
        _write(path, text, with_sources(text, entry))
        return
    start, end = _place_of(text, located, settings, source_id)
    rows = text.split("\n")
    setting = "true" if enabled else "false"
    written = next((row for row in range(start, end) if _ENABLED.search(rows[row])), None)
    if written is not None:
        rows[written] = _ENABLED.sub(rf"\g<1>{setting}", rows[written], count=1)
    elif (brace := rows[start].find("{")) >= 0:
        rows[start] = f"{rows[start][: brace + 1]}enabled: {setting}, {rows[start][brace + 1 :]}"
    elif not enabled:
        first_key = len(rows[start]) - len(rows[start].lstrip(" -"))
        rows.insert(start + 1, f"{' ' * first_key}enabled: {setting}")
    wanted = [
        source.model_copy(update={"enabled": enabled}) if source.id == source_id else source
        for source in settings.sources
    ]
    _write(path, text, "\n".join(rows), wanted)


def checked_source(written: Mapping[str, Any], known: Iterable[Source]) -> SourceSettings:
    """The source, with an id. Raises ConfigurationError by the options of the command line."""
    url, taken = written["url"], {source.id for source in known}
    try:
        return SourceSettings.model_validate(
            {**written, "id": written.get("id") or free_id(url, taken)}
        )
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            path = fault["loc"]
            name = "password-env" if path[0] == "password" else str(path[0]).replace("_", "-")
            option = "" if name == "url" else f"--{name}: "
            # an option is no key of a file
            sentence = wording(path, dict(fault)).removesuffix("; add this key")
            faults.append(f"{url}: {option}{sentence}")
        raise ConfigurationError(*faults) from error


def refuse_known(url: str, known: Iterable[Source]) -> None:
    """Raises ConfigurationError where a source has this address already."""
    for source in known:
        if key_of(source.url) == key_of(url):
            raise ConfigurationError(f"{url}: is the address of {source.id}, too; nothing to add")


def with_sources(text: str, lines: Sequence[str]) -> str:
    """`text` with these lines at the end of its `sources:`, which is added if there is none."""
    rows = text.rstrip("\n").split("\n")
    start = next((number for number, row in enumerate(rows) if row.startswith("sources:")), None)
    if start is None:
        return "\n".join([*rows, "", "sources:", *lines]) + "\n"
    head = rows[start].split("#")[0].replace(" ", "")
    if head not in ("sources:", "sources:[]"):
        raise ConfigurationError(
            "sources: stand on one line; write each on lines of its own, beginning with a dash"
        )
    _, sign, comment = rows[start].partition("#")
    rows[start] = f"sources: {sign}{comment}".rstrip()
    end = _end_of_section(rows, start)
    return "\n".join([*rows[:end], *lines, *rows[end:]]) + "\n"


def as_yaml(source: SourceSettings) -> list[str]:
    """The lines of one entry of `sources:`, without values that are the default."""
    written = source.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    # JSON's texts, numbers and booleans are YAML's
    rows = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in written.items()]
    return [("  - " if number == 0 else "    ") + row for number, row in enumerate(rows)]


def _write(
    path: Path, was: str, changed: str, wanted: Sequence[SourceSettings] | None = None
) -> None:
    """Replace the file if `changed` loads and has the sources `wanted`. `was` is its text when it
    was read: a file that somebody changed since is left alone.
    """
    settings = check(parse_yaml(changed, str(path)))
    if wanted is not None and list(settings.sources) != list(wanted):
        raise ConfigurationError(
            f"{path}: its layout is one that cannot be changed here; edit it by hand"
        )
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(changed, encoding="utf-8")
        if path.read_text(encoding="utf-8") != was:
            part.unlink()
            raise ConfigurationError(f"{path}: somebody else changed it meanwhile; try again")
        os.chmod(part, path.stat().st_mode)  # noqa: PTH101 - the mode of a file that may be private
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigurationError(
            f"{path}: cannot be written: {error.strerror}; nothing was changed"
        ) from error


def _read_file(path: Path) -> tuple[str, LocatedYaml, FileSettings]:
    text = path.read_text(encoding="utf-8")
    located = parse_yaml(text, str(path))
    return text, located, check(located)


def _only_in_a_pack(settings: FileSettings, source_id: str) -> bool:
    own = {source.id for source in settings.sources}
    return source_id not in own and source_id in {source.id for source in settings.all_sources}


def _place_of(
    text: str, located: LocatedYaml, settings: FileSettings, source_id: str
) -> tuple[int, int]:
    """A source's first row and the one after its last. Comments belong to what follows them."""
    ids = [source.id for source in settings.sources]
    if source_id not in ids:
        raise ConfigurationError(
            f"no source has the id {source_id!r}; see: accordwatch sources list"
        )
    rows, index = text.split("\n"), ids.index(source_id)
    start = located.problem(("sources", index), "").line - 1
    if index + 1 < len(ids):
        end = located.problem(("sources", index + 1), "").line - 1
    else:
        end = _end_of_section(rows, _section_start(rows))
    while end > start + 1 and (not rows[end - 1].strip() or rows[end - 1].lstrip().startswith("#")):
        end -= 1
    return start, end


def _section_start(rows: Sequence[str]) -> int:
    return next(number for number, row in enumerate(rows) if row.startswith("sources:"))


def _end_of_section(rows: Sequence[str], start: int) -> int:
    end = start + 1
    while end < len(rows) and (not rows[end] or rows[end].startswith((" ", "-"))):
        end += 1
    while end > start + 1 and not rows[end - 1].strip():
        end -= 1
    return end
