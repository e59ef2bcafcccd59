"""Tables of texts under the behaviour that they show, which names the test of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest


def rows_of(table: Mapping[str, Sequence[object]]) -> list[Any]:
    return [pytest.param(row, id=behaviour) for behaviour, rows in table.items() for row in rows]
