"""What `rules` tells and does for whoever adds a language."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from crawler.judgement.text import grammar
from tests.scheduler.command_line import accordwatch


def test_the_forms_of_a_language_are_counted_into_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = tmp_path / "languages"
    shutil.copytree(grammar.LANGUAGES_FOLDER, folders)
    monkeypatch.setattr(grammar, "LANGUAGES_FOLDER", folders)
    text = "Le ministre a signé lundi un accord avec la commune sur les transports scolaires."
    rows = [{"id": str(number), "title": "Un accord signé", "text": text} for number in range(5)]
    (tmp_path / "news.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    done = accordwatch("rules", "count", "fr", "news.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
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
