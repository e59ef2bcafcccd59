"""The README followed to the letter in a fresh clone: every command of its code blocks, in its
order, in one shell.

What the test puts in the place of the world: the addresses of the configuration are those of the
demo's news site on this machine, and the environment that is built already stands in the clone. Its
`accordwatch` begins warm; that it begins at all is shown by `tests/test_end_to_end.py`.
`make test`, which runs this test, is only asked what it would do.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from scheduler.configuration.config import load_configuration
from scheduler.configuration.edit import remove_source
from spiders.demo.server import demo_configuration
from tests.scheduler.jobs.daemon.running_daemon import news_site, wait_until
from tests.spiders.hosts import NOTHING, Answer, Request, feed_of, host
from tests.warm.start import command

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
# An indented line of a code block is a command; what stands after two spaces and a # says what it
# does.
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^    (?! )(\S.*?)(?: {2,}#.*)?$", _BLOCK.sub("", README), re.MULTILINE)
FENCED = _BLOCK.findall(README)
# What goes on until it is told to end, and what it says once it is there.
GOING_ON = {"accordwatch daemon": "started", "accordwatch web": "Open http"}
# `doctor` exits 1 where something needs a hand: of the twenty sources of a newcomer, some always
# does.
MAY_EXIT_1 = ("accordwatch doctor",)


@dataclass
class Shell:
    """One shell: where it stands and what it finds outlive each command."""

    folder: Path
    environ: dict[str, str]

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        after = f'\ncode=$?; printf "%s\\0" "$PWD" "$PATH" > {shlex.quote(str(self._state))}; exit $code'
        done = subprocess.run(
            ["bash", "-c", command + after],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        where, path, _ = self._state.read_text(encoding="utf-8").split("\0")
        self.folder, self.environ["PATH"] = Path(where), path
        return done

    def run_until_it_says(self, command: str, said: str) -> int:
        """A command that goes on until it is told to end: told so as soon as it says this; its exit
        code.
        """
        log = self._state.with_name("going-on.log")
        with log.open("w", encoding="utf-8") as out:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self.environ,
                stdout=out,
                stderr=out,
            )
        try:
            wait_until(lambda: said in log.read_text(encoding="utf-8"), f"{command} to start")
            process.send_signal(signal.SIGTERM)
            return process.wait(60)
        finally:
            process.kill()
            process.wait(10)

    @property
    def _state(self) -> Path:
        return Path(self.environ["HOME"]) / "state"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What git keeps, as it is in the work tree now; with the environment that runs this test."""
    made = tmp_path / "accordwatch"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, made / name)
    _environment(made / ".venv")
    for name in (
        "pyproject.toml",
        "constraints.txt",
    ):  # older than the environment, or make would build it again
        os.utime(made / name, (0, 0))
    return made


def _environment(made: Path) -> None:
    built = Path(sys.prefix)
    (made / "bin").mkdir(parents=True)
    for path in (*built.iterdir(), *(built / "bin").iterdir()):
        place = made / path.relative_to(built)
        if path.name not in ("bin", "activate", "accordwatch"):
            place.symlink_to(path)
    activate = (built / "bin/activate").read_text(encoding="utf-8")
    (made / "bin/activate").write_text(activate.replace(str(built), str(made)), encoding="utf-8")
    started = shlex.join(command("scheduler.cli"))
    (made / "bin/accordwatch").write_text(f'#!/bin/sh\nexec {started} "$@"\n', encoding="utf-8")
    (made / "bin/accordwatch").chmod(0o755)


def shell_in(folder: Path, tmp_path: Path) -> Shell:
    home = tmp_path / "home"
    home.mkdir()
    system = os.pathsep.join(
        part for part in os.environ["PATH"].split(os.pathsep) if ".venv" not in part
    )
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ACCORDWATCH", "MAKE", "VIRTUAL"))
    }
    return Shell(folder, kept | {"PATH": system, "HOME": str(home)})


@pytest.mark.timeout(
    600
)  # a demo, a run and a dozen commands: half a minute of work, of a machine that others use too
def test_the_readme_can_be_followed_to_the_letter(clone: Path, tmp_path: Path) -> None:
    shell = shell_in(clone, tmp_path)
    with news_site() as address, host(_ministry, "127.0.0.9") as ministry:
        for written in COMMANDS:
            typed = written.replace("make test", "make -n test")
            typed = typed.replace("https://ministry.example/", ministry.url("/"))
            if written in GOING_ON:
                typed = written.replace("web", "web --port 0")  # 8080 may be taken on this machine
                assert shell.run_until_it_says(typed, GOING_ON[written]) == 0
                continue
            done = shell.run(typed)
            allowed = (0, 1) if written in MAY_EXIT_1 else (0,)
            assert done.returncode in allowed, (
                f"{written}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            )
            if " init " in written:
                _stay_on_this_machine(shell.folder, address, ministry.name)
    table = (shell.folder / "maghreb.csv").read_bytes()
    assert table.startswith(b"\xef\xbb\xbfname,id,title,parties")
    assert "ministry" in {source.id for source in load_configuration(shell.folder).sources}


def test_the_settings_of_the_readme_load(tmp_path: Path) -> None:
    rules, subscriptions = FENCED
    (tmp_path / "mine.yaml").write_text(rules, encoding="utf-8")
    written = "rules: {files: [mine.yaml]}\n" + subscriptions
    (tmp_path / "accordwatch.yaml").write_text(written, encoding="utf-8")
    assert [subscription.id for subscription in load_configuration(tmp_path).subscriptions] == [
        "central-mediterranean"
    ]


def _ministry(request: Request) -> Answer:
    """A site whose home page names its feed."""
    if request.path == "/feed":
        return feed_of("/news/one", "/news/two")
    home = (
        '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
    )
    return Answer(home.encode()) if request.path == "/" else NOTHING


def _stay_on_this_machine(folder: Path, address: str, also: str) -> None:
    """The written configuration loads as it is; then a source of the demo stands in it, beside the
    README's rules.
    """
    assert len(load_configuration(folder).sources) == 20
    settings = folder / "accordwatch.yaml"
    written = demo_configuration(address).replace("allow_private: [", f'allow_private: ["{also}", ')
    settings.write_text(written, encoding="utf-8")
    for other in [source.id for source in load_configuration(folder).sources][
        1:
    ]:  # `make demo` had all of them
        remove_source(settings, other)
    (folder / "mine.yaml").write_text(FENCED[0], encoding="utf-8")
