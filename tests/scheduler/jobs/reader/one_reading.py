"""One pass of the second reader as a process, which kills itself around a call.

python -m tests.scheduler.jobs.reader.one_reading CONFIGURATION before|after NAME
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from scheduler.configuration.config import load_configuration
from scheduler.jobs.reader import second_reading
from storage.database.session import open_database
from tests.scheduler.dying import around

# Before and after what is asked, and in the transaction that stores an answer and behind it.
BOUNDARIES = (
    ("after", "_begin"),
    ("before", "_take_text"),
    ("after", "note_answer"),
    ("after", "_take_text"),
    ("before", "_take_corridor"),
    ("after", "take_answer"),
    ("after", "note_reply"),
    ("after", "_take_corridor"),
)


def main(path: str, when: str, name: str) -> None:
    owner = second_reading._Pass if hasattr(second_reading._Pass, name) else second_reading
    around(owner, name, before=when == "before", after=when == "after")
    chosen = load_configuration(Path(path), environ={})
    with closing(open_database(chosen.database)) as database:
        second_reading.read_waiting(database, chosen)


if __name__ == "__main__":
    main(*sys.argv[1:])
