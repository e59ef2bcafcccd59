"""Tables declared as classes, as SQLAlchemy's ORM declares them, but without the ORM.

Statements name tables and columns by these classes, and rows leave `storage` as records: nothing
maps a row to an object. To map all classes took a tenth of a second of each command that opens a
database, and memory in each process. mypy sees the ORM's own classes, which know the type of each
column; a test compares the tables with those that the ORM makes of the same classes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Boolean, Column, Date, Double, Integer, MetaData, Table
from sqlalchemy.types import TypeEngine

from storage.database.columns import CleanText, UtcDateTime

__all__ = ["NAMES", "TYPES", "Base", "Mapped", "mapped_column"]

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

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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
    Mapped = None  # it stands in annotations alone

    def mapped_column(*parts: Any, **options: Any) -> Any:
        """Say more of a column than its annotation does."""
        return parts, options

    class Base:
        """Of each class that has this base, a table is made with a column for each annotation."""

        metadata = MetaData(naming_convention=NAMES)

        def __init_subclass__(cls) -> None:
            columns = [
                _column(name, annotation, *cls.__dict__.get(name, ((), {})))
                for name, annotation in cls.__annotations__.items()
            ]
            said = cls.__dict__.get("__table_args__", ())
            options = said[-1] if said and isinstance(said[-1], dict) else {}
            others = [part for part in said if part is not options]
            cls.__table__ = Table(cls.__tablename__, cls.metadata, *columns, *others, **options)
            for column in columns:
                setattr(cls, column.name, column)

        @classmethod
        def __clause_element__(cls) -> Table:
            """What SQLAlchemy takes the class for in a statement."""
            return cls.__table__

    def _column(name: str, annotation: str, parts: Any, options: Any) -> Column[Any]:
        """Return the column that an annotation such as "Mapped[int | None]" declares."""
        said = annotation.removeprefix("Mapped[").removesuffix("]")
        is_optional = said.endswith(" | None")
        has_type = bool(parts) and _is_type(parts[0])
        kind = () if has_type else (_BY_NAME[said.removesuffix(" | None")],)
        return Column(name, *kind, *parts, **{"nullable": is_optional} | options)

    def _is_type(part: Any) -> bool:
        return isinstance(part, TypeEngine) or (
            isinstance(part, type) and issubclass(part, TypeEngine)
        )
