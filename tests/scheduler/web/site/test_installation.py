"""What the page caches instead of counting it for each reader."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from scheduler.web.site.installation import ValueCache


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def taking(self, seconds: float) -> Callable[[], int]:
        """A count that takes so long, and says the how manyth it is."""
        made = count(1)

        def make() -> int:
            self.now += seconds
            return next(made)

        return make


def test_a_slow_count_is_made_anew_after_some_seconds() -> None:
    clock = _Clock()
    cache, make = ValueCache(clock), clock.taking(1.0)
    assert [cache.for_seconds("documents", 20, make) for _ in range(3)] == [1, 1, 1]
    clock.now += 20
    assert cache.for_seconds("documents", 20, make) == 2


def test_a_slow_count_is_made_anew_when_its_stamp_changes() -> None:
    clock = _Clock()
    cache, make = ValueCache(clock), clock.taking(1.0)
    assert [cache.until_changed("register", stamp, make) for stamp in "aab"] == [1, 1, 2]


def test_a_quick_count_is_made_each_time() -> None:
    clock = _Clock()
    cache, make = ValueCache(clock), clock.taking(0.001)
    assert [cache.for_seconds("documents", 20, make) for _ in range(3)] == [1, 2, 3]


def test_what_was_asked_for_longest_ago_goes() -> None:
    clock = _Clock()
    cache, make = ValueCache(clock), clock.taking(1.0)
    for key in range(200):
        cache.until_changed(key, "a", make)
    assert cache.until_changed(199, "a", make) == 200
    assert cache.until_changed(0, "a", make) == 201


def test_what_is_dear_outlives_its_stamp_for_twenty_times_what_it_took() -> None:
    clock = _Clock()
    cache, make = ValueCache(clock, clock), clock.taking(0.3)
    assert [cache.nearly_current("columns", stamp, make) for stamp in "abc"] == [1, 1, 1]
    clock.now += 6
    assert [cache.nearly_current("columns", stamp, make) for stamp in "cc"] == [2, 2]


def test_what_is_cheap_is_made_anew_at_each_change_alone() -> None:
    clock = _Clock()
    cache, make = ValueCache(clock, clock), clock.taking(0.05)
    assert [cache.nearly_current("columns", stamp, make) for stamp in "aabb"] == [1, 1, 2, 2]


def test_nobody_waits_while_what_is_dear_is_made_anew() -> None:
    clock = _Clock()
    cache, make = ValueCache(clock, clock), clock.taking(0.3)
    cache.nearly_current("columns", "a", make)
    clock.now += 6

    def make_and_ask() -> int:
        assert cache.nearly_current("columns", "b", make) == 1
        return make()

    assert cache.nearly_current("columns", "b", make_and_ask) == 2
