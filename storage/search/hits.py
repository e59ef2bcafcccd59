"""Which documents have the words of a search (FTS5 on SQLite, GIN indexes on PostgreSQL), and where
the words stand in a text, and how well they match.

Most searches are for reports alone, and few documents are reports: their words stand in a table of
their own, `texts_fts_reports`, which triggers fill (see the first migration).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    Float,
    Select,
    and_,
    bindparam,
    column,
    false,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    tuple_,
)

from storage.database import sql
from storage.database.engines import READING
from storage.database.session import Session, transaction_cache
from storage.documents.tables import Documents, Matches, Texts
from storage.query_words import (
    Clause,
    Term,
    clauses_of,
    postgresql_match,
    sqlite_match,
    turned,
    variants,
)
from storage.search.tables import Condition, Expression

_SQLITE = {
    False: "SELECT rowid FROM texts_fts WHERE texts_fts MATCH :words",
    True: "SELECT rowid FROM texts_fts_reports WHERE texts_fts_reports MATCH :words",
}
_POSTGRESQL = {
    # This must be written exactly like the index, or PostgreSQL would read every text.
    False: (
        "SELECT document_id FROM texts WHERE "
        "to_tsvector('simple', left(texts.folded, 200000)) @@ to_tsquery('simple', :words)"
    ),
    True: "SELECT document_id FROM texts_fts_reports WHERE words @@ to_tsquery('simple', :words)",
}
# Looked up once, and by the index: PostgreSQL thinks that to split a text into words costs nothing.
_ONCE = ("WITH hits AS MATERIALIZED (", ") SELECT document_id FROM hits")
# PostgreSQL thinks that to split a text into words costs a quarter of reading a page. Of a stretch
# and a word with many beginnings it would split 40,000 texts, in two seconds, where the index has
# the hits in 20 ms. With this much for each operation it takes the index.
_SPLITTING_COSTS = "SET LOCAL cpu_operator_cost = 0.05"
_OF_PARTY = "SELECT document_id FROM match_parties WHERE taking_part AND party = :party_"
_MOST_CACHED = 20_000  # hits in memory, of each query of a transaction


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents are searched for words: all of them, unless a field says otherwise. `reports`
    searches only documents that the rules find relevant; `parties`, only those of them that name
    all of these. `among` searches only a stretch. `last` keeps only so many of the hits, those
    stored last. `few`: those from `first` to `last`, parameters of the execution, of which so few
    are compared that each is looked up on its own.
    """

    reports: bool = False
    parties: tuple[str, ...] = ()
    among: Stretch | None = None
    last: int | None = None
    few: bool = False

    @property
    def whole(self) -> Scope:
        return replace(self, last=None)

    def of(self, hits: Sequence[int]) -> Sequence[int]:
        """Those of all hits, the last stored first, that are in the scope."""
        if self.among is not None:
            _, first, last = self.among
            hits = [hit for hit in hits if first <= hit <= last]
        return hits[: self.last]


EVERYWHERE = Scope()
REGISTER = Scope(reports=True)


def has_words(
    s: Session, query: str, document_id: Expression, scope: Scope = EVERYWHERE
) -> Condition:
    """The condition that a document of a scope has the words of a folded query. `document_id` is
    the column that names it. Of a query that only excludes words, the condition holds for
    documents beyond the scope as well.
    """
    clauses = clauses_of(query)
    if not clauses:
        return false()
    if is_only_without(query):  # FTS5 cannot say "not" alone
        return document_id.not_in(_hits(s, turned(clauses), scope.whole))
    return document_id.in_(_hits(s, clauses, scope))


def is_only_without(query: str) -> bool:
    return all(clause.excluded for clause in clauses_of(query))


def count_with_words(
    s: Session, query: str, *, reports: bool = False, most: int | None = None
) -> int:
    """Count the documents, or the `reports`, with the words of a query, up to `most`."""
    scope, clauses = Scope(reports), clauses_of(query)
    if not is_only_without(query):
        return count_up_to(s, _hits(s, clauses, scope), most)
    having = and_(
        has_words(s, query, Matches.document_id, scope),
        *([Matches.relevant.is_(True)] if scope.reports else []),
    )
    return count_up_to(s, select(Matches.document_id).where(having), most)


def count_up_to(s: Session, rows: Any, most: int | None) -> int:
    subquery = rows.subquery()
    if most is not None:
        subquery = select(literal(1)).select_from(subquery).limit(most).subquery()
    return sql.count(s, subquery)


def is_reading(s: Session) -> bool:
    """Whether a transaction only reads, so that what it finds cannot change under it."""
    return bool(s.get_execution_options().keys() & READING.keys())


def among_ids(s: Session, ids: Sequence[int]) -> Any:
    """A selection of these `document_id`, as one parameter: a statement takes 32,766 at most."""
    return among_written_ids(s, written_ids(ids))


def written_ids(ids: Iterable[int]) -> str:
    return ",".join(map(str, ids))


def among_written_ids(s: Session, ids: str | None = None) -> Any:
    """A selection of ids that are written with commas between them: "7,9,12"; None: those in the
    parameter `ids` of the execution.
    """
    listed = "json_each('[' || :ids || ']')"
    if not sql.is_sqlite(s):
        listed = "unnest(CAST(string_to_array(:ids, ',') AS integer[])) AS value"
    clause = text(f"SELECT value FROM {listed}")  # noqa: S608 two constants
    if ids is not None:
        clause = clause.bindparams(bindparam("ids", ids, unique=True))
    return clause.columns(Texts.document_id)


@dataclass(frozen=True, slots=True)
class WordPlace:
    """Where in a text, in code points, a form of the wanted clause number `clause` stands."""

    start: int
    end: int
    clause: int


class Finder:
    """Finds the words of a query that are not excluded, in all forms, in folded texts."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        wanted = (clause for clause in clauses if not clause.excluded)
        self._patterns = [re.compile(_pattern(clause)) for clause in wanted]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def places(self, folded: str, most: int) -> list[WordPlace]:
        """The first `most` places of each clause. `folded` has a space at both ends."""
        word_places = [
            WordPlace(match.start(), match.end(), number)
            for number, pattern in enumerate(self._patterns)
            for match in islice(pattern.finditer(folded), most)
        ]
        return sorted(word_places, key=lambda place: (place.start, -place.end))


def _hits(s: Session, clauses: Sequence[Clause], scope: Scope) -> Any:
    known = None if scope.few else _cached_hits(s, tuple(clauses), scope)
    return _looked_up(s, clauses, scope) if known is None else among_ids(s, scope.of(known))


def _cached_hits(s: Session, clauses: tuple[Clause, ...], scope: Scope) -> Sequence[int] | None:
    """The reports with the words, that stored last first; looked up once in a reading transaction,
    since a page needs rows, counts and facets of the same. None where they may change or are too
    many for the cache, and where a stretch of them is found sooner.
    """
    if not scope.reports or not is_reading(s):
        return None
    cached: dict[_Key, Sequence[int] | None] = transaction_cache(s).setdefault("hits", {})
    key = clauses, scope.parties
    if key not in cached and scope.among is None:
        whole = replace(scope, last=_MOST_CACHED + 1)
        found = s.scalars(_looked_up(s, clauses, whole)).all()
        cached[key] = found if len(found) <= _MOST_CACHED else None
    return cached.get(key)


_Key = tuple[tuple[Clause, ...], tuple[str, ...]]


def _looked_up(s: Session, clauses: Sequence[Clause], scope: Scope) -> Any:
    on_sqlite = sql.is_sqlite(s)
    if not on_sqlite and not scope.reports and not scope.few:
        # Have PostgreSQL plan with what splitting texts costs, until the transaction ends.
        cached = transaction_cache(s)
        if "costs" not in cached:
            s.execute(text(_SPLITTING_COSTS))
            cached["costs"] = True
    statements, row = (_SQLITE, "rowid") if on_sqlite else (_POSTGRESQL, "document_id")
    written = statements[scope.reports]
    match = sqlite_match(clauses) if on_sqlite else postgresql_match(clauses, few=True)
    values: dict[str, Any] = {"words": match}
    if scope.among is not None:
        _, values["first"], values["last"] = scope.among
    if scope.among is not None or scope.few:
        written += f" AND {row} BETWEEN :first AND :last"
    for number, party in enumerate(scope.parties if scope.reports else ()):
        # With a plus, SQLite picks them from the hits, and does not look up one after the other.
        written += f" AND +{row} IN ({_OF_PARTY}{number})"
        values[f"party_{number}"] = party
    if scope.last is not None:
        # With a plus, PostgreSQL does not read all texts in this order, the last first.
        written += f" ORDER BY {'' if on_sqlite else '+'}{row} DESC LIMIT :most"
        values["most"] = scope.last
    if not on_sqlite:
        written = f"{_ONCE[0]}{written}{_ONCE[1]}"
    # Several searches may stand in one statement.
    parameters: Iterator[BindParameter[Any]] = (
        bindparam(name, value, unique=True) for name, value in values.items()
    )
    return text(written).bindparams(*parameters).columns(Texts.document_id)


def _pattern(clause: Clause) -> str:
    forms = (form for term in clause.terms for form in variants(term))
    return f"(?<= )(?:{'|'.join(_alternatives(forms))})(?= )"


def _alternatives(forms: Iterator[Term]) -> list[str]:
    """Each form once, and the longest first: the first alternative that fits is taken."""
    written = dict.fromkeys((" ".join(form.words), form.prefix) for form in forms)
    longest_first = sorted(written, key=lambda one: -len(one[0]))
    return [re.escape(words) + ("[^ ]*" if prefix else "") for words, prefix in longest_first]


# --- a stretch of the newest documents ------------------------------------------------------------

LENGTH = 20_000  # read in 10 ms; what is not frequent there is soon looked up everywhere


# The day on which its documents were listed, or later, and the least and greatest of their ids.
Stretch = tuple[date, int, int]


def newest_stretch(
    s: Session, after: int | None = None, length: int | None = None
) -> Stretch | None:
    """Return the newest of the documents that are listed after one (None: of all), `length` of them
    or LENGTH. None where so few are left that all can be searched.
    """
    days = select(Documents.listed_on).order_by(Documents.listed_on.desc(), Documents.id.desc())
    listed = select(Documents.id)
    if after is not None:
        day = select(Documents.listed_on).where(Documents.id == after).scalar_subquery()
        following = tuple_(Documents.listed_on, Documents.id) < tuple_(day, after)
        days, listed = days.where(following), listed.where(following)
    since = s.scalar(days.offset(length or LENGTH).limit(1))
    if since is None:
        return None
    # With OFFSET, PostgreSQL reads the index of days; else it would go through all ids.
    ids = listed.where(Documents.listed_on >= since).offset(0).subquery().c.id
    first, last = s.execute(select(func.min(ids), func.max(ids))).one()
    return since, first, last


# --- how well documents match the words of a search -----------------------------------------------

_LESS_FOR_LONG = 1  # divides by the logarithm of the length: 12.3.3 of PostgreSQL's manual
_REPORTS = table("texts_fts_reports", column("document_id"), column("words"))


def ranks(s: Session, query: str, candidates: Any, *, reports: bool) -> CTE | None:
    """A table of `document_id` and `points`, the more the better, of the candidates: a selection of
    documents that match the words, with `reports` of such that the rules find relevant. None if a
    query only excludes words.
    """
    wanted = [clause for clause in clauses_of(query) if not clause.excluded]
    if not wanted:
        return None
    rank = _bm25 if sql.is_sqlite(s) else _ts_rank
    statement = rank(wanted, candidates, reports)
    # Once for all rows: to look a single row up in the index costs as much as the whole.
    return statement.cte("ranks").prefix_with("MATERIALIZED")


def _bm25(wanted: list[Clause], candidates: Any, reports: bool) -> Select[Any, Any]:
    # FTS5 gives the best a number below zero: https://sqlite.org/fts5.html#the_bm25_function
    name = "texts_fts_reports" if reports else "texts_fts"
    fts = table(name, column("rowid"))
    points = literal_column(f"-bm25({name})", Float).label("points")
    statement = select(fts.c.rowid.label("document_id"), points)
    match = text(f"{name} MATCH :ranked").bindparams(ranked=sqlite_match(wanted))
    # With a plus, the candidates are picked from the hits, not looked up one after the other.
    return statement.where(match, literal_column(f"+{name}.rowid").in_(candidates))


def _ts_rank(wanted: list[Clause], candidates: Any, reports: bool) -> Select[Any, Any]:
    # Of reports the words are stored; other texts are split into words again.
    simple = text("'simple'")
    document_id = _REPORTS.c.document_id if reports else Texts.document_id
    split = func.to_tsvector(simple, func.left(Texts.folded, 200_000))
    query = func.to_tsquery(simple, postgresql_match(wanted))
    vector = _REPORTS.c.words if reports else split
    points = func.ts_rank(vector, query, _LESS_FOR_LONG, type_=Float).label("points")
    return select(document_id.label("document_id"), points).where(document_id.in_(candidates))
