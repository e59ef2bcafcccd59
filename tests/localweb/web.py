"""The local web from outside: where its sites are, and what was asked of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import ProxyHandler, build_opener

from storage.source import Source
from tests.localweb.sites import TWENTY
from tests.spiders.servers import running


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; seconds are those of the web's own clock."""

    began_s: float
    ended_s: float
    site: str
    path: str
    status: int


@dataclass(frozen=True, slots=True)
class Web:
    """A running web: `addresses` is host and port by the name of a site."""

    addresses: dict[str, str]

    @property
    def sources(self) -> dict[str, Source]:
        return {
            site.name: site.source(self.addresses[site.name])
            for site in TWENTY
            if site.name in self.addresses
        }

    def url(self, site: str, path: str) -> str:
        return f"http://{self.addresses[site]}{path}"

    def asked(self, site: str | None = None) -> list[Asked]:
        """What was asked of a site, or of all, in the order in which it began."""
        address = next(iter(self.addresses.values()))
        with build_opener(ProxyHandler({})).open(f"http://{address}/log") as answer:
            rows = [Asked(*row) for row in json.loads(answer.read())]
        return sorted(
            (row for row in rows if site in (None, row.site)), key=lambda row: row.began_s
        )


@contextmanager
def local_web(*names: str) -> Iterator[Web]:
    """The sites of these names, or all of them, as one process."""
    with running("tests.localweb", *names) as line:
        yield Web(json.loads(line))
