"""Telling pages that are no articles: walls, errors, lists.

A page is refused only where something speaks for a reason, and an article only where it has hardly
any text: each of these rules names what it needs. Real pages embed what walls consist of (scripts
of Cloudflare, a consent banner, a login form), so that none of these is enough alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain, islice, takewhile
from urllib.parse import urljoin, urlsplit, urlunsplit

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.articles.reasons import CHALLENGES, REASONS
from crawler.extract.page.metadata import Metadata
from crawler.extract.page_words import walls, words_pattern
from storage.addresses import key_of, names_a_list
from storage.letters import fold_text

# Characters of extracted text. Of 366 real articles, 4 have fewer than 400.
_THIN = 1_000
_NEXT_TO_NOTHING = 400
# Characters of a line that may be a sentence, and of such lines beside what a wall says: a short
# communiqué has two of them. Walls add lists of links, and at most a sentence.
_SENTENCE = 60
_OTHER_WORDS = 120
_LOOKED_AT = 8_000  # characters of the visible text; walls say what they are at once
_SEGMENTS = re.compile(r"\s+[-–—|·•:»›«]+\s+|\s*\|\s*")

_PARKING = re.compile(
    r"sedoparking|parkingcrew|bodis\.com|d\.rmgserving|parklogic|above\.com/marketplace"
    r"|dan\.com/(?:buy|public)|afternic\.com|hugedomains\.com|undeveloped\.com|uniregistry\.com"
    r"|window\.park\s*=|/lander['\"]|namebright\.com|domainmarket\.com|parking-lander"
)
_SUSPENDED_PATH = re.compile(r"/cgi-sys/(?:suspendedpage|defaultwebpage)\.cgi|/suspended\.page/")
_CONSENT_PLACE = re.compile(r"(?:^|[./_-])(?:consent|gdpr|rgpd|privacy-?gate|cmp|cookiewall)", re.I)
_CONSENT_SHARE = 0.4  # of the sentences; the rest of a wall speaks of partners and advertisements
_SENTENCES = re.compile(r"[.!?؟\n]+")
_LISTS = frozenset({"CollectionPage", "ItemList", "SearchResultsPage"})
_LIST_SHARE = 0.6  # of the text in cards; of 366 real articles 2 have more than a third
_MANY_CARDS = 4
_PARAGRAPH = 400  # characters; the summary of another story is shorter
_HEADLINE_WORDS = 4
_LONG_WORD = 4
_SAME_HEADLINE = 0.6  # likeness of two sets of words; feeds shorten headlines and add a section


@dataclass(frozen=True)
class ReadPage:
    """A page as it was read, with what the source said of it."""

    html: str
    tree: lxml.html.HtmlElement
    metadata: Metadata
    text: str
    requested_url: str
    final_url: str
    headline: str = ""

    @property
    def is_thin(self) -> bool:
        return len(self.text) < _THIN

    @cached_property
    def is_declared(self) -> bool:
        """Whether the page says for machines that it is an article."""
        declared = self.metadata
        kind = declared.first("og:type").lower()
        has_day = any(article.headline and article.published for article in declared.articles)
        return has_day or kind == "article" or bool(declared.first("article:published_time"))

    @cached_property
    def visible_text(self) -> str:
        """Return all text that a reader sees, including forms and buttons."""
        pieces = []
        length = 0
        for element in self.tree.iter():
            hidden = element.tag in ("script", "style", "template", "title") or not isinstance(
                element.tag, str
            )
            for text in (None if hidden else element.text, element.tail):
                if text and text.strip():
                    pieces.append(" ".join(text.split()))
                    length += len(pieces[-1])
            if length > _LOOKED_AT:
                break
        return "\n".join(pieces)

    @property
    def titles(self) -> Iterator[str]:
        """Yield the titles, whole and in parts."""
        for title in (self.metadata.page_title, *self.metadata.headings[:3]):
            yield title
            yield from _SEGMENTS.split(title)


def why_no_article(page: ReadPage, *, watched: bool = False) -> str | None:
    """Return why a page is no article, one of REASONS, or None. A `watched` page may be a list."""
    return _wall(page) or (None if watched else _no_article(page))


def _wall(page: ReadPage) -> str | None:
    if page.is_declared and not page.is_thin:
        return None
    titled = next(filter(None, map(load_wording().of_title, page.titles)), None)
    if titled is not None and _fits(titled, page):
        return titled
    if _asks_for_consent(page):
        return "consent_wall"
    if not page.is_thin or (page.is_declared and len(page.text) >= _NEXT_TO_NOTHING):
        return None
    return _marked(page) or _phrased(page)


def _fits(reason: str, page: ReadPage) -> bool:
    """Whether the rest of a page fits the title of a wall."""
    if reason == "login":
        return page.is_thin and page.tree.find(".//input[@type='password']") is not None
    if reason == "soft_404":
        return not page.is_declared
    return page.is_thin


def _marked(page: ReadPage) -> str | None:
    """Return the reason that the source of a page with hardly any text gives."""
    if _SUSPENDED_PATH.search(page.final_url):
        return "suspended"
    if page.is_declared or len(page.text) >= _NEXT_TO_NOTHING:
        return None
    if CHALLENGES.search(page.html):
        return "challenge"
    # A search that ignores case takes eight times as long, and takes three letters more for small
    # ones than `lower` does.
    small = page.html.replace("ı", "i").replace("İ", "i").replace("ſ", "s").lower()
    if _PARKING.search(small):
        return "parked"
    # The page makes the browser go elsewhere at once.
    refreshes = (
        one.get("content") or ""
        for one in page.tree.iter("meta")
        if (one.get("http-equiv") or "").strip().lower() == "refresh"
    )
    return "interstitial" if "url" in next(refreshes, "").lower() else None


def _phrased(page: ReadPage) -> str | None:
    """Return the reason that the words of a page give, if it has no others to speak of."""
    wording = load_wording()
    reason = wording.of_text(page.visible_text)
    if reason is None or _has_headline(page):
        return None
    lines = (line for line in page.text.splitlines() if len(line) >= _SENTENCE)
    others = sum(len(line) for line in lines if wording.of_text(line) is None)
    return reason if others < _OTHER_WORDS else None


def _asks_for_consent(page: ReadPage) -> bool:
    """Whether what can be read is about cookies, or the page stands where walls stand."""
    if page.is_declared and len(page.text) >= _NEXT_TO_NOTHING:
        return _consent_share(page.text) > 2 * _CONSENT_SHARE
    final = urlsplit(page.final_url)
    moved = key_of(page.final_url) != key_of(page.requested_url)
    stands_there = moved and _CONSENT_PLACE.search(f"{final.hostname}{final.path}") is not None
    has_button = page.tree.find(".//button") is not None or page.tree.find(".//form") is not None
    if not (stands_there or has_button):
        return False
    share = _consent_share(page.text or page.visible_text)
    return share >= (_CONSENT_SHARE / 2 if stands_there else _CONSENT_SHARE)


def _consent_share(text: str) -> float:
    """Return the share of sentences, in characters, that are about cookies and consent. Agreements
    speak of consent and personal data too, so one sentence has to be about cookies.
    """
    if not words_pattern(r"\b(<cookies>)\b").search(fold_text(text[:_LOOKED_AT])):
        return 0.0
    about_consent = words_pattern(r"\b(<cookies>|<consent>)\b")
    sentences = [fold_text(one) for one in _SENTENCES.split(text[:_LOOKED_AT]) if one.strip()]
    total = sum(map(len, sentences))
    return sum(len(sentence) for sentence in sentences if about_consent.search(sentence)) / max(
        total, 1
    )


def _no_article(page: ReadPage) -> str | None:
    if _is_home(page.final_url) and not _is_home(page.requested_url):
        return "soft_404"
    if is_later_page(page.tree, page.final_url, page.metadata.canonical_url):
        return "later_page"
    if page.is_declared:
        return None
    if (_is_list(page) or _is_young_list(page)) and not _has_headline(page):
        return "section_page"
    return "other_page" if page.is_thin and _is_other(page) else None


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query and not parts.fragment


def _is_list(page: ReadPage) -> bool:
    lines = [line for line in page.text.splitlines() if line.strip()]
    long_lines = sum(len(line) for line in lines if len(line) >= _PARAGRAPH)
    if long_lines > (1 - _LIST_SHARE) * len(page.text):
        return False
    cards = find_cards(page.tree)
    if _LISTS & page.metadata.kinds or _is_home(page.final_url):
        return cards.count > 0 or not lines
    return cards.count >= _MANY_CARDS and cards.share(lines) >= _LIST_SHARE


def _is_young_list(page: ReadPage) -> bool:
    """Whether this is a list with few articles or none, by its address and lack of text."""
    if not names_a_list(page.final_url, page.metadata.page_title):
        return False
    lines = [line for line in page.text.splitlines() if line.strip()]
    own = 1 - find_cards(page.tree, enough=1, own=page.final_url).share(lines)
    return own * sum(map(len, lines)) < _NEXT_TO_NOTHING


def _has_headline(page: ReadPage) -> bool:
    """Whether a headline of the page is the one that the source gave."""
    given = set(fold_text(page.headline).split())
    shown = [set(fold_text(heading).split()) for heading in page.metadata.headings[:3]]
    return len(given) >= _HEADLINE_WORDS and any(
        2 * len(given & one) >= _SAME_HEADLINE * (len(given) + len(one)) for one in shown
    )


def _is_other(page: ReadPage) -> bool:
    """Whether the page has not one of the longer words of the headline that the source gave."""
    words = {word for word in fold_text(page.headline).split() if len(word) >= _LONG_WORD}
    described = page.metadata.first("og:description", "description")
    shown = fold_text(
        f"{page.metadata.page_title} {described} {page.text} {page.visible_text}"
    ).split()
    return len(words) >= _HEADLINE_WORDS and not words & set(shown)


# --- finding the cards of a list ------------------------------------------------------------------

_HEADLINE_LETTERS = 20  # of a link; names of sections and "Read more" are shorter
_BEFORE_HEADLINE = 60  # letters of a date or a section that may stand before it
_CARD_LETTERS = 1_200  # a longer element holds an article
_LEVELS = 4  # elements around a link that may be the card
_ENOUGH = 4  # cards side by side; three related stories stand under many articles
_MOST_LINKS = 2_000


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of a page: how many there are, and what stands in them (one line a card)."""

    count: int
    text: str

    def share(self, lines: Sequence[str]) -> float:
        """Return the share of `lines`, in characters, that stands in cards."""
        total = sum(map(len, lines))
        inside = sum(len(line) for line in lines if _squeezed(line) in self.text)
        return inside / total if total else 0.0


def find_cards(tree: lxml.html.HtmlElement, *, enough: int = _ENOUGH, own: str = "") -> Cards:
    """Find the cards of a page: `enough` of one kind side by side, with links elsewhere."""
    groups: dict[tuple[lxml.html.HtmlElement, str], dict[lxml.html.HtmlElement, str]] = {}
    texts: dict[lxml.html.HtmlElement, str] = {}  # of elements, which several links may share
    for link in list(tree.iter("a"))[:_MOST_LINKS]:
        href, headline = link.get("href") or "", _squeezed(link.text_content())
        if len(headline) < _HEADLINE_LETTERS or href.startswith(("#", "javascript:", "mailto:")):
            continue
        if own and _joined(own, href) == own:
            continue
        for element in _around(link, headline, texts):
            group = groups.setdefault((element.getparent(), element.tag), {})
            group.setdefault(element, href)
    cards: dict[lxml.html.HtmlElement, None] = {}
    for group in groups.values():
        if len(set(group.values())) >= enough:
            cards |= dict.fromkeys(group)
    outermost = [
        card for card in cards if not any(above in cards for above in card.iterancestors())
    ]
    return Cards(len(outermost), "\n".join(texts[one] for one in outermost))


def _around(
    link: lxml.html.HtmlElement, headline: str, texts: dict[lxml.html.HtmlElement, str]
) -> Iterator[lxml.html.HtmlElement]:
    """Yield a link and the elements around it that may be a card with this headline."""
    above = takewhile(lambda one: one.tag not in ("body", "html"), link.iterancestors())
    for element in chain([link], islice(above, _LEVELS)):
        text = texts.get(element)
        if text is None:
            text = texts[element] = _squeezed(element.text_content())
        if element.getparent() is None or len(text) > _CARD_LETTERS:
            return
        if text.find(headline) <= _BEFORE_HEADLINE:
            yield element


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:  # not a URL
        return ""


def _squeezed(text: str) -> str:
    """Return a text without spaces, which differ between two ways to read a page."""
    return "".join(text.split())


# --- what pages say that are no articles ----------------------------------------------------------

_SOME_WORDS = r"(?:\S+ ){0,2}\S+"  # what "*" stands for
_LONGEST_TITLE = 120  # characters; no wall has a longer one


@dataclass(frozen=True, slots=True)
class Wording:
    """Patterns over folded text, by reason, in the order of REASONS."""

    titles: dict[str, re.Pattern[str]]
    phrases: dict[str, re.Pattern[str]]

    def of_title(self, title: str) -> str | None:
        """Return the reason whose title this is, as a whole; None if it is none."""
        if len(title) > _LONGEST_TITLE:
            return None
        folded = fold_text(title).strip()
        return next(
            (name for name, pattern in self.titles.items() if pattern.fullmatch(folded)), None
        )

    def of_text(self, text: str) -> str | None:
        """Return the first reason of which a phrase stands in a text; None if there is none."""
        folded = f" {fold_text(text)} "
        return next(
            (name for name, pattern in self.phrases.items() if pattern.search(folded)), None
        )


@cache
def load_wording() -> Wording:
    titles = {reason: _any_of(walls(reason, "titles")) for reason in REASONS}
    phrases = {reason: walls(reason, "phrases") for reason in REASONS}
    return Wording(
        titles, {reason: _any_of(found, " ") for reason, found in phrases.items() if found}
    )


def _any_of(texts: Sequence[str], edge: str = "") -> re.Pattern[str]:
    return re.compile("|".join(f"{edge}{_pattern(text)}{edge}" for text in texts) or r"(?!)")


def _pattern(text: str) -> str:
    return " ".join(
        _SOME_WORDS if word == "*" else re.escape(fold_text(word).strip()) for word in text.split()
    )


# --- pages of one article -------------------------------------------------------------------------

# `p` and `id` are not among them: WordPress numbers its posts with `?p=`.
_IN_QUERY = re.compile(
    r"(?P<name>page|paged|pg|pageno|page_no|seite|pagina|pag)=(?P<number>\d{1,2})", re.IGNORECASE
)
# ".../page/2", ".../headline-of-the-story/2", ".../headline,page-2.html"
_IN_PATH = re.compile(
    r"(?:/(?:page|seite|pagina)[/-]?|(?<=[^\W\d_]{3})/|[,_-](?:page|seite|pagina)[_-]?)"
    r"(?P<number>\d{1,2})(?P<end>\.\w{3,5})?/?$",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)  # a page's own address is asked for several times
def page_of(url: str) -> tuple[str, int]:
    """Return the key of the first page, and the number of this one (1 for an address without)."""
    parts = urlsplit(key_of(url))
    pairs = parts.query.split("&")
    for pair in pairs:
        if match := _IN_QUERY.fullmatch(pair):
            others = "&".join(one for one in pairs if one != pair)
            return urlunsplit(parts._replace(query=others)), int(match["number"])
    if match := _IN_PATH.search(parts.path):
        path = parts.path[: match.start()] + (match["end"] or "")
        return urlunsplit(parts._replace(path=path)), int(match["number"])
    return key_of(url), 1


def is_later_page(tree: lxml.html.HtmlElement, url: str, canonical_url: str | None) -> bool:
    """Whether this is page 2 or a later one of an article, by its address and what it declares."""
    first, number = page_of(url)
    if number < 2:
        return False
    before = [page_of(other) for other in _before(tree, url)]
    return page_of(canonical_url or "") == (first, 1) or (first, number - 1) in before


def next_page(tree: lxml.html.HtmlElement, url: str) -> str | None:
    """Return the address of the next page of the same article. `rel=next` often leads to the next
    article: the address has to be that of this one, with the next number.
    """
    first, number = page_of(url)
    # "/news/7.html" may be page 7 of something, or an article with a small number.
    following = {(first, number + 1), (key_of(url), 2)}
    after = {str(page) for _, page in following}
    for element in tree.iter("link", "a"):
        # A page has hundreds of links: most have neither a relation nor a short text.
        relation, text = element.get("rel"), element.text
        is_next = relation is not None and "next" in relation.lower().split()
        if is_next or (text is not None and text.strip() in after):
            for link in _absolute(url, element.get("href")):
                if page_of(link) in following:
                    return link
    return None


def _before(tree: lxml.html.HtmlElement, url: str) -> Iterator[str]:
    for element in tree.iter("link", "a"):
        if "prev" in (element.get("rel") or "").lower().split():
            yield from _absolute(url, element.get("href"))


def _absolute(url: str, href: str | None) -> Iterator[str]:
    try:
        target = urljoin(url, (href or "").strip())
        if urlsplit(target).scheme in ("http", "https"):
            yield urlunsplit(urlsplit(target)._replace(fragment=""))
    except ValueError:  # not a URL
        return
