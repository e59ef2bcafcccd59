"""Counts of a selection as a page: a chart and a table by rows and columns of one's choice, and
files of both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from scheduler.configuration.counting import CHARTS, MOST_COMPARED
from scheduler.configuration.query import Query
from scheduler.searching.counting import (
    CountedTable,
    as_cells,
    as_json,
    as_long_rows,
    as_rows,
    count_table,
    mark_in_words,
    value_in_words,
    with_durations,
)
from scheduler.views.entry import STAGES, stage_of
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated
from scheduler.views.words.page import filters_in_words
from scheduler.views.words.phrases import in_words
from scheduler.web.site.addresses import requested_address
from scheduler.web.site.context import Context, InContext
from scheduler.web.site.counting.charts import (
    MOST_SERIES,
    Picture,
    as_png,
    coloured,
    drawing,
    framed,
    hatch,
    mirrored,
    on_page,
)
from scheduler.web.site.download import Form, attached, cited_address, download, wanted_form
from scheduler.web.site.gate import READER
from scheduler.web.site.parameters import CountOfSelection
from scheduler.web.site.selection import counted, form_of, left_out
from storage.counting import ENDS, PERIODS, By, Counted, Counting
from storage.filter import attributes
from storage.lists import queries
from storage.records import Status

router = APIRouter(include_in_schema=False)

PATH = "/count"
FORMS = (Form.CSV, Form.LONG, Form.EXCEL, Form.JSON, Form.SVG, Form.PNG)
_MOST_ROWS = 100  # of the table; a file has them all
_MOST_DRAWN = 25  # rows of names in a chart; periods are all drawn
_SHADES = 5


@router.get(PATH, dependencies=[READER])
def count(
    context: InContext, asked: CountOfSelection, chart: str = CHARTS[0], format: str = ""
) -> Response:
    """A count of a selection of the register."""
    (query, counting), words, form = asked, context.words, wanted_form(format, FORMS)
    with context.read() as s:
        listed = queries.as_listed(s, query)
        table = count_table(listed, counting, words, lambda: counted(context, s, listed, counting))
        table = with_durations(s, table, listed, words)
        if form is not None:
            return _file(context, form, listed, table, chart)
        shown = _shown(context, listed, table, chart) | form_of(
            context, query, PATH, _beside(counting, chart), forms=FORMS
        )
        left = left_out(s, query, PATH, **dict(counting.parameters))
        return context.page(s, "counting/count.html.j2", **shown, **left)


def _beside(counting: Counting, chart: str) -> dict[str, str]:
    return dict(counting.parameters) | ({} if chart == CHARTS[0] else {"chart": chart})


def _shown(context: Context, query: Query, table: CountedTable, chart: str) -> dict[str, Any]:
    words, counting, root = context.words, table.counting, context.root
    drawn = _drawn(context, query, table, chart, root)
    svg = on_page(drawn.plot) if table.rows and chart != "heat" else ""
    across: list[str | None] = [code for code, _ in table.columns]
    across = across or [None]
    most = max((table.value(row, at) or 0 for row, _ in table.rows for at in across), default=0)
    head, lines = as_cells(table, words)
    compare = [value_in_words(one, words).replace(" – ", "-") for one in counting.compare]

    return {
        "table": table,
        "counting": counting,
        "beside": list(_beside(counting, chart).items()),
        "chart": chart,
        "svg": svg,
        "drawn": drawn,
        "head": head,
        "rows": [
            (name, _cells(query, table, row, texts, most))
            for (row, name), (_, *texts) in zip(table.rows[:_MOST_ROWS], lines, strict=False)
        ],
        "totals": _cells(query, table, None, lines[-1][1:], 0),
        "counted": list(Counted),
        "by": list(By),
        "begins": [(status, mark_in_words(status, words)) for status in Status],
        "ends": [(end, mark_in_words(end, words)) for end in ENDS],
        "marks": [mark_in_words(one, words) for one in (counting.begin, counting.end)],
        "charts": [one for one in CHARTS if one != "lines" or counting.rows in PERIODS],
        "compare": [*compare, *[""] * max(1, 2 - len(compare))][:MOST_COMPARED],
        "notes": list(_notes(table, words)),
    }


def _notes(table: CountedTable, words: Labels) -> Iterator[str]:
    """What a reader of the table has to know."""
    counting, number, of = table.counting, table.total.number, table.pivot.of
    if not number:
        if of and counting.counted is Counted.DURATIONS:
            yield (
                words.say(
                    "No agreement here has both a known day of signature and a known day of "
                    "entry into force."
                )
                if counting.is_to_force
                else words.say("For none of these agreements are both days known.")
            )
        return
    if counting.counted is Counted.DURATIONS:
        if counting.is_to_force:
            yield words.say(
                "Each number is the median of the days between the signature and the entry into "
                "force."
            )
        else:
            yield words.say("Each number is the median of the days.")
    elif not (counting.is_sum_of_rows and counting.is_sum_of_columns):
        yield words.say("Totals count each only once, even if it stands in several cells.")
    if number < of and not counting.compare:
        yield words.say(
            "{n} of {of} are in the table; the others have no value for it.",
            n=words.number(number),
            of=words.number(of),
        )
    if len(table.rows) > _MOST_ROWS:
        all_rows = words.number(len(table.rows))
        yield words.say(
            "The first {n} of {of} rows. All of them are in the files.",
            n=words.number(_MOST_ROWS),
            of=all_rows,
        )


class Cell(NamedTuple):
    """What it says, the address of the list that it counts, and its shade."""

    text: str
    address: str = ""
    shade: int = 0


def _cells(
    query: Query, table: CountedTable, row: str | None, texts: Sequence[str], most: float
) -> list[Cell]:
    """The cells of a row; None for that of the totals. `most` is the largest number of a cell."""
    if table.of_days:
        return list(map(Cell, texts))
    columns: list[str | None] = [code for code, _ in table.columns]
    cells = []
    for text, column in zip(texts, (*columns, None), strict=True):
        value = table.value(row, column)
        is_cell = row is not None and (column is not None or not columns)
        # A total leaves out what has no row or no column; no filter says that.
        is_listed = value and (is_cell or table.total.number == table.pivot.of)
        address = _address(query, table.counting, row, column) if is_listed else ""
        shade = min(_SHADES, 1 + int(_SHADES * value / most)) if value and is_cell else 0
        cells.append(Cell(text, address, shade))
    return cells


def _address(query: Query, counting: Counting, row: str | None, column: str | None) -> str:
    """The register narrowed to what a cell counts; "" where no filter says that."""
    of_any = counting.compare and column is None
    if counting.counted is Counted.DURATIONS or of_any:
        return ""
    conditions = [(counting.rows, row), (counting.columns, column)]
    if counting.compare and column is not None:
        conditions[1] = (By.CORRIDOR if "-" in column else By.PARTY, column)
    narrowed, taken = query, dict[str, Any]()
    for by, value in conditions:
        if by is None or value is None:
            continue
        if by is By.FIRST:
            return ""
        if by in PERIODS:
            if counting.counted is Counted.REPORTS or query.by is not None:
                return ""
            changed: Mapping[str, Any] = _within(narrowed, by, value)
        elif by is By.PARTY:
            changed = {"parties": tuple(dict.fromkeys((*narrowed.parties, value)))}
        else:
            of_steps = by is By.STATUS and counting.counted is not Counted.ENTRIES
            name = "steps" if of_steps else attributes()[by.value]
            if taken.setdefault(name, value) != value:  # of several, a filter wants any
                return ""
            changed = {name: (value,)}
        narrowed = narrowed.model_copy(update=changed)
    return narrowed.address("/").removesuffix("/")


def _within(query: Query, by: By, value: str) -> Mapping[str, date]:
    """The days of a year or month that are within those of a selection."""
    year, month = int(value[:4]), int(value[4:] or 1)
    first = date(year, month, 1)
    months = 12 if by is By.YEAR else 1
    after = year * 12 + month - 1 + months
    last = date.fromordinal(date(after // 12, after % 12 + 1, 1).toordinal() - 1)
    return {"since": max(first, query.since or first), "until": min(last, query.until or last)}


# --- chart and files ------------------------------------------------------------------------------


class Series(NamedTuple):
    """What one colour of a chart stands for: columns of the table, its name and its class."""

    columns: tuple[str | None, ...]
    name: str
    colour: str


class Drawn(NamedTuple):
    """A chart. `is_cut`: rows or columns of the table are left out; `so_far`: it has the current
    year.
    """

    plot: Any
    series: Sequence[Series]
    is_cut: bool
    so_far: bool


def _drawn(context: Context, query: Query, table: CountedTable, chart: str, root: str) -> Drawn:
    """The chart of a table: of names the largest, of periods all, of statuses their stages."""
    words, counting = context.words, table.counting
    is_long = counting.rows not in PERIODS
    rows = table.rows[:_MOST_DRAWN] if is_long else table.rows
    is_count = counting.counted is not Counted.DURATIONS
    series = list(_series(table, words, chart)) or [Series((None,), "", "color-0")]
    this_year = str(context.now().year) if counting.rows is By.YEAR and is_count else ""

    def point(row: tuple[str, str], series: Series) -> tuple[float | None, str, str]:
        values = [value for column in series.columns if (value := table.value(row[0], column))]
        if not values:  # a line falls to zero where there is nothing
            return (0.0 if chart == "lines" and is_count else None), "", ""
        comma = f"{words.say(', ')}{series.name}" if series.name else ""
        sentence = f"{row[1]}{comma}{words.say(': ')}{words.decimal(sum(values))}"
        address = _address_of(query, counting, row[0], series.columns)
        return sum(values), sentence, address and root + address

    points = [(one, [point(row, one) for row in rows]) for one in series]
    plot = drawing(
        chart,
        [name for _, name in rows],
        [(one.name, values) for one, values in points],
        is_stacked=is_count and counting.is_sum_of_columns,
        is_long=is_long,
    )
    if words.direction == "rtl":
        plot = mirrored(plot)
    coloured(plot, [one.colour for one in series])
    so_far = [values[-1][1] for _, values in points if rows and rows[-1][0] == this_year]
    if chart == "bars":
        hatch(plot, [sentence for sentence in so_far if sentence])
    drawn = {column for one in series for column in one.columns}
    is_cut = len(rows) < len(table.rows) or len(drawn) < len(table.columns)
    return Drawn(plot, series, is_cut, chart == "bars" and any(so_far))


def _address_of(query: Query, counting: Counting, row: str, columns: tuple[str | None, ...]) -> str:
    """The list of what stands in some columns of a row: statuses of one stage."""
    if len(columns) == 1:
        return _address(query, counting, row, columns[0])
    name = "statuses" if counting.counted is Counted.ENTRIES else "steps"
    narrowed = query.model_copy(update={name: columns})
    return _address(narrowed, replace(counting, columns=None), row, None)


def _series(table: CountedTable, words: Labels, chart: str) -> Iterator[Series]:
    """The columns that a chart has colours for: the last periods, else the largest columns, and of
    statuses all, by their stage, in the colours of their badges.
    """
    counting = table.counting
    of_stages = counting.counted is not Counted.DURATIONS and chart != "heat"
    if counting.columns is By.STATUS and of_stages:
        for stage in STAGES:
            codes = tuple(code for code, _ in table.columns if stage_of(Status(code)) == stage)
            if codes:
                yield Series(codes, words.term(f"page.stages.{stage}"), f"stage-{stage}")
        return
    totals = {code: table.pivot.at(None, code).number for code, _ in table.columns}
    by_size = sorted(totals, key=lambda code: -totals[code])
    is_period = counting.columns in PERIODS
    shown = list(totals)[-MOST_SERIES:] if is_period else by_size[:MOST_SERIES]
    columns = ((code, name) for code, name in table.columns if code in shown)
    for number, (code, name) in enumerate(columns):
        yield Series((code,), name, f"color-{number}")


def _file(context: Context, form: Form, query: Query, table: CountedTable, chart: str) -> Response:
    words, own = context.words, dict(table.counting.parameters)
    beside = own if chart == CHARTS[0] else {**own, "chart": chart}
    if form in (Form.SVG, Form.PNG):
        drawn = _drawn(context, query, table, chart, "")
        colours = {
            series.colour: series.name for series in drawn.series if series.name and chart != "heat"
        }
        if drawn.so_far:
            colours["so-far"] = words.say("the current year, so far")
        picture = Picture("counts", table.title, drawn.plot, colours, PATH)
        return picture_file(context, form, picture, query, beside)
    parameters = [*query.parameters, *own.items()]
    source = _source(context, query.address(PATH, **own))
    if form is Form.JSON:
        made_at = context.now().isoformat()
        about = {
            "made_at": made_at,
            "address": requested_address(context.request),
            "source": source,
        }
        filters = [{"name": name, "value": value} for name, value in query.parameters]
        body = json.dumps({**about, "filters": filters, **as_json(table)}, ensure_ascii=False)
        return attached(context, form, "counts", parameters, [body.encode()])
    more = {"title": table.title, "filter": _filters(query, words), "source": source}
    is_long = form is Form.LONG
    described, rows = as_long_rows(table, more) if is_long else as_rows(table, words, more)
    return download(context, form, described, parameters, rows)


def picture_file(
    context: Context,
    form: Form,
    picture: Picture,
    query: Query,
    beside: Mapping[str, str] | None = None,
) -> Response:
    """A picture with its title, its filters, and where it is from."""
    words, beside = context.words, beside or {}
    source = _source(context, query.address(picture.path, **beside))
    svg = framed(picture, words.direction, _filters(query, words), source)
    body = as_png(svg) if form is Form.PNG else svg.encode()
    return attached(context, form, picture.what, [*query.parameters, *beside.items()], [body])


def _filters(query: Query, words: Labels) -> str:
    return filters_in_words(query.parameters, words) or words.say("All agreements")


def _source(context: Context, path: str) -> str:
    """From which register a file is, of which day, and where others find what it shows."""
    words = context.words
    address, day = cited_address(context, path), words.day(context.now().date())
    register = in_words(context.chosen.settings.dataset.register_name, words.language)
    register = isolated(register, words.direction)
    text = words.say("Source: {register}, {day}", register=register, day=day)
    return f"{text}{words.say(', ')}{address}" if address else text
