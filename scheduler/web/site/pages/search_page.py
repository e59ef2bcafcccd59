"""The search for documents: words, filters, and how many hits have what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from starlette.responses import Response

from crawler.differences import Passage, differences
from crawler.reader.quotes import quoted
from scheduler.configuration.query import Query
from scheduler.searching.hints import (
    Search,
    closest,
    hint_for,
    relaxed,
    sentences,
)
from scheduler.searching.results import RunOfLetters, finder_of, runs, with_snippets
from scheduler.views.documents import DOCUMENTS
from scheduler.views.entry import title_of
from scheduler.views.register_entries import named_entries
from scheduler.views.verdicts import reading_in_words
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line, without_towers
from scheduler.views.words.page import moment
from scheduler.web.site.addresses import (
    RELEVANCE,
    Link,
    NotHere,
    SearchOptions,
    row_number,
    search_options,
)
from scheduler.web.site.context import Context, InContext, document_at
from scheduler.web.site.download import all_documents, download, wanted_form
from scheduler.web.site.gate import READER
from scheduler.web.site.hint_links import parties_link, without_one
from scheduler.web.site.parameters import Selection, choice
from scheduler.web.site.selection import NOTHING, counts_of, form_of, over_months
from storage.database.session import Session
from storage.documents.copies import stored_verdict
from storage.documents.documents import versions_of
from storage.filter import Filter
from storage.lists import queries
from storage.notifications.outbox import was_fresh
from storage.query_words import reading_of
from storage.records import Evidence
from storage.search.counts import COUNTED, count_documents
from storage.search.document_rows import DocumentRow
from storage.sources.revisits import withdrawn_at

router = APIRouter(include_in_schema=False)

PATH = "/search"
PAGE = 30


async def _options(
    everything: Annotated[str, choice(("0", "1"))] = "",
    sort: Annotated[str, choice(("newest", RELEVANCE))] = "",
) -> SearchOptions:
    return search_options({"everything": everything, "sort": sort})


Options = Annotated[SearchOptions, Depends(_options)]


@router.get(PATH, dependencies=[READER])
def search(
    context: InContext,
    selection: Selection,
    options: Options,
    after: str = "",
    format: str = "",
) -> Response:
    """The documents of a selection, newest first or by relevance."""
    form = wanted_form(format)
    if form is not None:
        filled = [(name, value) for name, value in options.items() if value]
        document_rows = all_documents(
            context.served.database,
            selection.filter,
            everything=bool(options["everything"]),
            by_relevance=bool(options["sort"]),
        )
        return download(context, form, DOCUMENTS, [*selection.parameters, *filled], document_rows)
    with context.read() as s:
        shown = _listed(context, s, selection, options, row_number(after))
        return context.page(s, "search/search.html.j2", **shown)


def _listed(
    context: Context, s: Session, selection: Query, options: SearchOptions, after: int | None
) -> dict[str, Any]:
    words, flt, everything = context.words, selection.filter, bool(options["everything"])
    document_rows = queries.search(
        s,
        flt,
        everything=everything,
        by_relevance=bool(options["sort"]),
        limit=PAGE + 1,
        after=after,
    )
    rows, (total, has, is_least) = list(document_rows), NOTHING
    if rows or after is not None:
        total, has, is_least = counts_of(context, s, flt, everything=everything)
    shown, (_, left_out) = rows[:PAGE], reading_of(selection.query)
    counted = words.count_of("page.documents", total)
    only_newest = words.say("of the newest {number}", number=words.number(COUNTED))
    return {
        "options": options,
        "total": words.say("more than {documents}", documents=counted) if is_least else counted,
        "hits": _hits(s, shown, flt.words, words),
        "left_out": words.say("Left out: {words}.", words=line(words.say(", ").join(left_out), 300))
        if left_out
        else "",
        "parties": parties_link(s, selection, words, of_documents="q" in dict(context.parameters)),
        "hint": None if shown else _hint(context, s, selection, options),
        "older": selection.address("", after=str(shown[-1].id), **options) if rows[PAGE:] else None,
        "newest": selection.address(PATH, **options),
        "is_first": after is None,
        "over_time": None
        if flt.by is not None
        else over_months(
            has.months,
            words,
            "page.documents",
            lambda since, until: selection.address(PATH, **options, since=since, until=until),
        ),
        "facets": has.facets,
        "of_newest": only_newest if has.is_cut else "",
        **form_of(context, selection, PATH, options, beside=("reviewed",)),
    }


# --- what a search found --------------------------------------------------------------------------

_LONGEST_PIECE = 300


class Hit(NamedTuple):
    """A document, with its title and the pieces of its text as runs, marked or not."""

    row: DocumentRow
    title: Sequence[RunOfLetters]
    pieces: Sequence[Sequence[RunOfLetters]]


def _hits(s: Session, rows: Iterable[DocumentRow], query: str, words: Labels) -> list[Hit]:
    """The rows with the words of a folded query marked."""
    finder, hits = finder_of(query), list[Hit]()
    for row, snippet in with_snippets(s, rows, query):
        # What is shown is cleaned, so that marks are looked for in it once more.
        texts = [line(piece.text, _LONGEST_PIECE) for piece in snippet if piece.zone == "text"]
        pieces = [runs(finder, text) for text in texts]
        hits.append(Hit(row, runs(finder, title_of(row, words)), pieces))
    return hits


# --- the hint that the search page gives where nothing was found ----------------------------------

_MOST_COUNTED = 10_001  # of all documents; counting a million takes too long


def _hint(context: Context, s: Session, selection: Query, options: SearchOptions) -> dict[str, Any]:
    """What became of the words; `instead`: the search for names of parties that may be meant;
    `relaxed`: searches without one condition, with how much they find; `near`: searches for words
    that are written like those asked for; `everything`: the address of the same search in all that
    is stored, None where that finds nothing either.
    """
    words, everything = context.words, bool(options["everything"])
    hint = hint_for(s, selection.query, selection.filter, everything=everything)

    def link(typed: str) -> Link:
        return Link(typed, selection.address(PATH, q=typed, **options))

    def count(flt: Filter) -> int:
        return count_documents(s, flt, everything=everything, most=_MOST_COUNTED)

    everywhere = selection.address(PATH, **{**options, "everything": "1"})
    near = closest(Search.of(context.parameters, selection), count, words)
    nearest = []
    if near is not None:
        number = words.count_of("page.documents", near.number)
        nearest.append(Link(near.sentences(words, number), near.query.address(PATH, **options)))
    return {
        "sentences": list(sentences(hint, words)),
        "instead": link(hint.instead) if hint.instead else None,
        "relaxed": [
            *nearest,
            *without_one(
                relaxed(selection, count),
                "page.documents",
                words,
                lambda query: query.address(PATH, **options),
            ),
        ],
        "near": [link(word) for word in hint.near],
        "everything": everywhere if hint.in_everything else None,
    }


# --- one document with its text, and why it was found ---------------------------------------------


class Piece(NamedTuple):
    """A run of a text, the concept for which it is marked, and its weight: "" and 0 for what is
    not.
    """

    text: str
    concept: str
    weight: float


_MOST_EVIDENCE = 15
_DECISIVE = (
    1.0  # points: what weighs less changes no verdict alone, and a text full of marks says nothing
)
TEXT, TITLE = frozenset({"lead", "body"}), frozenset({"title"})  # the zones of evidence
_UNMARKED = (0, 0, "", 0.0)


@router.get("/documents/{number}", dependencies=[READER])
def document(context: InContext, number: str) -> Response:
    with context.read() as s:
        row = document_at(s, row_number(number))
        return context.page(s, "search/document.html.j2", **_shown(context, s, row))


@router.get("/documents/{number}/versions/{version}", dependencies=[READER])
def document_version(context: InContext, number: str, version: str) -> Response:
    """What changed in a document's text from the version before to this one."""
    wanted = row_number(version)
    with context.read() as s:
        row = document_at(s, row_number(number))
        versions = versions_of(s, row.id)
        at = next((at for at, one in enumerate(versions) if one.number == wanted), None)
        if at is None:
            raise NotHere
        before, after = versions[at - 1] if at else None, versions[at]
        passages: list[Passage] = []
        if before is not None:
            passages += differences(before.title, after.title)
            passages += differences(before.text, after.text)
        shown: dict[str, Any] = {
            "document": row,
            "versions": versions,
            "current": wanted,
            "passages": passages,
            "is_first": before is None,
        }
        return context.page(s, "search/version.html.j2", **shown)


def _shown(context: Context, s: Session, row: DocumentRow) -> dict[str, Any]:
    words = context.words
    verdict, _, _ = stored_verdict(s, row.id)
    text, reading = queries.document_text(s, row.id), verdict.second_reading
    marks = decisive(verdict.evidence)
    if reading is not None:
        marks += quoted(reading, row.title, text or "")
    imported = ""
    if row.source_id is None:  # what is collected has a source
        # When a document of an import came in, and whether that owed alerts.
        key = {True: "pending", False: "silent", None: "no_report"}[was_fresh(s, row.id)]
        imported = words.term(f"page.imported.{key}", at=moment(row.first_seen_at, words))
    home = queries.agreement(s, row.agreement_id) if row.agreement_id else None
    return {
        "versions": versions_of(s, row.id),
        "document": row,
        "home": named_entries(s, [home], words.language)[0] if home else None,
        "title": marked(row.title, marks, TITLE),
        "paragraphs": None if text is None else paragraphs(marked(text, marks, TEXT)),
        "imported": imported,
        "withdrawn": withdrawn_at(s, row.id),
        "probability": verdict.probability,
        "reading": reading_in_words(reading, words),
        "verdict": verdict,
        "evidence": strongest(decisive(verdict.evidence)),
    }


# --- a text with its evidence marked, as a verdict on a text that is tried shows it, too ----------


def strongest(evidence: Sequence[Evidence]) -> list[Piece]:
    """The evidence that weighs the most, each form of words once."""
    pieces: dict[tuple[str, str], Piece] = {}
    for one in sorted(evidence, key=lambda one: -abs(one.weight)):
        text = line(one.text, 80)
        pieces.setdefault((text.casefold(), one.concept), Piece(text, one.concept, one.weight))
    return list(pieces.values())[:_MOST_EVIDENCE]


def decisive(evidence: Sequence[Evidence]) -> list[Evidence]:
    """What is marked in a text: not each word that weighs something."""
    return [one for one in evidence if abs(one.weight) >= _DECISIVE] or list(evidence)


def marked(text: str, evidence: Sequence[Evidence], zones: frozenset[str]) -> list[Piece]:
    """The text cut where evidence begins and ends, so that each piece is marked or not.

    Where marks overlap, the one that weighs the most is shown.
    """
    marks = [
        (one.start, one.end, one.concept, one.weight)
        for one in evidence
        if one.zone in zones and 0 <= one.start < one.end <= len(text)
    ]
    edges = sorted({0, len(text), *(edge for start, end, *_ in marks for edge in (start, end))})
    pieces: list[Piece] = []
    for start, end in pairwise(edges):
        over = [mark for mark in marks if mark[0] <= start and end <= mark[1]]
        *_, concept, weight = max(over, key=lambda mark: (abs(mark[3]), mark[2]), default=_UNMARKED)
        run = without_towers(text[start:end])
        if pieces and pieces[-1][1:] == (concept, weight):
            run = pieces.pop().text + run
        pieces.append(Piece(run, concept, weight))
    return pieces


def paragraphs(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """The pieces line by line; empty lines are left out."""
    lines: list[list[Piece]] = [[]]
    for text, concept, weight in pieces:
        first, *others = text.split("\n")
        lines[-1].append(Piece(first, concept, weight))
        lines += [[Piece(rest, concept, weight)] for rest in others]
    return [found for found in lines if any(piece.text.strip() for piece in found)]
