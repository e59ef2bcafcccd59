"""The headline of a page, by agreement among the places that name it.

JSON-LD, og:title, h1 and <title> each fail on a quarter to a half of real pages: og:title is rewritten for social
media, h1 may hold the site's name or a section, <title> carries both. What the reader sees (h1) is the headline if
anything else on the page, or the words of its address, speak for it; otherwise it is what the head of the page agrees
on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from crawler.extract.page.metadata import Metadata

_SEPARATOR = re.compile(r"(\s+[-–—|ǀ·•:»›«~⋆/\\]+\s+|\s*[|ǀ]\s*|(?<=\w):\s+)")
_PIPE = re.compile(r"\s*[|ǀ]\s*|\s[»›]\s")
_WORD = re.compile(r"\w+")
_CUT_SHORT = re.compile(r"\s*(?:\.\.\.|…)$")
_QUOTATION = re.compile(r"\s*[\"“”„«‘].+[\"“”»’]$")
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

# The thresholds below were set on 302 real pages with known headlines; between 0.25 and 0.45, and 3 to 5 words, the
# figure moves by under one point.
_H1_AGREES = 0.35  # with anything, for the only h1
_ONE_H1_AGREES = 0.5  # for one of several, which may be subheadings
_H1_ALONE = 4  # words of a single h1 that nothing else speaks for: shorter ones are sections ("News", "Our blog")
_PIPED_HEADLINE = (
    3  # words before "|" that are a headline; fewer may be a name, followed by the headline
)

# Where the support is alike, the more trusted place wins: right on 72 % (JSON-LD), 52 % (meta), least (<title>).
_TRUST = {"h1": 0.3, "json-ld": 0.2, "hint": 0.15, "meta": 0.1, "title": 0.0}


@dataclass(frozen=True, slots=True)
class _Candidate:
    place: str
    text: str
    words: frozenset[str]
    order: int


def choose_title(metadata: Metadata, url: str, hint: str | None = None) -> str:
    """The headline without the site's name; `hint` is the title that a feed or listing gave. "" if nobody names one."""
    sites = site_names(metadata, url)
    candidates = list(_candidates(metadata, sites, hint))
    if not candidates:
        return metadata.page_title or hint or ""  # a page that is called like its site
    voices = [*candidates, _Candidate("url", "", _slug(url), len(candidates))]
    best = _visible(candidates, voices) or max(
        candidates, key=lambda candidate: _support(candidate, voices)
    )
    return _whole(_without_kicker(best, candidates), candidates)


def _visible(candidates: Sequence[_Candidate], voices: Sequence[_Candidate]) -> _Candidate | None:
    """The best h1, if it is a headline."""
    visible = [candidate for candidate in candidates if candidate.place == "h1"]
    if not visible:
        return None
    best = max(visible, key=lambda candidate: _support(candidate, voices))
    closest = max(_likeness(best.words, voice.words) for voice in voices if voice.place != "h1")
    if len({candidate.words for candidate in visible}) > 1:
        return best if closest >= _ONE_H1_AGREES else None
    return best if closest >= _H1_AGREES or _stands_alone(best, voices) else None


def _stands_alone(heading: _Candidate, voices: Sequence[_Candidate]) -> bool:
    """Whether the only h1 is a headline though the head of the page words it otherwise (for search engines): it is
    long, and the address speaks no less for it."""
    slug = voices[-1]
    others = [
        _likeness(voice.words, slug.words) for voice in voices if voice.place not in ("h1", "url")
    ]
    return len(heading.words) >= _H1_ALONE and _likeness(heading.words, slug.words) >= max(
        others, default=0.0
    )


def _candidates(metadata: Metadata, sites: Sequence[str], hint: str | None) -> Iterator[_Candidate]:
    tail = _site_by_form(metadata.page_title, sites)
    texts = [("h1", text) for text in metadata.headings if _key(text) != tail]
    texts += [("json-ld", article.headline) for article in metadata.articles]
    texts += [("meta", text) for name in _META_NAMES for text in metadata.meta.get(name, ())]
    texts += [("title", metadata.page_title), ("hint", hint or "")]
    for order, (place, text) in enumerate(texts):
        bare = strip_site(text, sites, sections=place in ("meta", "title"))
        words = _words(bare)
        if words and len(bare) <= _MAX_TITLE:
            yield _Candidate(place, bare, words, order)


def _site_by_form(page_title: str, sites: Sequence[str]) -> str:
    """The key of the last segment of <title>, if its form is "Headline | Name of the site": an h1 may say the same.
    Where the first segment names the site, or the last is long, the last is the headline."""
    parts = _SEPARATOR.split(page_title)
    is_name = (
        len(parts) > 2 and not _names_site(parts[0], sites) and len(_words(parts[-1])) <= _H1_ALONE
    )
    return _key(parts[-1]) if is_name else ""


def _support(candidate: _Candidate, voices: Sequence[_Candidate]) -> tuple[float, int]:
    """How far the other places agree (each place once, by its closest wording); then the first on the page."""
    agreement: dict[str, float] = {}
    for voice in voices:
        if voice.place != candidate.place:
            likeness = _likeness(candidate.words, voice.words)
            agreement[voice.place] = max(agreement.get(voice.place, 0.0), likeness)
    return sum(agreement.values()) + _TRUST[candidate.place], -candidate.order


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """Dice's coefficient of two sets of words."""
    return 2 * len(a & b) / (len(a) + len(b)) if b else 0.0


def _words(text: str) -> frozenset[str]:
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)
    )
    return frozenset(_WORD.findall(plain))


def _slug(url: str) -> frozenset[str]:
    """The words of the longest part of the path: most sites write the headline there."""
    parts = unquote(urlsplit(url).path).split("/")
    longest = max(parts, key=len).rpartition(".")[0] or max(parts, key=len)
    return _words(longest.replace("_", " "))


def _without_kicker(best: _Candidate, candidates: Sequence[_Candidate]) -> str:
    """An h1 may hold a date or section in an element of its own ("27.01.2022 Headline"): it is dropped if another
    place names the rest alone, unless it is part of the sentence ("Rabat: ...")."""
    if best.place != "h1":
        return best.text
    others = [
        other.text
        for other in candidates
        if other.place not in ("h1", "hint") and other.text != best.text
    ]
    for text in others:
        before = best.text.removesuffix(text).strip()
        if before != best.text and not _ENDS_IN_PUNCTUATION.search(before):
            return text
    return best.text


def _whole(title: str, candidates: Sequence[_Candidate]) -> str:
    """`title`, or the longer wording of another place if it was cut short ("..." or before a quotation mark)."""
    start = _CUT_SHORT.sub("", title)
    for other in candidates:
        rest = other.text.removeprefix(start)
        if rest in (other.text, "") or _CUT_SHORT.search(other.text):
            continue
        if start != title or _QUOTATION.fullmatch(rest):
            return other.text
    return title


def site_names(metadata: Metadata, url: str) -> list[str]:
    """What the site may be called, as keys: its own word for it, and the labels of its host."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = [label for label in host.split(".")[:-1] if len(label) > 2]
    named = [
        *metadata.meta.get("og:site_name", ()),
        metadata.first("application-name"),
        metadata.first("twitter:site"),
    ]
    reverse = "".join(reversed(labels))
    return list(
        dict.fromkeys(
            key for key in map(_key, [*named, host, *labels, "".join(labels), reverse]) if key
        )
    )


def _key(text: str) -> str:
    return "".join(_WORD.findall(text.casefold())).replace("_", "")


def strip_site(title: str, sites: Sequence[str], *, sections: bool = True) -> str:
    """`title` without the segments at its ends that name the site (as `site_names` gives it); "" if it is nothing
    else. With `sections`, what follows "|" goes too."""
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
    """Whether a segment is the site's name; or half of it, or twice it ("BBC News" of bbc), unless `exactly`: what
    stands before a colon may be the first word of the headline."""
    key = _key(segment)
    if not key or key in sites:
        return True
    return not exactly and any(
        (key in site or site in key) and min(len(key), len(site)) * 2 >= max(len(key), len(site))
        for site in sites
    )
