"""What changed in a document, as a mail tells it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from scheduler.notify.digest.build import Digest, build
from scheduler.notify.digest.render import Rendered, render
from storage.notifications import digests
from storage.subscription import Subscription
from tests.scheduler.given_digests import collect, configured, opened
from tests.storage.given import NOW, judged

WITH_CHANGES = """
subscriptions:
  - {id: everything, channels: [file], unconfirmed: full, news: [changed_document]}
"""


def digest_of(folder: Path, *texts: str, language: str = "en") -> Digest:
    """What is told of a document that had these texts, a day apart."""
    chosen = configured(folder, WITH_CHANGES)
    database = opened(chosen)
    try:
        for days, text in enumerate(texts):
            one = judged(1, text=text, language=language)
            collect(database, chosen, one, now=NOW + timedelta(days=days))
        with database.read() as s:
            subscription: Subscription = chosen.subscriptions[0]
            items = digests.preview(s, subscription, NOW).items
            return build(s, subscription, items, now=NOW + timedelta(days=9))
    finally:
        database.close()


def mail(folder: Path, *texts: str, language: str = "en") -> Rendered:
    return render(digest_of(folder, *texts, language=language))


def test_a_changed_text_is_told_with_what_changed(tmp_path: Path) -> None:
    text = "The ministers opened talks in Rabat.\nThey will meet again."
    told = mail(tmp_path, text, text.replace("opened talks", "signed the text"))
    assert "What changed" in told.text
    assert "The ministers [-opened talks-] {+signed the text+} in Rabat." in told.text
    page = LexborHTMLParser(told.html)
    assert [node.text() for node in page.css("del")] == ["opened talks"]
    assert [node.text() for node in page.css("ins")] == ["signed the text"]


def test_marks_and_case_are_not_told(tmp_path: Path) -> None:
    assert digest_of(tmp_path, "They signed it in Rabat.", "They signed it, in Rabat").is_empty


def test_each_change_is_told(tmp_path: Path) -> None:
    told = mail(tmp_path, "They talk.", "They sign.", "They ratify.")
    assert "[-talk.-] {+sign.+}" in told.text
    assert "[-sign.-] {+ratify.+}" in told.text


def test_of_many_passages_the_first_are_shown(tmp_path: Path) -> None:
    before = "\n".join(f"Article {number} stays as it was agreed." for number in range(40))
    after = "\n".join(
        f"Article {number} {'changed' if number % 2 else 'stays'} as it was agreed."
        for number in range(40)
    )
    told = mail(tmp_path, before, after)
    assert told.text.count("{+changed+}") == 5
    assert "accordwatch document 1 --diff" in told.text


def test_arabic_is_read_from_the_right(tmp_path: Path) -> None:
    told = mail(
        tmp_path,
        "فتح الوزيران المحادثات في الرباط.",
        "وقع الوزيران الإعلان في الرباط.",
        language="ar",
    )
    (passage,) = LexborHTMLParser(told.html).css("p.passage-rtl")
    assert passage.attributes["dir"] == "rtl"


def test_nothing_that_a_text_holds_runs(tmp_path: Path) -> None:
    digest = digest_of(tmp_path, "They signed.", "They signed <script>alert(1)</script> it.")
    assert "<script" not in render(digest).html
