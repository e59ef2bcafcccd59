"""The rules that are loaded, and a text that somebody tries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from crawler.judgement.judge import Rules, load_rules
from scheduler.web.site.installation import Installation
from scheduler.web.site.pages.rules_page import MOST_TEXT, LoadedRules
from storage.errors import RuleError
from storage.lists import queries
from tests.scheduler.given_digests import configured, opened
from tests.scheduler.web.site.access.team import until
from tests.scheduler.web.site.running import (
    Answer,
    Site,
    allow_private,
    database_of,
    running,
    serving,
)
from tests.spiders.made_site import made_site
from tests.storage.given import NOW

TITLE = "Rabat and Niamey sign a readmission agreement"
TEXT = "The ministers of Morocco and Niger signed an agreement on the readmission of migrants in Rabat."


@pytest.fixture(scope="module")
def judging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    chosen = configured(tmp_path_factory.mktemp("rules"))
    database = opened(chosen)
    try:
        with running(Installation(database, chosen, now=lambda: NOW)) as site:
            yield site
    finally:
        database.close()


def attempt(site: Site, **typed: str) -> Answer:
    token = re.findall(r'name="token" value="([^"]+)"', site.ask("/rules").text)[0]
    return site.ask("/rules", "POST", {"token": token, **typed})


def test_the_rules_stand_there_as_they_are_written(judging: Site) -> None:
    shown = judging.ask("/rules").text
    assert "id: agreement-in-two-sentences" in shown
    assert "near: [deal, step, migration, {any: foreign, distinct: 2}]" in shown


def test_the_files_of_the_user_stand_there_before_those_of_the_packs(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("schema: 1\nnote: <b>ours</b>\n", encoding="utf-8")
    chosen = configured(tmp_path, channels="rules: {files: [own.yaml]}\n")
    database = opened(chosen)
    try:
        with running(Installation(database, chosen)) as site:
            shown = site.ask("/rules").text
    finally:
        database.close()
    assert 0 < shown.index("&lt;b&gt;ours") < shown.index("agreement-in-two-sentences")


@pytest.mark.parametrize(
    ("language", "term"), [("en", "signed"), ("fr", "protocole"), ("ar", "اتفاق")]
)
def test_the_terms_of_a_language_can_be_read(judging: Site, language: str, term: str) -> None:
    assert term in judging.ask(f"/rules/terms/{language}").text


@pytest.mark.parametrize("language", ["xx", "und", "any", "..%2F..", "EN"])
def test_terms_of_no_language_are_a_404(judging: Site, language: str) -> None:
    assert judging.ask(f"/rules/terms/{language}").code == 404


def test_a_report_is_an_alert_with_its_evidence_marked(judging: Site) -> None:
    shown = attempt(judging, title=TITLE, text=TEXT, language="en").text
    assert "an alert" in shown
    assert re.search(r'<mark class="for" title="an action [^"]*">signed</mark>', shown)
    assert "Morocco, Niger" in shown


def test_what_is_open_says_which_report_it_sounds_like(judging: Site) -> None:
    text = "Italy and Tunisia discussed a migration agreement and the energy market in Rome."
    shown = attempt(judging, title="Talks on migration agreement", text=text, language="en").text
    assert "its wording resembles “" in shown


def test_other_news_is_silent(judging: Site) -> None:
    text = "France and Morocco signed an agreement on fishing. The ministers spoke of tourism."
    assert "not relevant" in attempt(judging, title="A day at sea", text=text).text


def test_a_rule_that_decides_by_points_says_them(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "schema: 1\n"
        "concepts: {own.word: {terms: {en: [quahog]}}}\n"
        "rules: [{id: own, threshold: 2, near_miss: 1, signals: "
        "[{id: word, any: [own.word], weight: 3, core: true}]}]\n",
        encoding="utf-8",
    )
    chosen = configured(tmp_path)
    database = opened(chosen)
    try:
        with running(Installation(database, chosen, rules=lambda: load_rules(files=[own]))) as site:
            shown = attempt(site, text="The quahog is back in the bay.", language="en").text
    finally:
        database.close()
    assert "an alert" in shown
    assert "Its points decide: 3, of 2 needed." in shown
    assert "classifier was not used" not in shown


def test_an_address_is_read_and_judged_for_editors(tmp_path: Path) -> None:
    with made_site() as made:
        made.put("/deal", f"<html lang=en><title>{TITLE}</title><article><p>{TEXT}</p></article>")
        with serving(tmp_path, editor="amina") as site:
            allow_private(site, made.host)
            answer = attempt(site, text=made.url("/deal"))
            assert "an alert" in answer.text, answer.text
            refused = attempt(site, text="http://127.0.0.1:1/private")
    assert (refused.code, "private" in refused.text) == (422, True)


def test_an_address_is_not_fetched_for_readers(judging: Site) -> None:
    answer = attempt(judging, text=" https://news.example/deal ")
    assert (answer.code, "for editors only" in answer.text) == (422, True)


def test_trying_stores_nothing(judging: Site) -> None:
    attempt(judging, title=TITLE, text=TEXT)
    with database_of(judging).read() as s:
        assert queries.counts(s).documents == 0


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({}, "There is nothing to assess"),
        ({"title": "  ", "text": "\n"}, "There is nothing to assess"),
        ({"text": "x" * (MOST_TEXT + 1)}, "That is too long"),
        ({"title": "x" * 501}, "That is too long"),
        ({"text": "x", "language": "<b>"}, "&lt;b&gt; is not one of the supported languages"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(
    judging: Site, typed: dict[str, str], expected: str
) -> None:
    answer = attempt(judging, **typed)
    assert answer.code == 422
    assert expected in answer.text


def test_a_form_without_its_token_is_refused(judging: Site) -> None:
    assert judging.ask("/rules", "POST", {"token": "x", "text": TEXT}).code == 403


@pytest.mark.parametrize(
    "text",
    [
        "<script>window.ran=1</script>",
        "\0\u202e\ud7ff",
        "مذكرة تفاهم",
        "\U0001f4a9" * 2000,
        "a\r\nb" * 500,
    ],
)
def test_any_text_is_judged_and_shown_as_text(judging: Site, text: str) -> None:
    answer = attempt(judging, title=text[:400], text=text)
    assert answer.code == 200
    assert "<script" not in answer.text


def test_rules_are_loaded_once_and_again_when_a_file_of_the_user_changes(tmp_path: Path) -> None:
    file, loads = tmp_path / "own.yaml", list[Rules]()
    file.write_text("schema: 1\n", encoding="utf-8")

    def load() -> Rules:
        loads.append(load_rules())
        return loads[-1]

    loaded = LoadedRules(load, [file])
    assert loaded.at(NOW) is loaded.at(NOW)
    assert len(loads) == 1
    file.write_text("schema: 1\n\n", encoding="utf-8")
    loaded.at(NOW)
    assert len(loads) == 2


def test_a_broken_file_is_read_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    file, loads = tmp_path / "own.yaml", [0]
    file.write_text("schema: 1\nrules: nonsense\n", encoding="utf-8")

    def load() -> Rules:
        loads[0] += 1
        return load_rules(files=[file])

    loaded = LoadedRules(load, [file])
    for _ in range(3):
        with pytest.raises(RuleError, match=r"own\.yaml"):
            loaded.at(NOW)
    assert loads == [1]
    file.write_text("schema: 1\n", encoding="utf-8")
    assert loaded.at(NOW) is loaded.at(NOW)
    assert loads == [2]
    file.write_text("schema: 1\nrules: nonsense again\n", encoding="utf-8")
    for _ in range(3):
        with pytest.raises(RuleError, match=r"own\.yaml"):
            loaded.at(NOW)
    assert loads == [3]


def test_nobody_waits_while_the_rules_of_the_next_hour_are_loaded() -> None:
    loads, may_end = list[Rules](), Event()
    shipped = load_rules()

    def load() -> Rules:
        if loads:
            assert may_end.wait(60)
        loads.append(replace(shipped))
        return loads[-1]

    loaded, later = LoadedRules(load, []), NOW + timedelta(hours=1)
    loaded.begin(NOW)
    until(lambda: len(loads) == 1)
    first = loaded.at(NOW)
    assert loaded.at(later) is first  # and does not wait for what never ends
    assert loaded.at(later) is first
    may_end.set()
    until(lambda: loaded.at(later) is not first)
    assert loaded.at(later) is loads[1]
    assert len(loads) == 2
