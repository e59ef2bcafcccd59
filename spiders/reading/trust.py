"""Whether a server is believed that says "unchanged".

Some send the same ETag whatever they serve, or answer 304 to every conditional request. So a source
is looked at in full from time to time. If that brings something new although its validators were
the same, they are not sent any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from storage.sources.polls import Poll
from storage.sources.validators import Validators

# A server that has never been seen to tell something new from something old.
UNPROVEN = timedelta(hours=2)
SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=1)
DISTRUST = timedelta(days=7)
GAPS = 10  # a week of a source that has news on working days


def patience(polls: Iterable[Poll]) -> timedelta:
    """Return for how long a source may say that it is unchanged, as its past polls have it: the
    longest of its last waits for something new.
    """
    news = sorted(poll.at for poll in polls if poll.new)
    gaps = [later - earlier for earlier, later in pairwise(news)][-GAPS:]
    if not gaps:
        return UNPROVEN
    return min(max(max(gaps), SHORTEST), LONGEST)


def distrusts(known: Validators, now: datetime) -> bool:
    """Whether the validators lied within the last week."""
    return known.distrusted_at is not None and now - known.distrusted_at < DISTRUST


def wants_full_look(known: Validators, now: datetime, longest: timedelta) -> bool:
    """Whether to ask without conditional headers."""
    if distrusts(known, now):
        return True
    return known.saved_at is not None and now - known.saved_at >= longest


def same_validators(known: Validators, etag: str | None, last_modified: str | None) -> bool:
    """Whether a server would call an answer unchanged that came with these validators.

    The ETag decides where there is one (RFC 9110, section 13.1.3).
    """
    if known.etag or etag:
        return known.etag == etag
    return known.last_modified is not None and known.last_modified == last_modified
