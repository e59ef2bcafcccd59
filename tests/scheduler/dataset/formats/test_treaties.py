"""`export treaties`: the register in the columns of treaty databases, and the way back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from scheduler.dataset.formats.order import TreatyDatabase
from scheduler.dataset.formats.treaties.facts import FACTS, facts_of
from scheduler.dataset.formats.treaties.mapping import TreatyMapping, mapping
from scheduler.dataset.rows import entries
from scheduler.dataset.schema import AGREEMENTS
from storage.asking import Filter
from storage.database.session import open_database
from storage.records import Judged, Status, Topic
from tests.scheduler.command_line import accordwatch
from tests.scheduler.dataset.given import hostile, read_csv, register
from tests.scheduler.dataset.treaties_back import facts_back
from tests.storage.given import card, judged

NAMES: tuple[TreatyDatabase, ...] = get_args(TreatyDatabase)


def lives() -> list[Judged]:
    """Agreements of two, of four and of one, one of them with all days that a database may have."""
    pair = ("CI", "NL")
    days = {
        Status.SIGNED: date(2023, 5, 2),
        Status.RATIFIED: date(2024, 1, 31),
        Status.IN_FORCE: date(2024, 3, 1),
        Status.TERMINATED: date(2026, 2, 28),
    }
    life = [
        judged(
            number,
            published_on=day,
            card=card(parties=pair, status=status, event_date=day, place=None, place_key=None),
        )
        for number, (status, day) in enumerate(days.items(), 41)
    ]
    both = (Topic.LABOUR, Topic.VISA)
    four = judged(51, card=card(parties=("BE", "EU", "GB", "LU"), topics=both, instrument=None))
    one = judged(52, card=card(parties=("JP",), event_date=None, status=None))
    return [*life, four, one]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("treaties")
    register(made, *hostile(), *lives())
    renamed = accordwatch("curate", "rename", "A1", '=1+1; "A, B"\nC', "--why", "x", cwd=made)
    assert renamed.returncode == 0, renamed.stderr
    return made


@pytest.mark.parametrize("name", NAMES)
def test_what_a_mapping_says_survives_comes_back(folder: Path, name: TreatyDatabase) -> None:
    done = accordwatch("export", "treaties", f"{name}.csv", "--as", name, cwd=folder)
    assert done.returncode == 0, done.stderr
    asked = mapping(name)
    with open_database(f"sqlite:///{folder}/accordwatch.db").read() as s:
        facts = [facts_of(entry) for entry in entries(s, Filter())]
    fitting = [one for one in facts if one["first_party"] or not asked.two_parties]
    back = facts_back(read_csv(folder / f"{name}.csv"), asked)
    assert back == {str(one["id"]): {fact: one[fact] for fact in asked.survives} for one in fitting}
    # and the register that it was tried with had something of everything
    for fact in asked.survives:
        assert len({one[fact] for one in fitting}) > 1, fact


def test_agreements_that_do_not_fit_are_counted(folder: Path) -> None:
    done = accordwatch("export", "treaties", "b.csv", "--as", "bla", cwd=folder)
    assert "left out: 2 agreements without exactly two parties" in done.stderr
    countries = {(row["countryA"], row["countryB"]) for row in read_csv(folder / "b.csv")}
    assert ("Ivory Coast", "Netherlands") in countries


def test_days_are_written_as_they_write_them(folder: Path) -> None:
    for name, column, written in (
        ("uk", "definative_eif_event_date", "01/03/2024"),
        ("nl", "Termination", "28-02-2026"),
        ("eu", "Signature", "02/05/2023"),
        ("bla", "ratified", "1/31/2024"),
    ):
        accordwatch("export", "treaties", f"{name}.csv", "--as", name, "--force", cwd=folder)
        assert written in {row[column] for row in read_csv(folder / f"{name}.csv")}


def test_the_place_of_signature_stands_behind_its_day(folder: Path) -> None:
    accordwatch("export", "treaties", "p.csv", "--as", "eu", "--party", "BE", cwd=folder)
    rows = read_csv(folder / "p.csv")
    assert [row["Party"] for row in rows] == [
        "Belgium",
        "European Union",
        "United Kingdom",
        "Luxembourg",
    ]
    assert {row["Signature"] for row in rows} == {"10/03/2026: Rabat"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("x.csv", "--as", "un"), 'Choose from: "uk", "nl", "eu", "bla"'),
        (("x.csv",), "--as"),
        (("nowhere/x.csv", "--as", "uk"), "its folder is not there"),
        ((".", "--as", "uk"), "is a folder"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = accordwatch("export", "treaties", *arguments, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (folder / "x.csv").exists()


def test_a_file_that_is_there_is_kept(folder: Path) -> None:
    (folder / "mine.csv").write_text("mine", encoding="utf-8")
    done = accordwatch("export", "treaties", "mine.csv", "--as", "uk", cwd=folder)
    assert (done.returncode, "--force" in done.stderr) == (2, True)
    assert (folder / "mine.csv").read_text(encoding="utf-8") == "mine"


def test_no_column_of_the_register_is_lost_in_silence() -> None:
    assert set(AGREEMENTS.column_names) <= set(FACTS)


def described() -> str:
    """The mappings as the page on the data set shows them."""
    lines = ["| `--as` | database | comes back | is lost | where its fields are from |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for name in NAMES:
        one = mapping(name)
        back, lost = (
            ", ".join(f"`{fact}`" for fact in facts) for facts in (one.survives, one.lost)
        )
        database = f"[{one.title}]({one.address}), {one.publisher}"
        lines.append(f"| `{name}` | {database} | {back} | {lost} | {one.seen} |")
    return "\n".join(lines) + "\n"


def test_the_docs_say_what_is_lost_and_where_the_fields_are_from() -> None:
    page = Path(__file__).parents[4] / "docs/dataset.md"
    assert described() in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lost": {}}, "not both and not neither"),
        ({"values": {"laterality": {"bilateral": "BI"}}}, "multilateral has no word"),
        ({"columns": [{"name": "x"}]}, "needs either holds, or empty"),
        ({"columns": [{"name": "x", "holds": "colour"}]}, "there is no fact colour"),
        ({"values": {"parties": {"CI": "Congo", "CG": "Congo"}}}, "the same word"),
    ],
)
def test_a_mapping_that_hides_a_loss_is_refused(change: dict[str, object], said: str) -> None:
    whole = mapping("uk").model_dump()
    for column in whole["columns"]:
        column["holds"] = list(column["holds"])
    with pytest.raises(ValidationError, match=said):
        TreatyMapping.model_validate(whole | change)
