"""What a machine is set up with: the Makefile's environments, the systemd unit, the container."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UNIT = ROOT / "deploy/accordwatch.service"
CONTAINER = (ROOT / "deploy/Containerfile").read_text(encoding="utf-8")


def planned(*arguments: str) -> str:
    """What `make` would do."""
    return subprocess.run(
        ["make", "-n", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


def directives() -> dict[str, list[str]]:
    service = UNIT.read_text(encoding="utf-8").split("[Service]")[1].split("[Install]")[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", service, re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    ("python", "folder"), [("python3", ".venv"), ("python3.13", ".venv-python3.13")]
)
def test_another_interpreter_has_an_environment_of_its_own(python: str, folder: str) -> None:
    assert f"\n{folder}/bin/ruff check" in "\n" + planned("lint", f"PYTHON={python}")


def test_an_environment_of_another_version_is_built_anew(tmp_path: Path) -> None:
    (tmp_path / ".installed-3.10").touch()
    assert f"-m venv --clear {tmp_path}" in planned("lint", f"VENV={tmp_path}")


def test_the_unit_has_no_capability_and_bounded_system_calls() -> None:
    found = directives()
    assert found["CapabilityBoundingSet"] == found["AmbientCapabilities"] == [""]
    assert found["SystemCallFilter"] == ["@system-service", "~@privileged"]
    assert found["SystemCallArchitectures"] == ["native"]


def test_the_unit_is_exposed_less_than_three_of_ten() -> None:
    """Where systemd is there, it says so itself; elsewhere its heaviest questions are asked of the
    file.
    """
    analyze = shutil.which("systemd-analyze")
    if analyze:
        command = [analyze, "security", "--offline=true", str(UNIT)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        assert float(re.findall(r"exposure level .*: (\d+\.\d)", said)[0]) < 3
    heavy = "NoNewPrivileges PrivateDevices PrivateUsers RestrictNamespaces RestrictSUIDSGID MemoryDenyWriteExecute"
    assert {directives()[name][0] for name in heavy.split()} == {"yes"}


def test_unit_and_container_install_what_the_constraints_name_with_the_driver_of_postgresql() -> (
    None
):
    for text in (UNIT.read_text(encoding="utf-8"), CONTAINER):
        assert "--constraint constraints.txt '.[postgresql]'" in text


def test_the_image_is_made_of_the_packages_alone() -> None:
    """`COPY .` would keep the history and whatever lies about in a layer, also where a later one
    removes it.
    """
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert names == {"pyproject.toml", "constraints.txt", "README.md", "LICENSE"} | {
        "crawler", "scheduler", "spiders", "storage"
    }  # fmt: skip
    assert {".git", ".venv*"} <= set(
        (ROOT / ".containerignore").read_text(encoding="utf-8").split("\n")
    )
