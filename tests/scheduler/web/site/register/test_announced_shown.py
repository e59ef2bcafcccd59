"""What is announced for a day says so: on the page, to programs, on the terminal and in a mail."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from scheduler.notify.channels.chat import chat_text
from scheduler.notify.channels.payload import payload
from scheduler.notify.digest.render import render
from storage.database.session import open_database
from storage.records import DateBasis, Status
from storage.register.entry import Step
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import collect, configured
from tests.scheduler.notify.digest.samples import ITEM, about, in_language
from tests.scheduler.web.site.running import serving
from tests.storage.given import NOW, card, judged

_FRIDAY = date(2026, 3, 13)
_ANNOUNCED = card(
    status=Status.CONCLUDED,
    event_date=date(2026, 3, 11),
    event_date_basis=DateBasis.PUBLISHED,
    expected_on=_FRIDAY,
)
_SENTENCES = {
    "en": "expected on 13 March 2026",
    "fr": "attendu le 13 mars 2026",
    "es": "previsto para el 13 de marzo de 2026",
    "ar": "متوقع في 13 مارس 2026",
}


def test_the_page_and_programs_tell_the_day(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, card=_ANNOUNCED)) as site:
        for language, sentence in _SENTENCES.items():
            assert site.ask(f"/agreements/A1?lang={language}").text.count(sentence) == 2, language
            assert sentence in site.ask(f"/feed.atom?lang={language}").text, language
        (found,) = site.ask("/api/v1/agreements").json["items"]
    assert (found["status"], found["event_date"]) == ("concluded_not_signed", "2026-03-11")
    assert found["expected_on"] == found["history"][0]["expected_on"] == "2026-03-13"


@pytest.mark.parametrize("name", ["agreements", "changes?days=30000", "pending", "documents"])
def test_every_list_has_the_announced_day_as_a_column(tmp_path: Path, name: str) -> None:
    with serving(tmp_path, judged(1, card=_ANNOUNCED)) as site:
        (row,) = site.ask(f"/api/v1/{name}").json["items"]
    assert row["expected_on"] == "2026-03-13"


def test_the_terminal_tells_the_day_until_it_is_signed(tmp_path: Path) -> None:
    chosen = configured(tmp_path)
    database = open_database(chosen.database)
    collect(database, chosen, judged(1, card=_ANNOUNCED), now=NOW)
    assert f"signed, {_SENTENCES['en']}" in _shown(tmp_path)
    signed = card(event_date=_FRIDAY)
    collect(database, chosen, judged(2, card=signed, published_on=_FRIDAY), now=NOW)
    database.close()
    (row,) = accordwatch("agreements", "--format", "jsonl", cwd=tmp_path).stdout.splitlines()
    found = json.loads(row)
    assert (found["status"], found["event_date"], found["expected_on"]) == (
        "signed",
        "2026-03-13",
        None,
    )
    assert [step["expected_on"] for step in found["history"]] == ["2026-03-13", None]


def _shown(folder: Path) -> str:
    return re.sub("[\u2066-\u2069]", "", accordwatch("show", "A1", cwd=folder).stdout)


@pytest.mark.parametrize("language", _SENTENCES)
def test_a_mail_a_chat_and_a_webhook_tell_the_day(language: str) -> None:
    step = Step(Status.CONCLUDED, None, "", (), _FRIDAY)
    told = about(ITEM, status=step.status, event_date=None, history=(step,))
    item = replace(told, step=step)
    digest = replace(in_language(language), items=(item,), rest=(item,))
    rendered = render(digest)
    assert rendered.text.count(_SENTENCES[language]) == 2
    assert _SENTENCES[language] in rendered.html
    assert _SENTENCES[language] in chat_text(digest)
    assert payload(digest)["data"]["items"][0]["expected_on"] == "2026-03-13"
