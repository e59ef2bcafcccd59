"""What `rules` and `classify` show to whoever adds a language or tries a text."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from crawler.judgement.text import grammar
from tests.crawler.process.test_stories import LIVE, LIVE_TITLE
from tests.scheduler.command_line import accordwatch, json_lines, succeed


def test_the_forms_of_a_language_are_counted_into_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = tmp_path / "languages"
    shutil.copytree(grammar.LANGUAGES_FOLDER, folders)
    monkeypatch.setattr(grammar, "LANGUAGES_FOLDER", folders)
    text = "Le ministre a signé lundi un accord avec la commune sur les transports scolaires."
    rows = [{"id": str(number), "title": "Un accord signé", "text": text} for number in range(5)]
    (tmp_path / "news.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    done = succeed("rules", "count", "fr", "news.jsonl", cwd=tmp_path)
    assert "5 ordinary documents counted" in done.stderr
    counted = json.loads((folders / "fr" / "frequencies.json").read_text(encoding="utf-8"))
    assert counted["documents"] == 5
    assert counted["forms"]["accord"] == 5


def test_a_language_that_is_not_there_and_news_in_another_are_named(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_text(
        '{"title": "The minister signed an agreement on Monday"}\n'
    )
    done = accordwatch("rules", "count", "xx", "news.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "there is no folder of 'xx'; there are ar, de" in done.stderr
    done = accordwatch("rules", "count", "fr", "news.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert "none of these documents is in 'fr'" in done.stderr


STORY = "Spain and Mauritania sign a migration agreement"


def test_a_line_of_a_round_up_is_the_verdict_on_its_clearest_story_and_lists_its_reports(
    tmp_path: Path,
) -> None:
    page = {"id": "p", "title": LIVE_TITLE, "text": LIVE}
    other = {"id": "o", "title": "Bread is dearer", "text": "Bread costs more."}
    lines = "\n".join(map(json.dumps, (page, other)))
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    first, second = json_lines("classify", "a.jsonl", cwd=tmp_path)
    (story,) = first["stories"]
    assert (first["id"], first["relevant"], story["title"]) == ("p", True, STORY)
    assert (second["id"], second["stories"]) == ("o", [])
    for found in (*first["evidence"], *story["evidence"]):
        assert LIVE[found["start"] : found["end"]] == found["text"]
    assert LIVE[story["start"] : story["end"]].startswith("Spain and Mauritania signed")


def test_people_see_each_story_that_is_a_report_under_its_heading(tmp_path: Path) -> None:
    shown = accordwatch("classify", "-", cwd=tmp_path, text=f"{LIVE_TITLE}\n{LIVE}").stdout
    assert "a round-up of 4 stories; relevant or to review: 1" in shown
    start = LIVE.index("Spain and Mauritania signed")
    assert f"{STORY}   {start}-" in shown
    assert "Rail union" not in shown
