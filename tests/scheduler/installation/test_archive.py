"""A file of an installation comes from outside: what is wrong with it is one clear line."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from scheduler.installation import archive
from scheduler.installation.archive import MANIFEST, MEMBERS, OTHERS, opened
from storage.errors import AccordwatchError
from tests.scheduler.installation.given import (
    Installation,
    add,
    contents,
    export,
    installation,
    line,
    take_in,
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    made = installation(tmp_path / "here")
    yield made
    made.database.close()


def _written(path: Path, members: Mapping[str, bytes], **manifest: Any) -> Path:
    """A file of ours with these members; the others are empty."""
    every = {**dict.fromkeys(MEMBERS, b""), **members}
    said = {
        "format": archive.FORMAT,
        "format_version": 1,
        "accordwatch": "9.9",
        "made_at": "2026-01-01",
        "subscriptions": [],
        "counts": {name: held.count(b"\n") for name, held in every.items()},
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, held in every.items():
            made.writestr(name, held)
        made.writestr(MANIFEST, json.dumps(said | manifest))
    return path


def _no_zip(path: Path) -> None:
    path.write_bytes(b"PK? no")


def _another_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("page.html", "<html>")


def _newer(path: Path) -> None:
    _written(path, {}, format_version=2)


def _without_a_number(path: Path) -> None:
    _written(path, {}, format_version=None)


def _without_counts(path: Path) -> None:
    _written(path, {}, counts=[])


def _lines_missing(path: Path) -> None:
    _written(path, {OTHERS: b"{}\n"}, counts=dict.fromkeys(MEMBERS, 2))


def _cut(path: Path) -> None:
    _written(path, {OTHERS: b"{}\n" * 1000})
    path.write_bytes(path.read_bytes()[:-200])


def _damaged(path: Path) -> None:
    _written(path, {OTHERS: bytes(range(256)) * 40})
    whole = bytearray(path.read_bytes())
    at = whole.index(OTHERS.encode()) + len(OTHERS) + 40
    whole[at : at + 20] = bytes(20)
    path.write_bytes(whole)


def _bomb(path: Path) -> None:
    _written(path, {OTHERS: bytes(30_000_000)})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_no_zip, "is no whole file of `accordwatch export installation`"),
        (_another_zip, "is no file of `accordwatch export installation`"),
        (_newer, r"was written by a newer Accordwatch \(9.9\): update this program"),
        (_without_a_number, "its manifest.json is damaged"),
        (_without_counts, "its manifest.json is damaged"),
        (_lines_missing, "told.jsonl has 0 lines, and should have 2"),
        (_cut, "is no whole file of"),
        (_damaged, "others.jsonl is missing or damaged"),
        (_bomb, "would unpack to 0.0 GB, more than 200 times its size"),
        (lambda _: None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_none_is_refused_before_anything_is_stored(
    make: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "in.zip"
    make(path)
    with pytest.raises(AccordwatchError, match=said) as refused, opened(path):
        pass
    assert "\n" not in str(refused.value)


GOOD = {
    "id": 1,
    "title": line(0)["title"],
    "text": line(0)["text"],
    "language": "en",
    "kind": "text",
    "seen_at": "2025-07-04T00:00:00+00:00",
}
BAD: tuple[tuple[str, Any], ...] = (
    ("is no JSON object", b"[1]"),
    ("is no JSON object", b"[" * 20_000),
    ("a number of a document is missing", GOOD | {"id": "1"}),
    ("is not a moment", GOOD | {"seen_at": "soon"}),
    ("neither title nor text", GOOD | {"title": "", "text": ""}),
    ("title: should be text", GOOD | {"title": {"$": "<script>"}}),
    ("is not a kind", GOOD | {"kind": "exe"}),
    ("is that of a list", GOOD | {"source_id": "list:accordwatch"}),
    ("is too long, or no plain text", GOOD | {"source_id": "x\u202ey"}),
    (
        "told: 'person-1' and 'step' are not known",
        GOOD | {"told": [{"subscription_id": "person-1", "news": "step"}]},
    ),
    ("should be a list of JSON objects", GOOD | {"versions": [1]}),
)


def test_a_line_that_is_wrong_is_named_and_the_others_are_taken_in(
    here: Installation, tmp_path: Path
) -> None:
    wrong = [one if isinstance(one, bytes) else json.dumps(one).encode() for _, one in BAD]
    held = b"\n".join([*wrong, json.dumps(GOOD).encode(), b""])
    done = take_in(here, _written(tmp_path / "in.zip", {OTHERS: held}))
    assert done.documents.stored == 1
    assert len(done.faults) == len(BAD)
    for number, ((said, _), fault) in enumerate(zip(BAD, done.faults, strict=True), 1):
        assert said in fault
        assert f"in.zip: others.jsonl:{number}" in fault


def _decision(**fields: Any) -> dict[str, Any]:
    pin = {"kind": "field", "document": 1, "field": "status", "value": "signed"}
    said = {"id": 1, "kind": "correct", "who": "amina", "why": "x", "at": GOOD["seen_at"]}
    return said | {"pins": [pin | fields.pop("pin", {})]} | fields


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (_decision(pin={"value": "sealed"}), "status: 'sealed' is not one of"),
        (_decision(pin={"field": "shoes"}), "'shoes' is not a field"),
        (_decision(kind="rename"), "a decision rename says nothing of its kind"),
        (_decision(kind="rename", pin={"kind": "name", "value": "x" * 161}), "a name has 1 to 160"),
        (_decision(pin={"other": 2}), "names one document too few or too many"),
        (_decision(who=""), "no author or no reason"),
        (_decision(kind="explode"), "'explode' is not a kind"),
    ],
)
def test_a_decision_that_nobody_could_take_is_left_out(
    here: Installation, tmp_path: Path, given: dict[str, Any], said: str
) -> None:
    held = json.dumps(given).encode() + b"\n"
    done = take_in(here, _written(tmp_path / "in.zip", {archive.DECISIONS: held}))
    assert [said in fault for fault in done.faults] == [True]
    assert contents(here)["decisions"] == []


def test_a_decision_about_documents_that_are_not_there_is_named(
    here: Installation, tmp_path: Path
) -> None:
    held = json.dumps(_decision()).encode() + b"\n"
    (fate,) = take_in(here, _written(tmp_path / "in.zip", {archive.DECISIONS: held})).fates
    assert fate.outcome.name == "UNKNOWN_DOCUMENTS"


def test_a_line_that_is_too_long_is_passed_over(
    here: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(here, line(0))
    file = export(here, tmp_path / "here.zip")
    monkeypatch.setattr(archive, "_LONGEST_LINE", 50)
    done = take_in(here, file)
    assert done.documents.read == 0
    assert any("others.jsonl:1: has more than" in fault for fault in done.faults)
