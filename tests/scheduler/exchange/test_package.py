"""`export`: a data package that validates, whole or not at all, and its tables as Parquet."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scheduler.exchange.package import ALWAYS, FILES, new_folder
from scheduler.views import writer
from scheduler.views.agreements import DATASET
from scheduler.views.columns import Door, flat
from storage.errors import ExportError
from tests.scheduler.command_line import EVERY_GRADE, accordwatch, succeed
from tests.scheduler.exchange.given import FORMULA, TITLES, hostile, lives, read_csv, read_lines
from tests.scheduler.exchange.validation import faults
from tests.scheduler.given_digests import register
from tests.storage.given import judged


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("register")
    register(made, *hostile())
    done = succeed("export", "out", *EVERY_GRADE, cwd=made)
    assert done.stderr.startswith("out: 9 agreements, 11 reports, version 20")
    return made


def descriptor(package: Path) -> Any:
    return json.loads((package / "datapackage.json").read_text(encoding="utf-8"))


def test_the_package_is_valid_and_holds_its_files_alone(folder: Path) -> None:
    assert faults(folder / "out") == []
    assert {path.name for path in (folder / "out").iterdir()} == ALWAYS


def test_an_empty_register_is_a_valid_package(tmp_path: Path) -> None:
    register(tmp_path)
    succeed("export", "out", cwd=tmp_path)
    assert faults(tmp_path / "out") == []
    assert set(descriptor(tmp_path / "out")["counts"].values()) == {0}


def test_hostile_titles_come_back_from_the_csv(folder: Path) -> None:
    read = {row["title"] for row in read_csv(folder / "out/reports.csv")}
    stored = {title.replace("\x00", "\ufffd").replace("\udc80", "\ufffd") for title in TITLES}
    formulas = {title for title in stored if title.startswith(("=", "-", "@"))}
    assert stored - formulas | {f"'{title}" for title in formulas} <= read


def test_no_cell_is_a_formula(folder: Path) -> None:
    for path in (folder / "out").glob("*.csv"):
        cells = [cell for row in read_csv(path) for cell in row.values()]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_the_lines_are_those_of_agreements(folder: Path) -> None:
    options = ("--format", "jsonl", *EVERY_GRADE)
    listed = accordwatch("agreements", *options, cwd=folder, locale="C.UTF-8").stdout
    expected = [json.loads(line) for line in listed.split("\n") if line]
    written = read_lines(folder / "out/register.jsonl")
    assert sorted(written, key=lambda row: str(row["id"])) == sorted(
        expected, key=lambda row: str(row["id"])
    )
    assert FORMULA in {report["title"] for row in written for report in row["reports"]}


def test_the_later_one_of_two_papers_with_one_text_is_the_copy(folder: Path) -> None:
    copies = [row for row in read_csv(folder / "out/reports.csv") if row["copy"] == "true"]
    assert [row["external_id"] for row in copies] == ["doc-21"]


def test_talks_are_a_step_and_no_action(folder: Path) -> None:
    talks = [row for row in read_csv(folder / "out/steps.csv") if row["status"] == "negotiating"]
    assert [row["position"] for row in talks] == ["1"]
    actions = read_csv(folder / "out/actions.csv")
    signed = next(row["step"] for row in actions if row["party"] == "NE")
    assert {row["party"] for row in actions if row["step"] == signed} == {"MA", "NE"}
    assert talks[0]["id"] not in {row["step"] for row in actions}


def test_parties_have_names_in_english_and_french(folder: Path) -> None:
    parties = {row["code"]: row for row in read_csv(folder / "out/parties.csv")}
    assert (parties["DE"]["name_en"], parties["DE"]["name_fr"]) == ("Germany", "Allemagne")
    assert parties["NA"]["name_en"] == "Namibia"


def test_filters_choose_the_rows_and_are_said(folder: Path) -> None:
    succeed("export", "part", "--party", "IT", cwd=folder)
    assert faults(folder / "part") == []
    assert {row["code"] for row in read_csv(folder / "part/parties.csv")} == {"IT", "TN"}
    assert descriptor(folder / "part")["description"].endswith("Only a part: --party IT.")


def test_excel_begins_each_csv_with_a_byte_order_mark(folder: Path) -> None:
    succeed("export", "x", *EVERY_GRADE, "--excel", cwd=folder)
    marked = [path.read_bytes()[:3] == b"\xef\xbb\xbf" for path in (folder / "x").glob("*.csv")]
    assert marked == [True] * 5


def test_what_the_owner_configured_stands_in_package_and_citation(tmp_path: Path) -> None:
    said = (
        'dataset: {title: "Our: register", publisher: Corridor Lab, license: CC-BY-4.0, '
        "address: https://lab.example/register}\n"
    )
    register(tmp_path, judged(), more=said)
    done = accordwatch("export", "out", cwd=tmp_path)
    assert "dataset." not in done.stderr
    package = descriptor(tmp_path / "out")
    assert package["title"] == "Our: register"
    assert package["licenses"] == [{"name": "CC-BY-4.0"}]
    assert package["contributors"] == [{"title": "Corridor Lab", "roles": ["publisher"]}]
    assert package["sources"] == [{"title": "fleuve", "path": "https://fleuve.example/rss"}]
    citation = (tmp_path / "out/CITATION.cff").read_text(encoding="utf-8")
    assert '\n  - name: "Corridor Lab"\n' in citation
    assert '\nlicense: "CC-BY-4.0"\n' in citation
    assert f'\nversion: "{package["version"]}"\n' in citation


def test_without_a_license_none_is_claimed(folder: Path) -> None:
    assert "licenses" not in descriptor(folder / "out")
    assert "license" not in (folder / "out/CITATION.cff").read_text(encoding="utf-8")


def test_the_codebook_describes_every_column(folder: Path) -> None:
    text = (folder / "out/codebook.md").read_text(encoding="utf-8")
    for resource in descriptor(folder / "out")["resources"]:
        for field in resource.get("schema", {}).get("fields", ()):
            assert f"| `{field['name']}` | {field['type']}" in text
            assert field["description"] in text


KNOWN = frozenset({"a.csv"})


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(ExportError, match="cannot be written"),
        new_folder(tmp_path / "out", KNOWN) as part,
    ):
        (part / "a.csv").rename(part / "b.csv")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with new_folder(tmp_path / "out", KNOWN) as part:
        (part / "a.csv").write_text("new", encoding="utf-8")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "a.csv"]


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old", encoding="utf-8")
    with pytest.raises(ExportError, match=r"not empty.*--force"), new_folder(tmp_path, KNOWN):
        pytest.fail("it was taken")


def test_force_replaces_an_earlier_export(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.csv").write_text("old", encoding="utf-8")
    with new_folder(out, KNOWN, force=True) as part:
        (part / "a.csv").write_text("new", encoding="utf-8")
    assert (out / "a.csv").read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [out]


def test_force_keeps_an_earlier_export_if_the_new_one_fails(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.csv").write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), new_folder(out, KNOWN, force=True):
        raise RuntimeError
    assert (out / "a.csv").read_text(encoding="utf-8") == "old"


def test_force_deletes_no_file_of_others(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine", encoding="utf-8")
    with (
        pytest.raises(ExportError, match=r"thesis\.tex"),
        new_folder(tmp_path, KNOWN, force=True),
    ):
        pytest.fail("it was taken")
    assert (tmp_path / "thesis.tex").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["file", "missing/out"])
def test_what_cannot_be_a_folder_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match=name), new_folder(tmp_path / name, KNOWN):
        pytest.fail("it was taken")


# --- folders that are replaced again and again, known by a mark -----------------------------------


def replace(path: Path, content: str = "new") -> None:
    with new_folder(path, KNOWN | {"mark"}, mark="mark") as part:
        (part / "mark").touch()
        (part / "a.csv").write_text(content, encoding="utf-8")


def test_a_marked_folder_is_replaced_and_keeps_what_is_not_ours(tmp_path: Path) -> None:
    replace(tmp_path / "out", "old")
    (tmp_path / "out/CNAME").touch()
    replace(tmp_path / "out")
    assert (tmp_path / "out/a.csv").read_text(encoding="utf-8") == "new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["CNAME", "a.csv", "mark", "out"]


def test_what_a_killed_command_left_is_cleared(tmp_path: Path) -> None:
    replace(tmp_path / "out", "old")
    (tmp_path / ".out.part/half").mkdir(parents=True)
    replace(tmp_path / "out")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.csv", "mark", "out"]


def test_a_command_that_was_killed_between_two_renames_loses_nothing(tmp_path: Path) -> None:
    replace(tmp_path / "out", "old")
    (tmp_path / "out/CNAME").touch()
    (tmp_path / "out").rename(tmp_path / ".out.old")
    with pytest.raises(RuntimeError), new_folder(tmp_path / "out", KNOWN | {"mark"}, mark="mark"):
        raise RuntimeError
    assert (tmp_path / "out/a.csv").read_text(encoding="utf-8") == "old"
    assert (tmp_path / "out/CNAME").is_file()


def test_a_command_that_was_killed_after_both_renames_loses_nothing(tmp_path: Path) -> None:
    replace(tmp_path / "out", "new")
    replace(tmp_path / ".out.old", "old")
    (tmp_path / ".out.old/CNAME").touch()
    replace(tmp_path / "out", "newest")
    assert (tmp_path / "out/CNAME").is_file()
    assert not (tmp_path / ".out.old").exists()


def test_two_commands_do_not_write_the_same_folder(tmp_path: Path) -> None:
    with (
        new_folder(tmp_path / "out", KNOWN) as part,
        pytest.raises(ExportError, match="another command is writing it"),
        new_folder(tmp_path / "out", KNOWN),
    ):
        pytest.fail("both wrote")
    assert not part.exists()
    assert (tmp_path / "out").is_dir()


def test_the_root_of_the_disk_is_refused() -> None:
    with pytest.raises(ExportError, match="name one in it"), new_folder(Path("/"), KNOWN):
        pytest.fail("it was taken")


@pytest.fixture(scope="module")
def with_parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("parquet")
    register(made, *hostile(), *lives())
    succeed("export", "out", *EVERY_GRADE, "--parquet", cwd=made)
    return made / "out"


def asked(statement: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as opened:
        return opened.execute(statement).fetchall()


def test_the_package_is_valid_and_names_the_files(with_parquet: Path) -> None:
    assert faults(with_parquet) == []
    assert {path.name for path in with_parquet.iterdir()} == FILES
    named = {resource["path"]: resource for resource in descriptor(with_parquet)["resources"]}
    assert named["steps.parquet"]["bytes"] == (with_parquet / "steps.parquet").stat().st_size


def test_columns_have_the_types_of_the_schema(with_parquet: Path) -> None:
    types = {"string": "VARCHAR", "integer": "BIGINT", "date": "DATE", "boolean": "BOOLEAN"}
    for table in DATASET:
        found = asked(f"DESCRIBE SELECT * FROM '{with_parquet}/{table.name}.parquet'")
        assert [(row[0], row[1]) for row in found] == [
            (column.name, types[flat(column.type)]) for column in table.at(Door.DATASET)
        ]


def test_rows_are_those_of_the_csv(with_parquet: Path) -> None:
    for table in DATASET:
        rows = asked(f"SELECT * FROM '{with_parquet}/{table.name}.parquet'")
        written = read_csv(with_parquet / f"{table.name}.csv")
        assert len(rows) == len(written)
        keys = [table.names(Door.DATASET).index(name) for name in table.key]
        assert [tuple(str(row[at]) for at in keys) for row in rows] == [
            tuple(row[name] for name in table.key) for row in written
        ]


def test_titles_are_as_they_are_stored(with_parquet: Path) -> None:
    held = {title for (title,) in asked(f"SELECT title FROM '{with_parquet}/reports.parquet'")}
    assert {t.replace("\x00", "\ufffd").replace("\udc80", "\ufffd") for t in TITLES} <= held


def test_days_are_counted_with(with_parquet: Path) -> None:
    rows = asked(
        f'SELECT max("on") - min("on") FROM \'{with_parquet}/steps.parquet\' '
        "WHERE agreement IN (SELECT agreement FROM "
        f"'{with_parquet}/parties.parquet' WHERE code = 'NL')"
    )
    assert rows == [((date(2026, 2, 28) - date(2023, 5, 2)).days,)]


def test_rows_are_written_in_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_GROUP", 4)
    register(tmp_path, *hostile())
    succeed("export", "out", *EVERY_GRADE, "--parquet", cwd=tmp_path)
    file = tmp_path / "out/agreements.parquet"
    groups = asked(
        f"SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('{file}')"
    )
    assert sorted(groups) == [(0, 4), (1, 4), (2, 1)]


def test_an_empty_register_has_empty_tables(tmp_path: Path) -> None:
    register(tmp_path)
    succeed("export", "out", *EVERY_GRADE, "--parquet", cwd=tmp_path)
    assert asked(f"SELECT count(*) FROM '{tmp_path}/out/agreements.parquet'") == [(0,)]


def test_without_pyarrow_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = accordwatch("export", "out", *EVERY_GRADE, "--parquet", cwd=tmp_path)
    assert done.returncode == 2
    assert "--parquet needs pyarrow: " in done.stderr
    assert "-m pip install 'pyarrow>=21'" in done.stderr
    assert not (tmp_path / "out").exists()
    succeed("export", "out", *EVERY_GRADE, cwd=tmp_path)


def test_force_replaces_an_export_with_parquet(tmp_path: Path) -> None:
    register(tmp_path)
    succeed("export", "out", *EVERY_GRADE, "--parquet", cwd=tmp_path)
    succeed("export", "out", *EVERY_GRADE, "--force", cwd=tmp_path)
    assert not list((tmp_path / "out").glob("*.parquet"))
