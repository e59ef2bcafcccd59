"""One document that is watched, such as a ministry's page of agreements: looked at again, a change is seen."""

from __future__ import annotations

from spiders.kinds.feed import HEAD_BYTES, HTML
from spiders.kinds.listing import parse
from spiders.kinds.offer import Offer, tidy
from storage.records import Candidate, Fetched, Source

MIN_WORDS = 12  # a heading and a menu of a few words are no page of agreements; one with a single title has more


def requests(source: Source) -> list[str]:
    """The page itself."""
    return [source.url]


def read(fetched: Fetched, source: Source) -> Offer:
    """The page as the only candidate; its body, which is already here, is what gets extracted."""
    if not fetched.body.strip():
        return Offer(problem="empty: the page has no bytes")
    if _needs_javascript(fetched):
        return Offer(
            problem="no_text: the page is empty without JavaScript; look for a feed, or for the page it loads"
        )
    return Offer(tidy([Candidate(source.url, language=source.language)], source.url, 1))


def _needs_javascript(fetched: Fetched) -> bool:
    """Whether a web page brings scripts, and hardly a word beside them."""
    if not HTML.search(fetched.body[:HEAD_BYTES]):
        return False
    tree = parse(fetched)
    if tree.css_first("script") is None or tree.body is None:
        return False
    tree.strip_tags(["script", "style", "noscript", "template"], recursive=True)
    return len(tree.body.text(separator=" ").split()) < MIN_WORDS
