"""Workers that are upgraded while they crawl: a newer version of Accordwatch, with one migration
more, takes the place of the leader, and then of one worker after the other.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from benchmarks.workers.crew import Crew
from benchmarks.workers.outcome import Outcome
from storage.database.session import HEAD

BEGINS_AT = 0.3  # of the pages
# From a worker that waits to the moment in which a person replaces it.
NOTICED_S = 5.0
NEWER = f"{int(HEAD) + 1:04}"
_ROOT = Path(__file__).parents[2]
_MIGRATION = f'''"""A column that is only there to be upgraded to."""

import sqlalchemy as sa
from alembic import op

revision = "{NEWER}"
down_revision = "{HEAD}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("of_the_upgrade", sa.Text()))
'''
_METADATA = "Metadata-Version: 2.1\nName: accordwatch\nVersion: 99.0.0\n"


def newer_version(folder: Path) -> Path:
    """Make a version of Accordwatch that knows one migration more. Returns its folder."""
    for package in ("storage", "crawler", "spiders", "scheduler"):
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(_ROOT / package, folder / package, ignore=leave_out)
    migrations = folder / "storage" / "migrations" / "versions"
    (migrations / f"{NEWER}_of_the_upgrade.py").write_text(_MIGRATION)
    session = folder / "storage" / "database" / "session.py"
    said, changed = re.subn(r'^HEAD = "\d+"', f'HEAD = "{NEWER}"', session.read_text(), flags=re.M)
    assert changed == 1
    session.write_text(said)
    (folder / "accordwatch-99.0.0.dist-info").mkdir()
    (folder / "accordwatch-99.0.0.dist-info" / "METADATA").write_text(_METADATA)
    return folder


@dataclass
class Upgrade:
    """The leader is replaced when some of the pages are stored, and each worker some seconds after
    it has said that it waits.
    """

    folder: TemporaryDirectory[str] = field(default_factory=TemporaryDirectory)
    program: Path | None = None
    begun_at: float = 0.0
    migrated_at: float | None = None
    replaced: dict[str, float] = field(default_factory=dict)

    def look(
        self, crew: Crew, outcome: Outcome, connection: psycopg.Connection[Any], share: float
    ) -> bool:
        if share < BEGINS_AT:
            return False
        if self.program is None:
            self._replace_leader(crew, outcome, share)
        if self.migrated_at is None:
            self._await_migration(crew, outcome, connection)
        for name in crew.processes:
            self._replace_waiting(name, crew)
        is_done = len(self.replaced) == len(crew.processes) - 1
        if is_done and share >= 1 and not any(line.startswith("worker") for line in outcome.said):
            outcome.said += self._waits(crew)
        return is_done

    def _replace_leader(self, crew: Crew, outcome: Outcome, share: float) -> None:
        self.program = newer_version(Path(self.folder.name))
        self.begun_at = time.time()
        crew.replace("leader", self.program)
        outcome.said.append(f"the leader is told to end when {share:.0%} of the pages are stored")

    def _await_migration(
        self, crew: Crew, outcome: Outcome, connection: psycopg.Connection[Any]
    ) -> None:
        while connection.execute("SELECT version_num FROM alembic_version").fetchone() != (NEWER,):
            assert time.time() < self.begun_at + 120, crew.log("leader").read_text()[-2000:]
            time.sleep(0.05)
        self.migrated_at = time.time()
        outcome.said.append(f"schema {NEWER} after {self.migrated_at - self.begun_at:.1f} s")

    def _replace_waiting(self, name: str, crew: Crew) -> None:
        if name == "leader" or name in self.replaced or self.program is None:
            return
        *_, last = _events(crew.log(name))
        is_upgraded = last["event"] == "waits" and f"schema {NEWER}" in last["why"]
        if is_upgraded and time.time() - _at(last) > NOTICED_S:
            crew.replace(name, self.program)
            self.replaced[name] = time.time()

    def _waits(self, crew: Crew) -> Iterator[str]:
        """What each process said of the upgrade, and how long it took."""
        for name in crew.processes:
            events = [*_events(crew.log(name))]
            lines = [
                one for one in events if one["event"] == "waits" and f"schema {NEWER}" in one["why"]
            ]
            faults = [one for one in events if one["event"].endswith("failed")]
            goes_on = next(
                one
                for one in reversed(events)
                if one["event"] in ("takes jobs", "leads")
                or "another one leads" in one.get("why", "")
            )
            if lines and self.migrated_at is not None:
                said = f"finished what it did {_at(lines[0]) - self.migrated_at:.1f} s after it"
                said += f", waited {_at(goes_on) - _at(lines[0]):.1f} s, {len(lines)} line"
            else:
                said = (
                    f"goes on {_at(goes_on) - self.begun_at:.1f} s after the other was told to end"
                )
            yield f"{name}: {said}; failed: {[one.get('why') for one in faults] or 'nothing'}"
            yield f"    {lines[0]['why']}" if lines else "    -"


def _events(log: Path) -> Iterator[dict[str, Any]]:
    for line in log.read_text().splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _at(event: dict[str, Any]) -> float:
    return datetime.fromisoformat(event["timestamp"]).timestamp()
