"""The command as a newcomer types it: a real process, its output and its exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.cli.commands.command_table import FIRST
from scheduler.cli.commands.deciding.curate import CHOICES
from scheduler.configuration.config import load_configuration
from storage.records import Status
from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.scheduler.given_digests import store
from tests.storage.given import card, judged

ARTICLE = """Maroc et Niger s'allient contre la traite des êtres humains

Rabat et Niamey ont signé lundi à Rabat une déclaration d'entente contre la traite des êtres humains et le trafic de
migrants. Le document a été paraphé par les commissions nationales du Maroc et du Niger.
"""


def as_a_process(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command as people start it, for what only a new process shows."""
    hidden = ("ACCORDWATCH_", "LC_", "LANG")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    command = [sys.executable, "-P", "-m", "scheduler.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new installation, to which an article of 2025 is news."""
    succeed("init", cwd=tmp_path)
    path = tmp_path / "accordwatch.yaml"
    written = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"max_age_days: \d+", "max_age_days: 36500", written), encoding="utf-8")
    return tmp_path


def test_help_offers_eight_commands_first() -> None:
    first = accordwatch("--help").stdout.partition("Begin here:\n")[2].partition("\n\n")[0]
    offered = re.findall(r"^  ([a-z]+): ", first, re.MULTILINE)
    assert sorted(offered) == sorted(FIRST)
    assert len(offered) == 8


def test_help_of_curate_has_a_line_for_each_decision() -> None:
    shown = accordwatch("curate", "--help").stdout
    begun = re.findall(r"^  ([a-z]+) [A-Z]", shown, re.MULTILINE)
    assert begun == [*CHOICES, "undo"]


def test_help_lists_every_command_and_imports_none_of_them() -> None:
    shown = as_a_process("--help")
    for name in (
        "init",
        "run",
        "extract",
        "classify",
        "import",
        "search",
        "agreements",
        "digest",
        "doctor",
        "demo",
    ):
        assert re.search(rf"^  {name}\b", shown.stdout, re.MULTILINE), name
    heavy = "import sys; from scheduler.cli.main import build; build()"
    names = "scrapy sqlalchemy trafilatura pydantic feedparser apscheduler babel"
    check = f"{heavy}; print([n for n in {names.split()} if n in sys.modules])"
    assert (
        subprocess.run(
            [sys.executable, "-c", check], capture_output=True, text=True, check=True
        ).stdout
        == "[]\n"
    )


def test_a_run_imports_nothing_that_reads_feeds() -> None:
    run = "import sys, spiders.reading.watch, scheduler.jobs.passes, scheduler.cli.commands.collecting.run"
    check = f"{run}; print([n for n in ('feedparser',) if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_unknown_command_is_one_line_and_exit_2() -> None:
    done = accordwatch("serch")
    assert done.returncode == 2
    assert "serch" in done.stderr
    assert "Traceback" not in done.stderr


def test_init_says_where_to_go_next(tmp_path: Path) -> None:
    elsewhere = accordwatch("init", "our watch", cwd=tmp_path).stderr.splitlines()
    assert elsewhere[1] == "next: cd 'our watch'"
    assert elsewhere[2].startswith("      accordwatch run ")
    here = accordwatch("init", cwd=tmp_path).stderr.splitlines()
    assert here[1].startswith("next: accordwatch run ")


def test_init_refuses_to_overwrite(folder: Path) -> None:
    done = accordwatch("init", cwd=folder)
    assert done.returncode == 2
    assert "is there already" in done.stderr


def test_a_configuration_with_faults_is_exit_2_and_a_line_a_fault(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text(
        "sources:\n  - id: a\n    kind: fed\n    url: x\n", encoding="utf-8"
    )
    done = accordwatch("run", cwd=tmp_path)
    assert done.returncode == 2
    assert [line.split(": ")[2] for line in done.stderr.splitlines()] == [
        "sources[0].kind",
        "sources[0].url",
    ]


def test_a_configuration_without_sources_says_how_to_add_one(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    done = succeed("run", cwd=tmp_path)
    assert "accordwatch sources add" in done.stderr


def test_classify_gives_a_bad_line_an_error_and_the_others_their_verdicts(tmp_path: Path) -> None:
    lines = [
        '{"id": "a", "title": "Rabat"}',
        '{"id": "b", "title": "Rome", "published": "2012-20-16"}',
        '{"id": "c", "title": "Bern"}',
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = accordwatch("classify", "a.jsonl", "--format", "jsonl", cwd=tmp_path)
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert (first["id"], third["id"], done.returncode) == ("a", "c", 1)
    assert second == {
        "line": 2,
        "error": "a.jsonl:2: published: '2012-20-16' is not a day like 2025-07-28",
    }
    assert done.stderr == f"accordwatch: {second['error']}\n"


def test_classify_needs_no_configuration_and_its_evidence_is_the_original_text(
    tmp_path: Path,
) -> None:
    path = tmp_path / "article.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    done = succeed("classify", str(path), "--format", "jsonl", cwd=tmp_path)
    verdict = json.loads(done.stdout)
    assert verdict["relevant"] is True
    assert verdict["card"]["parties"] == ["MA", "NE"]
    title, _, body = ARTICLE.partition("\n\n")
    whole = {"title": title, "lead": body.strip(), "body": body.strip()}
    for found in verdict["evidence"]:
        assert " ".join(whole[found["zone"]][found["start"] : found["end"]].split()) == " ".join(
            found["text"].split()
        )


def test_documents_that_are_imported_are_found_and_notified_once(folder: Path) -> None:
    line = {
        "id": "x1",
        "lang": "fr",
        "title": ARTICLE.splitlines()[0],
        "text": ARTICLE,
        "published": "2025-07-29",
    }
    (folder / "in.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    for _ in range(2):
        succeed("import", "in.jsonl", cwd=folder)
    succeed("search", "traité OR", "--format", "jsonl", cwd=folder)
    (agreement,) = json_lines("agreements", cwd=folder)
    assert agreement["parties"] == ["MA", "NE"]
    assert [report["external_id"] for report in agreement["reports"]] == ["x1"]
    succeed("digest", "send", cwd=folder)
    assert len(list((folder / "digests").glob("*.eml"))) == 1
    succeed("digest", "send", cwd=folder)
    assert len(list((folder / "digests").glob("*.eml"))) == 1


def test_a_document_of_the_future_is_kept_undated(folder: Path) -> None:
    line = {
        "id": "x1",
        "title": ARTICLE.splitlines()[0],
        "text": ARTICLE,
        "published": "2099-01-01",
    }
    done = accordwatch("import", "-", cwd=folder, text=json.dumps(line))
    assert (done.returncode, "1 dated in the future" in done.stderr) == (0, True)
    (row,) = json_lines("search", cwd=folder)
    assert row["published"] is None


def test_the_wrong_file_is_named_in_one_line(folder: Path) -> None:
    (folder / "prose.json").write_text("No JSON here.\n" * 500, encoding="utf-8")
    done = accordwatch("import", "prose.json", cwd=folder)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith(
        "accordwatch: nothing is stored: prose.json: none of its 500 lines is a document in JSON; "
        "the first: prose.json:1:1: not a JSON object"
    )


def test_of_many_wrong_lines_beside_documents_the_first_are_named(folder: Path) -> None:
    (folder / "mixed.jsonl").write_text('{"title": "x"}\n' + "No JSON here.\n" * 500)
    shown = accordwatch("import", "mixed.jsonl", cwd=folder).stderr.splitlines()
    assert len(shown) == 22
    assert shown[20] == "accordwatch: not stored: 480 more; is this a file of JSON lines?"


def test_a_corridor_is_found_in_either_order(folder: Path) -> None:
    line = {
        "id": "x1",
        "title": ARTICLE.splitlines()[0],
        "text": ARTICLE,
        "published": "2025-07-29",
    }
    succeed("import", "-", cwd=folder, text=json.dumps(line))
    for corridor in ("MA-NE", "ne-ma"):
        assert (
            accordwatch(
                "agreements", "--corridor", corridor, "--format", "csv", cwd=folder
            ).stdout.count("\n")
            == 2
        )
    assert (
        accordwatch(
            "agreements", "--corridor", "MA-NG", "--format", "csv", cwd=folder
        ).stdout.count("\n")
        == 1
    )


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--topic", "fish", "readmission_returns"),
        ("--party", "moroco", "Did you mean Morocco?"),
        ("--by", "guess", "--by: “guess” is not one of learnt"),
        ("--corridor", "IT-ZZ", "--corridor: “IT-ZZ” is not two parties"),
        ("--language", "xx", "und"),
        ("--limit", "-1", "--limit"),
        ("--probability", "3", "--probability: “3” is not a number from 0 to 1"),
        ("--reviewed", "maybe", "--reviewed: “maybe” is not one of yes, no"),
        ("--instrument", "pact", "--instrument: “pact” is not one of treaty"),
    ],
)
def test_a_wrong_filter_says_what_can_be_written(
    folder: Path, option: str, value: str, wanted: str
) -> None:
    done = accordwatch("search", option, value, cwd=folder)
    assert done.returncode == 2
    assert wanted in done.stderr


def test_a_life_shows_each_step_on_its_day(folder: Path) -> None:
    text = ARTICLE.replace("ont signé lundi", "ont signé le 28 juillet 2025")
    line = {"id": "x1", "title": ARTICLE.splitlines()[0], "text": text, "published": "2025-07-29"}
    succeed("import", "-", cwd=folder, text=json.dumps(line))
    shown = accordwatch("show", "ne-ma", cwd=folder)
    assert re.search(r"^  2025-07-28 +signed$", shown.stdout, re.MULTILINE)
    unknown = accordwatch("show", "MA-ZZ", cwd=folder)
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)


def test_a_life_without_a_headline_shows_none(folder: Path) -> None:
    chosen = load_configuration(folder / "accordwatch.yaml", environ={})
    store(chosen, judged(1, title=""))
    assert "“”" not in accordwatch("show", "MA-NE", cwd=folder).stdout


def test_a_life_says_how_many_of_its_reports_say_a_step(folder: Path) -> None:
    chosen = load_configuration(folder / "accordwatch.yaml", environ={})
    silent = [judged(number, card=card(status=None)) for number in (2, 3)]
    store(chosen, judged(1, card=card(status=Status.TERMINATED)), *silent)
    shown = accordwatch("show", "MA-NE", cwd=folder)
    assert re.search(
        r"^  2026-03-10 +terminated +1 of 3 reports name this status$", shown.stdout, re.MULTILINE
    )


def test_a_decision_is_listed_in_words_and_a_name_is_seen_by_every_reader(folder: Path) -> None:
    line = {
        "id": "a",
        "lang": "fr",
        "title": ARTICLE.splitlines()[0],
        "text": ARTICLE,
        "published": "2025-07-29",
    }
    succeed("import", "-", cwd=folder, text=json.dumps(line))
    made = "Morocco–Niger declaration on trafficking and smuggling, 2025"
    assert (
        json.loads(accordwatch("agreements", "--format", "jsonl", cwd=folder).stdout)["name"]
        == made
    )
    done = accordwatch("curate", "rename", "A1", "The Rabat pact", "--who", "amina", cwd=folder)
    assert "to take it back: accordwatch curate undo 1" in done.stderr
    seen = [
        ("agreements",),
        ("agreements", "--format", "jsonl"),
        ("show", "A1"),
        ("digest", "show"),
    ]
    for command in seen:
        assert "The Rabat pact" in accordwatch(*command, cwd=folder).stdout, command
    assert "named A1 “The Rabat pact”" in accordwatch("decisions", cwd=folder).stdout
    assert accordwatch("curate", "undo", "1", "--who", "ben", cwd=folder).stderr.startswith(
        "undone: named A1"
    )
    assert "(undone by ben, " in accordwatch("decisions", cwd=folder).stdout
    assert "The Rabat pact" not in accordwatch("show", "A1", cwd=folder).stdout


def test_an_empty_register_says_what_to_do(folder: Path) -> None:
    done = accordwatch("agreements", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "accordwatch run" in done.stderr


def test_a_read_only_database_is_one_line(folder: Path) -> None:
    url = "sqlite:////proc/accordwatch.db"
    (folder / "accordwatch.yaml").write_text(f"database: {url}\n", encoding="utf-8")
    done = accordwatch("search", "x", cwd=folder)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_demo_that_has_no_place_to_write_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    done = accordwatch("demo", "taken/demo", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "accordwatch: taken/demo: cannot be made: Not a directory\n"


def test_a_decision_needs_no_reason_on_the_command_line_either(folder: Path) -> None:
    line = {"id": "a", "lang": "fr", "title": ARTICLE.splitlines()[0], "text": ARTICLE}
    succeed("import", "-", cwd=folder, text=json.dumps(line))
    succeed("curate", "irrelevant", "1", "--who", "amina", cwd=folder)
    assert "decided on the command line" in accordwatch("decisions", cwd=folder).stdout


@pytest.mark.parametrize(
    ("option", "said"),
    [("--quorum", "Unknown option: --quorum."), ("--topics", "Did you mean --topic?")],
)
def test_an_option_is_guessed_only_where_its_letters_are_alike(option: str, said: str) -> None:
    shown = accordwatch("search", option, "x").stderr
    assert said in shown
    assert ("Did you mean" in shown) == ("Did you mean" in said)


@pytest.mark.parametrize("command", ["agreements", "search", "changes"])
def test_a_day_that_is_none_is_refused_with_how_one_is_written(command: str) -> None:
    shown = accordwatch(command, "--since", "2020-13-40").stderr
    assert "--since: “2020-13-40” is not a date. Write one like 2026-03-01." in shown


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("serch",), "accordwatch"),
        (("web", "--listen", "x"), "accordwatch web"),
        (("curate",), "accordwatch curate"),
    ],
)
def test_what_is_mistyped_leads_to_the_help_of_its_command(
    arguments: tuple[str, ...], command: str
) -> None:
    done = accordwatch(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == f"accordwatch: see {command} --help"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("review", "7", "yes"), "Not expected here: 'yes'."),
        (("document", "seven"), 'Invalid value for NUMBER: "seven" is not a whole number.'),
        (("web", "--port", "x"), 'Invalid value for --port: "x" is not a whole number.'),
    ],
)
def test_what_is_mistyped_is_explained_in_plain_words(
    arguments: tuple[str, ...], said: str
) -> None:
    assert accordwatch(*arguments).stderr.splitlines()[0] == f"accordwatch: {said}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("curate", "merge", "A1"), "curate merge takes: A1 A2"),
        (("curate", "confirm", "A1", "A2"), "curate confirm takes: A1"),
        (("curate", "undo", "A1"), "'A1' is no number"),
        (("curate", "relevant", "3", "signed"), "'signed' is not like status=signed"),
        (("sources", "add", "maghreb", "--kind", "feed"), "leave out options"),
        (("import", "old.jsonl", "--list", "x"), "of documents only --no-alerts"),
    ],
)
def test_what_does_not_go_together_is_said(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = accordwatch(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
