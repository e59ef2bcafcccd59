"""`web` as a command: where it listens, what it refuses, and who is at the terminal."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from scheduler.cli.context import login_name
from storage.errors import ConfigurationError
from tests.scheduler.command_line import accordwatch, succeed
from tests.scheduler.jobs.daemon.running_daemon import PATIENCE_S


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    succeed("init", cwd=tmp_path)
    return tmp_path


@contextmanager
def web(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The page as a process. Whatever its test finds, it and its workers are gone afterwards."""
    command = [sys.executable, "-P", "-m", "scheduler.cli", "web", "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    with process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_answers_there_and_ends_on_a_signal(
    folder: Path, ending: signal.Signals
) -> None:
    with web(folder) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert address, said
        with urlopen(address[0], timeout=PATIENCE_S) as answer:
            assert "No report of an agreement has been found yet" in answer.read().decode()
        process.send_signal(ending)
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr.read() == ""


def test_several_processes_answer_at_one_address_and_end_together(folder: Path) -> None:
    with web(folder, "--workers", "2") as process:
        assert process.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/", process.stderr.readline())
        assert address
        with urlopen(address[0], timeout=PATIENCE_S) as answer:
            assert "No report of an agreement has been found yet" in answer.read().decode()
        workers = workers_of(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr.read() == ""
    assert len(workers) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def workers_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = {child: Path(f"/proc/{child}/cmdline").read_text() for child in children}
    return [int(child) for child, line in lines.items() if "spawn_main" in line]


@pytest.mark.parametrize("number", ["0", "65"])
def test_no_other_number_of_processes_is_taken(folder: Path, number: str) -> None:
    said = accordwatch("web", "--workers", number, cwd=folder)
    assert said.returncode == 2
    assert f"--workers {number}: choose 1 to 64" in said.stderr


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_at_once_ends_it_too(folder: Path, ending: signal.Signals) -> None:
    with web(folder) as process:
        assert process.stderr is not None
        assert "Open http" in process.stderr.readline()
        process.send_signal(ending)
        assert process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "news.example", "::"])
def test_without_users_it_listens_on_this_machine_only(folder: Path, host: str) -> None:
    done = accordwatch("web", "--host", host, "--port", "0", cwd=folder)
    assert done.returncode == 2
    assert f"--host {host}: others than this machine would get in" in done.stderr
    assert "accordwatch users add NAME --role admin" in done.stderr


def test_without_users_it_answers_to_no_other_name(folder: Path) -> None:
    done = accordwatch("web", "--name", "watch.example", "--port", "0", cwd=folder)
    assert done.returncode == 2
    assert "accordwatch users add" in done.stderr


def test_with_users_there_is_no_second_way_to_decide(folder: Path) -> None:
    added = ("users", "add", "amina", "--password-stdin")
    succeed(*added, cwd=folder, text="four unrelated words\n")
    done = accordwatch("web", "--edit", "ben", "--port", "0", cwd=folder)
    assert done.returncode == 2
    assert "--edit: there are users" in done.stderr


def test_with_users_it_listens_to_others_and_asks_them_to_log_in(folder: Path) -> None:
    added = ("users", "add", "amina", "--password-stdin")
    succeed(*added, cwd=folder, text="four unrelated words\n")
    command = [sys.executable, "-P", "-m", "scheduler.cli", "web", "--host", "0.0.0.0"]
    options = ["--port", "0", "--root-path", "watch/"]
    with subprocess.Popen(
        command + options, cwd=folder, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        address = re.search(r"http://0\.0\.0\.0:(\d+)/watch/", said)
        assert address, said
        assert "TLS" in process.stderr.readline()
        with urlopen(f"http://127.0.0.2:{address[1]}/watch/", timeout=60) as answer:
            assert answer.url.endswith("/watch/login")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--root-path", "watch me"),
        ("--root-path", "/a/../b?c"),
        ("--name", "https://watch.example"),
        ("--trust-proxy", "proxy.example"),
    ],
)
def test_an_option_that_means_nothing_is_refused_with_what_would(
    folder: Path, option: str, value: str
) -> None:
    done = accordwatch("web", option, value, "--port", "0", cwd=folder)
    assert done.returncode == 2
    assert f"{option} {value}: write" in done.stderr


@pytest.mark.parametrize("port", ["65616", "-1"])
def test_a_port_that_is_none_is_refused(folder: Path, port: str) -> None:
    done = accordwatch("web", "--port", port, cwd=folder)
    assert done.returncode == 2
    assert f"--port {port} is no port" in done.stderr


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = accordwatch("web", "--port", port, cwd=folder)
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


_NOBODY = 2**31 - 7  # no system gives this number to a user


def test_a_login_without_a_name_is_asked_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: _NOBODY)
    with pytest.raises(ConfigurationError, match="--who NAME"):
        login_name()
