"""The rules of a robots.txt that concern us, at a cost that the file's length bounds.

Protego keeps every rule once for each agent of its group: 260 KB of many agents and many rules grow to gigabytes.
So it is given our own group alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from protego import Protego

from storage.errors import FetchError

__all__ = ["Protego", "TooManyRules", "read_rules"]

MAX_BYTES = (
    500 * 1024
)  # what a crawler has to read at least (RFC 9309, 2.5); what follows is left out
MAX_RULES = (
    10_000  # each address is held against all of them; files of news sites have some hundred
)

_AGENT = re.compile(r"user[- ]?agent\s*(?::|\s)\s*(.*)", re.IGNORECASE)
_SITE_WIDE = re.compile(r"(?:site-?maps?|host)\b", re.IGNORECASE)
_RULE = re.compile(r"[^:]*:|(?:allow|d\w*allo?w|crawl|request|visit)\b", re.IGNORECASE)


class TooManyRules(FetchError):
    """A robots.txt with more rules for us than are held against every address."""


def read_rules(body: bytes, agent: str) -> Protego:
    """What the file says to `agent`: its own group, else that for all (*). Raises TooManyRules; nonsense holds no
    rules."""
    groups = list(_groups(_lines(body)))
    name = _best_name((one for names, _ in groups for one in names), agent.lower())
    rules = [rule for names, lines in groups if name in names for rule in lines]
    if len(rules) > MAX_RULES:
        raise TooManyRules(
            f"has {len(rules)} rules for us, more than the {MAX_RULES} that are read"
        )
    return Protego.parse("\n".join([f"User-agent: {name}", *rules]) if rules else "")


def _lines(body: bytes) -> Iterator[str]:
    if len(body) > MAX_BYTES:
        # up to the last whole line: half an address would forbid more than was meant
        body = body[: max(body.rfind(end, 0, MAX_BYTES) for end in (b"\n", b"\r")) + 1]
    for line in body.decode("utf-8-sig", "replace").splitlines():
        if said := line.partition("#")[0].strip():
            yield said


def _groups(lines: Iterable[str]) -> Iterator[tuple[frozenset[str], list[str]]]:
    """The names of each group and its rules. Several names in a row share the rules that follow."""
    names: set[str] = set()
    rules: list[str] = []
    for line in lines:
        if match := _AGENT.match(line):
            if rules:
                yield frozenset(names), rules
                names, rules = set(), []
            name = match[1].strip().lower()
            names.add(
                name if name == "*" else name.replace("*", "")
            )  # bot* is bot, as Protego reads it
        elif names and _RULE.match(line) and not _SITE_WIDE.match(line):
            rules.append(line)
    yield frozenset(names), rules


def _best_name(names: Iterable[str], agent: str) -> str:
    """The longest of `names` that `agent` begins with, as Protego compares them; else the one for all."""
    return max((name for name in names if name and agent.startswith(name)), key=len, default="*")
