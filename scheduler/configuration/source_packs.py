"""The packs of sources that the configuration chooses, under the user's own entries.

An own entry with the id of one in a pack takes its place. If it has neither `kind` nor `url`, it
changes only what it says: `{id: ne-anp-fr, enabled: false}` switches one source of a pack off.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from crawler.located_yaml import LocatedYaml
from spiders.catalog.packs import PACKS, bundled_pack
from spiders.catalog.sources import SourceSettings
from storage.addresses.canonical import canonical_url
from storage.errors import Problem


def unknown_packs(located: LocatedYaml, written: object) -> Iterator[Problem]:
    """A Problem for each name under `packs:` that is none of ours, or is there twice."""
    names = written if isinstance(written, list) else ()
    for number, name in enumerate(names):
        if not isinstance(name, str):
            continue
        if name not in PACKS:
            near = difflib.get_close_matches(name, PACKS, 1)
            asked = f"did you mean {near[0]}? " if near else ""
            message = f"{name!r} is not a pack of sources; {asked}there is {', '.join(PACKS)}"
            yield located.problem(("packs", number), message)
        elif name in names[:number]:
            yield located.problem(("packs", number), f"{name!r} stands here twice; remove one")


def with_what_packs_say(data: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration as written, its own sources filled up from the chosen packs where they
    name a source without saying what it is.
    """
    own, chosen = data.get("sources"), data.get("packs")
    if not isinstance(own, list) or not isinstance(chosen, list):
        return dict(data)
    known = {source.id: source for source in _in_packs(chosen)}
    return {**data, "sources": [_filled(entry, known) for entry in own]}


@lru_cache(maxsize=8)  # it is asked for with each look at the clock
def sources_with_packs(
    own: tuple[SourceSettings, ...], packs: tuple[str, ...]
) -> tuple[SourceSettings, ...]:
    """Own sources first, then those of the packs that no own entry replaces: by its id, or since
    it has the same address and is of the same kind.
    """
    ids = {source.id for source in own}
    addresses = {(source.kind, _key(source)) for source in own} if packs else set()
    added: dict[str, SourceSettings] = {}
    for source in _in_packs(packs):
        if source.id not in ids and (source.kind, _key(source)) not in addresses:
            added.setdefault(source.id, source)
    return (*own, *added.values())


def _in_packs(names: Sequence[object]) -> Iterator[SourceSettings]:
    for name in names:
        if isinstance(name, str) and name in PACKS:
            yield from bundled_pack(name)


def _filled(entry: object, known: Mapping[str, SourceSettings]) -> object:
    if not isinstance(entry, dict) or "url" in entry or "kind" in entry:
        return entry
    name = entry.get("id")
    source = known.get(name) if isinstance(name, str) else None
    if source is None:
        return entry
    said = source.model_dump(mode="json", exclude_defaults=True)
    if "trust" in entry or "official" in entry:  # the two together may contradict each other
        said = {key: value for key, value in said.items() if key not in ("trust", "official")}
    return {**said, **entry}


def _key(source: SourceSettings) -> str:
    return canonical_url(source.url) or source.url
