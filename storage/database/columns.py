"""Column types that mean the same on SQLite and PostgreSQL, and what tables have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar, cast

from pydantic import TypeAdapter
from sqlalchemy import JSON, Date, DateTime, ForeignKey, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, declared_attr, mapped_column

from storage.phrases import read, stored_text

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

T = TypeVar("T")

# PostgreSQL rejects NUL in text, and both databases reject half a surrogate pair. JSON lines and
# broken pages contain both.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Replace each character that a database rejects by U+FFFD, so that offsets stay valid."""
    if "\x00" not in text and _is_utf8(text):
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def _is_utf8(text: str) -> bool:
    """Whether a text can be encoded; it takes far longer to look for what cannot be."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class CleanText(TypeDecorator[str]):
    """Text of any length, from any source; characters that cannot be stored are replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class LineText(CleanText):
    """A line, which is often a `Phrase`: its form and values are stored."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        stored = None if value is None else stored_text(value)
        return super().process_bind_param(stored, dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else read(value)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC times. SQLite has them as naive UTC text, which sorts chronologically."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: times are stored as aware UTC")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Choice(TypeDecorator[Any]):
    """A value of an enumeration, of at most 16 letters."""

    impl = String(16)
    cache_ok = True

    def __init__(self, values: type[StrEnum]) -> None:
        super().__init__()
        self.values = values

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.values(value)


# How JSON writes NUL and halves of surrogate pairs. Two halves may be one character, which stays.
_SUSPECT = re.compile(r"\\u(?:0000|d[89a-f])")


def to_json(value: Any) -> str:
    """JSON in which what a database rejects is replaced; PostgreSQL rejects even an escaped NUL."""
    written = json.dumps(value)
    return json.dumps(_clean_json(value)) if _SUSPECT.search(written) else written


def _clean_json(value: Any) -> Any:
    """Return a JSON value in which every string is storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _clean_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_json(inner) for inner in value]
    return value


# --- records in JSON columns ----------------------------------------------------------------------

_adapter: Callable[[Any], Any] = cache(TypeAdapter)  # of the class of a record


def record_of(kind: type[T], stored: Any) -> T:
    """Return the record that JSON, or a row as a mapping, says. What it has no field for is left
    out; raises ValueError for what is missing, or is none of its values.
    """
    return cast(T, _adapter(kind).validate_python(stored))


def json_of(record: Any) -> dict[str, Any]:
    """Return a record in the form that `record_of` reads."""
    return cast(dict[str, Any], _adapter(type(record)).dump_python(record, mode="json"))


# --- tables declared as classes -------------------------------------------------------------------


class Base(DeclarativeBase):
    """Statements name tables and columns by classes with this base, and are executed on connections
    (`storage.database.session`): no ORM session keeps objects.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: CleanText,
        datetime: UtcDateTime,
        date: Date,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }

    @declared_attr.directive
    def __tablename__(cls) -> str:
        """The name of the class, in parts: match_keys for MatchKeys."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Record(MappedAsDataclass, Base, unsafe_hash=True):
    """The base of tables whose rows leave `storage` as they are. Records are compared by value, no
    session knows of them, and nobody changes one.

    What a column has as `default` is inserted, too. So the number of a record that is not stored
    yet has a `default_factory`: 0 is no number of a row.
    """

    __abstract__ = True


UNDATED = date.min  # in lists: after everything that has a day
HASH = String(64)  # SHA-256 in hexadecimal
WITHOUT_ROWID = {"sqlite_with_rowid": False}  # of SQLite's tables that are nothing but a key
NUMBERED_ONCE = {"sqlite_autoincrement": True}  # SQLite never gives a number again
FINGERPRINT = String(128)  # the hexadecimal digest that the fingerprint brings


def to_document() -> ForeignKey:
    return ForeignKey("documents.id", ondelete="CASCADE")


def to_agreement() -> ForeignKey:
    return ForeignKey("agreements.id", ondelete="CASCADE")


# Columns that are (a part of) the primary key, and name a document or an agreement.
DocumentKey = Annotated[int, mapped_column(to_document(), primary_key=True, autoincrement=False)]
AgreementKey = Annotated[int, mapped_column(to_agreement(), primary_key=True, autoincrement=False)]
