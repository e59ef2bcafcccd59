"""Which parts of a sitemap index are asked for at this look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from storage.sources.validators import LastAnswer

# Of parts without a date nobody knows which one has changed. These are asked in turn, the first and
# the last one at every look: sites add new documents at one of the two ends.
MAX_UNDATED = 10
_NEVER = datetime.min.replace(tzinfo=UTC)


def parts_due(
    parts: Sequence[str],
    changed_at: Mapping[str, datetime],
    answered: Mapping[str, LastAnswer],
    turn: int,
) -> tuple[list[str], int]:
    """(the parts to be asked for, in this order; how many of them are certain to hold something).

    A part is certain if it was never read whole, or has changed since: `changed_at` is when it
    changed as the index says, `answered` what is known of when it was read whole last. The newest
    come first. `turn` is a number that rises from look to look.
    """
    certain = [part for part in parts if _is_certain(part, changed_at, answered)]
    certain.sort(key=lambda part: changed_at.get(part, _NEVER), reverse=True)
    undated = [part for part in parts if part not in changed_at and part in answered]
    return certain + _in_turn(undated, turn), len(certain)


def _is_certain(
    part: str, changed_at: Mapping[str, datetime], answered: Mapping[str, LastAnswer]
) -> bool:
    if part not in answered:
        return True
    if part not in changed_at:
        return False
    # The clock of the site may be behind ours, so another date than then counts whatever it is.
    is_other = changed_at[part] != answered[part].listed_at
    return is_other or changed_at[part] >= answered[part].at


def _in_turn(parts: Sequence[str], turn: int) -> list[str]:
    if len(parts) <= MAX_UNDATED:
        return list(parts)
    inner, count = list(parts[1:-1]), MAX_UNDATED - 2
    begin = turn * count % len(inner)
    return [parts[0], parts[-1], *(inner[begin:] + inner[:begin])[:count]]
