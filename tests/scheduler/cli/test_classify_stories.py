"""`classify` of a round-up shows the stories in it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.crawler.process.test_stories import LIVE, LIVE_TITLE
from tests.scheduler.command_line import accordwatch

STORY = "Spain and Mauritania sign a migration agreement"


def test_a_line_of_a_round_up_is_the_verdict_on_its_clearest_story_and_lists_its_reports(
    tmp_path: Path,
) -> None:
    page = {"id": "p", "title": LIVE_TITLE, "text": LIVE}
    other = {"id": "o", "title": "Bread is dearer", "text": "Bread costs more."}
    lines = "\n".join(map(json.dumps, (page, other)))
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    done = accordwatch("classify", "a.jsonl", "--format", "jsonl", cwd=tmp_path)
    first, second = map(json.loads, done.stdout.splitlines())
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
