from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from spiders.spec import Orders


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def test_lines_that_come_together_are_told_apart(pipe: tuple[int, int]) -> None:
    orders = Orders(pipe[0])
    os.write(pipe[1], b"first\nsecond\nthi")
    assert orders.first() == b"first"
    assert orders.at_hand() == [b"second"]
    os.write(pipe[1], b"rd\n")
    assert orders.more() == [b"third"]
    os.close(pipe[1])
    assert (orders.more(), orders.ended) == ([], True)


def test_a_first_line_without_an_end_is_what_came_before_the_end(pipe: tuple[int, int]) -> None:
    orders = Orders(pipe[0])
    os.write(pipe[1], b"{}")
    os.close(pipe[1])
    assert (orders.first(), orders.ended, orders.at_hand()) == (b"{}", True, [])
