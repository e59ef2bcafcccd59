"""`demo`: the whole way of a document on a local news site, in half a minute."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.commands.reading.search import print_agreements
from scheduler.cli.context import opened_database
from scheduler.cli.output import print_table, say, shown, stderr, stdout, words
from scheduler.cli.progress import CrawlProgress
from scheduler.configuration.config import FILE_NAME, load_configuration
from scheduler.jobs.passes import choose_sources, run_pass
from scheduler.views.register_entries import entries_of
from spiders.demo.server import demo_configuration
from storage.errors import AccordwatchError, ConfigurationError
from storage.filter import Filter
from storage.lists import queries


def demo(
    directory: Annotated[
        Path, Parameter(help="Where the demo's configuration, database and digests go.")
    ] = Path("demo"),
    /,
) -> int:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{directory}: cannot be made: {error.strerror}") from error
    site = "four outlets, five languages and more, some pages broken on purpose"
    say(f"Starting a local news site: {site} ...")
    with _news_site() as address:
        path = directory / FILE_NAME
        path.write_text(demo_configuration(address), encoding="utf-8")
        chosen = load_configuration(path, environ={})
        with opened_database(chosen) as database:
            due = choose_sources(database, chosen, datetime.now(UTC), everything=True)
            with CrawlProgress(stderr(), len(due)) as progress:
                passed = run_pass(database, chosen, due, progress.take)
            with database.read() as s:
                entries = entries_of(s, queries.agreements(s, Filter()), words().language)
                counted = queries.counts(s)
    if passed.report is None:
        raise AccordwatchError("the demo's crawl ended early; the lines above say why")
    print_agreements(entries, pages=False)
    counts: Counter[str] = Counter(passed.report["totals"]["skipped"])
    counts["no_agreement"] = counted.documents - counted.relevant
    judged = "stored with its text and judged: it reports no step of an agreement on migration"
    examples = {"no_agreement": judged}
    for source in passed.report["sources"].values():
        for line in source["problems"]:
            reason, _, example = str(line).partition(": ")
            examples.setdefault(reason, example)
    if counts:
        rows = [
            (reason.replace("_", " "), str(number), shown(examples.get(reason, "")))
            for reason, number in sorted(counts.items())
        ]
        print_table("What was skipped, and why", ("reason", "pages", "for example"), rows)
    _print_next_steps(directory, path, passed.sent.summary, counted.documents, counted.relevant)
    return 0 if passed.ended is not None and passed.ended.code in (0, 1) else 2


@contextlib.contextmanager
def _news_site() -> Iterator[str]:
    """Runs the demo's site in a process of its own. The value of the block is its address."""
    command = [sys.executable, "-P", "-m", "spiders.demo", "--port", "0"]
    site = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    try:
        assert site.stdout is not None  # noqa: S101 - it is a pipe
        address = site.stdout.readline().strip()
        if not address:
            raise AccordwatchError("the demo's news site did not start; the line above says why")
        yield address
    finally:
        site.terminate()
        site.wait(10)


def _print_next_steps(
    directory: Path, path: Path, sent: str, documents: int, relevant: int
) -> None:
    digests = sorted((directory / "digests").glob("*.html"))
    out = stdout()
    stored = f"{documents} documents are stored, {relevant} of them report an agreement."
    out.print(f"{stored} {sent}", markup=False)
    if digests:
        page, mail = digests[-1], digests[-1].with_suffix(".eml")
        out.print(f"The digest: {page} (open it in a browser); as mail: {mail}", markup=False)
    config, program = shlex.quote(str(path)), ""
    ours, here = Path(sys.executable).parent, Path.cwd()
    if Path(shutil.which("accordwatch") or "").parent != ours:  # no shell would find this one
        place = ours.relative_to(here) if ours.is_relative_to(here) else ours
        program = shlex.quote(str(place)) + "/"
    out.print("Try next:")
    for command in (
        f"accordwatch web --config {config}",
        f"accordwatch search trafficking --config {config}",
        f"accordwatch agreements --corridor MA-NE --format jsonl --config {config}",
        f"accordwatch digest show --config {config}",
    ):
        out.print(f"  {program}{command}", markup=False, soft_wrap=True)


# --- `init` ---------------------------------------------------------------------------------------


def init(
    directory: Annotated[
        Path, Parameter(help="Where to write it; made if it is not there.")
    ] = Path(),
    /,
) -> None:
    path = directory / FILE_NAME
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(starter_configuration())
    except FileExistsError as error:
        raise ConfigurationError(
            f"{path}: is there already; edit it, or name another folder"
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from error
    say(f"wrote {path}")
    follow = [
        "accordwatch run            looks at every source once",
        "accordwatch digest show    shows the news so far; a digest is due daily at 07:00 UTC",
        "accordwatch doctor         says whether all is well",
    ]
    if directory.resolve() != Path.cwd():
        follow.insert(0, f"cd {shlex.quote(str(directory))}")
    for number, line in enumerate(follow):
        say(f"{'next: ' if number == 0 else '      '}{line}")


def starter_configuration() -> str:
    """The commented file, with the sources of the default pack."""
    template = (files("scheduler") / "accordwatch.starter.yaml").read_text(encoding="utf-8")
    pack = (files("spiders") / "sources" / "default.yaml").read_text(encoding="utf-8")
    listed = pack.split("\nsources:\n", 1)[1].rstrip("\n")
    return template.replace("  # {sources}", listed)
