"""An admin makes a source due at once, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.schedule.sources_due import due_sources
from storage.sources.states import record_poll
from storage.sources.tables import Poll
from tests.scheduler.web.site.editing.filled_forms import form_in, send
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import NOW

LOOK = "/sources/look"


@pytest.fixture
def editing(tmp_path: Path) -> Iterator[Site]:
    """The one source was looked at an hour ago, and is due again after ten minutes."""
    with serving(tmp_path, editor="amina") as site:
        with database_of(site).begin() as s:
            record_poll(s, "fleuve", Poll(NOW, True, 1, 0))
        yield site


def due(site: Site) -> list[str]:
    served = site.served
    return [one.id for one in due_sources(served.database, served.chosen.sources, NOW)]


def test_a_source_is_due_at_once(editing: Site) -> None:
    assert due(editing) == []
    answer = send(editing, LOOK, form_in(editing.ask("/sources"), LOOK))
    assert (answer.code, answer.headers["location"]) == (303, "/sources?soon=fleuve")
    assert due(editing) == ["fleuve"]
    assert "will be checked within two minutes" in editing.ask("/sources?soon=fleuve").text


def test_a_server_that_asked_to_wait_is_not_hurried(editing: Site) -> None:
    later = NOW + timedelta(hours=2)
    with database_of(editing).begin() as s:
        record_poll(s, "fleuve", Poll(NOW, False, 0, 0), "429", not_before_at=later)
    assert send(editing, LOOK, form_in(editing.ask("/sources"), LOOK)).code == 303
    assert due(editing) == []


def test_a_source_that_there_is_not_is_refused(editing: Site) -> None:
    filled = [pair for pair in form_in(editing.ask("/sources"), LOOK) if pair[0] == "token"]
    assert send(editing, LOOK, [*filled, ("source", "nowhere")]).code == 404


def test_who_only_reads_is_not_offered_it(site: Site) -> None:
    assert LOOK not in site.ask("/sources").text
