"""Whose an address is: names of hosts as their owners register them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract


@cache
def _list() -> TLDExtract:
    """What takes names apart, by the list that comes with the package. It would download the newest
    one, from a host of which our address gate knows nothing.

    It is imported when it is first asked: with its list it takes 0.15 s and 10 MB.
    """
    from tldextract import TLDExtract

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


def is_public_suffix(domain: str) -> bool:
    """Whether the names below this one belong to different owners, as those below co.uk do."""
    return not _list()(domain).domain


def have_one_owner(one: str, other: str) -> bool:
    """Whether two addresses belong to one registered domain, as feeds.example.co.uk and
    www.example.co.uk do. What is not an address has no owner.
    """
    return (owner := _owner_of(one)) != "" and owner == _owner_of(other)


def registered_domain(host: str) -> str:
    """The domain that an owner registered, of which a host is a part: example.co.uk for
    news.example.co.uk; "" for a public suffix. Of an unknown ending, the last part is one.
    """
    found = _list()(host)
    if not found.suffix:
        return ".".join(host.split(".")[-2:]) if "." in host else ""
    return f"{found.domain}.{found.suffix}" if found.domain else ""


def _owner_of(url: str) -> str:
    try:
        found = _list()(urlsplit(url).hostname or "")
    except ValueError:
        return ""
    return f"{found.domain}.{found.suffix}" if found.domain else ""
