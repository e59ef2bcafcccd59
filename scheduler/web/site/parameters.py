"""The parameters of addresses: declared at the routes, and read in one place for page and API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import Parameter, Signature, signature
from types import NoneType
from typing import Annotated, Any, NamedTuple, TypeVar, get_args
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from pydantic import SkipValidation

from scheduler.configuration import query as filters
from scheduler.configuration.counting import COUNTING, read_counting
from scheduler.web.site.addresses import EVERYWHERE, Untidy, own_path, tidy_parameters
from storage.counting import PERIODS, By, Counted, Counting
from storage.filter import described
from storage.records import Status

_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})  # as pydantic reads it
Declared = Mapping[str, Sequence[str]]
Value = TypeVar("Value")


def choice(values: Sequence[str], description: str | None = None, alias: str | None = None) -> Any:
    """A parameter that takes these values; whoever reads the query says so in words."""
    extra = {"enum": list(values)}
    return Query(alias=alias, description=description, json_schema_extra=extra)


def declared_in(request: Request) -> Declared:
    """The parameters that the route of a request declares, with the values that each takes, none
    for any.
    """
    declared, dependants = dict[str, Sequence[str]](), [request.scope["route"].dependant]
    while dependants:
        one = dependants.pop(0)
        dependants += one.dependencies
        for field in one.query_params:
            extra = field.field_info.json_schema_extra
            declared[field.alias] = extra.get("enum", ()) if isinstance(extra, dict) else ()
    return declared


def _with_filters(read: Callable[..., Value]) -> Callable[..., Value]:
    """The dependency `read` with each filter as a parameter, for the description of the API. Faults
    are found by `read`, which says what may be meant. The page is not described, and saves a
    fifteenth of its time.
    """
    own = signature(read, eval_str=True).parameters

    def read_described(**given: Any) -> Value:
        return read(**{name: given[name] for name in own})

    named = Signature([*own.values(), *_filters()])  # PEP 362
    read_described.__signature__ = named  # type: ignore[attr-defined]
    return read_described


def _filters() -> Iterator[Parameter]:
    for attribute, shown in described().items():
        if shown.searched:
            field = filters.Query.model_fields[attribute]
            # An address cannot write null.
            kinds = [arg for arg in get_args(field.annotation) if arg is not NoneType]
            is_optional = NoneType in get_args(field.annotation)
            kind = kinds[0] if is_optional else field.annotation
            told = Query(alias=shown.name, description=shown.question)
            what = (*field.metadata, SkipValidation(), told)  # type: ignore[type-arg]  # a marker
            annotation = Annotated[(kind, *what)]  # type: ignore[valid-type]  # known at run time
            default = None if is_optional else field.default
            yield Parameter(
                attribute, Parameter.KEYWORD_ONLY, default=default, annotation=annotation
            )


def _selection(request: Request) -> filters.Query:
    """What an address asks for. Raises QueryError, or Untidy for an address of the page."""
    everything = request.query_params.get("everything", "").lower() in _TRUE
    if _is_api(request):  # which has refused strange names before
        return filters.read_query(request.query_params.multi_items(), everything=everything)
    known = {**EVERYWHERE, **declared_in(request)}
    return filters.read_query(tidy_parameters(request), known, everything=everything)


Selection = Annotated[filters.Query, Depends(_selection)]
DescribedSelection = Annotated[filters.Query, Depends(_with_filters(_selection))]


def _is_api(request: Request) -> bool:
    return own_path(request).startswith("/api/")


# --- counts ---------------------------------------------------------------------------------------


class CountedSelection(NamedTuple):
    query: filters.Query
    counting: Counting


def _counted_selection(
    request: Request,
    rows: Annotated[str, choice(COUNTING["rows"], "What each row stands for.")] = By.YEAR,
    columns: Annotated[
        str | None, choice(COUNTING["columns"], "What each column stands for.")
    ] = None,
    count: Annotated[
        str,
        choice(
            COUNTING["count"],
            "What is counted; durations are days from signature to entry into force.",
        ),
    ] = Counted.ENTRIES,
    begin: Annotated[
        str, choice(COUNTING["from"], "The stage from which days are counted.", alias="from")
    ] = Status.SIGNED,
    to: Annotated[
        str, choice(COUNTING["to"], "The stage, report or text to which days are counted.")
    ] = Status.IN_FORCE,
    zeros: Annotated[
        str | None, choice(COUNTING["zeros"], "Also the members of a group that have nothing.")
    ] = None,
    compare: Annotated[
        str | None,
        Query(description="Parties and corridors in the place of columns: MA,IT-TN."),
    ] = None,
) -> CountedSelection:
    """What an address counts. Raises QueryError, or Untidy for an address of the page."""
    if _is_api(request):
        given = request.query_params.multi_items()
        return CountedSelection(*read_counting(given, {"lang": ()}))
    return CountedSelection(*read_counting(_tidy_counting(request), EVERYWHERE))


CountOfSelection = Annotated[CountedSelection, Depends(_counted_selection)]
DescribedCount = Annotated[CountedSelection, Depends(_with_filters(_counted_selection))]


def _tidy_counting(request: Request) -> list[tuple[str, str]]:
    """What the address asks for. Raises Untidy where a form sends what does not go together: it has
    columns still when parties are compared, and lines when rows are no periods any more.
    """
    pairs = tidy_parameters(request)
    values, leave = dict(pairs), set[str]()
    if "compare" in values:
        leave.add("columns")
    if values.get("count") != Counted.DURATIONS and "count" in values:
        leave |= {"from", "to"}
    if values.get("rows", By.YEAR) != By.PARTY:
        leave.add("zeros")
    if values.get("chart") == "lines" and values.get("rows", By.YEAR) not in PERIODS:
        leave.add("chart")
    if "format" not in values and leave & values.keys():
        rest = urlencode([pair for pair in pairs if pair[0] not in leave])
        raise Untidy(f"{request.url.path}?{rest}")
    return pairs
