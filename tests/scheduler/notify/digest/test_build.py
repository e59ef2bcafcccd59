"""Claimed items joined with the register: with wanted words and what changed in a document."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.ingest.vouching import why_certain
from scheduler.configuration.config import Configuration
from scheduler.notify.channels.chat import chat_text
from scheduler.notify.channels.payload import payload
from scheduler.notify.digest.build import Digest, build
from scheduler.notify.digest.render import Rendered, render
from scheduler.views.entry import because
from scheduler.views.words.labels import labels_of
from storage.database.session import Database
from storage.filter import Filter
from storage.notifications import digests
from storage.notifications.digests import Item
from storage.records import Grade, Judged, NewsKind, Status
from storage.subscription import Subscription, Unconfirmed
from tests.scheduler.given_digests import collect, configured, opened
from tests.storage.given import NOW, card, judged

BOTH = """
subscriptions:
  - {id: everything, channels: [file], max_items: 2, unconfirmed: full, news: [new_agreement, new_step, near_miss]}
"""


@pytest.fixture
def chosen(tmp_path: Path) -> Configuration:
    return configured(tmp_path, BOTH)


def preview(database: Database, chosen: Configuration) -> Digest:
    subscription = chosen.subscriptions[0]
    with database.read() as s:
        return build(s, subscription, digests.preview(s, subscription, NOW).items, now=NOW)


def claim(database: Database, chosen: Configuration) -> None:
    with database.begin() as s:
        digests.claim_digest(s, chosen.subscriptions[0], NOW)


def test_an_agreement_stands_once_with_all_its_reports(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), judged(2, language="fr", outlet="fleuve"), now=NOW)
    digest = preview(database, chosen)
    (item,) = digest.items
    assert item.kind is NewsKind.NEW_AGREEMENT
    assert item.agreement.parties == ("MA", "NE")
    assert {report.outlet for report in item.reports} == {"news.example", "fleuve"}
    assert item.quote
    assert item.quoted is not None
    assert item.quoted.language in ("en", "fr")


def test_a_new_step_says_what_stood_before_and_lists_its_own_reports_first(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    claim(database, chosen)
    ratified = card(status=Status.RATIFIED, event_date=date(2026, 6, 1))
    later = judged(2, card=ratified, published_on=date(2026, 6, 2))
    collect(database, chosen, later, now=NOW + timedelta(days=90))
    (item,) = preview(database, chosen).items
    assert (item.kind, item.before, item.agreement.status) == (
        NewsKind.NEW_STEP,
        Status.SIGNED,
        Status.RATIFIED,
    )
    assert item.agreement.event_date == date(2026, 6, 1)
    assert [report.id in item.news for report in item.reports] == [True, False]


def test_an_undated_report_does_not_make_the_headline_of_a_dated_agreement(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    claim(database, chosen)
    talks = card(status=Status.NEGOTIATING, event_date=None, event_date_basis=None)
    collect(
        database, chosen, judged(2, card=talks, published_on=None), now=NOW + timedelta(days=90)
    )
    (item,) = preview(database, chosen).items
    status_and_day = (item.agreement.status, item.agreement.event_date)
    assert status_and_day == (Status.SIGNED, date(2026, 3, 10))
    assert [report.id for report in item.reports if report.id in item.news] == [2]


def test_it_is_said_how_many_reports_say_what_the_item_says(
    database: Database, chosen: Configuration
) -> None:
    silent = card(status=None)
    others = [
        judged(number, card=silent, outlet=f"outlet-{number}.example") for number in range(2, 7)
    ]
    ended = judged(7, card=card(status=Status.TERMINATED), outlet="seventh.example")
    collect(database, chosen, *others, ended, now=NOW)
    digest = preview(database, chosen)
    (item,) = digest.items
    assert (item.agreement.status, len(item.reports)) == (Status.TERMINATED, 6)
    assert "1 of 6 reports name this status." in render(digest).text


def reported(number: int, status: Status, on: date, outlet: str, likely: float = 0.95) -> Judged:
    own = card(status=status, event_date=on)
    one = judged(number, card=own, published_on=on, outlet=outlet)
    return replace(one, verdict=replace(one.verdict, probability=likely))


@pytest.fixture
def late_signature(database: Database, chosen: Configuration) -> Digest:
    """Two outlets reported a suspension; then one of them tells of the signature before it."""
    ended = date(2026, 6, 1)
    suspended = [
        reported(1, Status.SUSPENDED, ended, "fleuve.example"),
        reported(2, Status.SUSPENDED, ended, "desk.example"),
    ]
    collect(database, chosen, *suspended, now=NOW + timedelta(days=90))
    claim(database, chosen)
    signed = reported(3, Status.SIGNED, date(2026, 3, 10), "desk.example")
    collect(database, chosen, signed, now=NOW + timedelta(days=91))
    return preview(database, chosen)


def test_the_headline_has_the_status_of_the_register_and_not_that_of_older_news(
    late_signature: Digest,
) -> None:
    text = render(late_signature).text
    assert "Morocco–Niger declaration on trafficking and smuggling, 2026: suspended\n" in text
    assert "[New stage: signed, 10 March 2026, likely]" in text
    assert "Rabat · 1 June 2026 · " in text


def test_a_chat_names_the_news_beside_the_status_of_the_register(late_signature: Digest) -> None:
    assert "2026: suspended (New stage: signed, 10 March 2026, likely)" in chat_text(late_signature)


def test_a_webhook_has_the_status_of_the_register_and_the_step_that_is_news(
    late_signature: Digest,
) -> None:
    (item,) = payload(late_signature)["data"]["items"]
    assert (item["status"], item["event_date"]) == ("suspended", "2026-06-01")
    assert (item["step_status"], item["step_on"]) == ("signed", "2026-03-10")
    assert item["status_before"] is None


def test_a_digest_says_why_it_is_sure_in_the_words_of_the_entry(
    late_signature: Digest, database: Database
) -> None:
    with database.read() as s:
        (grounds,) = why_certain(s, [late_signature.items[0].agreement]).values()
    sentence = because(grounds, labels_of("en"))
    assert sentence.startswith("Reported by 2 independent outlets: ")
    assert sentence in render(late_signature).text
    assert sentence in LexborHTMLParser(render(late_signature).html).text()


def test_a_link_says_which_other_status_it_reports(late_signature: Digest) -> None:
    lines = render(late_signature).text.splitlines()
    links = [line for line in lines if line.startswith("     ") and " · English · " in line]
    assert [line.rpartition(" · ")[2] for line in links] == ["signed", "1 June 2026", "1 June 2026"]


def test_news_in_doubt_says_that_the_status_does_not_follow_it(
    database: Database, chosen: Configuration
) -> None:
    signed = [
        reported(1, Status.SIGNED, date(2026, 3, 10), "fleuve.example"),
        reported(2, Status.SIGNED, date(2026, 3, 10), "desk.example"),
    ]
    collect(database, chosen, *signed, now=NOW)
    claim(database, chosen)
    rumour = reported(3, Status.SUSPENDED, date(2026, 6, 1), "rumour.example", 0.7)
    collect(database, chosen, rumour, now=NOW + timedelta(days=90))
    text = render(preview(database, chosen)).text
    assert "2026: signed\n" in text
    assert "[New stage: suspended, 1 June 2026, Uncertain: only one outlet reports it, " in text


def test_what_goes_over_the_maximum_is_counted(database: Database, chosen: Configuration) -> None:
    parties = ("SN", "GN", "ML", "TD", "BF")
    cards = [
        card(parties=("ES", party), party_scores=(("ES", 3.0), (party, 2.0))) for party in parties
    ]
    collect(
        database, chosen, *(judged(number, card=each) for number, each in enumerate(cards)), now=NOW
    )
    digest = preview(database, chosen)
    assert (len(digest.items), len(digest.rest)) == (2, 3)


def test_a_near_miss_is_shown_as_its_document(database: Database, chosen: Configuration) -> None:
    collect(database, chosen, judged(1, relevant=False, near_miss=True), now=NOW)
    (item,) = preview(database, chosen).items
    assert item.kind is NewsKind.NEAR_MISS
    assert item.agreement_id is None
    assert item.reports[0].url == "https://news.example/1"


def test_a_notice_of_source_health_is_shown_as_a_line(
    database: Database, chosen: Configuration
) -> None:
    notice = Item(NewsKind.SOURCE_HEALTH, None, (), "fleuve is silent")
    with database.read() as s:
        digest = build(s, chosen.subscriptions[0], [notice], now=NOW)
    assert digest.notices == ("fleuve is silent",)
    assert not digest.is_empty


def test_an_item_whose_agreement_is_gone_is_shown_as_its_report(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    with database.read() as s:
        (item,) = digests.preview(s, chosen.subscriptions[0], NOW).items
        gone = replace(item, agreement_id="A999")
        digest = build(s, chosen.subscriptions[0], [gone], now=NOW)
    assert digest.items[0].agreement.parties == ("MA", "NE")


def test_two_kinds_of_news_about_one_agreement_are_one_item(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), judged(2, language="fr"), now=NOW)
    changed = Item(NewsKind.CHANGED_DOCUMENT, "A1", (1,), "x")
    step = Item(NewsKind.NEW_STEP, "A1", (2,))
    with database.read() as s:
        (item,) = build(s, chosen.subscriptions[0], [changed, step], now=NOW).items
    assert item.kind is NewsKind.NEW_STEP
    assert {report.id for report in item.reports if report.id in item.news} == {1, 2}


def test_unconfirmed_agreements_and_near_misses_come_last(
    database: Database, chosen: Configuration
) -> None:
    guess = judged(1, card=card(parties=("IT", "TN"), event_date=date(2026, 3, 12)))
    guess = replace(guess, verdict=replace(guess.verdict, probability=0.5))
    other = judged(4)
    other = replace(other, document=replace(other.document, outlet="Another"))
    waiting = judged(2, relevant=False, near_miss=True, card=card(parties=("EU", "MR")))
    collect(database, chosen, guess, waiting, judged(3), other, now=NOW)
    digest = preview(database, chosen)
    found = [
        (item.agreement.parties, item.is_unconfirmed) for item in (*digest.items, *digest.rest)
    ]
    assert found == [(("MA", "NE"), False), (("IT", "TN"), True), (("EU", "MR"), True)]


@pytest.mark.parametrize(
    ("shown", "asked", "in_items", "beside"),
    [
        ("lines", Filter(), 1, 2),
        ("count", Filter(), 1, 2),
        ("full", Filter(), 3, 0),
        ("lines", Filter(grades=(Grade.UNCONFIRMED,)), 3, 0),
        ("lines", Filter(agreements=("A1",)), 3, 0),
    ],
)
def test_what_is_unconfirmed_stands_beside_the_items_unless_it_is_wanted_in_full(
    database: Database,
    chosen: Configuration,
    shown: Unconfirmed,
    asked: Filter,
    in_items: int,
    beside: int,
) -> None:
    guess = judged(1, card=card(parties=("IT", "TN"), event_date=date(2026, 3, 12)))
    waiting = judged(2, relevant=False, near_miss=True, card=card(parties=("EU", "MR")))
    other = judged(4)
    other = replace(other, document=replace(other.document, outlet="Another"))
    collect(database, chosen, guess, waiting, judged(3), other, now=NOW)
    subscription = chosen.subscriptions[0]
    wanted = replace(subscription, unconfirmed=shown, max_items=9, filter=asked)
    with database.read() as s:
        digest = build(s, wanted, digests.preview(s, subscription, NOW).items, now=NOW)
    assert (len(digest.items), len(digest.unconfirmed)) == (in_items, beside)


ROME = judged(
    title="À Rome, un accord de réadmission", text="Les deux ministres l'ont signé.", language="fr"
)
ARABIC = judged(
    title="توقيع مُذَكِّرَة تفاهم", text="وقع الوزيران مذكرة بشأن إعادة المهاجرين.", language="ar"
)


@pytest.mark.parametrize(
    ("words", "document", "pending"),
    [
        ("Rome", ROME, 1),
        ("rome", ROME, 1),
        ("réadmission", ROME, 1),
        ("RÉADMISSION", ROME, 1),
        ("Réadm*", ROME, 1),
        ('"Accord de Réadmission"', ROME, 1),
        ("مذكرة", ARABIC, 1),
        ("مُذَكِّرَة", ARABIC, 1),
        ("اعادة", ARABIC, 1),
        ("Tunis", ROME, 0),
        ('"Réadmission de Rome"', ROME, 0),
        ("?!", ROME, 0),
    ],
)
def test_words_are_folded_as_texts_are_and_others_find_nothing(
    tmp_path: Path, words: str, document: Judged, pending: int
) -> None:
    chosen = configured(
        tmp_path,
        f"subscriptions:\n  - {{id: words, channels: [file], filter: {{query: '{words}'}}}}\n",
    )
    with closing(opened(chosen)) as database:
        assert collect(database, chosen, document, now=NOW).pending == pending


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
