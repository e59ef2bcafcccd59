"""What a form of the register is asked for, and what is said of it when it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scheduler.dataset.publication import Publication
from scheduler.dataset.rows import AgreementEntry

TreatyDatabase = Literal["uk", "nl", "eu", "bla"]


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """`columns` names the treaty database whose columns are asked for. `excel` begins each CSV file
    with a byte order mark; `parquet` asks for Parquet files beside them.
    """

    about: Publication
    columns: TreatyDatabase | None = None
    excel: bool = False
    parquet: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """How many of each thing were written, what else there is to say, and what did not fit."""

    counts: Mapping[str, int]
    more: str
    left_out: int = 0


# Writes agreements, which come in the order of their ids, into a new file or an empty folder.
WriteForm = Callable[[Iterable[AgreementEntry], ExportOrder, Path], Written]
