"""What a machine is set up with: the Makefile's environments, the systemd unit, the container."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from crawler.disk_cache import user_cache_dir
from storage.database.engines import parse_url
from tests.scheduler.command_line import accordwatch, succeed

ROOT = Path(__file__).parent.parent
UNIT = ROOT / "deploy/accordwatch.service"
UNIT_OF_PAGE = ROOT / "deploy/accordwatch-web.service"
UNIT_OF_WORKERS = ROOT / "deploy/accordwatch-worker@.service"
UNITS = (UNIT, UNIT_OF_PAGE, UNIT_OF_WORKERS)
CONTAINER = (ROOT / "deploy/Containerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
COMPOSE_WORKERS = (ROOT / "deploy/compose-workers.yaml").read_text(encoding="utf-8")
CONTAINER_OF_PAGE = (ROOT / "deploy/Containerfile.web").read_text(encoding="utf-8")


def planned(*arguments: str) -> str:
    """What `make` would do."""
    return subprocess.run(
        ["make", "-n", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


def directives(unit: Path = UNIT) -> dict[str, list[str]]:
    service = unit.read_text(encoding="utf-8").split("[Service]")[1].split("[Install]")[0]
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


def test_each_target_that_is_named_has_a_rule() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    rules = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    told = re.findall(r"^\| `make ([\w-]+)`", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.M)
    assert {*phony.split(), *told} - rules == set()
    assert ".ci/audit" in planned("check")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_unit_has_no_capability_and_bounded_system_calls(unit: Path) -> None:
    found = directives(unit)
    assert found["CapabilityBoundingSet"] == found["AmbientCapabilities"] == [""]
    assert found["SystemCallFilter"] == ["@system-service", "~@privileged"]
    assert found["SystemCallArchitectures"] == ["native"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_what_is_compiled_is_kept_where_the_unit_may_write(
    unit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = directives(unit)
    name, _, folder = found["Environment"][0].partition("=")
    monkeypatch.setenv(name, folder)
    assert user_cache_dir() == Path("/var/cache") / found["CacheDirectory"][0]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_unit_is_exposed_less_than_three_of_ten(unit: Path) -> None:
    """Where systemd is there, it says so itself; elsewhere its heaviest questions are asked of the
    file.
    """
    analyze = shutil.which("systemd-analyze")
    if analyze:
        command = [analyze, "security", "--offline=true", str(unit)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        assert float(re.findall(r"exposure level .*: (\d+\.\d)", said)[0]) < 3
    heavy = "NoNewPrivileges PrivateDevices PrivateUsers RestrictNamespaces RestrictSUIDSGID MemoryDenyWriteExecute"
    assert {directives(unit)[name][0] for name in heavy.split()} == {"yes"}


def test_what_starts_the_page_is_a_command_and_asks_for_its_health(tmp_path: Path) -> None:
    (written,) = directives(UNIT_OF_PAGE)["ExecStart"]
    in_container = json.loads(CONTAINER_OF_PAGE.rpartition("CMD ")[2])
    succeed("init", cwd=tmp_path)
    at_port_0 = {"8080": "-1", "0.0.0.0": "127.0.0.1"}  # no port, so that it ends at once
    for words in (written.split(), in_container):
        assert Path(words[0]).name == "accordwatch"
        changed = [at_port_0.get(word, word) for word in words[1:]]
        given = [Path(one).name if one.endswith(".yaml") else one for one in changed]
        assert "--port -1 is no port" in accordwatch(*given, cwd=tmp_path).stderr
    assert "EXPOSE 8080" in CONTAINER_OF_PAGE
    assert "http://127.0.0.1:8080/healthz" in CONTAINER_OF_PAGE


def test_unit_and_container_install_what_the_constraints_name_with_the_driver_of_postgresql() -> (
    None
):
    extras = {UNIT: "postgresql", UNIT_OF_WORKERS: "workers"}
    for unit, extra in extras.items():
        said = f"--constraint constraints.txt '.[{extra}]'"
        assert said in unit.read_text(encoding="utf-8")
    assert "--constraint constraints.txt '.[postgresql,workers]'" in CONTAINER


def test_a_worker_and_its_leader_are_commands_that_want_postgresql(tmp_path: Path) -> None:
    services = YAML(typ="safe").load(COMPOSE_WORKERS)["services"]
    succeed("init", cwd=tmp_path)
    (written,) = directives(UNIT_OF_WORKERS)["ExecStart"]
    for words in (written.split(), services["worker"]["command"], services["leader"]["command"]):
        assert Path(words[0]).name == "accordwatch"
        given = [Path(word).name if word.endswith(".yaml") else word for word in words[1:]]
        ended = accordwatch(*given, cwd=tmp_path)
        assert (ended.returncode, "workers need PostgreSQL" in ended.stderr) == (2, True)
    assert services["worker"]["scale"] == 3
    assert services["worker"]["healthcheck"] == {"disable": True}


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


@pytest.mark.parametrize(
    ("compose", "ours"),
    [(COMPOSE, ["daemon", "page"]), (COMPOSE_WORKERS, ["leader", "page", "worker"])],
    ids=["daemon", "workers"],
)
def test_the_team_installation_keeps_its_password_out_of_files_and_addresses(
    compose: str, ours: list[str]
) -> None:
    services = YAML(typ="safe").load(compose)["services"]
    assert set(services) == {"database", *ours}
    for name in ours:
        given = services[name]["environment"]
        address = parse_url(given["ACCORDWATCH_DATABASE_URL"])
        assert (address.host, address.database, address.password) == (
            "database",
            services["database"]["environment"]["POSTGRES_DB"],
            None,
        )
        assert given["PGPASSWORD"] == "${POSTGRES_PASSWORD}"
        assert "data:/data" in services[name]["volumes"]
    images = [services[name]["image"] for name in ours[:2]]
    built = re.findall(r"podman build -t (\S+) -f (\S+)", compose)
    assert [f"localhost/{image}" for image, _ in built] == images
    assert all((ROOT / file).exists() for _, file in built)


def test_no_network_is_no_reason_to_fail_an_audit() -> None:
    nowhere = {**os.environ, "ADVISORIES": "127.0.0.1/9"}
    audit = subprocess.run(
        [ROOT / ".ci/audit", sys.executable],
        env=nowhere,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert audit.returncode == 0
    assert audit.stdout.startswith("The libraries were not audited")
    assert len(audit.stdout.splitlines()) == 1
