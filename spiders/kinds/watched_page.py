"""A page that is watched for changes, and is itself the document."""

from __future__ import annotations

from spiders.kinds.feed import HEAD_BYTES, HTML
from spiders.kinds.listing import parse
from spiders.kinds.offer import Kind, Offer, tidy
from storage.records import Candidate, Fetched
from storage.source import Source

# A heading and a menu have fewer words; a page of agreements has more, even with a single title.
MIN_WORDS = 12


def read(fetched: Fetched, source: Source) -> Offer:
    """The page itself as the only candidate; its text is extracted from the same bytes."""
    if not fetched.body.strip():
        return Offer(problem="empty: the page has no bytes")
    if _needs_javascript(fetched):
        hint = "look for a feed, or for the page that it loads"
        return Offer(problem=f"no_text: the page is empty without JavaScript; {hint}")
    return Offer(tidy([Candidate(source.url, language=source.language)], source.url, 1))


def _needs_javascript(fetched: Fetched) -> bool:
    """Whether a web page holds scripts and hardly a word beside them."""
    if not HTML.search(fetched.body[:HEAD_BYTES]):
        return False
    tree = parse(fetched)
    if tree.css_first("script") is None or tree.body is None:
        return False
    tree.strip_tags(["script", "style", "noscript", "template"], recursive=True)
    return len(tree.body.text(separator=" ").split()) < MIN_WORDS


KIND = Kind(read, is_watched=True, is_page=True)
