"""`subscriptions preview`: what a subscription, or filters that are typed, would have sent over the
archive.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scheduler.cli.commands.notifications import _rate
from storage.records import Status
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import register
from tests.storage.given import card, judged

OF_TUNISIA = """
subscriptions:
  - {id: tunisia, channels: [file], filter: {parties: [TN], statuses: [signed]}}
"""
# 21 days, from the first report on.
UNTIL = ("--until", "2026-03-17")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Morocco and Niger signed (11 March); Italy and Tunisia negotiated (25 February) and signed
    (10 March).
    """
    talks = card(parties=("IT", "TN"), status=Status.NEGOTIATING, event_date=date(2026, 2, 25))
    signed = card(parties=("IT", "TN"), event_date=date(2026, 3, 10))
    documents = (
        judged(1),
        judged(2, card=talks, published_on=date(2026, 2, 25)),
        judged(3, card=signed, published_on=date(2026, 3, 10)),
    )
    return register(tmp_path, *documents, more=OF_TUNISIA).folder


def rehearsed(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    shown = accordwatch(
        "subscriptions", "preview", *arguments, *UNTIL, "--format", "jsonl", cwd=folder
    )
    assert shown.returncode == 0, shown.stderr
    return [json.loads(line) for line in shown.stdout.splitlines()]


def test_without_a_subscription_or_filter_all_is_listed_newest_first(folder: Path) -> None:
    rows = rehearsed(folder)
    assert [(row["on"], row["news"], row["status"], row["document_ids"]) for row in rows] == [
        ("2026-03-11", "new_agreement", "signed", [1]),
        ("2026-03-10", "new_step", "signed", [3]),
        ("2026-02-25", "new_agreement", "negotiating", [2]),
    ]
    assert "Morocco–Niger declaration" in rows[0]["name"]


@pytest.mark.parametrize(
    ("arguments", "days"),
    [
        (("--corridor", "TN-IT"), ["2026-03-10", "2026-02-25"]),
        (("--status", "signed"), ["2026-03-11", "2026-03-10"]),
        (("--query", "copy number 1"), ["2026-03-11"]),
        (("--since", "2026-03-10"), ["2026-03-11", "2026-03-10"]),
        (("tunisia",), ["2026-03-10"]),
        (("tunisia", "--status", "negotiating"), ["2026-02-25"]),
        (("tunisia", "--party", "NE"), ["2026-03-11"]),
    ],
)
def test_what_is_typed_takes_the_place_of_what_the_subscription_says(
    folder: Path, arguments: tuple[str, ...], days: list[str]
) -> None:
    assert [row["on"] for row in rehearsed(folder, *arguments)] == days


def test_a_table_ends_with_how_many_a_week(folder: Path) -> None:
    shown = accordwatch("subscriptions", "preview", *UNTIL, cwd=folder)
    assert "New agreement" in shown.stdout
    assert (
        "3 from 2026-02-25 to 2026-03-17: 1 a week, 2 in the fullest one, from 2026-03-09 on"
        in shown.stderr
    )


def test_csv_has_a_header_and_every_row(folder: Path) -> None:
    shown = accordwatch("subscriptions", "preview", "--format", "csv", *UNTIL, cwd=folder)
    first, *others = csv.DictReader(io.StringIO(shown.stdout))
    assert (first["on"], first["parties"], len(others)) == ("2026-03-11", "MA; NE", 2)


def test_nothing_is_said_in_words(folder: Path) -> None:
    shown = accordwatch("subscriptions", "preview", "--party", "FJ", cwd=folder)
    assert (shown.returncode, shown.stdout) == (0, "")
    assert (
        "these filters would have sent nothing of what is stored; widen the filter" in shown.stderr
    )


@pytest.mark.parametrize("command", [("subscriptions", "preview"), ("search",), ("agreements",)])
def test_a_rule_that_nobody_is_named_is_said(folder: Path, command: tuple[str, ...]) -> None:
    shown = accordwatch(*command, "--rule", "whale", cwd=folder)
    assert shown.returncode == 0
    assert "no rule has the id 'whale'; there is migration-cooperation" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("tunesia",), "no subscription has the id 'tunesia'; subscriptions are: tunisia"),
        (("--party", "XX"), "--party: “XX” is not a known party"),
        (("--since", "2026-04-01", "--until", "2026-03-01"), "--until: “2026-03-01” is before"),
        (("--excel",), "--excel goes with csv"),
    ],
)
def test_a_wrong_word_is_refused_in_a_line(
    folder: Path, arguments: tuple[str, ...], wanted: str
) -> None:
    shown = accordwatch("subscriptions", "preview", *arguments, cwd=folder)
    assert shown.returncode == 2
    assert wanted in shown.stderr


@pytest.mark.parametrize(
    ("a_week", "said"), [(0.049, "0.049"), (1.5, "1.5"), (9.96, "10"), (120.4, "120")]
)
def test_a_rate_is_never_a_power_of_ten(a_week: float, said: str) -> None:
    assert _rate(a_week) == said
