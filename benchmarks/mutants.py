"""How many small faults the closest tests see: `python -m benchmarks.mutants [PATH ...]`.

Draws places in files and folders, breaks the code at one of them at a time in a copy of the
checkout, and runs the tests that are closest to it. Each result is a line of `--results`, and a
place that stands there is not tried again. The draw hangs on the seed and on what stands at a
place, not on its line: it stays nearly the same while code and tests change.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple
from xml.etree import ElementTree

PATHS = (
    "storage/notifications",
    "scheduler/notify",
    "storage/filter.py",
    "storage/search/filtering.py",
    "scheduler/configuration/query.py",
    "crawler/register",
    "scheduler/jobs/daemon",
)
_PYTEST = [
    "-q",
    "-x",
    "-m",
    "not slow",
    "-k",
    "not postgresql and not kills",
    "-p",
    "no:cacheprovider",
]
_MOST_S = 30.0  # of tests a place, besides the mirrors of its module
_MOST_FILES = 20
_NOTHING_RAN = 5  # an exit code of pytest
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OTHER_CALL = {"any": "all", "all": "any", "min": "max", "max": "min"}
# Nobody but a reader of the log, a slower search or mypy would notice another value of these.
_QUIET_CALLS = {"debug", "info", "String", "assert_never"}  # `String(20)`: SQLite takes any length
_QUIET_OPTIONS = {"index", "strict", "frozen", "slots", "kw_only", "stacklevel"}


class Place(NamedTuple):
    """Where one fault can be made, and what stands there afterwards."""

    file: str
    function: str
    line: int
    kind: str
    start: tuple[int, int]
    end: tuple[int, int]
    new: str
    key: str


def _faults(node: ast.AST) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    """The kind of each fault, the node that it replaces, and with what."""
    yield from _faulty_conditions(node)
    yield from _faulty_values(node)


def _faulty_conditions(node: ast.AST) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    match node:
        case ast.Compare(ops=[first, *others]) if type(first) in _OPPOSITE:
            other = ast.Compare(node.left, [_OPPOSITE[type(first)](), *others], node.comparators)
            yield "comparison", node, f"({ast.unparse(other)})"
        case ast.BoolOp():
            swapped = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield "and/or", node, f"({ast.unparse(ast.BoolOp(swapped, node.values))})"
        case ast.UnaryOp(op=ast.Not()):
            yield "not", node, f"({ast.unparse(node.operand)})"
        case ast.If():
            yield "always", node.test, "True"
            yield "never", node.test, "False"
        case ast.IfExp():
            yield "other branch", node.test, f"(not ({ast.unparse(node.test)}))"


def _faulty_values(node: ast.AST) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    match node:
        case ast.Constant(value=bool()):
            yield "flag", node, str(not node.value)
        case ast.Constant(value=int()):
            # Nobody feels 121 letters instead of 120: what is large is doubled.
            yield "number", node, str(node.value + 1 if node.value < 10 else node.value * 2)
        case ast.Call(func=ast.Name(id=name)) if name in _OTHER_CALL:
            yield "call", node.func, _OTHER_CALL[name]
        case ast.BinOp(op=ast.Add() | ast.Sub()) if not isinstance(node.left, ast.Constant):
            sign = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield "sign", node, f"({ast.unparse(ast.BinOp(node.left, sign, node.right))})"
        case ast.Expr(value=ast.Call()):
            yield "left out", node, "pass"


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """The children whose faults somebody could feel: no types, decorators (they freeze records and
    size caches), assertions (for mypy), nor what `_QUIET_CALLS` and `_QUIET_OPTIONS` name.
    """
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            match child:
                case ast.Assert() | ast.If(test=ast.Name(id="TYPE_CHECKING")):
                    continue
                case ast.keyword(arg=str() as option) if option in _QUIET_OPTIONS:
                    continue
                case ast.Expr(value=ast.Call(func=called)) | ast.Call(func=called):
                    if getattr(called, "attr", getattr(called, "id", "")) in _QUIET_CALLS:
                        continue
                    yield child
                case ast.AST():
                    yield child


def places(file: str) -> Iterator[Place]:
    """Each place of a file where one fault can be made."""
    seen: Counter[str] = Counter()

    def below(node: ast.AST, names: tuple[str, ...]) -> Iterator[Place]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = (*names, node.name)
        for kind, old, new in _faults(node):
            text = f"{file} {'.'.join(names)} {kind} {ast.unparse(old)}"
            seen[text] += 1
            start, end = (old.lineno, old.col_offset), (old.end_lineno, old.end_col_offset)
            function = names[-1] if names else ""
            key = f"{text} {seen[text]}"
            yield Place(file, function, old.lineno, kind, start, end, new, key)  # type: ignore[arg-type]
        for child in _parts(node):
            yield from below(child, names)

    yield from below(ast.parse(Path(file).read_text()), ())


def broken(text: str, place: Place) -> str:
    """The text of the file with the fault. (Columns count bytes.)"""
    lines = text.encode().splitlines(keepends=True)

    def offset(at: tuple[int, int]) -> int:
        return sum(map(len, lines[: at[0] - 1])) + at[1]

    whole = b"".join(lines)
    return (whole[: offset(place.start)] + place.new.encode() + whole[offset(place.end) :]).decode()


@cache
def _tests() -> dict[str, str]:
    return {
        str(path): path.read_text()
        for path in sorted(Path("tests").rglob("test_*.py"))
        if not re.search("kills|browser|hostile|test_readme", str(path))
    }


@cache
def _users(file: str) -> list[str]:
    """The files of ours that import this one."""
    module = file[:-3].replace("/", ".")
    package, _, name = module.rpartition(".")
    imports = re.compile(
        rf"^\s*(from {re.escape(module)} import|import {re.escape(module)}\b"
        rf"|from {re.escape(package)} import (\(?[^#]*?)\b{name}\b)",
        re.MULTILINE,
    )
    files = [*Path().glob("[csS]*/**/*.py"), *Path("tests").rglob("*.py")]
    return [str(file) for file in files if imports.search(file.read_text())]


def _mirrors(path: str) -> list[str]:
    name = rf"tests/{Path(path).parent}/(.*/)?test_{Path(path).stem}(_\w+)?\.py"
    return [test for test in _tests() if re.fullmatch(name, test)]


def closest(file: str, function: str) -> list[str]:
    """The test files that are closest to a function, closest first: the mirror of its module and
    the tests beside it or of its name; then, from importer to importer, those that import it and the mirrors of
    modules that do, with those that speak of the function, and those of its room.
    """

    def nearness(test: str) -> int:
        return -len(Path(os.path.commonpath([f"tests/{file}", test])).parts)

    speak = [t for t, text in _tests().items() if re.search(rf"\b{function.lstrip('_')}\(", text)]
    namesake = rf"tests/{Path(file).parts[0]}/.*/test_{Path(file).stem}\.py"
    beside = [test for test in _tests() if re.fullmatch(namesake, test)]
    beside += [test for test in _tests() if Path(test).parent == Path("tests", file).parent]
    chosen, modules = [*_mirrors(file), *beside], [file]
    for _ in range(3):
        users = [user for module in modules for user in _users(module)]
        found = [t for user in users for t in ([user] if user in _tests() else _mirrors(user))]
        chosen += sorted(found, key=nearness)
        chosen += speak if function and len(speak) < 5 else []  # of `close` half of all tests speak
        room = f"tests/{'/'.join(Path(file).parts[:2])}/"
        chosen += sorted((t for t in _tests() if t.startswith(room)), key=nearness)
        modules = [user for user in users if not user.startswith("tests/")]
    return list(dict.fromkeys(chosen))[:_MOST_FILES]


def _pytest(folder: Path, *arguments: str, limit_s: float | None = None) -> int | None:
    """The exit code of pytest in a copy of the checkout; None if it took longer."""
    command = ["nice", "-n", "5", sys.executable, "-m", "pytest", *_PYTEST, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": ""}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            return process.wait(limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            return None


def _durations(folder: Path, tests: set[str], stored: Path) -> dict[str, float]:
    """How many seconds each test file takes, of those that are green before anything is broken."""
    taken: dict[str, float] = json.loads(stored.read_text()) if stored.exists() else {}
    if missing := sorted(tests - taken.keys()):
        _pytest(folder, "--junitxml=durations.xml", *missing)
        for case in ElementTree.parse(folder / "durations.xml").iter("testcase"):
            path = case.get("classname", "").replace(".", "/") + ".py"
            is_red = case.find("failure") is not None or case.find("error") is not None
            seconds = math.inf if is_red else float(case.get("time", 0))
            taken[path] = taken.get(path, 0.0) + seconds
        stored.write_text(json.dumps(taken))
    return {path: seconds for path, seconds in taken.items() if seconds < math.inf}


def _selected(place: Place, durations: dict[str, float]) -> list[str]:
    """The mirrors of a module, and of the other tests those that fit into `_MOST_S`."""
    left_s = _MOST_S
    selected = []
    for test in closest(place.file, place.function):
        seconds = durations.get(test, math.inf)
        is_mirror = test in _mirrors(place.file) and seconds < math.inf
        if is_mirror or seconds <= left_s:
            selected.append(test)
            left_s -= 0 if is_mirror else seconds
    return sorted(selected, key=durations.__getitem__)


def _try(folder: Path, place: Place, durations: dict[str, float]) -> dict[str, Any]:
    file = folder / place.file
    text = file.read_text()
    file.write_text(changed := broken(text, place))
    tests = _selected(place, durations)
    limit_s = 60 + 5 * sum(durations[test] for test in tests)
    try:
        code = _pytest(folder, "-x", "--timeout=60", *tests, limit_s=limit_s)
    finally:
        file.write_text(text)
    lines = unified_diff(text.splitlines(), changed.splitlines(), lineterm="", n=1)
    return {
        "place": place.key,
        "caught": code not in (0, _NOTHING_RAN),  # what hangs is seen as well
        "tests": tests,
        "diff": [line for line in lines if not line.startswith(("---", "+++"))],
    }


def _results(stored: Path) -> dict[str, dict[str, Any]]:
    lines = stored.read_text().splitlines() if stored.exists() else []
    return {result["place"]: result for result in map(json.loads, lines)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", default=PATHS)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--results", type=Path, default=Path(tempfile.gettempdir()) / "mutants")
    chosen = parser.parse_args()
    files = [f for p in map(Path, chosen.paths) for f in ([p] if p.is_file() else p.rglob("*.py"))]
    pool = [place for file in sorted(files) for place in places(str(file))]
    pool.sort(key=lambda p: hashlib.sha256(f"{chosen.seed} {p.key}".encode()).digest())
    drawn = pool[: chosen.count]
    waiting = [place for place in drawn if place.key not in _results(chosen.results)]
    print(f"{len(pool)} places, {len(drawn)} drawn, {len(waiting)} to try", flush=True)
    with (
        tempfile.TemporaryDirectory() as copies,
        ThreadPoolExecutor(chosen.workers) as workers,
        chosen.results.open("a", buffering=1) as log,
    ):
        idle = SimpleQueue[Path]()
        for number in range(chosen.workers):
            idle.put(folder := Path(copies) / str(number))
            shutil.copytree(".", folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        tests = {test for place in waiting for test in closest(place.file, place.function)}
        durations = _durations(folder, tests, chosen.results.with_suffix(".durations"))

        def attempt(place: Place) -> None:
            folder = idle.get()
            result = _try(folder, place, durations)
            idle.put(folder)
            log.write(json.dumps(result) + "\n")
            if not result["caught"]:
                print(
                    f"not caught, {place.line}: {place.key}",
                    *result["diff"],
                    sep="\n  ",
                    flush=True,
                )

        list(workers.map(attempt, waiting))
    results = _results(chosen.results)
    print(f"{sum(results[place.key]['caught'] for place in drawn)} of {len(drawn)} caught")


if __name__ == "__main__":
    main()
