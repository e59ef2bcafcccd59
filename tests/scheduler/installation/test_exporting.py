"""What leaves an installation is one state of it, without what is nobody else's business."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.installation import exporting
from scheduler.installation.archive import OTHERS, TOLD, opened
from storage.access.records import Role
from storage.access.users import add_user
from storage.errors import ConfigurationError
from storage.maintenance.handover import decided_documents
from storage.telling.told import remember_told_elsewhere
from tests.scheduler.installation.given import (
    Installation,
    add,
    export,
    installation,
    line,
    tell,
)
from tests.scheduler.test_importing import NOW

SECRET = "office-password-4711"
CHANNELS = f"""
channels:
  - {{id: office, kind: email, to: [analysts@ngo.example], sender: a@ngo.example,
     host: mail.ngo.example, username: {SECRET}, password: {{env: NO_SUCH}}}}
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    made = installation(tmp_path / "here", subscriptions=CHANNELS + _OFFICE)
    yield made
    made.database.close()


_OFFICE = """
subscriptions:
  - {id: everything, channels: [office], rate: "daily at 07:00"}
"""


def test_no_mail_address_password_or_user_leaves(here: Installation, tmp_path: Path) -> None:
    add(here, line(0), line(1))
    with here.database.begin() as s:
        add_user(s, "zoe-the-admin", Role.ADMIN, "a hash", NOW)
    tell(here)
    with zipfile.ZipFile(export(here, tmp_path / "here.zip")) as file:
        held = b"".join(map(file.read, file.namelist())).decode()
    assert line(0)["title"] in held
    for secret in (SECRET, "ngo.example", "zoe-the-admin", "a hash"):
        assert secret not in held


def test_what_was_told_comes_first_and_says_so(here: Installation, tmp_path: Path) -> None:
    add(here, line(0))
    tell(here)
    add(here, line(1))
    with opened(export(here, tmp_path / "here.zip")) as file:
        assert file.manifest.subscriptions == ("everything",)
        (told,), (other,) = _objects(file, TOLD), _objects(file, OTHERS)
    assert {one["subscription_id"] for one in told["told"]} == {"everything"}
    assert "told" not in other


def test_what_people_were_told_stays_here(here: Installation, tmp_path: Path) -> None:
    """The numbers of their subscriptions mean somebody else in another installation."""
    add(here, line(0))
    with here.database.begin() as s:
        remember_told_elsewhere(s, [(1, "person-1", "step", "", NOW)])
    with opened(export(here, tmp_path / "here.zip")) as file:
        assert (file.manifest.subscriptions, _objects(file, TOLD)) == ((), [])
    with pytest.raises(ConfigurationError, match="person-1: is not known"):
        export(here, tmp_path / "here.zip", chosen=["person-1"])


def _objects(file: Any, member: str) -> list[dict[str, Any]]:
    return [said for _, said in file.lines(member, pytest.fail)]


def test_only_the_history_of_chosen_subscriptions_leaves(
    here: Installation, tmp_path: Path
) -> None:
    add(here, line(0))
    tell(here)
    with opened(export(here, tmp_path / "here.zip", chosen=())) as file:
        assert (_objects(file, TOLD), len(_objects(file, OTHERS))) == ([], 1)
    with pytest.raises(ConfigurationError, match="is not known; there are: everything"):
        export(here, tmp_path / "here.zip", chosen=["nobody"])


def test_what_is_stored_meanwhile_is_in_no_part_of_the_file(
    here: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(here, line(0))

    def store_one_more(s: Any) -> set[int]:
        add(here, line(1))
        return decided_documents(s)

    monkeypatch.setattr(exporting, "decided_documents", store_one_more)
    with zipfile.ZipFile(export(here, tmp_path / "here.zip")) as file:
        assert json.loads(file.read("manifest.json"))["counts"][OTHERS] == 1
        assert file.read("agreements.jsonl").count(b"\n") == 1
