"""What happens to one document, from bytes to a judged record: extract, judge, fingerprint, fold.

Pure functions: the crawl's workers, `reclassify`, `classify` and `import` call the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from crawler.extract.extract import extract
from crawler.extract.fields import NOTHING, Ignored
from crawler.judgement.card.clue_search import find_clues
from crawler.judgement.card.provisions import find_provisions
from crawler.judgement.judge import (
    Rules,
    fold_document,
    judge,
    judge_nothing,
    judge_reading,
    open_document,
    read_document,
)
from crawler.judgement.text.reading import complete
from crawler.process.parts import Story, document_of, stories_of
from crawler.process.task import Task
from crawler.register.fingerprint import fingerprint_of
from crawler.register.quote import quote_of
from storage.addresses import host_and_port, key_of, site_of
from storage.records import Document, Judged, Verdict
from storage.source import Source

# Characters that another page of an article adds at least. The next page of its comments has less,
# and a server that ignores the number of the page has none.
_ADDS_NOTHING = 200


def process(task: Task, rules: Rules) -> Judged:
    """Read and judge a document. Raises UnreadableError if the bytes cannot be read."""
    return judge_article(read(task), rules)


def read(task: Task, *, watched: bool = False) -> Document:
    """Return the document in these bytes; a `watched` page need be no article."""
    language = task.source.language if task.source else None
    source = task.source
    ignored = Ignored(source.ignore, source.ignore_pattern) if source is not None else NOTHING
    document = extract(
        task.fetched,
        hint=task.candidate,
        source_language=language,
        watched=watched or task.is_message,
        ignored=ignored,
    )
    for page in task.more:
        later = extract(page, source_language=language, watched=True, ignored=ignored)
        document = _continued(document, later)
    return _placed(document, task)


def _continued(document: Document, later: Document) -> Document:
    """Return an article with what its next page adds. A page that adds nothing is the last one."""
    known = set(document.text.splitlines())
    added = [line for line in later.text.splitlines() if line not in known]
    if sum(map(len, added)) < _ADDS_NOTHING:
        return replace(document, next_page=None)
    text = "\n".join((document.text, *added))
    return replace(document, text=text, next_page=later.next_page)


@dataclass(frozen=True, slots=True)
class JudgedStory:
    """A story of a round-up, judged as a document of its own."""

    story: Story
    judged: Judged

    @property
    def document(self) -> Document:
        return self.judged.document

    @property
    def verdict(self) -> Verdict:
        return self.judged.verdict


def judge_article(document: Document, rules: Rules) -> Judged:
    """Judge a document; of a round-up, its stories that are reports, or may be (`parts`)."""
    judged = judge_document(document, rules)
    stories = judge_stories(document, rules)
    if not stories:
        return judged
    parts = tuple(story.judged for story in stories if story.verdict.outcome != "silent")
    return replace(judged, verdict=judged.verdict.silenced(), parts=parts)


def judge_stories(document: Document, rules: Rules) -> tuple[JudgedStory, ...]:
    """Judge each story of a round-up alone; nothing for any other document."""
    return tuple(
        JudgedStory(story, judge_document(document_of(story, document), rules))
        for story in stories_of(document, rules.lexicon.grammar(document.language))
    )


def judge_whole(document: Document, rules: Rules) -> tuple[tuple[JudgedStory, ...], Verdict | None]:
    """Judge a document to explain it: return its stories, or none and the verdict."""
    stories = judge_stories(document, rules)
    return stories, None if stories else judge(document, rules)


def judge_document(document: Document, rules: Rules, *, with_card: bool = False) -> Judged:
    """Return all that the store keeps of a document, judged as a whole. `with_card` asks for card
    and clues even where the rules find nothing: a curator found something.
    """
    folded = fold_document(document)
    opened = open_document(folded, document, rules)
    clues: tuple[str, ...] = ()
    if opened is None and not with_card:
        verdict = judge_nothing(document, rules)
    else:
        reading = read_document(document, rules, opened)
        verdict = judge_reading(reading, document, rules, with_card=with_card)
        has_card = with_card or verdict.outcome != "silent"
        if has_card:
            whole = complete(reading, rules.lexicon)
            clues = find_clues(whole, verdict.card, verdict.evidence).to_text()
            clues += tuple(provision.clue for provision in find_provisions(whole))
    return Judged(
        document=document,
        verdict=verdict,
        fingerprint=fingerprint_of(*folded.cut(len(document.title))),
        folded=folded.text.strip(),
        quote=quote_of(document, verdict, rules.lexicon.grammar(document.language)),
        clues=clues,
    )


def _placed(document: Document, task: Task) -> Document:
    """Return what was read with its address, and with what the source says of it."""
    source, final_url = task.source, task.fetched.final_url
    url = document_url(final_url, document.url, source.url if source else "")
    return replace(
        document,
        url=url,
        published_on=document.published_on or task.seen_on,
        outlet=outlet_of(url, source),
        source_id=source.id if source else None,
        own_url=final_url if key_of(final_url) != key_of(url) else None,
    )


def placed_alone(document: Document, url: str | None) -> Document:
    """Return what was read from one page or file, for the judge. `url` is None for a file."""
    return replace(document, url=url, outlet=outlet_of(url) if url else None)


def document_url(final_url: str, canonical_url: str | None, source_url: str = "") -> str:
    """Return the canonical URL of a page if it is on the same site, else the final one, without
    fragment. Another site's is that of a syndicated original, or an attempt to replace one; that of
    the home page or the list of all articles is a common mistake.
    """
    final = urlsplit(final_url)
    chosen = urlsplit(canonical_url or "")
    same_site = bool(chosen.hostname) and site_of(canonical_url or "") == site_of(final_url)
    is_home = chosen.path in ("", "/") and not chosen.query and final.path not in ("", "/")
    is_list = key_of(canonical_url or "") == key_of(source_url) != key_of(final_url)
    if not same_site or is_home or is_list:
        chosen = final
    return urlunsplit(chosen._replace(fragment=""))


def outlet_of(url: str, source: Source | None = None) -> str | None:
    """Return the name of the source if it has the page's host, else the host, if any."""
    if source is not None and source.name and host_and_port(url) == host_and_port(source.url):
        return source.name
    return (urlsplit(url).hostname or "").removeprefix("www.") or None
