"""`export ftm`: entities as the model of FollowTheMoney wants them.

The package `followthemoney` brings chardet, which feedparser would use if it were there: feeds
would be read otherwise here than where Accordwatch is installed. So what its model (3.8.2) says of
the three schemata stands below, and the package itself validates by hand, in an environment of its
own: `ftm validate -i register.ftm.jsonl`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from scheduler.words.lines import web_address
from storage.records import Judged
from tests.scheduler.command_line import accordwatch
from tests.scheduler.dataset.formats.test_treaties import lives
from tests.scheduler.dataset.given import ARABIC, FORMULA, hostile, read_lines, register
from tests.storage.given import card, judged

# property -> type, or the schema of the entity that it refers to. Required: `name`, but of articles.
MODEL: Mapping[str, Mapping[str, str]] = {
    "PublicBody": {
        **{"name": "name", "alias": "name", "country": "country", "classification": "string"},
    },
    "Article": {
        **{"title": "string", "publisher": "string", "publishedAt": "date"},
        **{"sourceUrl": "url", "language": "language"},
    },
    "Event": {
        **{"name": "name", "date": "date", "location": "address", "country": "country"},
        **{"summary": "text", "keywords": "string", "recordId": "string", "sourceUrl": "url"},
        **{"involved": "PublicBody", "proof": "Article"},
    },
}
COUNTRIES = {str(code).lower() for code in Locale("en").territories if len(str(code)) == 2}


def faults(entities: list[Any]) -> Iterator[str]:
    """What the model would refuse; and references to what is not there."""
    schemata = {one["id"]: one["schema"] for one in entities}
    for one in entities:
        known, said = MODEL[one["schema"]], one["properties"]
        if "name" in known and not said.get("name"):
            yield f"{one['id']}: no name"
        for name, values in said.items():
            if name not in known or not values:
                yield f"{one['id']}: {name}"
            for value in values:
                refers = known.get(name) in MODEL
                fits = schemata.get(value) == known[name] if refers else _TYPES[known[name]](value)
                if not fits:
                    yield f"{one['id']}: {name}: {value!r}"


def _is_day(value: str) -> bool:
    return date.fromisoformat(value).isoformat() == value


_TYPES: Mapping[str, Callable[[str], bool]] = {
    "date": _is_day,
    "url": lambda value: web_address(value) == value,
    "language": lambda value: value in ("fra", "eng", "ara", "spa", "ita", "por", "deu"),
    "country": COUNTRIES.__contains__,
    **dict.fromkeys(("name", "string", "text", "address"), lambda value: value.strip() != ""),
}


def exported(folder: Path, *documents: Judged) -> list[Any]:
    register(folder, *documents)
    done = accordwatch("export", "ftm", "r.jsonl", cwd=folder)
    assert done.returncode == 0, done.stderr
    return read_lines(folder / "r.jsonl")


def events(entities: list[Any]) -> list[Any]:
    return [one for one in entities if one["schema"] == "Event"]


@pytest.fixture(scope="module")
def entities(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    whole = judged(61, card=card(parties=("UN", "IOM", "XK")), language="und", url="javascript:x()")
    return exported(tmp_path_factory.mktemp("ftm"), *hostile(), *lives(), whole)


def test_the_model_takes_every_entity(entities: list[Any]) -> None:
    assert list(faults(entities)) == []
    assert {one["schema"] for one in entities} == set(MODEL)


def test_the_judge_of_entities_sees_faults() -> None:
    wrong = [
        {"id": "a", "schema": "Event", "properties": {"name": [" "], "date": ["2026-03-10"]}},
        {"id": "b", "schema": "Event", "properties": {"name": ["x"], "proof": ["gone"]}},
        {"id": "c", "schema": "Article", "properties": {"sourceUrl": ["javascript:x()"]}},
    ]
    assert [fault[:2] for fault in faults(wrong)] == ["a:", "b:", "c:"]


def test_each_entity_is_written_once(entities: list[Any]) -> None:
    ids = [one["id"] for one in entities]
    assert len(set(ids)) == len(ids)


def test_a_step_is_an_event_with_its_parties_and_proof(entities: list[Any]) -> None:
    ended = next(one for one in events(entities) if "terminated" in one["properties"]["keywords"])
    said = ended["properties"]
    assert said["name"][0].endswith("2023: terminated")
    assert said["date"] == ["2026-02-28"]
    assert said["country"] == ["ci", "nl"]
    assert said["involved"] == ["accordwatch-party-ci", "accordwatch-party-nl"]
    assert said["sourceUrl"] == ["https://news.example/44"]
    proof = next(one for one in entities if one["id"] == said["proof"][0])
    assert proof["properties"]["sourceUrl"] == said["sourceUrl"]


def test_titles_are_as_they_are_stored(entities: list[Any]) -> None:
    titles = {title for one in entities for title in one["properties"].get("title", ())}
    assert {FORMULA, ARABIC} <= titles


def test_bodies_are_no_states(entities: list[Any]) -> None:
    kinds = {
        one["id"].rpartition("-")[2]: one["properties"]["classification"][0]
        for one in entities
        if one["schema"] == "PublicBody"
    }
    assert {kinds[code] for code in ("un", "eu", "iom")} == {"international body"}
    assert {kinds[code] for code in ("xk", "nl", "na")} == {"state"}


def test_an_address_that_is_none_is_left_out(entities: list[Any]) -> None:
    bare = next(one for one in events(entities) if "un" in one["properties"].get("country", ()))
    assert "sourceUrl" not in bare["properties"]
    assert bare["properties"]["proof"]


def test_ids_are_the_same_in_another_installation(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    first = exported(here, judged(1), judged(2, card=card(parties=("IT", "AL"))))
    second = exported(there, judged(9, card=card(parties=("ES", "MR"))), judged(1))
    event = next(one for one in events(first) if one["properties"]["country"] == ["ma", "ne"])
    assert event["id"] in {one["id"] for one in events(second)}
    assert re.fullmatch(r"accordwatch-step-[0-9a-f]{32}", event["id"])


def test_a_later_report_of_a_step_keeps_its_id(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    before = exported(tmp_path / "a", judged(1))
    (tmp_path / "b").mkdir()
    after = exported(tmp_path / "b", judged(1), judged(2, published_on=date(2026, 3, 12)))
    assert [one["id"] for one in events(before)] == [one["id"] for one in events(after)]
    assert len(events(after)[0]["properties"]["proof"]) == 2


def test_an_empty_register_has_no_entities(tmp_path: Path) -> None:
    assert exported(tmp_path) == []


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    register(tmp_path)
    (tmp_path / "r.jsonl").write_text("mine", encoding="utf-8")
    done = accordwatch("export", "ftm", "r.jsonl", cwd=tmp_path)
    assert (done.returncode, "add --force" in done.stderr) == (2, True)
    assert (tmp_path / "r.jsonl").read_text(encoding="utf-8") == "mine"
