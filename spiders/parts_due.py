"""Which parts of a sitemap index are asked for at this look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

# Of parts without a date nobody knows which one has changed. These are asked in turn, the first and
# the last one at every look: sites add new documents at one of the two ends.
MAX_UNDATED = 10
_NEVER = datetime.min.replace(tzinfo=UTC)


def parts_due(
    parts: Sequence[str],
    changed_at: Mapping[str, datetime],
    answered_at: Mapping[str, datetime],
    turn: int,
) -> tuple[list[str], int]:
    """(the parts to be asked for, in this order; how many of them are certain to hold something).

    A part is certain if it was never read whole, or has changed since: `changed_at` is when it
    changed as the index says, `answered_at` when it was read whole last. The newest come first.
    `turn` is a number that rises from look to look.
    """
    certain = [part for part in parts if _is_certain(part, changed_at, answered_at)]
    certain.sort(key=lambda part: changed_at.get(part, _NEVER), reverse=True)
    undated = [part for part in parts if part not in changed_at and part in answered_at]
    return certain + _in_turn(undated, turn), len(certain)


def _is_certain(
    part: str, changed_at: Mapping[str, datetime], answered_at: Mapping[str, datetime]
) -> bool:
    if part not in answered_at:
        return True
    return part in changed_at and changed_at[part] >= answered_at[part]


def _in_turn(parts: Sequence[str], turn: int) -> list[str]:
    if len(parts) <= MAX_UNDATED:
        return list(parts)
    inner, count = list(parts[1:-1]), MAX_UNDATED - 2
    begin = turn * count % len(inner)
    return [parts[0], parts[-1], *(inner[begin:] + inner[:begin])[:count]]
