"""How large the project is: `python -m benchmarks.size [FOLDER]`, a figure a line.

Counts what a newcomer has to hold in the head: lines and modules (without migrations), records,
calls of constructors that fill more than one line, functions, commands with their options, modules
that name a filter field, and documentation. `--runs` also counts the modules of which a function
runs while a line is classified, the register page is answered, and the demo goes from a page to its
digest.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("crawler", "scheduler", "spiders", "storage")
_RECORDS = {"dataclass", "NamedTuple"}
# Writes the files of which functions ran to a file of this process; children inherit it.
_TRACER = """
import atexit, os, signal, sys, threading
seen = set()
def note(frame, event, argument):
    if frame.f_code.co_name != "<module>":
        seen.add(frame.f_code.co_filename)
def write(*_):
    with open(os.path.join(os.environ["SIZE_SEEN"], f"{os.getpid()}.seen"), "a") as file:
        file.write("\\n".join(seen) + "\\n")
    seen.clear()
signal.signal(signal.SIGUSR1, write)
exit_at_once = os._exit
def leave(code):
    write()
    exit_at_once(code)
os._exit = leave
sys.setprofile(note)
threading.setprofile(note)
atexit.register(write)
"""


def main() -> None:
    """Print the figures of a checkout, by default this one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path())
    parser.add_argument("--runs", action="store_true")
    chosen = parser.parse_args()
    os.chdir(chosen.folder)
    for name, figure in [*_counted(), *(_run() if chosen.runs else ())]:
        print(f"{name}: {figure}")


def _counted() -> Iterator[tuple[str, str]]:
    paths = [path for package in PACKAGES for path in _python(package)]
    modules = {path: path.read_text() for path in paths if "migrations" not in path.parts}
    trees = [ast.parse(text) for text in modules.values()]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    yield "lines", f"{sum(_lines(text) for text in modules.values()):,}"
    yield "modules that are not empty", f"{sum(1 for text in modules.values() if text.strip()):,}"
    for package in PACKAGES:
        inside = [text for path, text in modules.items() if path.parts[0] == package]
        yield f"lines of {package}/", f"{sum(map(_lines, inside)):,}"
    yield "dataclasses and NamedTuples", str(sum(map(_is_record, nodes)))
    records = {node.name for node in nodes if isinstance(node, ast.ClassDef) and _is_record(node)}
    constructing = sum(_constructing(node, records) for node in nodes)
    yield "lines of calls that make a record, if more than one", f"{constructing:,}"
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    middle, long = statistics.median(lengths), lengths[len(lengths) * 9 // 10]
    yield "lines of a function, median / 90 % / longest", f"{middle:.0f} / {long} / {lengths[-1]}"
    named = re.compile(r"\b[gG]rade")  # and no upgrades
    naming = sum(bool(named.search(text)) for text in modules.values())
    yield "modules that name a filter field", str(naming)
    yield "commands and subcommands", str(_commands())
    declared = sum(
        text.count("Parameter(") for path, text in modules.items() if "cli" in path.parts
    )
    yield "options and arguments of commands", str(declared)
    yield "migrations", str(len(list(Path("storage/migrations/versions").glob("a[0-9]*.py"))))
    yield "lines of benchmarks/", f"{sum(_lines(p.read_text()) for p in _python('benchmarks')):,}"
    yield "lines of tests/", f"{sum(_lines(p.read_text()) for p in _python('tests')):,}"
    decisions = list(Path("docs/decisions").glob("*.md"))
    pages = [*Path("docs").glob("*.md"), Path("README.md")]
    for name, files in (
        ("docs and README", pages),
        ("decisions", decisions),
        ("CHANGELOG.md", [Path("CHANGELOG.md")]),
    ):
        yield f"KB of {name}", f"{sum(file.stat().st_size for file in files) / 1000:.0f}"


def _python(folder: str) -> list[Path]:
    return sorted(Path(folder).rglob("*.py"))


def _lines(text: str) -> int:
    return len(text.splitlines())


def _is_record(node: ast.AST) -> bool:
    if not isinstance(node, ast.ClassDef):
        return False
    of = [*node.decorator_list, *node.bases]
    names = {getattr(each.func if isinstance(each, ast.Call) else each, "id", None) for each in of}
    return bool(names & _RECORDS)


def _constructing(node: ast.AST, records: set[str]) -> int:
    if not isinstance(node, ast.Call) or getattr(node.func, "id", None) not in records:
        return 0
    lines = (node.end_lineno or 0) - node.lineno + 1
    return lines if lines > 1 else 0


def _commands() -> int:
    from scheduler.cli.main import build

    commands = 0
    waiting = [build()]
    while waiting:
        app = waiting.pop()
        waiting += [app[name] for name in app if not name.startswith("-")]
        commands += app.default_command is not None
    return commands


def _run() -> Iterator[tuple[str, str]]:
    root = Path().resolve()
    line = "Fiji and Tonga signed a memorandum on seasonal workers."
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sitecustomize.py").write_text(_TRACER)
        environment = {**os.environ, "PYTHONPATH": f"{folder}:{root}", "SIZE_SEEN": str(folder)}

        def started(*arguments: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "scheduler.cli", *arguments]
            return subprocess.Popen(
                command, cwd=folder, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            )  # fmt: skip

        started("classify", "-").communicate(line)
        yield "modules that run for `classify` of a line", _seen(folder, root)
        started("demo", "demo").communicate()
        yield "modules that run for the demo", _seen(folder, root)
        page = started("--config", "demo/accordwatch.yaml", "web", "--port", "0")
        assert page.stderr is not None
        address = next(word for said in page.stderr for word in said.split() if "http://" in word)
        urllib.request.urlopen(address).read()
        page.send_signal(signal.SIGUSR1)
        time.sleep(1)
        yield "modules that run for the start of the page and a register page", _seen(folder, root)
        urllib.request.urlopen(address).read()
        page.send_signal(signal.SIGINT)
        page.communicate()
        yield "modules that run for the next register page", _seen(folder, root)


def _seen(folder: Path, root: Path) -> str:
    """Count the modules and folders of ours in which a function ran; and forget them."""
    files = list(folder.glob("*.seen"))
    names = {name for file in files for name in file.read_text().splitlines()}
    for file in files:
        file.unlink()
    ours = tuple(f"{root}/{package}/" for package in PACKAGES)
    ran = {name for name in names if name.startswith(ours) and name.endswith(".py")}
    return f"{len(ran)} in {len({name.rpartition('/')[0] for name in ran})} folders"


if __name__ == "__main__":
    main()
