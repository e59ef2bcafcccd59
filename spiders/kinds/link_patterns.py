"""Regular expressions that people write for links, refused if matching could take for ever.

A repeated group that repeats or chooses inside, such as `(/\\w+)*` or `(a|b)+`, can fit one address
in more ways than can be tried: thirty letters keep Python's `re` busy for hours.
"""

from __future__ import annotations

import re

MOST_CHARACTERS = 500  # an address pattern has some dozens
_TOKEN = re.compile(
    r"""
    (?P<escaped>\\.)
    | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
    | (?P<open>\((?:\?(?:[:=!>]|<[=!]|P?<\w+>|P=\w+|[\w-]+:))?)
    | (?P<close>\))
    | (?P<repeat>[*+]|\{\d+,\}|\{(?:\d*,)?\d\d+\})
    | (?P<bounded>\{(?:\d*,)?\d\}|\?)
    | (?P<choice>\|)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def fault(pattern: str) -> str | None:
    """What is wrong with a pattern, as the end of a sentence; None if it can be used."""
    if len(pattern) > MOST_CHARACTERS:
        return f"has {len(pattern)} characters; {MOST_CHARACTERS} are the most"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is not a regular expression: {error}"
    if _may_run_on(pattern):
        risk = "repeats a group that itself repeats or chooses, which can take for ever"
        return f"{risk}; write it without"
    return None


def _may_run_on(pattern: str) -> bool:
    varies = [False]  # for each open group: whether it holds a repeat or a choice
    closed = False  # whether the token before closed a group that holds one
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup
        if kind == "repeat" and closed:
            return True
        closed = False
        if kind == "open":
            varies.append(False)
        elif kind == "close" and len(varies) > 1:
            closed = varies.pop()
            varies[-1] = varies[-1] or closed
        elif kind in ("repeat", "choice"):
            varies[-1] = True
    return False
