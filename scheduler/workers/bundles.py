"""Which sources a crawl job carries: a handful of different hosts, so that a start is not paid for
each. All sources of a host are in one bundle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import ceil
from zlib import crc32

from storage.addresses.hosts import host_and_port
from storage.records import Source

# A crawl costs 3 to 6 s of a core to begin with, and at the usual delay a host keeps it busy for
# seconds to minutes. With more hosts in a bundle, few bundles would be left for many workers.
HANDFUL = 5


def bundles(sources: Iterable[Source]) -> dict[str, list[Source]]:
    """The sources by the key of their bundle, which stays the same while the number of hosts is
    about the same.
    """
    by_host: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        by_host[host_and_port(source.url)].append(source)
    count = ceil(len(by_host) / HANDFUL)
    bundled: dict[str, list[Source]] = defaultdict(list)
    for host, of_host in by_host.items():
        bundled[f"crawl:{crc32(host.encode()) % count}/{count}"] += of_host
    return dict(bundled)
