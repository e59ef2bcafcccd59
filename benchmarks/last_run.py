"""What the last run of `benchmarks.real` said of a corpus, for those that go through its feeds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import real_changes
from benchmarks.real import LABELS
from benchmarks.real_changes import JudgedExample
from scheduler.jobs.documents_file import labels_of

_CORPUS = "rss23_en_00"


def last_run(
    module: str, description: str | None
) -> tuple[Path, dict[str, bool | None], dict[str, JudgedExample]]:
    """Return the file of the corpus that the command line asks for, what readers said of documents,
    and what the last run said of those of the corpus; both by id. Exits where texts or run are
    missing.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{module}", description=description)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpus", default=_CORPUS)
    chosen = parser.parse_args()
    background: Path = chosen.folder / "background"
    file = background / f"{chosen.corpus}.jsonl.gz"
    if not file.exists() or not real_changes.CACHE.exists():
        sys.exit("real texts are not part of the project; run `make real` where they are first")
    labels = labels_of(background / "labels.jsonl") | labels_of(LABELS)
    said = {one.id: one for one in real_changes.load() if one.corpus == chosen.corpus}
    return file, labels, said
