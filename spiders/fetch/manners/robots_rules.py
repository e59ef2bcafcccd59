"""Reading the rules of a robots.txt that concern us, at a cost that is bounded by its length.

Protego stores every rule once for each agent in its group, so that 260 KB with many agents and
rules grow to gigabytes. Therefore it only gets our own group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from protego import Protego

from storage.errors import FetchError

__all__ = ["Protego", "TooManyRules", "named_sitemaps", "our_lines", "read_lines", "read_rules"]

MAX_BYTES = 500 * 1024  # a crawler has to read at least this much (RFC 9309, section 2.5)
MAX_RULES = 10_000  # each URL is compared with all of them; news sites have a few hundred

MAX_SITEMAPS = 100  # sites name a handful

_SITEMAP = re.compile(r"site-?maps?\s*:\s*(\S+)", re.IGNORECASE)
_AGENT = re.compile(r"user[- ]?agent\s*(?::|\s)\s*(.*)", re.IGNORECASE)
_SITE_WIDE = re.compile(r"(?:site-?maps?|host)\b", re.IGNORECASE)
# Rules, and the ways in which sites misspell "disallow". Any other line, known to nobody or others
# alone, stands between names and rules as if it were not there (RFC 9309, section 2.2.4).
_RULE = re.compile(r"(?:allow|d[a-z]{3,10}w|crawl|request|visit)\b", re.IGNORECASE)
# What a name is made of (section 2.2.1); a version or further words may follow.
_TOKEN = re.compile(r"[a-z_-]+")


class TooManyRules(FetchError):
    """A robots.txt has more than MAX_RULES rules for us."""


def read_rules(body: bytes, agent: str) -> Protego:
    """Return the rules for `agent` in a robots.txt. Raises TooManyRules."""
    return read_lines(our_lines(body, agent))


def read_lines(lines: str) -> Protego:
    """Return the rules in the lines that `our_lines` gave."""
    return Protego.parse(lines)


def our_lines(body: bytes, agent: str) -> str:
    """Return the lines for `agent`: those of its own group, or else of the group for all (*).

    A file that makes no sense has none. Raises TooManyRules.
    """
    groups = list(_groups(_lines(body)))
    token = agent.lower()
    best = _best_name((_name_for(one, token) for names, _ in groups for one in names), token)
    rules = [
        rule
        for names, lines in groups
        if any(_name_for(name, token) == best for name in names)
        for rule in lines
    ]
    if len(rules) > MAX_RULES:
        raise TooManyRules(f"has {len(rules)} rules for us, more than the limit of {MAX_RULES}")
    return "\n".join([f"User-agent: {best}", *rules]) if rules else ""


def named_sitemaps(body: bytes) -> tuple[str, ...]:
    """Return the sitemaps that a robots.txt names, for whichever agent; at most MAX_SITEMAPS."""
    found = (match[1] for line in _lines(body) if (match := _SITEMAP.match(line)))
    return tuple(islice(found, MAX_SITEMAPS))


def _lines(body: bytes) -> Iterator[str]:
    if len(body) > MAX_BYTES:
        # Only whole lines: a truncated path would forbid more than was meant.
        body = body[: max(body.rfind(end, 0, MAX_BYTES) for end in (b"\n", b"\r")) + 1]
    for line in body.decode("utf-8-sig", "replace").splitlines():
        if said := line.partition("#")[0].strip():
            yield said


def _groups(lines: Iterable[str]) -> Iterator[tuple[frozenset[str], list[str]]]:
    """Yield (names, rules) of each group. Several names in a row share the rules that follow."""
    names: set[str] = set()
    rules: list[str] = []
    for line in lines:
        if match := _AGENT.match(line):
            if rules:
                yield frozenset(names), rules
                names, rules = set(), []
            names.add(match[1].strip().lower())
        elif names and _RULE.match(line) and not _SITE_WIDE.match(line):
            rules.append(line)
    yield frozenset(names), rules


def _name_for(written: str, agent: str) -> str:
    """The name in a User-agent line as it is compared with ours: "accordwatch/0.1" and "accordwatch
    news" name us. Other names are not shortened, lest "a1" become "a", with which our name begins.
    """
    token = _TOKEN.match(written)
    if written == "*" or (token is not None and token[0] == agent):
        return "*" if written == "*" else agent
    return written.replace("*", "")  # like Protego, read "bot*" as "bot"


def _best_name(names: Iterable[str], agent: str) -> str:
    """Return the longest of `names` that `agent` begins with, as Protego compares; else "*"."""
    return max((name for name in names if name and agent.startswith(name)), key=len, default="*")
