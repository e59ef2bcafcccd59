"""Column types that mean the same on SQLite and PostgreSQL, and what tables have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast, dataclass_transform

from pydantic import TypeAdapter
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from storage.errors import FilledLine, packed, unpacked

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.orm import DeclarativeBase, MappedColumn
    from sqlalchemy.orm import Mapped as Mapped
    from sqlalchemy.orm import mapped_column as mapped_column


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
    """A line that is often a `FilledLine`, whose form and values are stored."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if isinstance(value, FilledLine):
            value = json.dumps(packed(value), ensure_ascii=False)
        return super().process_bind_param(value, dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not value.startswith('{"form": '):
            return value
        return unpacked(json.loads(value))  # type: ignore[no-any-return]  # it was a line


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


# --- tables declared as classes, without SQLAlchemy's ORM -----------------------------------------
#
# Statements name tables and columns by these classes, and rows leave `storage` as records; where a
# record has all columns of a table, it is the table's class (`record`). Nothing maps a row to an
# object: to map all classes took a tenth of a second of each command that opens a database, and
# memory in each process. mypy sees the ORM's own classes, which know the type of each column; a
# test compares the tables with those that the ORM makes of the same classes.

NAMES: dict[str, str] = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
TYPES: dict[Any, Any] = {
    str: CleanText,
    datetime: UtcDateTime,
    date: Date,
    dict[str, Any]: JSON,
    list[Any]: JSON,
}


def table_name(class_name: str) -> str:
    """The name of the table of a class that has no `__tablename__`: match_keys for MatchKeys."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


if TYPE_CHECKING:

    class Base(DeclarativeBase):
        metadata = MetaData(naming_convention=NAMES)
        type_annotation_map = TYPES

else:
    _BY_NAME = {
        "str": CleanText,
        "int": Integer,
        "bool": Boolean,
        "float": Double,
        "datetime": UtcDateTime,
        "date": Date,
        "dict[str, Any]": JSON,
        "list[Any]": JSON,
    }

    class Mapped:
        """It stands in annotations alone, around the type of a record's field."""

        def __class_getitem__(cls, kind: Any) -> Any:
            return kind

    def mapped_column(*parts: Any, **options: Any) -> Any:
        return parts, options

    class Base:
        """Of each class that has this base, a table is made with a column for each annotation."""

        metadata = MetaData(naming_convention=NAMES)

        def __init_subclass__(cls) -> None:
            declared = {name: cls.__dict__.get(name, ((), {})) for name in cls.__annotations__}
            cls.__defaults__ = {
                name: options.pop("default")
                for name, (_, options) in declared.items()
                if "default" in options
            }
            columns = [
                _column(name, annotation, *declared[name])
                for name, annotation in cls.__annotations__.items()
            ]
            arguments = cls.__dict__.get("__table_args__", ())
            *others, options = (arguments,) if isinstance(arguments, dict) else (*arguments, {})
            if others and isinstance(others[-1], dict):
                options = others.pop()
            if "__tablename__" not in cls.__dict__:
                cls.__tablename__ = table_name(cls.__name__)
            cls.__table__ = Table(cls.__tablename__, cls.metadata, *columns, *others, **options)
            for column in columns:
                setattr(cls, column.name, column)

        @classmethod
        def __clause_element__(cls) -> Table:
            return cls.__table__

    def _column(name: str, annotation: str, parts: Any, options: Any) -> Column[Any]:
        """Return the column that an annotation such as "Mapped[int | None]" declares."""
        type_name = annotation.removeprefix("Mapped[").removesuffix("]")
        is_optional = type_name.endswith(" | None")
        has_type = bool(parts) and _is_type(parts[0])
        kind = () if has_type else (_BY_NAME[type_name.removesuffix(" | None")],)
        return Column(name, *kind, *parts, **{"nullable": is_optional} | options)

    def _is_type(part: Any) -> bool:
        return isinstance(part, TypeEngine) or (
            isinstance(part, type) and issubclass(part, TypeEngine)
        )


UNDATED = date.min  # in lists: after everything that has a day
HASH = String(64)  # SHA-256 in hexadecimal
WITHOUT_ROWID = {"sqlite_with_rowid": False}  # of SQLite's tables that are nothing but a key
NUMBERED_ONCE = {"sqlite_autoincrement": True}  # SQLite never gives a number again
FINGERPRINT = String(128)  # the hexadecimal digest that the fingerprint brings


def to_document() -> ForeignKey:
    return ForeignKey("documents.id", ondelete="CASCADE")


def to_agreement() -> ForeignKey:
    return ForeignKey("agreements.id", ondelete="CASCADE")


def document_key(*, index: bool = False) -> MappedColumn[int]:
    """A column that is (a part of) the primary key, and names a document."""
    return mapped_column(to_document(), primary_key=True, autoincrement=False, index=index)


def agreement_key(*, index: bool = False) -> MappedColumn[int]:
    return mapped_column(to_agreement(), primary_key=True, autoincrement=False, index=index)


@dataclass_transform(frozen_default=True, field_specifiers=(mapped_column, document_key))
def record(table: type[T]) -> type[T]:
    """Make rows of a table records: frozen dataclasses, whose fields have the columns' defaults."""
    columns: dict[str, Any] = {name: getattr(table, name) for name in table.__annotations__}
    defaults: dict[str, Any] = getattr(table, "__defaults__", {})
    for name in columns:
        delattr(table, name)
    for name, value in defaults.items():
        setattr(table, name, value)
    made = dataclass(frozen=True)(table)
    for name, column in columns.items():
        setattr(made, name, column)
    return made
