"""What a register says before a report has been found."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from scheduler.exchange.known_list import sync_known_list
from scheduler.web.site.installation import Installation
from storage.database.session import Database
from storage.filter import Filter, Known
from storage.lists import queries
from storage.records import Grade, Judged
from storage.sources.states import finish_run, record_poll, start_run
from storage.sources.tables import Poll
from tests.scheduler.given_digests import configured, opened
from tests.scheduler.web.site.running import Answer, database_of, running, serving
from tests.storage.given import NOW, card, judged


def front(folder: Path, database: Database, path: str = "/") -> Answer:
    installation = Installation(database, configured(folder), "amina", now=lambda: NOW)
    with running(installation) as site:
        return site.ask(path)


def test_before_the_first_run_it_says_what_to_do(tmp_path: Path) -> None:
    with closing(opened(configured(tmp_path))) as database:
        shown = front(tmp_path, database).text
        assert "1 source is configured, and nothing has been collected yet." in shown
        assert 'href="/sources">not checked yet</a>.' in shown
        assert 'href="/sources/add">Add a source</a>' in shown
        assert "accordwatch run" in shown
        assert "known from lists. " not in shown
        assert "No report of an agreement" not in front(tmp_path, database, "/?party=MA").text


def test_after_a_run_without_reports_it_says_what_was_looked_at_and_shows_what_lists_know(
    tmp_path: Path,
) -> None:
    with closing(opened(configured(tmp_path))) as database:
        sync_known_list(database, True, NOW)
        at = NOW - timedelta(minutes=5)
        with database.begin() as s:
            run = start_run(s, at)
            record_poll(s, "fleuve", Poll(at, True, 12, 0))
            finish_run(s, run, at, {})
        shown = front(tmp_path, database)
        assert "Last run: 5 minutes ago. 0 documents were read; 1 of 1 sources were" in shown.text
        assert "Next check: " in shown.text
        assert "agreements are known from lists. They are shown below." in shown.text
        assert "EU–Jordan " in shown.text
        assert "/?known=only&amp;format=csv" in shown.text
        assert front(tmp_path, database, "/?known=only&format=csv").text.count("EU") > 10


def test_lists_add_what_they_alone_know_and_no_unconfirmed_entry(tmp_path: Path) -> None:
    def report(number: int, probability: float, **values: Any) -> Judged:
        one = judged(number, **values)
        return replace(one, verdict=replace(one.verdict, probability=probability))

    unsure = report(3, 0.5, card=card(parties=("EG", "RW")))
    news = (report(1, 0.9, outlet="a.example"), report(2, 0.9, outlet="b.example"), unsure)
    with serving(tmp_path, *news) as site:
        database = database_of(site)
        sync_known_list(database, True, NOW)
        with database.read() as s:
            listed = queries.count_agreements(s, Filter(known=Known.ONLY))
        assert listed > 50

        def shown(query: str) -> int:
            (number,) = re.findall(r"<small>(\d+) agreement", site.ask(f"/?{query}").text)
            return int(number)

        assert (shown("sort=day"), shown("known=only")) == (1, listed)
        assert shown("known=yes") == 1 + listed
        every = "&".join(f"grade={grade}" for grade in Grade)
        assert (shown(every), shown(f"{every}&known=yes")) == (2, 2 + listed)
        assert '"/?known=yes">Include agreements known only from lists<' in site.ask("/").text
