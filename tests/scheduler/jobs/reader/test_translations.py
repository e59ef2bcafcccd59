"""Translations that a second reader gives with its answer: asked for in the same call, shown beside
the original to who reads another language, and nothing more than shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from scheduler.configuration.config import load_configuration
from scheduler.jobs.reader.second_reading import read_waiting
from scheduler.web.site.installation import Installation
from tests.scheduler.jobs.reader.chat_server import ChatServer, chat_server
from tests.scheduler.jobs.reader.given import NO, YES, Setting, says
from tests.scheduler.web.site.running import Site, running

TITLE = "تونس وإسبانيا توقعان اتفاقا لإعادة قبول المهاجرين"
QUOTE = "وقعت تونس وإسبانيا في تونس اتفاقا لإعادة قبول المهاجرين غير النظاميين"
ARABIC = {
    "id": "signed",
    "lang": "ar",
    "title": TITLE,
    "text": f"{QUOTE}، حسبما أعلن وزيرا الداخلية. ويشمل الاتفاق تدريب خفر السواحل.",
    "outlet": "example.org",
}
HOSTILE = "<script>alert(1)</script>"
FRENCH = {"title": f"Tunis et Madrid {HOSTILE}", "quote": f"Ont signé à Tunis {HOSTILE}"}
ENGLISH = {"title": "A zeppelin over Tunis", "quote": "They signed the zeppelin accord"}
ANSWER = YES | {"quote": QUOTE, "translations": {"fr": FRENCH, "en": ENGLISH}}
ESCAPED = HOSTILE.replace("<", "&lt;").replace(">", "&gt;")
MARK = "traduction automatique"


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chat_server(lambda body: says(ANSWER)) as serving:
        yield serving


def _read(folder: Path, server: ChatServer, translate: str, **answer: Any) -> Setting:
    """An installation with an Arabic report that was read; its digests are French."""
    server.asked.clear()
    server.answer = lambda body: says(ANSWER | answer)
    made = Setting(folder, server.url, f"  translate: {translate}\n" if translate else "")
    path = folder / "accordwatch.yaml"
    french = path.read_text(encoding="utf-8").replace("rate: imm", "language: fr, rate: imm")
    path.write_text(french, encoding="utf-8")
    made.chosen = load_configuration(path, environ={})
    made.collect(ARABIC)
    read_waiting(made.database, made.chosen)
    return made


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory, server: ChatServer) -> Iterator[Setting]:
    made = _read(tmp_path_factory.mktemp("translated"), server, "[fr, en, ar]")
    with closing(made.database):
        yield made


@pytest.fixture(scope="module")
def site(translated: Setting) -> Iterator[Site]:
    with running(Installation(translated.database, translated.chosen, "amina")) as site:
        yield site


def test_one_call_gives_the_answer_and_the_translations(
    translated: Setting, server: ChatServer
) -> None:
    (asked,) = server.asked
    assert "languages: fr, en." in asked["messages"][1]["content"]
    assert asked["max_tokens"] > 700
    (one,) = translated.register()
    assert one.history[-1].quote == QUOTE


def test_nobody_is_asked_for_a_translation_by_default(tmp_path: Path, server: ChatServer) -> None:
    with closing(_read(tmp_path, server, "").database) as database:
        (asked,) = server.asked
        assert "ranslat" not in json.dumps(asked)
        assert asked["max_tokens"] == 700
        with running(
            Installation(database, load_configuration(tmp_path / "accordwatch.yaml"))
        ) as site:
            assert MARK not in site.ask("/agreements/A1?lang=fr").text


def test_what_was_read_before_is_not_asked_about_again(tmp_path: Path, server: ChatServer) -> None:
    made = _read(tmp_path, server, "")
    with closing(made.database):
        path = tmp_path / "accordwatch.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "  translate: [fr]\n", encoding="utf-8")
        read_waiting(made.database, load_configuration(path, environ={}))
    assert len(server.asked) == 1


def _shown(text: str) -> str:
    return f'<p class="translation" dir="ltr" lang="fr">{text} <small>{MARK}</small></p>'


# An entry has the title of its first report as a headline, too.
@pytest.mark.parametrize(("path", "titles"), [("/agreements/A1", 2), ("/documents/1", 1)])
def test_title_and_quote_are_followed_by_their_translations(
    site: Site, path: str, titles: int
) -> None:
    shown = site.ask(f"{path}?lang=fr").text
    for original, text, times in ((TITLE, FRENCH["title"], titles), (QUOTE, FRENCH["quote"], 1)):
        *before, _ = shown.split(_shown(text.replace(HOSTILE, ESCAPED)))
        assert len(before) == times
        for above in before:
            assert original in re.sub("<[^>]+>", "", above)[-200:]  # words of it are marked
    assert HOSTILE not in shown


def test_found_reports_have_their_titles_translated(site: Site) -> None:
    assert _shown(f"Tunis et Madrid {ESCAPED}") in site.ask("/search?lang=fr").text


@pytest.mark.parametrize("language", ["ar", "es"])
def test_who_reads_the_original_or_a_language_without_translation_sees_none(
    site: Site, language: str
) -> None:
    shown = site.ask(f"/agreements/A1?lang={language}").text
    assert TITLE in shown
    assert "translation" not in shown


@pytest.mark.parametrize("word", ["zeppelin", "Tunis+et+Madrid"])
def test_a_translation_is_not_searched(site: Site, word: str) -> None:
    for path in ("/api/v1/documents", "/api/v1/agreements"):
        assert site.ask(f"{path}?q={word}").json["items"] == []
        assert len(site.ask(f"{path}?q={quote(QUOTE)}").json["items"]) == 1


def test_programs_and_files_get_the_original_alone(site: Site) -> None:
    for path in ("/api/v1/documents/1", "/api/v1/agreements/A1", "/search?format=csv"):
        found = site.ask(path).text
        assert "zeppelin" not in found
        assert "Tunis et Madrid" not in found


@pytest.mark.parametrize("path", ["/feed.atom", "/agreements/A1/feed.atom", "/changes/feed.atom"])
def test_feeds_have_the_translation_behind_the_quote(site: Site, path: str) -> None:
    feed = ElementTree.fromstring(site.ask(f"{path}?lang=fr").text)
    (summary,) = feed.findall(".//{*}summary")
    assert (summary.text or "").endswith(f"{QUOTE} [{MARK} : {FRENCH['quote']}]")


@pytest.fixture(scope="module")
def sent(translated: Setting) -> Path:
    assert translated.send() == 1
    return translated.folder / "digests"


def _mail(folder: Path) -> tuple[str, str]:
    """Its HTML, and its plain text without the marks that isolate directions."""
    (html,), (mail,) = folder.glob("*.html"), folder.glob("*.eml")
    body = message_from_bytes(mail.read_bytes(), policy=default).get_body(("plain",))
    assert body is not None
    return html.read_text(encoding="utf-8"), body.get_content().translate(
        {0x2068: None, 0x2069: None}
    )


def test_a_mail_has_both_translations_under_their_originals(sent: Path) -> None:
    mail, _ = _mail(sent)
    for part in ("title", "quote"):
        text = FRENCH[part].replace(HOSTILE, ESCAPED)
        _, _, behind = mail.partition(text)
        assert MARK in behind[:200]
    assert mail.count('<span class="translation" lang="fr" dir="ltr"') == 2
    assert HOSTILE not in mail


def test_plain_text_has_them_in_brackets(sent: Path) -> None:
    shown = [line.strip() for line in _mail(sent)[1].splitlines()]
    for original, text in ((f"- {TITLE}", "title"), (f"« {QUOTE} »", "quote")):
        assert shown[shown.index(original) + 1] == f"[{MARK}\N{NO-BREAK SPACE}: {FRENCH[text]}]"


def test_the_line_of_what_is_unconfirmed_has_its_title_translated(
    tmp_path: Path, server: ChatServer
) -> None:
    made = _read(tmp_path, server, "[fr]", quote="Nobody wrote this sentence.")
    with closing(made.database):
        assert made.send() == 1
    html, plain = _mail(tmp_path / "digests")
    assert html.count('<span class="translation" lang="fr" dir="ltr"') == 1
    assert f"{TITLE} · [{MARK}\N{NO-BREAK SPACE}: {FRENCH['title']}] · example.org" in plain


def test_what_waits_for_review_has_its_title_translated(tmp_path: Path, server: ChatServer) -> None:
    made = _read(tmp_path, server, "[fr]", **NO)
    with (
        closing(made.database),
        running(Installation(made.database, made.chosen, "amina")) as site,
    ):
        assert _shown(f"Tunis et Madrid {ESCAPED}") in site.ask("/review?lang=fr").text


def test_what_no_database_takes_is_no_hindrance(tmp_path: Path, server: ChatServer) -> None:
    odd = {"fr": {"title": "Tunis\x00 \ud800 \u202e signe", "quote": None}}
    made = _read(tmp_path, server, "[fr]", translations=odd)
    with (
        closing(made.database),
        running(Installation(made.database, made.chosen, "amina")) as site,
    ):
        assert "signe" in site.ask("/documents/1?lang=fr").text
        assert made.send() == 1
