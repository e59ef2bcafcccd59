"""The packs of sources that come with us: one file a region, and two names that choose from them.

No address in them was fetched by us. `sources check` says what answers, on the machine that asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from crawler.located_yaml import load_yaml
from spiders.catalog.sources import SourceSettings, sources_in
from storage.errors import ConfigurationError

REGIONS: Mapping[str, str] = {
    "maghreb": "Morocco, Algeria, Tunisia, Libya and Egypt",
    "sahel": "the Sahel, and all of Africa south of it",
    "eu": "the European Union, its members, its neighbours to the Caucasus",
    "gulf": "the Gulf and the Near East",
    "us-latam": "the Americas",
    "asia-labour": "Asia from Kazakhstan to Japan: where labour migrants leave and arrive",
    "pacific": "Australia, New Zealand and the islands",
    "international": "bodies of many states, and outlets that are of none",
}
CHOSEN: Mapping[str, str] = {
    "default": "the twenty sources of a fresh configuration",
    "all": "all regions",
}
PACKS = (*REGIONS, *CHOSEN)


@dataclass(frozen=True, slots=True)
class PackCounts:
    """What is in a pack: how many sources, by who speaks, by language, by country."""

    name: str
    about: str
    sources: int
    trust: Mapping[str, int]
    languages: Mapping[str, int]
    countries: Mapping[str, int]


def bundled_pack(name: str) -> tuple[SourceSettings, ...]:
    """The sources of a pack, by a name of PACKS. A file is parsed once, then cached by content."""
    names = REGIONS if name == "all" else (name,)
    return tuple(source for one in names for source in _sources_of(one))


def counts_of(name: str) -> PackCounts:
    sources = bundled_pack(name)
    return PackCounts(
        name=name,
        about=REGIONS.get(name) or CHOSEN[name],
        sources=len(sources),
        trust=_counted(source.to_source().trust or "unknown" for source in sources),
        languages=_counted(source.language or "several" for source in sources),
        countries=_counted(source.country or "none" for source in sources),
    )


@cache
def _sources_of(name: str) -> tuple[SourceSettings, ...]:
    located = load_yaml(Path(str(files("spiders").joinpath("sources", f"{name}.yaml"))))
    if located.problems:
        raise ConfigurationError(*located.problems)
    return sources_in(located)


def _counted(values: Iterable[str]) -> dict[str, int]:
    counted = Counter(values)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
