"""Choosing the headline of a page, by agreement among the titles that give one.

JSON-LD, og:title, h1 and <title> are each wrong on a quarter to a half of real pages: og:title is
rewritten for social media, h1 may be the name of the site or of a section, and <title> contains
both. What the reader sees (h1) is the headline if another place or the words of the URL support it;
otherwise it is what the head of the page agrees on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.page.days import lines_after
from crawler.extract.page.metadata import Metadata
from storage.letters import fold_text

_SEPARATOR = re.compile(r"(\s+[-–—|ǀ·•:»›«~⋆/\\]+\s+|\s*[|ǀ]\s*|(?<=\w):\s+)")
_PIPE = re.compile(r"\s*[|ǀ]\s*|\s[»›]\s")
_WORD = re.compile(r"\w+")
_CUT_SHORT = re.compile(r"\s*(?:\.\.\.|…)$")
_QUOTATION = re.compile(r"\s*[\"“”„«‘].+[\"“”»’]$")
_SUBTITLE = re.compile(r"\s+[^\W_]")  # what follows is no end of a sentence, nor a quotation
_ENDS_IN_PUNCTUATION = re.compile(r"[:,;?!–—-]$")
_META_NAMES = (
    "og:title",
    "twitter:title",
    "title",
    "dc.title",
    "dcterms.title",
    "citation_title",
    "parsely-title",
)
_MAX_TITLE = 400  # characters; an h1 around a whole article is no headline

# These thresholds were set on 302 real pages with known headlines. From 0.25 to 0.45, and from 3 to
# 5 words, the result changes by less than one percentage point.
_H1_AGREES = 0.35  # likeness to any other place that the only h1 needs
_ONE_H1_AGREES = 0.5  # the same for one of several h1, which may be subheadings
# Words of a single h1 that nothing else supports. Shorter ones are sections ("News", "Our blog").
_H1_ALONE = 4
# Words before "|" that are a headline. Fewer may be a name, followed by the headline.
_PIPED_HEADLINE = 3

# With equal support the more trusted place counts. JSON-LD is right on 72 % of pages, meta on 52 %,
# and <title> on fewer.
_TRUST = {"h1": 0.3, "json-ld": 0.2, "hint": 0.15, "meta": 0.1, "title": 0.0}


@dataclass(frozen=True, slots=True)
class _Candidate:
    place: str
    text: str
    words: frozenset[str]
    order: int


def choose_title(metadata: Metadata, url: str, hint: str | None = None) -> str:
    """Return the headline without the site's name, or "". `hint` is that of a feed."""
    sites = site_names(metadata, url)
    candidates = list(_candidates(metadata, sites, hint))
    if not candidates:
        return metadata.page_title or hint or ""  # the page has the name of its site
    titles = [*candidates, _Candidate("url", "", _slug(url), len(candidates))]
    best = _visible(candidates, titles)
    if best is None:
        best = max(candidates, key=lambda candidate: _support(candidate, titles))
        if best.place == "h1" and _closest(best, titles) < _H1_AGREES:
            best = next(candidate for candidate in candidates if candidate.place == "h1")
    return _whole(_without_subtitle(_without_kicker(best, candidates), candidates), candidates)


def _visible(candidates: Sequence[_Candidate], titles: Sequence[_Candidate]) -> _Candidate | None:
    """Return the best h1, if it is a headline."""
    visible = [candidate for candidate in candidates if candidate.place == "h1"]
    if not visible:
        return None
    best = max(visible, key=lambda candidate: _support(candidate, titles))
    closest = _closest(best, titles)
    if len({candidate.words for candidate in visible}) > 1:
        return best if closest >= _ONE_H1_AGREES else None
    return best if closest >= _H1_AGREES or _stands_alone(best, titles) else None


def _closest(heading: _Candidate, titles: Sequence[_Candidate]) -> float:
    """Return how alike the place is that agrees most with an h1."""
    others = (title.words for title in titles if title.place != "h1")
    return max((_likeness(heading.words, words) for words in others), default=0.0)


def _stands_alone(heading: _Candidate, titles: Sequence[_Candidate]) -> bool:
    """Whether the only h1 is a headline although the head of the page has other words, perhaps for
    search engines: it is long, and the URL is no nearer to the other titles.
    """
    slug = titles[-1]
    others = [title for title in titles if title.place not in ("h1", "url")]
    closest = max((_likeness(other.words, slug.words) for other in others), default=0.0)
    return len(heading.words) >= _H1_ALONE and _likeness(heading.words, slug.words) >= closest


def _candidates(metadata: Metadata, sites: Sequence[str], hint: str | None) -> Iterator[_Candidate]:
    texts = [("h1", text) for text in metadata.headings]
    texts += [("json-ld", article.headline) for article in metadata.articles]
    texts += [("meta", text) for name in _META_NAMES for text in metadata.meta.get(name, ())]
    texts += [("title", metadata.page_title), ("hint", hint or "")]
    for order, (place, text) in enumerate(texts):
        bare = strip_site(text, sites, sections=place in ("meta", "title"))
        words = _words(bare)
        if words and len(bare) <= _MAX_TITLE:
            yield _Candidate(place, bare, words, order)


def _support(candidate: _Candidate, titles: Sequence[_Candidate]) -> tuple[float, int]:
    """Return the sort key: how far each other place agrees at best, then the order on the page."""
    agreement: dict[str, float] = {}
    for title in titles:
        if title.place != candidate.place:
            likeness = _likeness(candidate.words, title.words)
            agreement[title.place] = max(agreement.get(title.place, 0.0), likeness)
    return sum(agreement.values()) + _TRUST[candidate.place], -candidate.order


def likeness(one: str, other: str) -> float:
    """Return how alike two headlines are, from 0 to 1."""
    return _likeness(_words(one), _words(other))


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """Return Dice's coefficient of two sets of words."""
    return 2 * len(a & b) / (len(a) + len(b)) if b else 0.0


@lru_cache(maxsize=64)  # most titles of a page give the same headline
def _words(text: str) -> frozenset[str]:
    folded = text.casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded)
        folded = "".join(one for one in decomposed if not unicodedata.combining(one))
    return frozenset(_WORD.findall(folded))


def _slug(url: str) -> frozenset[str]:
    """Return the words of the longest segment of the path, where most sites put the headline."""
    parts = unquote(urlsplit(url).path).split("/")
    longest = max(parts, key=len).rpartition(".")[0] or max(parts, key=len)
    return _words(longest.replace("_", " "))


def _without_kicker(best: _Candidate, candidates: Sequence[_Candidate]) -> str:
    """Return the headline without a date or section that precedes it in the h1 ("27.01.2022
    Headline"), if another place has the rest alone, and it is no part of the sentence ("Rabat:
    ...").
    """
    if best.place != "h1":
        return best.text
    others = [other.text for other in candidates if other.place not in ("h1", "hint")]
    for text in others:
        if text == best.text:
            continue
        before = best.text.removesuffix(text).strip()
        if before != best.text and not _ENDS_IN_PUNCTUATION.search(before):
            return text
    return best.text


def _without_subtitle(title: str, candidates: Sequence[_Candidate]) -> str:
    """Return the headline without the subtitle in an h1: what all titles in the head of the page
    give. JSON-LD must be among them, since the others may have been cut.
    """
    heads = {candidate.text for candidate in candidates if candidate.place not in ("h1", "hint")}
    has_linked = any(candidate.place == "json-ld" for candidate in candidates)
    if len(heads) != 1 or not has_linked:
        return title
    head = heads.pop()
    return head if _SUBTITLE.match(title.removeprefix(head)) else title


def _whole(title: str, candidates: Sequence[_Candidate]) -> str:
    """Return the longer text of another place if `title` ends with "..." or before a quotation."""
    start = _CUT_SHORT.sub("", title)
    for other in candidates:
        rest = other.text.removeprefix(start)
        if rest in (other.text, "") or _CUT_SHORT.search(other.text):
            continue
        if start != title or _QUOTATION.fullmatch(rest):
            return other.text
    return title


def site_names(metadata: Metadata, url: str) -> list[str]:
    """Return the keys of the names that the site may have: declared ones, and parts of its host."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = [label for label in host.split(".")[:-1] if len(label) > 2]
    named = [
        *metadata.meta.get("og:site_name", ()),
        metadata.first("application-name"),
        metadata.first("twitter:site"),
    ]
    joined, reverse = "".join(labels), "".join(reversed(labels))
    keys = map(_key, [*named, host, *labels, joined, reverse])
    return list(dict.fromkeys(filter(None, keys)))


@lru_cache(maxsize=1024)  # a page has few names and titles, which are compared with each other
def _key(text: str) -> str:
    return "".join(_WORD.findall(text.casefold())).replace("_", "")


def strip_site(title: str, sites: Sequence[str], *, sections: bool = True) -> str:
    """Remove segments at both ends that name the site, and after "|" with `sections`."""
    parts = _SEPARATOR.split(title)
    while len(parts) > 2 and _names_site(parts[-1], sites, exactly=parts[-2].startswith(":")):
        parts = parts[:-2]
    while len(parts) > 2 and _names_site(parts[0], sites, exactly=parts[1].startswith(":")):
        parts = parts[2:]
    bare = "".join(parts).strip()
    head = _PIPE.split(bare)[0]
    if sections and len(_words(head)) >= _PIPED_HEADLINE:
        bare = head
    return "" if _key(bare) in sites else bare


def _names_site(segment: str, sites: Sequence[str], *, exactly: bool = False) -> bool:
    """Whether a segment is the site's name, or one contains the other and is at most twice as long
    ("BBC News" of bbc). `exactly`: before a colon it may be the first word of the headline.
    """
    key = _key(segment)
    if not key or key in sites:
        return True
    return not exactly and any(_contains(key, site) for site in sites)


def _contains(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return shorter in longer and len(shorter) * 2 >= len(longer)


# --- the standfirst -------------------------------------------------------------------------------

_LINES = 15  # after the headline: bylines, share buttons and captions come first
_SHORTEST, _LONGEST = 40, 700  # characters
_ALIKE = 50  # characters, without spaces, at which a line and a description begin alike
_NO_LABEL = 25  # the same; a shorter line of the page may stand in the text by chance


def with_standfirst(
    text: str, tree: lxml.html.HtmlElement, metadata: Metadata, headline: str, summary: str = ""
) -> str:
    """Return `text` with the standfirst before it, if it was left out. `summary` is the feed's."""
    described = [one for one in (*metadata.descriptions, summary) if len(one) >= _SHORTEST]
    lines = [*_lines_before(text, lines_after(tree, headline, _LINES))] if described else []
    if not any(_SHORTEST <= len(line) <= _LONGEST for line in lines):
        return text
    descriptions = [squeezed(one) for one in described]
    described_lines = {line for line in lines if _is_described(line, descriptions)}
    if not described_lines:
        return text
    whole = squeezed(text)
    standfirst = []
    for line in lines:
        beginning = squeezed(line)[: _ALIKE + 10]
        if len(beginning) >= _NO_LABEL and beginning in whole:
            break
        standfirst += [line] if line in described_lines else []
    return "\n".join(filter(None, [*dict.fromkeys(standfirst), text]))


def _lines_before(text: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield lines up to one that a text has to the letter, which is quick to look for."""
    for line in lines:
        if line in text and len(squeezed(line)) >= _NO_LABEL:
            return
        yield line


def _is_described(line: str, descriptions: Sequence[str]) -> bool:
    if not _SHORTEST <= len(line) <= _LONGEST:
        return False
    bare = squeezed(line)
    return any(
        bare[:_ALIKE] in description or description[:_ALIKE] in bare for description in descriptions
    )


def squeezed(text: str) -> str:
    """Return a text without spaces and accents, which differ between two ways to read a page."""
    return "".join(fold_text(text).split())
