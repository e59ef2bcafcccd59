"""`export register|snapshot|treaties|ftm`: the register as a data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, to_filter
from scheduler.cli.output import counted, say

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from scheduler.dataset.publication import Publication
    from storage.asking import Filter
    from storage.database.session import Session

_SAY_EVERY = 5_000  # agreements; some seconds apart

Force = Annotated[bool, Parameter(negative="", help="Replace an earlier export that stands there.")]
Marked = Annotated[
    bool, Parameter(negative="", help="CSV that Excel opens with its accents and Arabic.")
]
Words = Annotated[str, Parameter(help="Words that must all stand in a report, as in `agreements`.")]


def register(
    dir: Annotated[Path, Parameter(help="A new or empty folder.")],
    /,
    *,
    filters: FilterOptions | None = None,
    text: Words = "",
    excel: Marked = False,
    parquet: Annotated[
        bool, Parameter(negative="", help="Also Parquet files of the tables; needs pyarrow.")
    ] = False,
    force: Force = False,
) -> None:
    """Write the register as a data package that can be cited: datapackage.json, CSV, codebook."""
    from scheduler.dataset.destination import new_folder
    from scheduler.dataset.formats.package import FILES, write_package
    from scheduler.dataset.formats.parquet import require_pyarrow

    if parquet:
        require_pyarrow()
    chosen = configuration()
    with new_folder(dir, FILES, force=force) as part, _reading(chosen, text, filters) as asked:
        s, flt, about, progress = asked
        counts = write_package(s, flt, about, part, excel=excel, parquet=parquet, progress=progress)
    say(f"{dir}: {_in_words(counts['agreements'], counts['reports'])}, version {about.version}")
    _say_what_to_set(about)


def snapshot(
    file: Annotated[Path, Parameter(help="A new file, like register.db.")],
    /,
    *,
    filters: FilterOptions | None = None,
    text: Words = "",
    force: Force = False,
) -> None:
    """Write the same tables into a SQLite file that is only read, for Datasette or SQL."""
    from scheduler.dataset.formats.snapshot import write_snapshot

    chosen = configuration()
    with _new_file(file, force, chosen) as part, _reading(chosen, text, filters) as asked:
        s, flt, about, progress = asked
        counts = write_snapshot(s, flt, about, part, progress=progress)
    say(f"{file}: {_in_words(counts['agreements'], counts['reports'])}, version {about.version}")


def treaties(
    file: Annotated[Path, Parameter(help="A new file, like register-uk.csv.")],
    /,
    *,
    as_: Annotated[
        Literal["uk", "nl", "eu", "bla"],
        Parameter(
            name="--as",
            help="uk: UK Treaties Online; nl: Verdragenbank; eu: the Council's treaties and "
            "agreements; bla: Bilateral Labor Agreements Dataset.",
        ),
    ],
    filters: FilterOptions | None = None,
    text: Words = "",
    excel: Marked = False,
    force: Force = False,
) -> None:
    """Write the register as one CSV file in the columns of a treaty database."""
    from scheduler.dataset.formats.treaties.mapping import mapping
    from scheduler.dataset.formats.treaties.table import write_treaties

    chosen, asked = configuration(), mapping(as_)
    with _new_file(file, force, chosen) as part, _reading(chosen, text, filters) as reading:
        s, flt, _, progress = reading
        written, unfit = write_treaties(s, flt, asked, part, excel=excel, progress=progress)
    say(f"{file}: {counted(written, 'agreement')}, as in {asked.title}")
    if unfit:
        say(f"left out: {counted(unfit, 'agreement')} without exactly two parties")


def follow_the_money(
    file: Annotated[Path, Parameter(help="A new file, like register.ftm.jsonl.")],
    /,
    *,
    filters: FilterOptions | None = None,
    text: Words = "",
    force: Force = False,
) -> None:
    """Write the register as FollowTheMoney entities in JSON lines, for Aleph and OpenSanctions."""
    from scheduler.dataset.formats.follow_the_money import write_follow_the_money

    chosen = configuration()
    with _new_file(file, force, chosen) as part, _reading(chosen, text, filters) as reading:
        s, flt, _, progress = reading
        written = write_follow_the_money(s, flt, part, progress=progress)
    say(f"{file}: {written:,} {'entity' if written == 1 else 'entities'}")


def _new_file(file: Path, force: bool, chosen: Configuration) -> AbstractContextManager[Path]:
    """A file to be made; not even --force replaces configuration, rules and database."""
    from scheduler.dataset.destination import new_file

    database = Path(chosen.database.removeprefix("sqlite:///"))
    return new_file(file, force=force, kept=(chosen.path, *chosen.rule_files, database))


@contextmanager
def _reading(
    chosen: Configuration, text: str, filters: FilterOptions | None
) -> Iterator[tuple[Session, Filter, Publication, Callable[[int], None]]]:
    """One state of the register, the filter, what the data set says of itself, and who is told how
    far it is.
    """
    from storage.queries import count_agreements

    flt = to_filter(text, filters)
    about = _publication(chosen, _filters_in_words(text, filters))
    with opened_database(chosen) as database, database.read() as s:
        say_unknown_names(s, chosen, filters)
        yield s, flt, about, _progress(count_agreements(s, flt))


def _publication(chosen: Configuration, asked: str) -> Publication:
    from crawler.judgement.judge import load_rules
    from scheduler.dataset.publication import TITLE, Publication

    said = chosen.settings.dataset
    return Publication(
        created_at=datetime.now(UTC),
        rules=load_rules(chosen.settings.rules.packs, chosen.rule_files).version,
        sources=chosen.sources,
        chosen=asked,
        title=said.title or TITLE,
        publisher=said.publisher,
        license=said.license,
        address=said.address,
    )


def _filters_in_words(text: str, filters: FilterOptions | None) -> str:
    """The filters as they were typed, such as "--since 2025-01-01 --party MA"."""
    said = [f"--text {text!r}"] if text else []
    for name, value in vars(filters or FilterOptions()).items():
        values = value if isinstance(value, tuple) else (value,)
        said += [f"--{name} {one}" for one in values if one not in (None, "")]
    return " ".join(said)


def _progress(total: int) -> Callable[[int], None]:
    def told(done: int) -> None:
        if done % _SAY_EVERY == 0:
            say(f"{done:,} of {total:,} agreements")

    return told


def _in_words(agreements: int, reports: int) -> str:
    return f"{counted(agreements, 'agreement')}, {counted(reports, 'report')}"


def _say_what_to_set(about: Publication) -> None:
    missing = [name for name in ("publisher", "license") if not getattr(about, name)]
    if missing:
        keys = " and ".join(f"dataset.{name}" for name in missing)
        say(f"before you publish it, set {keys} in the configuration and export it again")
