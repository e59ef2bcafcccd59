"""`search`: the documents that are stored, as a table, JSON lines or CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.text import Text

from scheduler.cli.commands.reading.leading_on import MOST_COUNTED, say_parties, say_relaxed
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, typed_query
from scheduler.cli.listing import Excel, Limit, Query, Shape, most_rows, print_list, say_count
from scheduler.cli.output import check_excel, print_jsonl, print_table, say, shown
from scheduler.cli.terminal.opening import Open, check_open, open_original, result_number
from scheduler.cli.wording import words
from scheduler.searching.hints import Hint, hint_for, sentences
from scheduler.searching.snippets import Snippet, as_json, finder_of, runs, with_snippets
from scheduler.views.documents import DOCUMENTS, found_row
from scheduler.views.words.lines import clean
from storage import queries
from storage.database.session import Session
from storage.search import document_rows
from storage.search.counts import count_documents
from storage.search.hits import Finder


def search(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    everything: Annotated[
        bool, Parameter(negative="", help="Also documents that report no agreement.")
    ] = False,
    format: Shape = "table",
    limit: Limit = None,
    excel: Excel = False,
    open_: Open = None,
    sort: Annotated[Literal["newest", "relevance"], Parameter(help="What comes first.")] = "newest",
) -> None:
    """List the documents that report an agreement, newest first."""
    check_excel(format, excel)
    check_open(open_, format)
    asked = typed_query(query, filters, everything=everything)
    chosen, most, flt = configuration(), open_ or most_rows(limit, format), asked.filter
    with opened_database(chosen) as database, database.read() as s:
        found = queries.search(
            s, flt, everything=everything, by_relevance=sort == "relevance", limit=most
        )
        rows = list(found)
        say_unknown_names(s, chosen, filters)
        say_parties(s, asked, query, of_documents=True)
        if not rows:
            _say_hint(hint_for(s, asked.query, flt, everything=everything))
            say_relaxed(
                asked,
                lambda wider: count_documents(s, wider, everything=everything, most=MOST_COUNTED),
                "documents",
            )
        if open_ is not None:
            open_original(result_number(rows, open_).url, open_)
        else:
            _print_found(s, rows, flt.words, format, excel=excel, most=most)


def _print_found(
    s: Session,
    rows: Sequence[document_rows.DocumentRow],
    query: str,
    format: Shape,
    *,
    excel: bool,
    most: int | None,
) -> None:
    if format == "csv":
        print_list(DOCUMENTS, rows, format, excel=excel)
    elif format == "jsonl":
        pairs = with_snippets(s, rows, query)
        print_jsonl(found_row(row, as_json(snippet)) for row, snippet in pairs)
    elif rows:
        _print_documents(list(with_snippets(s, rows, query)), finder_of(query), most)


def _print_documents(
    found: Sequence[tuple[document_rows.DocumentRow, Snippet]], finder: Finder, most: int | None
) -> None:
    labels, at = words(), DOCUMENTS.terminal.index("title")
    numbered = []
    for number, (row, snippet) in enumerate(found, 1):
        cells: list[str | Text] = [str(number), *DOCUMENTS.cells(row, labels)]
        cells[at + 1] = _marked(finder, row, snippet)
        numbered.append(cells)
    print_table("", ("#", *DOCUMENTS.headings(labels)), numbered)
    say_count(len(found), "documents", most)


def _say_hint(hint: Hint) -> None:
    """Say in the terminal's language what became of the words, and what to do next."""
    labels = words()
    say(" ".join((labels.say("hint.none"), *map(shown, sentences(hint, labels)))))
    if hint.instead:
        say(f"{labels.say('hint.instead')} {shown(hint.instead)}")
    if hint.near:
        say(f"{labels.say('hint.near')} {shown(labels.say('comma').join(hint.near))}")
    if hint.in_everything:
        say(f"{labels.say('hint.everything')} --everything")
    collect = f"{labels.say('hint.collect')} accordwatch run"
    say(f"{labels.say('hint.widen')} {collect}")


def _marked(finder: Finder, row: document_rows.DocumentRow, snippet: Snippet) -> Text:
    """The title, and below it the pieces of the text, with the words in bold."""
    found = _in_bold(finder, shown(row.title))
    for piece in snippet:
        if piece.zone == "text":
            found.append_text(Text("\n"))
            found.append_text(_in_bold(finder, clean(piece.text), "dim"))
    return found


def _in_bold(finder: Finder, text: str, style: str = "") -> Text:
    found = Text()
    for run in runs(finder, text):
        found.append(run.text, "bold not dim" if run.is_marked else style)
    return found
