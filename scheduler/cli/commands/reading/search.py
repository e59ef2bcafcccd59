"""`search`: the documents that are stored, as a table, JSON lines or CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from shlex import quote
from typing import Annotated, Literal

from cyclopts import Parameter, validators
from rich.text import Text

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import (
    FilterOptions,
    option,
    print_unknown_names,
    typed_pairs,
    typed_query,
    understood,
)
from scheduler.cli.output import (
    AS_NUMBERED_TABLE,
    AS_TABLE,
    ListOptions,
    OpenListOptions,
    Query,
    label,
    moment,
    open_original,
    print_count,
    print_jsonl,
    print_table,
    result_number,
    say,
    say_left_out,
    shown,
    words,
)
from scheduler.configuration.counting import read_counting
from scheduler.configuration.party_names import instead_of
from scheduler.configuration.query import Query as FullQuery
from scheduler.configuration.query import check_value
from scheduler.searching.counting import as_cells, as_rows, count_table
from scheduler.searching.hints import (
    Hint,
    Search,
    as_parties,
    closest,
    hint_for,
    read_as,
    relaxed,
    sentences,
)
from scheduler.searching.results import Snippet, finder_of, found_row, runs, with_snippets
from scheduler.views.agreements import AGREEMENTS, PENDING, SORTED_BY, order_of
from scheduler.views.changes import CHANGES, DAYS, begins, changes_since
from scheduler.views.documents import DOCUMENTS
from scheduler.views.register_entries import Entry, entries_of, named_entries
from scheduler.views.words.lines import clean
from storage.counting import By
from storage.database.session import Session
from storage.filter import Filter
from storage.lists import queries
from storage.records import Grade
from storage.search import document_rows
from storage.search.counts import count_documents
from storage.search.hits import Finder
from storage.search.pivot import pivot


def search(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    everything: Annotated[
        bool, Parameter(negative="", help="Also documents that report no agreement.")
    ] = False,
    listing: OpenListOptions = AS_NUMBERED_TABLE,
    sort: Annotated[Literal["newest", "relevance"], Parameter(help="What comes first.")] = "newest",
) -> None:
    parsed = typed_query(query, filters, everything=everything)
    chosen, most, flt = configuration(), listing.most, parsed.filter
    with opened_database(chosen) as database, database.read() as s:
        results = queries.search(
            s, flt, everything=everything, by_relevance=sort == "relevance", limit=most
        )
        rows = list(results)
        print_unknown_names(s, chosen, filters)
        print_party_hints(s, parsed, query, of_documents=True)
        if not rows:
            _print_hint(hint_for(s, parsed.query, flt, everything=everything))
            print_relaxed(
                parsed,
                lambda wider: count_documents(s, wider, everything=everything, most=MOST_COUNTED),
                "documents",
            )
        if listing.open is not None:
            open_original(result_number(rows, listing.open).url, listing.open)
        elif listing.format == "csv":
            listing.print(DOCUMENTS, rows)
        elif listing.format == "jsonl":
            pairs = with_snippets(s, rows, flt.words)
            print_jsonl(found_row(row, snippet) for row, snippet in pairs)
        elif rows:
            _print_found(s, rows, flt.words, most)


def _print_found(
    s: Session,
    rows: Sequence[document_rows.DocumentRow],
    query: str,
    most: int | None,
) -> None:
    pairs = list(with_snippets(s, rows, query))
    labels, at = words(), DOCUMENTS.terminal.index("title")
    numbered = []
    for number, (row, snippet) in enumerate(pairs, 1):
        cells: list[str | Text] = [str(number), *DOCUMENTS.cells(row, labels)]
        cells[at + 1] = _marked(finder_of(query), row, snippet)
        numbered.append(cells)
    print_table("", ("#", *DOCUMENTS.headings(labels)), numbered)
    print_count(len(pairs), "documents", most)


def _print_hint(hint: Hint) -> None:
    """Print in the terminal's language why no document fits, and what to do next."""
    labels = words()
    say(" ".join((labels.say("No documents found."), *map(shown, sentences(hint, labels)))))
    if hint.instead:
        say(f"{labels.say('Did you mean:')} {shown(hint.instead)}")
    if hint.near:
        near = shown(labels.say(", ").join(hint.near))
        say(f"{labels.say('Similar words in stored titles:')} {near}")
    if hint.in_everything:
        say(f"{labels.say('Found among other documents:')} --everything")
    collect = f"{labels.say('To collect first:')} accordwatch run"
    say(f"{labels.say('Use fewer words or filters to find more.')} {collect}")


def _marked(finder: Finder, row: document_rows.DocumentRow, snippet: Snippet) -> Text:
    """The title, and below it the pieces of the text, with the words in bold."""
    text = _in_bold(finder, shown(row.title))
    for piece in snippet:
        if piece.zone == "text":
            text.append_text(Text("\n"))
            text.append_text(_in_bold(finder, clean(piece.text), "dim"))
    return text


def _in_bold(finder: Finder, text: str, style: str = "") -> Text:
    marked = Text()
    for letters, is_marked in runs(finder, text):
        marked.append(letters, "bold not dim" if is_marked else style)
    return marked


# --- hints beside the hits of a search ------------------------------------------------------------

MOST_COUNTED = 10_001  # documents; counting a million takes too long


def print_party_hints(
    s: Session, query: FullQuery, typed: str, *, of_documents: bool = False
) -> None:
    """Print how many agreements the named parties have, and the filters that stand for words."""
    if sentence := read_as(typed, query, words()):
        say(f"{sentence} {words().term('hint.quoted')}")
    found = as_parties(s, query, words(), of_documents=of_documents and bool(typed))
    if found is not None:
        sentence, of_parties = found
        say(f"{sentence}: accordwatch agreements {_typed(of_parties)}")


def print_closest(search: Search, count: Callable[[Filter], int]) -> None:
    """Print what a search for agreements comes closest to, and how to ask for that; not once more
    where `print_party_hints` said it.
    """
    near = closest(search, count, words())
    if near is not None and not near.is_whole:
        say(near.sentences(words(), words().count_of("terminal.agreements", near.number)))
        if near.number:
            say(f"  accordwatch agreements {_typed(near.query)}")


def _typed(query: FullQuery) -> str:
    words_of = [quote(shown(query.query))] if query.query else []
    filters = (pair for pair in query.parameters if pair[0] != "q")
    return " ".join([*words_of, *(f"{option(name)} {value}" for name, value in filters)])


def print_relaxed(query: FullQuery, count: Callable[[Filter], int], counted: str) -> None:
    """Print how much would be found without some of the conditions. `counted`: "documents"."""
    for left_out, _, number in relaxed(query, count):
        options = (
            shown(value) if name == "q" else f"{option(name)} {shown(value)}"
            for name, value in left_out
        )
        found = words().count_of(f"terminal.{counted}", number)
        say(words().say("Without “{what}”: {found}", what=" ".join(options), found=found))


# --- `agreements` ---------------------------------------------------------------------------------


@Parameter(name="*")
@dataclass(frozen=True)
class CountOptions:
    """What is counted, as it was typed."""

    rows: Annotated[str, Parameter(help=f"Count them, by {', '.join(By)}.")] = ""
    columns: Annotated[str, Parameter(help="The same for the columns of the count.")] = ""
    count: Annotated[
        str,
        Parameter(
            help="What is counted: entries, steps, reports, or durations, the days from signature "
            "to entry into force."
        ),
    ] = ""
    from_: Annotated[
        str, Parameter(name="--from", help="Count the days from another stage than signature.")
    ] = ""
    zeros: Annotated[
        bool, Parameter(negative="", help="With --rows party and a --group: also who has nothing.")
    ] = False
    to: Annotated[
        str,
        Parameter(help="To another stage than entry into force, or to a report, official or text."),
    ] = ""
    compare: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="Parties and corridors in the place of columns."),
    ] = ()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        pairs = [("rows", self.rows), ("columns", self.columns), ("count", self.count)]
        pairs += [("from", self.from_), ("to", self.to), ("zeros", "1" if self.zeros else "")]
        pairs += [("compare", one) for one in self.compare]
        return [(name, value) for name, value in pairs if value]


def agreements(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    sort: Annotated[
        str, Parameter(help="By reported, day or a column of the page; -day is the other way.")
    ] = "reported",
    listing: OpenListOptions = AS_NUMBERED_TABLE,
    counting: CountOptions | None = None,
) -> None:
    """The one reported last comes first, or as --sort says. With --rows, --columns, --count or
    --compare they are counted.
    """
    counted = [] if counting is None else counting.pairs
    if counted:
        _count(query, filters, counted, listing)
        return
    parsed = typed_query(query, filters)
    with understood():
        check_value("sort", sort, SORTED_BY)
    chosen, most = configuration(), listing.most
    asked = Search.of(typed_pairs(query, filters), parsed)
    order = order_of(asked.sort if sort == "reported" else sort, words())
    with opened_database(chosen) as database, database.read() as s:
        found = queries.agreements(s, parsed.filter, most, order=order)
        entries = entries_of(s, found, words().language)
        print_party_hints(s, parsed, query)
        if not entries:
            meant = instead_of(parsed.query)
            if meant:
                say(f"{words().say('Did you mean:')} {shown(meant)}")
            count = partial(queries.count_agreements, s)
            print_closest(asked, count)
            print_relaxed(parsed, count, "agreements")
        print_unknown_names(s, chosen, filters)
        is_mixed = queries.count_left_out(s, parsed.filter) > 0
    if listing.open is not None:
        open_original(result_number(entries, listing.open).original, listing.open)
    elif listing.is_table:
        print_agreements(entries, most)
        unsure = sum(entry.agreement.grade is Grade.UNCONFIRMED for entry in entries)
        if is_mixed and unsure:  # the page, its files and an export begin without them
            say(f"{unsure:,} of them unconfirmed; without: --grade confirmed --grade likely")
    else:
        listing.print(AGREEMENTS, entries)


def print_agreements(
    entries: Sequence[Entry], most: int | None = None, *, pages: bool = True
) -> None:
    """Print them with their numbers; `most` is the limit of the query."""
    if not entries:
        say("No agreement fits. Widen the filters, or collect first: accordwatch run")
        return
    labels = words()
    rows = ((str(n), *AGREEMENTS.cells(entry, labels)) for n, entry in enumerate(entries, 1))
    print_table("", ("#", *AGREEMENTS.headings(labels)), rows, pages=pages)
    print_count(len(entries), "agreements", most)


def _count(
    typed: str,
    filters: FilterOptions | None,
    counted: Sequence[tuple[str, str]],
    listing: ListOptions,
) -> None:
    """Print a count of the register as a table, whose last row has the totals."""
    with understood():
        parsed, counting = read_counting([*typed_pairs(typed, filters), *counted])
    chosen, labels = configuration(), words()
    with opened_database(chosen) as database, database.read() as s, understood():
        counted_table = count_table(
            parsed, counting, labels, lambda: pivot(s, parsed.filter, counting)
        )
        print_party_hints(s, parsed, typed)
        print_unknown_names(s, chosen, filters)
    if not listing.is_table:
        listing.print(*as_rows(counted_table, labels))
    elif counted_table.rows:
        say(counted_table.title)
        print_table("", *as_cells(counted_table, labels))
    else:
        say("No agreement fits. Widen the filters, or collect first: accordwatch run")


# --- `changes` ------------------------------------------------------------------------------------

_ALL = 10**9


def changes(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    days: Annotated[
        int,
        Parameter(
            validator=validators.Number(gte=1, lte=36_500),
            help="What was added in the last so many days; or, with --since, since a day (UTC).",
        ),
    ] = DAYS,
    listing: ListOptions = AS_TABLE,
) -> None:
    flt = typed_query(query, filters).filter
    chosen, most = configuration(), listing.most
    since = begins(flt, days, datetime.now(UTC))
    with opened_database(chosen) as database, database.read() as s:
        changes_found, left = changes_since(s, flt, since, most or _ALL, words().language)
        print_unknown_names(s, chosen, filters)
    lines = changes_found[:most]
    shown_since = words().say("Added since {moment}", moment=moment(since))
    listing.print(CHANGES, lines)
    if listing.is_table and not lines:
        say(words().say("Nothing new: {since}", since=shown_since))
    elif listing.is_table:
        more = f"; {label('more')}" if left + len(changes_found) - len(lines) else ""
        counted = words().count("{n} change", "{n} changes", len(lines))
        say(f"{shown_since}{words().say(': ')}{counted}{more}")


# --- `pending` ------------------------------------------------------------------------------------


def pending(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    sort: Annotated[
        Literal["newest", "longest"], Parameter(help="The one signed last first, or the oldest.")
    ] = "newest",
    listing: ListOptions = AS_TABLE,
) -> None:
    flt = typed_query(query, filters).filter
    chosen, most = configuration(), listing.most
    with opened_database(chosen) as database, database.read() as s:
        listed = queries.as_listed(s, flt)
        left = queries.count_left_out(s, flt, waiting=True)
        found = queries.waiting(s, listed, most, longest_first=sort == "longest")
        entries = named_entries(s, found, words().language, datetime.now(UTC).date())
        print_unknown_names(s, chosen, filters)
    listing.print(PENDING, entries)
    if listing.is_table and entries:
        print_count(len(entries), "agreements", most)
    elif listing.is_table:
        say(words().say("Nothing waits for ratification."))
    say_left_out(left)
