"""A person's correction is told: on the entry, in what is new, its feed, API and command."""

from __future__ import annotations

import json
from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it ships no types

from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from tests.scheduler.command_line import accordwatch
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import NOW, card, judged

AMINA = Curator("amina", "the text says so", NOW)
SAID = "Status: signed before, in force now."


def corrections(site: Site) -> list[dict[str, object]]:
    found = site.ask("/api/v1/changes").json["items"]
    return [one for one in found if one["kind"] == "correction"]


def test_a_correction_says_who_when_why_before_and_after_behind_every_door(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1)) as site:
        with database_of(site).begin() as s:
            curation.correct(s, 1, "status", "in_force", AMINA)
        (told,) = corrections(site)
        assert (told["agreement_id"], told["who"], told["why"]) == ("A1", "amina", AMINA.why)
        assert (told["before"], told["after"]) == ({"status": "signed"}, {"status": "in_force"})
        for path in ("/agreements/A1", "/changes", "/decisions"):
            shown = site.ask(path).text
            assert SAID in shown
            assert "the text says so" in shown
        feed = feedparser.parse(site.ask("/changes/feed.atom").body)
        (entry,) = (one for one in feed.entries if one.id.endswith(":correction:1"))
        assert SAID in entry.summary
        folder = site.served.chosen.path.parent
    since = NOW.date().isoformat()
    arguments = ("changes", "--since", since, "--format", "jsonl")
    lines = accordwatch(*arguments, cwd=folder).stdout.splitlines()
    assert told in [json.loads(line) for line in lines]
    table = accordwatch("changes", "--since", since, "--format", "csv", cwd=folder).stdout
    assert "status: signed,status: in_force" in table


def test_an_undone_correction_is_not_told(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1)) as site:
        with database_of(site).begin() as s:
            number = curation.correct(s, 1, "status", "in_force", AMINA).number
            curation.undo(s, number, AMINA)
        assert corrections(site) == []
        assert SAID not in site.ask("/agreements/A1").text


def test_a_correction_that_leaves_the_entry_as_it_was_is_not_told(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1), judged(2)) as site:
        with database_of(site).begin() as s:
            curation.correct(s, 1, "status", "signed", AMINA)
        assert corrections(site) == []


def test_an_answer_that_also_corrects_is_told_and_one_that_only_confirms_is_not(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, judged(1), judged(2, card=card(parties=("IT", "TN")))) as site:
        with database_of(site).begin() as s:
            curation.confirm_report(s, 1, {"place": "Fez"}, AMINA)
            curation.confirm(s, "A2", AMINA)
        assert [one["after"] for one in corrections(site)] == [{"place": "Fez"}]


def test_names_merges_splits_and_removed_reports_are_told(tmp_path: Path) -> None:
    news = judged(1), judged(2), judged(3, card=card(parties=("IT", "TN")))
    with serving(tmp_path, *news) as site:
        with database_of(site).begin() as s:
            curation.rename(s, "A1", "The Rabat declaration", AMINA)
            apart = curation.split(s, "A1", [2], AMINA)
            curation.merge(s, apart.home, apart.other, AMINA)
            curation.set_irrelevant(s, 2, AMINA)
        told = [one["after"] for one in corrections(site)]
        shown = site.ask("/agreements/A1").text
    assert {"name": "The Rabat declaration"} in told
    assert {"reports": "2"} in told
    assert len(told) == 4
    assert "Name: now The Rabat declaration." in shown
    assert "Reports: 1 before, 2 now." in shown
