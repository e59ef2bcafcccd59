"""The page says whether it can answer, to strangers too, and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.scheduler.web.site.access.team import Team, team
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import judged


def test_it_is_well_while_the_database_answers(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1)) as site:
        answer = site.ask("/healthz")
        assert (answer.code, answer.json) == (200, {"status": "ok"})
        break_database(site)
        answer = site.ask("/healthz")
        assert answer.code == 503
        assert answer.json == {"status": "failing", "database": "does not answer"}


def test_a_proxy_needs_no_login(tmp_path: Path) -> None:
    with team(tmp_path) as made:
        assert health_of(made) == (200, {"status": "ok"})


def health_of(made: Team) -> tuple[int, object]:
    answer = made.site.ask("/healthz")
    return answer.code, answer.json


def break_database(site: Site) -> None:
    with site.served.database.begin() as s:
        s.exec_driver_sql("ALTER TABLE alembic_version RENAME TO gone")
