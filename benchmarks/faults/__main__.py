"""Faults at every boundary, and what became of them: `python -m benchmarks.faults [NAME...] [--kind
sqlite|postgresql] [--tries 20] [--kills 100]`. Prints a table in Markdown, a line as soon as it is
done.

Each fault meets an import or a digest of two dozen articles; then the same commands run undisturbed, and
documents, agreements, what was told and what arrived at the mail server are compared with a run that
nothing happened to. Needs the right to mount for the faults of file systems, and half an hour.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.faults import table
from benchmarks.faults.bench import Bench, Row
from benchmarks.faults.server import Server, served
from tests.conftest import KINDS, new_postgres
from tests.scheduler.notify.channels.mail_server import MailServer, serving

HEAD = "| fault | database | tries | met | what became of it |\n| --- | --- | --- | --- | --- |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("names", nargs="*", help="faults; else all")
    parser.add_argument("--kind", choices=KINDS, help="else both")
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(HEAD, flush=True)
    for kind in [chosen.kind] if chosen.kind else KINDS:
        for row in _rows(kind, chosen):
            print(row.line(), flush=True)


def _rows(kind: str, chosen: argparse.Namespace) -> Iterator[Row]:
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        server = held.enter_context(serving(MailServer()))
        new_url: Callable[[Path], str] = lambda one: f"sqlite:///{one}/accordwatch.db"  # noqa: E731
        postgres = Server(None, folder)
        if kind == "postgresql":
            folder.chmod(0o755)  # the server runs as another user
            postgres = held.enter_context(served(folder / "server"))
            new_url = partial(_database, held, postgres.url)
        bench = Bench(kind, folder, server, new_url, random.Random(chosen.seed))
        bench.prepare()
        faults = {
            "kills": partial(table.kills, bench, chosen.kills),
            "migrations": partial(table.migrations, bench, chosen.tries),
            "file_sizes": partial(table.file_sizes, bench, chosen.tries),
            "handles": partial(table.handles, bench, chosen.tries),
            "full_disk": partial(table.full_disk, bench, chosen.tries),
            "locked": partial(table.locked, bench, chosen.tries),
            "corrupt": partial(table.corrupt, bench, chosen.tries),
            "connections": partial(table.connections, bench, chosen.tries // 2, postgres),
            "receivers": partial(table.receivers, bench, chosen.tries // 2),
            "clocks": partial(table.clocks, bench, chosen.tries // 2),
            "side_by_side": partial(table.side_by_side, bench, chosen.tries // 2),
        }
        for name in chosen.names or faults:
            yield from faults[name]()


def _database(held: ExitStack, server: str, folder: Path) -> str:
    url = held.enter_context(new_postgres(server))
    from psycopg import connect

    with connect(url, autocommit=True) as line:
        line.execute("CREATE EXTENSION amcheck")
    return url


if __name__ == "__main__":
    main()
