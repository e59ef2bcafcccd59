"""Bundles of sources: all of a host in one, a handful of hosts in each."""

from __future__ import annotations

from scheduler.jobs.workers.leader import HANDFUL, bundles
from storage.source import Source, SourceKind


def sources(hosts: int) -> list[Source]:
    return [
        Source(f"{kind}-{n}", SourceKind.FEED, f"https://h{n}.example/{kind}")
        for kind in ("a", "b")
        for n in range(hosts)
    ]


def test_all_sources_of_a_host_are_in_one_bundle() -> None:
    by_key = bundles(sources(40))
    assert sum(map(len, by_key.values())) == 80
    for bundle in by_key.values():
        ids = {source.id for source in bundle}
        assert all(f"b-{name[2:]}" in ids for name in ids if name.startswith("a-"))


def test_a_bundle_has_a_handful_of_hosts_and_the_same_key_again() -> None:
    by_key = bundles(sources(200))
    assert 30 <= len(by_key) <= 40
    assert max(map(len, by_key.values())) <= 2 * 3 * HANDFUL
    assert bundles(reversed(sources(200))).keys() == by_key.keys()


def test_no_sources_are_no_bundles() -> None:
    assert bundles([]) == {}
