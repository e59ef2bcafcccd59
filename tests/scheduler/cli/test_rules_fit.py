"""The judge learns from answers, says whether it helps, and writes nothing where it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.judgement.judge import load_rules
from crawler.judgement.probability.weights import FILE, load_weights
from tests.eval.corpus import load_articles
from tests.scheduler.command_line import accordwatch


def answers(folder: Path, most: int, *, against: bool = False) -> Path:
    """Labelled articles in a file, as `curate export` prints them. `against`: by a person who says
    the opposite of what we do, and from whom there is much to learn.
    """
    rows = [
        {
            "id": one.document.external_id,
            "lang": one.document.language,
            "title": one.document.title,
            "text": one.document.text,
            "published": str(one.document.published_on or ""),
            "relevant": one.relevant != against,
        }
        for one in load_articles()[:most]
    ]
    path = folder / "answers.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_weights_that_learnt_are_written_and_used(tmp_path: Path) -> None:
    answers(tmp_path, 120, against=True)
    done = accordwatch("rules", "fit", "answers.jsonl", "--write", "mine.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "each judged without itself" in done.stderr
    learnt = load_rules(files=[tmp_path / "mine.json"])
    assert learnt.judge is not None
    assert learnt.judge.weights.intercept != load_weights(FILE).intercept
    settings = "rules: {files: [mine.json]}\n"
    (tmp_path / "accordwatch.yaml").write_text(settings, encoding="utf-8")
    assert accordwatch("rules", "check", cwd=tmp_path).returncode == 0
    (tmp_path / "a.txt").write_text("Fiji and Tonga sign a labour mobility deal", encoding="utf-8")
    assert accordwatch("classify", "a.txt", cwd=tmp_path).returncode == 0


def test_few_answers_teach_nothing(tmp_path: Path) -> None:
    answers(tmp_path, 10)
    done = accordwatch("rules", "fit", "answers.jsonl", "--write", "mine.json", cwd=tmp_path)
    assert done.returncode == 1
    assert "20 are needed to learn from" in done.stderr
    assert not (tmp_path / "mine.json").exists()


def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("[]", encoding="utf-8")
    settings = "rules: {files: [mine.json]}\n"
    (tmp_path / "accordwatch.yaml").write_text(settings, encoding="utf-8")
    done = accordwatch("classify", "-", cwd=tmp_path, text="Fiji and Tonga sign a deal")
    assert done.returncode == 2
    assert "these are no weights of the judge" in done.stderr


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("mine.yaml", "mine.yaml: a file of weights ends in .json"),
        ("no/mine.json", "no/mine.json: cannot be written: No such file or directory"),
    ],
)
def test_a_place_that_cannot_take_weights_is_refused_in_one_line(
    tmp_path: Path, place: str, said: str
) -> None:
    answers(tmp_path, 60)
    done = accordwatch("rules", "fit", "answers.jsonl", "--write", place, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"accordwatch: {said}"
