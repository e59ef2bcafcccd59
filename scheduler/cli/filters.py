"""The filters that `search`, `agreements` and `subscriptions preview` share, as options."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, make_dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from scheduler.cli.output import say, shown, words
from scheduler.configuration.query import Misread, Query, QueryError, read_query
from storage.errors import ConfigurationError
from storage.filter import described, is_several
from storage.search.selection import rules_that_found, sources_and_outlets

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from storage.database.session import Session


def _with_each_filter(options: type[FilterOptions]) -> type[FilterOptions]:
    """The class with a field for each filter that searches have. Values stay as they are typed."""
    fields: list[tuple[str, Any, Any]] = []
    for attribute, about in described().items():
        if about.searched and attribute != "query":
            kind: Any = tuple[str, ...] if is_several(attribute) else str | None
            option = Parameter(help=about.question, negative="", show_default=False)
            default = field(default=() if is_several(attribute) else None)
            fields.append((about.name, Annotated[kind, option], default))
    own = {"__module__": options.__module__}  # cyclopts looks into no class of the module "types"
    return make_dataclass(options.__name__, fields, bases=(options,), frozen=True, namespace=own)


@Parameter(name="*")
@_with_each_filter
class FilterOptions:
    """The filters as they were typed."""


@Parameter(name="*")
@dataclass(frozen=True)
class SelectionOptions(FilterOptions):
    """The filters and words by which a part of the register is chosen, as they were typed."""

    query: Annotated[
        str, Parameter(help="Words that must all occur in a report, as in `agreements`.")
    ] = ""


def typed_pairs(query: str, options: FilterOptions | None) -> list[tuple[str, str]]:
    typed = dict(vars(options)) if options is not None else {}
    query = typed.pop("query", "") or query
    pairs = [("q", query)] if query else []
    for name, value in typed.items():
        pairs += [(name, one) for one in (value if isinstance(value, tuple) else (value,))]
    return [(name, value) for name, value in pairs if value is not None]


def typed_query(query: str, options: FilterOptions | None, *, everything: bool = False) -> Query:
    """Raises ConfigurationError with what may be meant, in the terminal's language."""
    with understood():
        empty = [name for name, value in typed_pairs(query, options) if not value.strip()]
        if empty:  # forms send empty fields, but nobody types an option in vain
            raise QueryError([Misread(name, "", "empty") for name in empty], Query())
        return read_query(typed_pairs(query, options), everything=everything)


def option(name: str) -> str:
    """How a parameter of an address is typed: "--not-status"."""
    return f"--{name.replace('_', '-')}"


@contextmanager
def understood() -> Iterator[None]:
    """Raise a QueryError of the block as a ConfigurationError in the terminal's language."""
    try:
        yield
    except QueryError as error:
        sentences = error.sentences(words(), lambda name: "" if name == "q" else option(name))
        raise ConfigurationError(*map(shown, sentences)) from error


def print_unknown_names(s: Session, chosen: Configuration, options: FilterOptions | None) -> None:
    """Print which typed sources and rules are not known: they may be misspelt."""
    if _typed(options, "source"):
        _print_unknown_sources(s, chosen, options)
    if rules := _typed(options, "rule"):
        from crawler.judgement.judge import load_rules

        loaded = load_rules(chosen.settings.rules.packs, chosen.rule_files)
        used = [rule.id for rule in loaded.rules.rules]
        for name in rules:
            if name not in used and name not in rules_that_found(s):
                say(f"no rule has the id {name!r}; there is {', '.join(used)}")


def _print_unknown_sources(
    s: Session, chosen: Configuration, options: FilterOptions | None
) -> None:
    configured = {name for source in chosen.sources for name in (source.id, source.name) if name}
    unknown = [name for name in _typed(options, "source") if name not in configured]
    if not unknown:
        return
    known = configured | sources_and_outlets(s)
    folded = {name.casefold(): name for name in sorted(known)}
    for name in unknown:
        if name not in known:
            near = [folded[match] for match in get_close_matches(name.casefold(), folded, 3)]
            hint = f"did you mean {', '.join(near)}?" if near else "see: accordwatch sources list"
            say(f"no source or outlet is named {name!r}; {hint}")


def _typed(options: FilterOptions | None, name: str) -> tuple[str, ...]:
    return tuple(getattr(options, name, ()))
