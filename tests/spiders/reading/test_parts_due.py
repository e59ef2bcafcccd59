from __future__ import annotations

from datetime import timedelta

from spiders.reading.source_reader import MAX_UNDATED, parts_due
from tests.spiders.answers import NOW

DAY = timedelta(days=1)


def test_parts_that_changed_since_they_were_read_come_newest_first() -> None:
    changed = {"a": NOW - 3 * DAY, "b": NOW - DAY, "c": NOW}
    read = {part: (NOW - 2 * DAY, at) for part, at in changed.items()}
    assert parts_due(["a", "b", "c"], changed, read, 0) == (["c", "b"], 2)


def test_parts_that_were_never_read_whole_are_due_whatever_their_date() -> None:
    changed = {"a": NOW - 900 * DAY, "b": NOW - DAY}
    assert parts_due(["a", "b"], changed, {"b": (NOW, NOW - DAY)}, 0) == (["a"], 1)


def test_undated_parts_are_asked_for_every_time_if_they_are_few() -> None:
    parts = ["a", "b", "c"]
    assert parts_due(parts, {}, dict.fromkeys(parts, (NOW, None)), 5) == (parts, 0)


def test_many_undated_parts_are_asked_for_in_turn_but_the_ends_always() -> None:
    parts = [str(number) for number in range(40)]
    read = dict.fromkeys(parts, (NOW, None))
    turns = [parts_due(parts, {}, read, turn)[0] for turn in range(6)]
    assert all(len(turn) == MAX_UNDATED and turn[:2] == ["0", "39"] for turn in turns)
    assert {part for turn in turns for part in turn} == set(parts)


def test_another_date_than_before_counts_though_the_clock_of_the_site_is_behind() -> None:
    changed = {"a": NOW - 4 * DAY, "b": NOW - 4 * DAY}
    read = {"a": (NOW, NOW - 4 * DAY), "b": (NOW, NOW - 5 * DAY)}
    assert parts_due(["a", "b"], changed, read, 0) == (["b"], 1)
