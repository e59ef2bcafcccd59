"""Links in mails, chats and feeds by which who is alerted says whether an entry is right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from scheduler.access.accounts import AccessLog
from scheduler.access.secret_values import stored_hash
from scheduler.cli.commands.deciding.curate import labelled, take
from scheduler.configuration.config import load_configuration
from scheduler.configuration.user_subscriptions import everybody, with_users
from scheduler.decisions.curation import undo
from scheduler.decisions.curator import Curator
from scheduler.notify.deliver import send_due, send_now
from scheduler.views.words.labels import labels_of
from scheduler.web.site.installation import Installation
from storage.documents.official import note_official
from storage.filter import Filter
from storage.languages import SPOKEN_LANGUAGES
from storage.lists import queries
from storage.notifications import receivers, user_subscriptions
from storage.notifications.outbox import begin
from storage.notifications.receivers import Receiver
from storage.records import Grade, Status
from storage.register.decisions import decisions
from storage.register.entry import Decision, DecisionKind, PinKind
from storage.source import Source, SourceKind
from storage.subscription import SubscriptionKind
from storage.users import users
from storage.users.accounts import Role
from tests.scheduler.given_digests import begun, collect, configured, opened
from tests.scheduler.notify.channels.mail_server import MailServer
from tests.scheduler.notify.channels.mail_server import serving as mail_serving
from tests.scheduler.web.site.access.team import Clock
from tests.scheduler.web.site.running import Answer, Site, running
from tests.storage.given import NOW, card, judged, kept_mail

PAGE = "https://watch.example.org/register"
ALERTS = """
subscriptions:
  - {id: alerts, name: All alerts, channels: [team], rate: immediately, unconfirmed: full}
"""


@dataclass
class Alerts:
    """A page, and mails with links to it that its daemon sends."""

    site: Site
    mails: MailServer
    clock: Clock

    def collect(self, number: int, **fields: object) -> None:
        served = self.site.served
        chosen = everybody(served.database, served.chosen)
        collect(served.database, chosen, judged(number, **fields), now=self.clock())  # type: ignore[arg-type]

    def send(self) -> list[EmailMessage]:
        served, before = self.site.served, len(self.mails.accepted)
        sent = send_due(served.database, served.chosen, now=self.clock())
        assert sent.problems == ()
        return [mail for _, mail in self.mails.accepted[before:]]

    def link(self, says: str, mail: EmailMessage | None = None, kind: str = "plain") -> str:
        """The path of a link in a mail, below what the page lies under."""
        (mail,) = [mail] if mail is not None else self.send()
        match = re.search(rf"{PAGE}(/answers/{says}/[^\s\"<]+)", body_of(mail, kind))
        assert match, body_of(mail, kind)
        return match[1]

    def press(self, link: str, **changes: str) -> Answer:
        """Open a link, and press the one button of its page."""
        return self.site.ask(link, "POST", {**form_of(self.site.ask(link)), **changes})

    @property
    def decided(self) -> Sequence[Decision]:
        with self.site.served.database.read() as s:
            return decisions(s)

    @property
    def entries(self) -> dict[str, Grade]:
        with self.site.served.database.read() as s:
            return {
                agreement.id: agreement.grade for agreement in queries.agreements(s, Filter(), 50)
            }

    def curate(self, what: str, *given: str) -> None:
        with self.site.served.database.begin() as s:
            curator = Curator("edda", "a test", self.clock())
            take(s, what, given, curator)


def body_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return unescape(str(body.get_content()))


def form_of(shown: Answer) -> dict[str, str]:
    """What the one button of a page sends."""
    assert shown.text.count("<button") == 1, shown.text
    pressed = re.search(r'<button[^>]*name="(deed)" value="([^"]*)"', shown.text)
    hidden = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', shown.text)
    assert pressed, shown.text
    return dict([*hidden, (pressed[1], pressed[2])])


@contextmanager
def alerting(folder: Path, address: str = PAGE, subscriptions: str = ALERTS) -> Iterator[Alerts]:
    with mail_serving(MailServer()) as mails:
        folder.mkdir(exist_ok=True)
        channels = f"""
site: {{url: "{address}"}}
channels:
  - {{id: team, kind: email, to: [amina@ngo.example, bob@ngo.example], sender: watch@ngo.example,
     host: 127.0.0.1, port: {mails.port}, security: none}}
"""
        chosen, clock = configured(folder, subscriptions, channels), Clock()
        database = opened(chosen)
        try:
            begun(database, chosen, NOW - timedelta(days=1))
            log = AccessLog(folder)
            with running(Installation(database, chosen, now=clock, access_log=log)) as site:
                yield Alerts(site, mails, clock)
        finally:
            database.close()


@pytest.fixture
def alerts(tmp_path: Path) -> Iterator[Alerts]:
    with alerting(tmp_path) as found:
        found.collect(1)
        yield found


def test_a_mail_has_three_links_for_each_entry_and_each_receiver_has_their_own(
    alerts: Alerts,
) -> None:
    first, second = alerts.send()
    for kind in ("plain", "html"):
        for says in ("right", "wrong"):
            assert alerts.link(says, first, kind) != alerts.link(says, second, kind)
        assert f"{PAGE}/agreements/A1/edit" in body_of(first, kind)
        for word in ("Is this right?", "Right", "Wrong", "Correct it"):
            assert word in body_of(first, kind)
    assert "amina" not in alerts.link("right", first)


def test_where_nobody_knows_the_address_of_the_page_there_are_no_links(tmp_path: Path) -> None:
    with alerting(tmp_path, address="") as alerts:
        alerts.collect(1)
        mail, _ = alerts.send()
    for kind in ("plain", "html"):
        assert "/answers/" not in body_of(mail, kind)
        assert "Is this right?" not in body_of(mail, kind)


def test_to_open_a_link_shows_the_entry_and_decides_nothing(alerts: Alerts) -> None:
    mail, _ = alerts.send()
    for says, will in (("right", "as confirmed"), ("wrong", "removes this entry")):
        link = alerts.link(says, mail)
        for method in ("GET", "HEAD", "OPTIONS", "GET"):
            answer = alerts.site.ask(link, method, Sec_Purpose="prefetch")
        assert answer.code == 200
        assert "Morocco–Niger declaration" in answer.text
        assert "The two ministers signed it on Tuesday." in answer.text
        assert "news.example" in answer.text
        assert will in answer.text
        assert 'name="robots" content="noindex"' in answer.text
        assert answer.headers["cache-control"] == "no-store"
    assert alerts.decided == []


def test_a_post_without_what_the_page_showed_decides_nothing(alerts: Alerts) -> None:
    """Scanners that send empty forms to each address, and scripts that guess at its fields."""
    link = alerts.link("wrong", alerts.send()[0])
    for form in ({}, {"deed": "wrong"}, {"deed": "wrong", "seen": "A1"}, {"deed": "right"}):
        assert "It is wrong" in alerts.site.ask(link, "POST", form).text
    assert alerts.site.ask(link, "POST", {"List-Unsubscribe": "One-Click"}).code == 200
    assert alerts.decided == []


def test_right_confirms_once_and_says_who(alerts: Alerts) -> None:
    assert alerts.entries == {"A1": Grade.UNCONFIRMED}
    mail, _ = alerts.send()
    link = alerts.link("right", mail)
    form = form_of(alerts.site.ask(link))
    answer = alerts.site.ask(link, "POST", form)
    assert (answer.code, "The entry is now confirmed." in answer.text) == (200, True)
    assert alerts.entries == {"A1": Grade.CONFIRMED}
    again = alerts.site.ask(link, "POST", form)
    assert (again.code, "Your answer was: Right" in again.text) == (200, True)
    (decision,) = alerts.decided
    assert (decision.kind, decision.agreement_id) == (DecisionKind.CONFIRM, "A1")
    assert decision.who == "a@… (alerts)"
    log = (alerts.site.served.chosen.folder / "access.log").read_text(encoding="utf-8")
    assert 'answer right A1 from 127.0.0.1 for "alerts team amina@ngo.example"' in log
    assert log.count("\n") == 1


def test_wrong_takes_the_entry_out_and_can_be_taken_back_by_whoever_said_so(
    alerts: Alerts,
) -> None:
    mail, other = alerts.send()
    link = alerts.link("wrong", mail)
    assert "was removed from the register" in alerts.press(link).text
    assert alerts.entries == {}
    elsewhere = alerts.site.ask(alerts.link("right", other))
    assert (elsewhere.code, "somebody decided that it is no agreement" in elsewhere.text) == (
        410,
        True,
    )
    assert "Your answer was: Wrong" in alerts.site.ask(alerts.link("right", mail)).text
    assert "as it was before" in alerts.press(link).text  # its one button takes the answer back
    assert alerts.entries == {"A1": Grade.UNCONFIRMED}
    assert "now confirmed" in alerts.press(alerts.link("right", mail)).text
    assert [(decision.kind, decision.undone_by) for decision in alerts.decided] == [
        (DecisionKind.IRRELEVANT, "a@… (alerts)"),
        (DecisionKind.CONFIRM, None),
    ]


def test_what_an_editor_undid_no_old_link_decides_again(alerts: Alerts) -> None:
    link = alerts.link("wrong", alerts.send()[0])
    form = form_of(alerts.site.ask(link))
    alerts.site.ask(link, "POST", form)
    with alerts.site.served.database.begin() as s:
        undo(s, alerts.decided[0].id, Curator("edda", "it is one", alerts.clock()))
    for answer in (alerts.site.ask(link), alerts.site.ask(link, "POST", form)):
        assert (answer.code, "An editor undid your answer" in answer.text) == (409, True)
        assert "<button" not in answer.text
    assert alerts.entries == {"A1": Grade.UNCONFIRMED}
    assert len(alerts.decided) == 1


def bent(link: str) -> Iterator[str]:
    """Links that somebody made of a real one."""
    path, _, signed = link.rpartition("/")
    to, until, signature = signed.split(".")
    yield f"{path}/{to}.{until}.{'A' * len(signature)}"
    yield f"{path}/{to}.{until}.{signature[:-1]}"
    yield f"{path}/{to}.{until}.{signature}x"
    yield f"{path}/{to}.{until}"
    yield f"{path}/{to}.{int(until) + 1}.{signature}"
    yield f"{path}/{int(to) + 1}.{until}.{signature}"
    yield f"{path}/f{to}.{until}.{signature}"
    yield f"{path}/{to}.{'9' * 400}.{signature}"
    yield f"{path}/.{until}.{signature}"
    yield f"{path}/{to}.{until}.%ff{signature}"
    yield f"{path}/%00"
    yield f"{path.replace('/A1', '/A2')}/{signed}"
    yield f"{path.replace('/A1', '/a1')}/{signed}"
    yield f"{path.replace('/wrong', '/merge')}/{signed}"


def test_a_forged_link_shows_and_decides_nothing(alerts: Alerts) -> None:
    alerts.collect(2, card=card(parties=("IT", "TN")), title="Rome and Tunis sign")
    link = alerts.link("wrong", alerts.send()[0])
    form = form_of(alerts.site.ask(link))
    for one in bent(link):
        for answer in (alerts.site.ask(one), alerts.site.ask(one, "POST", form)):
            assert answer.code == 404, one
            assert "Niger" not in answer.text
    assert alerts.decided == []


def test_a_link_of_another_installation_decides_nothing(alerts: Alerts, tmp_path: Path) -> None:
    link = alerts.link("wrong", alerts.send()[0])
    form = form_of(alerts.site.ask(link))
    with alerting(tmp_path / "other") as other:
        other.collect(1)
        other.send()
        assert other.site.ask(link, "POST", form).code == 404
        assert other.decided == []


def test_a_link_lasts_thirty_days(alerts: Alerts) -> None:
    link = alerts.link("wrong", alerts.send()[0])
    form = form_of(alerts.site.ask(link))
    alerts.clock.move(days=29, hours=23)
    assert alerts.site.ask(link).code == 200
    alerts.clock.move(hours=2)
    for answer in (alerts.site.ask(link), alerts.site.ask(link, "POST", form)):
        assert (answer.code, "such links are valid for 30 days" in answer.text) == (410, True)
    assert alerts.decided == []


def test_who_left_the_subscription_decides_nothing(alerts: Alerts) -> None:
    mail, other = alerts.send()
    link, form = alerts.link("wrong", mail), form_of(alerts.site.ask(alerts.link("wrong", mail)))
    with alerts.site.served.database.begin() as s:
        receivers.unsubscribe(s, "alerts", "team", "amina@ngo.example", NOW)
    for answer in (alerts.site.ask(link), alerts.site.ask(link, "POST", form)):
        assert (answer.code, "no longer goes to its receiver" in answer.text) == (403, True)
    assert alerts.decided == []
    assert alerts.site.ask(alerts.link("wrong", other)).code == 200


def test_whom_the_operator_took_out_decides_nothing(alerts: Alerts) -> None:
    link = alerts.link("wrong", alerts.send()[0])
    path = alerts.site.served.chosen.path
    written = path.read_text(encoding="utf-8").replace("[amina@ngo.example, ", "[")
    path.write_text(written, encoding="utf-8")
    object.__setattr__(alerts.site.served, "chosen", load_configuration(path, environ={}))
    assert alerts.site.ask(link).code == 403


def test_an_entry_that_was_merged_is_left_alone(alerts: Alerts) -> None:
    alerts.collect(2, card=card(parties=("IT", "TN")), title="Rome and Tunis sign")
    mail, _ = alerts.send()
    match = re.search(rf"{PAGE}(/answers/wrong/A2/\S+)", body_of(mail))
    assert match
    form = form_of(alerts.site.ask(match[1]))
    alerts.curate("merge", "A1", "A2")
    for answer in (alerts.site.ask(match[1]), alerts.site.ask(match[1], "POST", form)):
        assert (answer.code, "A2 is now part of A1" in answer.text) == (409, True)
    assert [decision.kind for decision in alerts.decided] == [DecisionKind.MERGE]


def test_an_entry_that_was_ruled_out_is_left_alone(alerts: Alerts) -> None:
    link = alerts.link("right", alerts.send()[0])
    form = form_of(alerts.site.ask(link))
    alerts.curate("irrelevant", "A1")
    for answer in (alerts.site.ask(link), alerts.site.ask(link, "POST", form)):
        assert (answer.code, "A1 is no longer in the register" in answer.text) == (410, True)
        assert "edda" not in answer.text  # who reads mails need not know the users of the page
    assert len(alerts.decided) == 1


def test_an_entry_that_changed_while_the_page_was_open_is_shown_again(alerts: Alerts) -> None:
    link = alerts.link("wrong", alerts.send()[0])
    form = form_of(alerts.site.ask(link))
    alerts.collect(2, card=card(status=Status.RATIFIED), title="Niamey ratifies")
    answer = alerts.site.ask(link, "POST", form)
    assert (answer.code, "has changed since this page was opened" in answer.text) == (409, True)
    assert alerts.decided == []
    assert "was removed" in alerts.site.ask(link, "POST", form_of(answer)).text


def test_a_form_of_another_site_is_refused(alerts: Alerts) -> None:
    link = alerts.link("wrong", alerts.send()[0])
    form = form_of(alerts.site.ask(link))
    answer = alerts.site.ask(link, "POST", form, Origin="https://evil.example")
    assert (answer.code, alerts.decided) == (403, [])


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_the_page_behind_a_link_is_in_the_language_of_the_reader(
    alerts: Alerts, language: str
) -> None:
    mail, _ = alerts.send()
    for says in ("right", "wrong"):
        shown = alerts.site.ask(alerts.link(says, mail), Accept_Language=language)
        assert f'<html lang="{language}"' in shown.text
        assert labels_of(language).term(f"page.people.answer.{says}.will") in unescape(shown.text)


# --- who may decide by a link ---------------------------------------------------------------------


def subscribed(alerts: Alerts, **made: Any) -> None:
    """Somebody subscribed on the page, and it has begun."""
    served = alerts.site.served
    with served.database.begin() as s:
        user_subscriptions.add(s, kept_mail(page=PAGE, **made))
        begin(s, with_users(s, served.chosen).subscriptions, alerts.clock())
        feeds = [person.subscription for person in with_users(s, served.chosen).people]
        begin(s, feeds, alerts.clock())
    alerts.clock.move(minutes=1)


@pytest.mark.parametrize("role", [Role.READER, Role.EDITOR])
def test_a_reader_of_the_page_becomes_no_editor_by_subscribing(alerts: Alerts, role: Role) -> None:
    database = alerts.site.served.database
    with database.begin() as s:
        users.add_user(s, "rita", role, "", NOW)
        found = users.user_named(s, "rita")
    assert found is not None
    subscribed(alerts, address="rita@ngo.example", user_id=found[0].id)
    alerts.collect(2, card=card(parties=("IT", "TN")), title="Rome and Tunis sign")
    (mail,) = (mail for mail in alerts.send() if "rita" in mail["To"])
    assert ("/answers/" in body_of(mail)) is (role is Role.EDITOR)
    if role is Role.EDITOR:
        link = alerts.link("right", mail)
        assert alerts.site.ask(link).code == 200
        with database.begin() as s:
            users.set_role(s, "rita", Role.READER)
        assert alerts.site.ask(link).code == 403


def test_the_feed_of_a_subscriber_has_links_and_the_open_ones_have_none(alerts: Alerts) -> None:
    alerts.collect(2, card=card(parties=("IT", "TN")), title="Rome and Tunis sign")
    subscribed(alerts, address="", kind=SubscriptionKind.FEED, feed_hash=stored_hash("secret"))
    feed = alerts.site.ask("/feeds/secret/feed.atom")
    match = re.search(rf"{PAGE}(/answers/wrong/A1/f1[^&\"]+)", feed.text)
    assert match, feed.text
    assert alerts.site.ask("/feeds/secret/feed.atom").body == feed.body
    assert "/answers/" not in alerts.site.ask("/feed.atom").text
    assert "was removed" in alerts.press(match[1]).text
    assert alerts.decided[0].who == "feed (person-1)"
    alerts.clock.move(days=31)
    older = alerts.site.ask("/feeds/secret/feed.atom").text
    assert ("A2" in older, "/answers/" in older) == (True, False)


def test_of_a_subscription_that_ended_no_answer_is_kept(alerts: Alerts) -> None:
    subscribed(alerts, address="rita@ngo.example")
    alerts.collect(2, card=card(parties=("IT", "TN")), title="Rome and Tunis sign")
    (mail,) = (mail for mail in alerts.send() if "rita" in mail["To"])
    link = alerts.link("right", mail)
    alerts.press(link)
    with alerts.site.served.database.begin() as s:
        user_subscriptions.end(s, 1)
        assert (
            receivers.last_answer(s, Receiver("person-1", "team", "rita@ngo.example"), "A2") is None
        )
    assert alerts.site.ask(link).code == 404
    assert alerts.decided[0].who == "r@… (person-1)"


# --- what later reports do ------------------------------------------------------------------------


def test_after_wrong_later_reports_of_the_same_event_alert_nobody(alerts: Alerts) -> None:
    alerts.press(alerts.link("wrong", alerts.send()[0]))
    alerts.clock.move(hours=2)
    alerts.collect(2, title="Niamey and Rabat sign", outlet="other.example")
    alerts.collect(3, title="What the declaration of Rabat holds", outlet="third.example")
    assert alerts.entries == {}
    assert alerts.send() == []
    (decision,) = alerts.decided  # the log names them all, and one undo brings them all back
    assert {pin.document_id for pin in decision.pins if pin.kind is PinKind.IRRELEVANT} == {1, 2, 3}
    with alerts.site.served.database.begin() as s:
        undo(s, decision.id, Curator("edda", "it is one", alerts.clock()))
        (agreement,) = queries.agreements(s, Filter(), 50)
        assert (agreement.id, sorted(agreement.document_ids)) == ("A1", [1, 2, 3])


def test_after_wrong_another_step_is_news(alerts: Alerts) -> None:
    alerts.press(alerts.link("wrong", alerts.send()[0]))
    later = card(status=Status.RATIFIED, event_date=date(2026, 6, 2))
    alerts.collect(2, card=later, title="Niamey ratifies", published_on=date(2026, 6, 3))
    alerts.collect(3, card=card(parties=("MA", "ES")), title="Rabat and Madrid sign")
    assert sorted(alerts.entries) == ["A2", "A3"]
    assert len(alerts.send()) == 2


def test_after_wrong_an_official_source_is_heard(alerts: Alerts) -> None:
    alerts.press(alerts.link("wrong", alerts.send()[0]))
    with alerts.site.served.database.begin() as s:
        note_official(s, [Source("gov", SourceKind.FEED, "https://gov.example/rss", official=True)])
    alerts.collect(2, title="Declaration signed", url="https://gov.example/2", outlet="gov.example")
    assert alerts.entries == {"A2": Grade.CONFIRMED}
    assert len(alerts.send()) == 2


def test_after_wrong_an_editor_may_still_add_a_report(alerts: Alerts) -> None:
    alerts.press(alerts.link("wrong", alerts.send()[0]))
    alerts.collect(2, relevant=False, title="Niamey and Rabat sign")
    alerts.curate("relevant", "2", "parties=MA,NE", "status=signed", "event_date=2026-03-10")
    assert list(alerts.entries.values()) == [Grade.CONFIRMED]


def test_after_right_later_reports_and_steps_belong_to_a_confirmed_entry(alerts: Alerts) -> None:
    alerts.press(alerts.link("right", alerts.send()[0]))
    alerts.collect(2, title="Niamey and Rabat sign", outlet="other.example")
    assert alerts.entries == {"A1": Grade.CONFIRMED}
    assert alerts.send() == []
    alerts.collect(3, card=card(status=Status.RATIFIED, event_date=date(2026, 3, 12)))
    mail, _ = alerts.send()
    assert "confirmed" in body_of(mail)
    assert alerts.entries == {"A1": Grade.CONFIRMED}


OTHERS = """
  - {id: sure, name: Sure ones, channels: [team], rate: immediately, filter: {grades: [confirmed]}}
  - {id: later, name: Later, channels: [team], rate: "weekly on monday at 07:00"}
"""


def names_of(mails: Sequence[EmailMessage]) -> list[str]:
    return [mail["List-Id"].partition(" <")[0] for mail in mails]


def test_an_answer_reaches_other_subscribers(tmp_path: Path) -> None:
    """Who waits for confirmed entries is told after Right; who is told later, not after Wrong."""
    with alerting(tmp_path, subscriptions=ALERTS + OTHERS) as alerts:
        alerts.collect(1)
        alerts.collect(2, card=card(parties=("IT", "TN")), title="Rome and Tunis sign")
        mails = alerts.send()
        assert names_of(mails) == ["All alerts"] * 2
        found = re.findall(rf"{PAGE}(/answers/\S+)", body_of(mails[0]))
        right, wrong = (
            next(one for one in found if path in one) for path in ("right/A1", "wrong/A2")
        )
        alerts.press(right)
        alerts.press(wrong)
        mails = alerts.send()
        assert names_of(mails) == ["Sure ones"] * 2
        assert "Morocco–Niger" in body_of(mails[0])
        served = alerts.site.served
        send_now(served.database, served.chosen, now=NOW, only="later")
        _, later = alerts.mails.accepted[-1]
        assert ("Morocco–Niger" in body_of(later), "Tunis" in body_of(later)) == (True, False)


def test_an_undo_brings_back_what_resembles_something_else_that_is_out(alerts: Alerts) -> None:
    alerts.collect(2, title="Niamey and Rabat sign", outlet="other.example")
    alerts.curate("irrelevant", "2")
    alerts.curate("irrelevant", "A1")
    with alerts.site.served.database.begin() as s:
        undo(s, alerts.decided[0].id, Curator("edda", "it is one", alerts.clock()))
    assert list(alerts.entries) == ["A1"]  # of document 2 alone
    alerts.collect(3, title="What the declaration of Rabat holds", outlet="third.example")
    assert list(alerts.entries) == ["A1"]


def test_what_nobody_read_is_no_label_to_learn_from(alerts: Alerts) -> None:
    alerts.press(alerts.link("wrong", alerts.send()[0]))
    alerts.collect(2, title="Niamey and Rabat sign", outlet="other.example")
    with alerts.site.served.database.read() as s:
        assert [one["id"] for one in labelled(s)] == ["doc-1"]


# --- in a browser ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "scheme"), [("en", "dark"), ("ar", "light")])
def test_on_a_phone_one_button_answers_and_takes_back(
    alerts: Alerts, browser: Browser, language: str, scheme: Literal["dark", "light"]
) -> None:
    mail, _ = alerts.send()
    page = browser.new_page(
        viewport={"width": 360, "height": 740}, color_scheme=scheme, locale=language
    )
    page.goto(alerts.site.url + alerts.link("wrong", mail))
    for removed in (False, True, False):
        assert (alerts.entries == {}) is removed
        assert page.get_by_role("button").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert not Axe().run(page).response["violations"]
        with page.expect_navigation():
            page.get_by_role("button").click()
    page.close()


def test_the_links_of_a_mail_are_read_and_pressed_on_a_phone(
    alerts: Alerts, browser: Browser
) -> None:
    html = body_of(alerts.send()[0], "html")
    for scheme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 390, "height": 740}, color_scheme=scheme)
        page.set_content(html)
        for name in ("Right", "Wrong", "Correct it"):
            box = page.get_by_role("link", name=name, exact=True).bounding_box()
            assert box is not None
            assert box["height"] >= 24  # WCAG 2.2, target size
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert not Axe().run(page, options={"runOnly": ["wcag2aa"]}).response["violations"]
        page.close()
