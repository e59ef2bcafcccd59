"""What a list shows of a selection: its form, with a control for each filter that knows its values;
what filters are called; how much the selection has, cached where counting takes long; and how much
of it lies in which year or month.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from functools import cache
from math import ceil
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from babel.dates import format_skeleton
from fastapi import Depends

from scheduler.configuration.party_names import party_codes, party_meant
from scheduler.configuration.query import Query, cleaned
from scheduler.configuration.search_words import by_words_alone
from scheduler.searching.hints import read_as
from scheduler.views.agreements import AGREEMENTS, SORTED_BY, TABLE
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import line
from scheduler.views.words.page import called, filter_in_words, filter_value_in_words
from scheduler.web.site.addresses import Link, answer_link
from scheduler.web.site.context import Context
from scheduler.web.site.download import LIST_FORMS, Form, download_links
from scheduler.web.site.installation import Value, source_names
from scheduler.web.site.parameters import choice
from storage.counting import By, Counting
from storage.database.session import Session, transaction_cache
from storage.filter import MAX_QUERY, Filter, allowed, described, is_several
from storage.lists import queries
from storage.records import Grade
from storage.register.agreements import stamp
from storage.search import counts
from storage.search.counts import (
    Bits,
    Columns,
    DocumentFacets,
    PeriodCounts,
    chosen_agreements,
    document_facets,
    read_columns,
)
from storage.search.pivot import Pivot, pivot

_SORTED = frozenset({"group", "within", "language"})
_TYPED = ("q", "since", "until", "by", "as_of", "clock", "probability")  # in fields of their own


class Choice(NamedTuple):
    """A value of a filter, with its words."""

    value: str
    text: str
    is_chosen: bool


class Control(NamedTuple):
    """A control that chooses one value of a filter: its name in an address and in words."""

    name: str
    text: str
    choices: Sequence[Choice]


def form_of(
    context: Context,
    selection: Query,
    path: str,
    others: Mapping[str, str | None] | None = None,
    *,
    beside: Sequence[str] = (),
    forms: Sequence[Form] = LIST_FORMS,
    files_of: Query | None = None,
) -> dict[str, Any]:
    """What the template of a list takes for its form and its files: the selection, each filter that
    is set with the address of the list without it, the controls, and the links to files. `others`
    are parameters besides filters, `beside` names filters that only this list has, and `files_of`
    is what the files hold, if that is not the selection. `as_words` is the search for the words
    themselves where they were read (`is_read`), with all else as it was chosen, and `view_meant`
    where a question such as "how many by year" is answered.
    """
    words, others = context.words, others or {}
    given = context.parameters
    typed = cleaned(dict(given).get("q", ""))
    chosen = [pair for pair in given if pair[0] not in ("q", "after", "done", "lang")]
    return {
        "selection": selection,
        "read_as": read_as(typed, selection, words),
        "is_read": 0 < len(typed) <= MAX_QUERY and selection.query != typed,
        "view_meant": answer_link(typed, selection, words),
        "more_by_words": 0,
        "as_words": f"{path}?{urlencode([('q', by_words_alone(typed)), *chosen])}",
        "chosen": [
            Link(
                filter_in_words(name, value, words),
                selection.without(name, value).address(path, **others),
            )
            for name, value in selection.parameters
            if name != "q"
        ],
        "controls": _controls(selection, words, source_names(context.served), beside),
        "downloads": download_links(
            lambda form: (files_of or selection).address(path, **others, format=form), forms
        ),
    }


def _controls(
    selection: Query, words: Labels, sources: Sequence[tuple[str, str]], beside: Sequence[str]
) -> dict[str, Any]:
    """The controls for a selection: of each filter that knows its values, and of `beside`. One that
    chooses a value shows the first that is chosen; the rest is `hidden`, which the form sends
    along. `sources`: the id and the name of each. `parties` are the names that complete what is
    typed for one more party.
    """
    controls: list[Control] = []
    for attribute, shown in described().items():
        name, chosen = shown.name, getattr(selection, attribute)
        is_choice = (is_several(attribute) or name == "changes") and bool(allowed(attribute))
        if name.startswith("not_") or not (is_choice or name in beside):
            continue
        first = chosen[:1] if is_several(attribute) else (chosen,)
        choices = [
            Choice(one, filter_value_in_words(name, one, words), one in first)
            for one in allowed(attribute)
        ]
        if name in _SORTED:
            choices.sort(key=lambda one: one.text)
        controls.append(Control(name, called(name, words), choices))
    if sources:  # and the selected one, which the configuration may not have any more
        chosen = selection.sources[:1]
        gone = [(one, one) for one in chosen if one not in dict(sources)]
        choices = [Choice(one, line(name, 120), one in chosen) for one, name in (*gone, *sources)]
        controls.append(Control("source", called("source", words), choices))
    names, seen = {control.name for control in controls}, set[str]()
    hidden = []
    for name, value in selection.parameters:
        if name not in _TYPED and (name not in names or name in seen):
            hidden.append((name, value))
        seen.add(name)
    return {"controls": controls, "parties": party_names(words.language), "hidden": hidden}


@cache
def party_names(language: str) -> tuple[str, ...]:
    """The names of states and bodies in a language, those that are read as what they are."""
    named = ((labels_of(language).party(code), code) for code in party_codes())
    return tuple(sorted(name for name, code in named if party_meant(name) == code))


class TableView(NamedTuple):
    """How a reader wants the table of the register: in which order, None for the usual one, and
    with which columns.
    """

    sort: str | None
    columns: tuple[str, ...]

    @property
    def beside(self) -> dict[str, str | None]:
        """Both as they stand in an address."""
        columns = ",".join(self.columns) if self.columns != AGREEMENTS.page else None
        return {"sort": self.sort, "columns": columns}


async def _view(
    sort: Annotated[str | None, choice(SORTED_BY)] = None,
    columns: Annotated[tuple[str, ...], choice(TABLE)] = (),
) -> TableView:
    return TableView(None if sort == "reported" else sort, shown_columns(columns))


View = Annotated[TableView, Depends(_view)]


def shown_columns(written: Sequence[str]) -> tuple[str, ...]:
    """The columns that are named, in their usual order; else those shown at first."""
    named = ",".join(written).split(",")
    return tuple(name for name in TABLE if name in named) or AGREEMENTS.page


def choice_of_columns(context: Context, shown: Sequence[str]) -> dict[str, Any]:
    """The columns of a table that a reader may choose: the form sends them as `columns`, and the
    rest of the address, which is `hidden`, along.
    """
    return {
        "all": TABLE,
        "shown": shown,
        "hidden": [pair for pair in context.parameters if pair[0] not in ("columns", "after")],
    }


def left_out(
    s: Session, selection: Query, path: str, waiting: bool = False, /, **others: str | None
) -> dict[str, Any]:
    """How many unconfirmed entries a list leaves out, and the addresses of these alone, and of the
    list with them; see `queries.as_listed`. The list may be of what is `waiting`.
    """
    number = queries.count_left_out(s, selection.filter, waiting=waiting)
    return shown_left_out(number, selection, path, waiting, **others)


def shown_left_out(
    number: int, selection: Query, path: str, waiting: bool = False, /, **others: str | None
) -> dict[str, Any]:
    """The same of a number that is known."""
    alone = selection.but(grades=(Grade.UNCONFIRMED,)).address(path if waiting else "/")
    return {
        "unconfirmed": number,
        "unconfirmed_at": alone,
        "with_unconfirmed": selection.but(grades=tuple(Grade)).address(path, **others),
    }


# --- how much a selection has --------------------------------------------------------------------

MOST_DOCUMENTS = 10_000  # that are counted of all: more take too long
_SECONDS = 10  # that a count of documents is shown for


# How many documents a selection has, what they have, and whether there are more.
CountedDocuments = tuple[int, DocumentFacets, bool]
NOTHING: CountedDocuments = (0, DocumentFacets({}, 0, is_cut=False), False)


def counts_of(context: Context, s: Session, flt: Filter, *, everything: bool) -> CountedDocuments:
    """The counts of a selection of documents, some seconds old at most."""

    def count() -> CountedDocuments:
        has = document_facets(s, flt, everything=everything)
        if not has.is_cut:
            return has.counted, has, False
        if not everything:  # there are far fewer reports
            return counts.count_documents(s, flt), has, False
        total = counts.count_documents(s, flt, everything=True, most=MOST_DOCUMENTS + 1)
        return min(total, MOST_DOCUMENTS), has, total > MOST_DOCUMENTS

    return context.served.cache.for_seconds(("documents", flt, everything), _SECONDS, count)


def counted(context: Context, s: Session, selection: Query, counting: Counting) -> Pivot:
    """A count of the register; a slow one some seconds old at most."""
    flt = selection.filter
    key = ("pivot", flt, counting)
    return context.served.cache.nearly_current(key, stamp(s), lambda: pivot(s, flt, counting))


def columns_of(context: Context, s: Session) -> Columns:
    """The register in columns; a large one some seconds old at most."""
    return _once(
        s,
        "columns",
        lambda: context.served.cache.nearly_current("columns", stamp(s), lambda: read_columns(s)),
    )


def selected(context: Context, s: Session, flt: Filter) -> Bits:
    """The agreements of a selection."""
    columns = columns_of(context, s)
    if flt == Filter():
        return columns.reported
    return _once(
        s,
        flt,
        lambda: context.served.cache.until_changed(
            ("chosen", flt), stamp(s), lambda: chosen_agreements(s, flt, columns)
        ),
    )


def _once(s: Session, key: Hashable, make: Callable[[], Value]) -> Value:
    """What was made for `key` in this reading transaction: one page uses it up to four times,
    and all of its counts have to be of the same columns.
    """
    made: dict[Hashable, Value] = transaction_cache(s).setdefault("counted", {})
    if key not in made:
        made[key] = make()
    return made[key]


# --- the picture over time ------------------------------------------------------------------------

_MOST_MONTHS = 36
_MOST_PERIODS = 120  # years before the last ones are few, and bars would be hairs
# A year or a month: what stands below its bar, what a pointer reads, how much is in it, and the
# address of the list narrowed to it.
Period = tuple[str, str, int, str]


def agreements_over_time(
    context: Context, s: Session, selection: Query, path: str, **others: str | None
) -> dict[str, Any] | None:
    """When the agreements of a selection have steps: by months within three years, else by years,
    each a link to the list at `path`. None where days are those on which something was learnt, or
    where there is nothing to compare.
    """
    words, flt = context.words, selection.filter

    def address(since: str, until: str) -> str:
        return selection.address(path, **others, since=since, until=until)

    if flt.by is not None:
        return None

    def by(period: By) -> PeriodCounts:
        if flt.steps or flt.since or flt.until or flt.as_of:
            found = counted(context, s, selection, Counting(period))
            return [(int(row), found.at(row).number) for row in found.rows]
        columns, chosen = columns_of(context, s), selected(context, s, flt)
        return columns.by_year(chosen) if period is By.YEAR else columns.by_month(chosen)

    years = by(By.YEAR)
    if not years or _months_within(flt, years) > _MOST_MONTHS:
        return _over_years(years, words, "page.agreements", address)
    return over_months(by(By.MONTH), words, "page.agreements", address)


def over_months(
    counts: PeriodCounts, words: Labels, counted: str, address: Callable[[str, str], str]
) -> dict[str, Any] | None:
    """The picture of months such as (202603, 5); of years where there are too many of them. The key
    `counted` is that of the words for a number of what is counted.
    """
    months = []
    if counts:
        month, last = counts[0][0], counts[-1][0]
        while month <= last:
            months.append(month)
            month += 1 if month % 100 < 12 else 89
    if len(months) > _MOST_MONTHS:
        years: dict[int, int] = {}
        for month, number in counts:
            years[month // 100] = years.get(month // 100, 0) + number
        return _over_years(list(years.items()), words, counted, address)
    numbers, periods = dict(counts), []
    for month in months:
        begins = date(month // 100, month % 100, 1)
        ends = begins.replace(day=monthrange(begins.year, begins.month)[1])
        name = str(format_skeleton("yMMMM", begins, locale=words.locale))
        number = numbers.get(month, 0)
        title = f"{name}{words.say(': ')}{words.count_of(counted, number)}"
        where = address(begins.isoformat(), ends.isoformat())
        periods.append((f"{begins:%m}/{begins:%y}", title, number, where))
    return bars(periods, words.direction)


def _over_years(
    counts: PeriodCounts, words: Labels, counted: str, address: Callable[[str, str], str]
) -> dict[str, Any] | None:
    if not counts:
        return None
    numbers, last, periods = dict(counts), counts[-1][0], []
    for year in range(max(counts[0][0], last - _MOST_PERIODS + 1), last + 1):
        number = numbers.get(year, 0)
        title = f"{year}{words.say(': ')}{words.count_of(counted, number)}"
        where = address(f"{year:04}-01-01", f"{year:04}-12-31")
        periods.append((str(year), title, number, where))
    return bars(periods, words.direction)


def _months_within(flt: Filter, years: PeriodCounts) -> int:
    """How many months lie between the first and the last, as far as years and days tell."""
    first, last = years[0][0], years[-1][0]
    begins = flt.since.month if flt.since and flt.since.year == first else 1
    ends = flt.until.month if flt.until and flt.until.year == last else 12
    return (last - first) * 12 + ends - begins + 1


WIDTH, HEIGHT, AXIS = 960, 72, 24
_LEAST = 3  # so that a year with one agreement is seen beside one with hundreds
_WIDEST = 64
_LABEL = 44  # what a year, or a month with its year, takes
_GAP = 2
_HALF_LABEL = 30
_MAJOR = 3  # on a phone, a third of the labels has room


class Bar(NamedTuple):
    x: int
    width: int
    height: int
    title: str
    address: str


class BarLabel(NamedTuple):
    x: int
    text: str
    is_minor: bool  # left out where the picture is drawn small


def bars(periods: Sequence[Period], direction: str) -> dict[str, Any] | None:
    """The picture of periods that follow each other, with those that are not empty as links for who
    does not see it; None where there is nothing to compare.
    """
    if len(periods) < 2 or not any(number for *_, number, _ in periods):
        return None
    step = min(_WIDEST, WIDTH / len(periods))
    wide, whole = max(1, round(step) - _GAP), round(step * len(periods))
    most, every = max(number for *_, number, _ in periods), ceil(_LABEL / step)
    drawn = []
    labels: list[BarLabel] = []
    for place, (label, title, number, address) in enumerate(periods):
        x = round(step * place)
        x = whole - x - wide if direction == "rtl" else x
        if number:
            height = max(_LEAST, round(HEIGHT * number / most))
            drawn.append(Bar(x, wide, height, title, address))
        # No label is cut at an edge, also where it is drawn large, nor stands in another one.
        middle = max(_HALF_LABEL, min(whole - _HALF_LABEL, x + wide // 2))
        if place % every == 0 and not (labels and abs(middle - labels[-1].x) < _LABEL - _GAP):
            labels.append(BarLabel(middle, label, place // every % _MAJOR != 0))
    return {
        "width": whole,
        "height": HEIGHT + AXIS,
        "floor": HEIGHT,
        "bars": drawn,
        "labels": labels,
    }
