"""Subscriptions that people make on the page: by mail on a real server, and as feeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scheduler.configuration.user_subscriptions import everybody
from scheduler.jobs.passes import prune, settle
from scheduler.notify.deliver import send_due
from scheduler.web.site.installation import Installation, Reach
from storage.notifications import user_subscriptions
from storage.records import Topic
from storage.users import users
from storage.users.accounts import Role
from tests.scheduler.given_digests import collect, configured, opened
from tests.scheduler.notify.channels.mail_server import MailServer
from tests.scheduler.notify.channels.mail_server import serving as mail_serving
from tests.scheduler.web.site.access.team import Clock, team
from tests.scheduler.web.site.running import Answer, Site, running, some_news
from tests.storage.given import NOW, card, judged, kept_mail

SPAIN = {"parties": ("ES", "MA")}


@dataclass
class Notifier:
    """A page that can mail, and the server that takes its mails."""

    site: Site
    mails: MailServer
    clock: Clock

    def form(self, query: str = "") -> Answer:
        return self.site.ask(f"/subscribe{query}")

    def subscribe(self, query: str = "", **filled: str) -> Answer:
        shown = self.form(query)
        form = {
            "token": hidden(shown, "token"),
            "selection": hidden(shown, "selection").replace("&amp;", "&"),
            "kind": "mail",
            "address": "amina@ngo.example",
            "name": "Border talks",
            "rate": "immediately",
            **filled,
        }
        return self.site.ask("/subscribe", "POST", form)

    def change(self, number: int, deed: str) -> Answer:
        listed = self.site.ask("/subscriptions")
        match = re.search(rf'/subscribe/{number}"><input[^>]*value="([^"]+)"', listed.text)
        assert match, listed.text
        form = {"token": match[1], "deed": deed}
        return self.site.ask(f"/subscribe/{number}", "POST", form)

    def link(self, place: int = -1) -> str:
        """The path of the link in a mail."""
        _, message = self.mails.accepted[place]
        match = re.search(r"http://\S+/mail/\S+", text_of(message))
        assert match, text_of(message)
        return urlsplit(match[0]).path

    def confirmed(self, query: str = "", **filled: str) -> str:
        assert self.subscribe(query, **filled).code == 200
        link = self.link()
        assert "Confirmed" in self.site.ask(link, "POST", {"deed": "confirm"}).text
        return link

    def collect(self, number: int, **fields: object) -> None:
        served = self.site.served
        chosen = everybody(served.database, served.chosen)
        collect(served.database, chosen, judged(number, **fields), now=self.clock())  # type: ignore[arg-type]

    def send(self) -> list[tuple[str, EmailMessage]]:
        """What is mailed now."""
        served, before = self.site.served, len(self.mails.accepted)
        settle(served.database, served.chosen, self.clock())
        sent = send_due(served.database, served.chosen, now=self.clock())
        assert sent.problems == ()
        return self.mails.accepted[before:]


def hidden(shown: Answer, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', shown.text)
    assert match, shown.text
    return match[1]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def notifier(tmp_path: Path) -> Iterator[Notifier]:
    with mail_serving(MailServer()) as mails:
        channels = f"""
channels:
  - {{id: team, kind: email, to: [team@ngo.example], sender: watch@ngo.example, host: 127.0.0.1,
     port: {mails.port}, security: none}}
"""
        chosen, clock = configured(tmp_path, "subscriptions: []\n", channels), Clock()
        database = opened(chosen)
        try:
            for one in some_news():
                collect(database, chosen, one, now=NOW)
            clock.move(minutes=1)  # what is there came in before anybody subscribed
            served = Installation(database, chosen, "edda", now=clock)
            with running(served) as site:
                yield Notifier(site, mails, clock)
        finally:
            database.close()


def test_who_confirms_is_mailed_what_is_new_and_once(notifier: Notifier) -> None:
    made = notifier.subscribe("?party=ES")
    assert (made.code, "sent a mail to amina@ngo.example" in made.text) == (200, True)
    notifier.collect(11, card=card(**SPAIN))
    assert notifier.send() == []  # nobody said yet that they want it
    link = notifier.link()
    assert "Do you want to receive" in notifier.site.ask(link).text  # to look at it changes nothing
    notifier.collect(12, card=card(**SPAIN, topics=()), title="Madrid and Rabat sign again")
    assert notifier.send() == []
    assert "Confirmed" in notifier.site.ask(link, "POST", {"deed": "confirm"}).text
    notifier.clock.move(minutes=1)
    notifier.collect(13, card=card(parties=("ES", "SN")), title="Madrid and Dakar sign")
    notifier.collect(14, card=card(parties=("IT", "LY")), title="Rome and Tripoli sign")
    ((recipient, mail),) = notifier.send()
    assert recipient == "amina@ngo.example"
    assert "Madrid and Dakar" in text_of(mail)
    assert "Tripoli" not in text_of(mail)
    assert mail["List-Unsubscribe"].strip("<>").endswith(link)
    assert f"{notifier.site.url}/agreements/A" in text_of(mail)
    assert "accordwatch.yaml" not in text_of(mail)  # which this reader never saw
    assert "accordwatch review" not in text_of(mail)
    assert notifier.send() == []


def test_the_mail_that_asks_says_nothing_that_a_stranger_wrote(notifier: Notifier) -> None:
    notifier.subscribe("?q=evil", name="Buy at http://evil.example")
    _, mail = notifier.mails.accepted[0]
    assert "evil" not in str(mail)
    assert "narrowed by words that are not repeated here" in text_of(mail)
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "What is sent: Libya, signed; immediately; in English."),
        ("fr", "Contenu des envois : Libye, signé ; immédiatement ; langue : français."),
    ],
)
def test_the_mail_that_asks_says_what_is_subscribed_to(
    notifier: Notifier, language: str, said: str
) -> None:
    notifier.subscribe("?party=LY&status=signed", language=language)
    _, mail = notifier.mails.accepted[0]
    assert said in text_of(mail)


@pytest.mark.parametrize(
    "address",
    [
        "amina@ngo.example\r\nBcc: all@ngo.example",
        "amina@ngo.example\nSubject: x",
        "amina@ngo.example, other@ngo.example",
        "Amina <amina@ngo.example>",
        "amina",
        "@ngo.example",
        "ami na@ngo.example",
        "amina@ngo.example\0",
        "",
        f"{'a' * 300}@ngo.example",
    ],
)
def test_what_is_no_mail_address_is_refused_and_nothing_is_kept(
    notifier: Notifier, address: str
) -> None:
    answer = notifier.subscribe(address=address)
    assert (answer.code, "This is no mail address" in answer.text) == (422, True)
    assert notifier.mails.accepted == []
    with notifier.site.served.database.read() as s:
        assert user_subscriptions.everybodys(s) == []


def test_nobody_is_flooded_with_mails_that_ask(notifier: Notifier) -> None:
    codes = [
        notifier.subscribe(address=f"{name}@ngo.example").code for name in ("amina", "AMINA") * 2
    ]
    assert codes == [200, 200, 200, 422]
    assert len(notifier.mails.accepted) == 3
    others = [notifier.subscribe(address=f"a{n}@ngo.example").code for n in range(25)]
    assert others == [200] * 17 + [422] * 8  # twenty for one requester
    notifier.clock.move(days=1, minutes=1)
    assert notifier.subscribe().code == 200


def test_no_mail_leads_to_a_name_that_a_stranger_chose(tmp_path: Path) -> None:
    """A page that answers to any name does not know which of them is its own."""
    with team(tmp_path, reach=Reach(is_wide=True)) as wide:
        wide.login("rita")
        shown = wide.ask("/subscribe", "rita", Host="evil.example")
        assert 'value="mail"' not in shown.text
        assert "does not know its own address" in shown.text
        token = re.findall(r'name="token" value="([^"]*)"', shown.text)[-1]  # after that to leave
        form = {"token": token, "address": "rita@ngo.example", "name": "x"}
        answer = wide.ask("/subscribe", "rita", "POST", form=form, Host="evil.example")
    assert (answer.code, "does not know its own address" in answer.text) == (422, True)


def test_a_page_without_a_mail_channel_says_why_it_offers_feeds_alone(site: Site) -> None:
    shown = site.ask("/subscribe").text
    assert re.findall(r'name="kind" value="(\w+)"', shown) == ["feed"]
    assert "The page cannot send mails, since no mail channel is configured." in shown


def test_the_proposed_name_says_what_is_excluded(site: Site) -> None:
    shown = site.ask("/subscribe?party=MA&topic=visa&not_party=ES&not_status=signed")
    assert hidden(shown, "name") == "Morocco, Not with: Spain, visas, Status is not: signed"


def test_no_mail_leads_to_a_port_that_a_stranger_chose(notifier: Notifier) -> None:
    form = {"token": hidden(notifier.form(), "token"), "address": "amina@ngo.example", "name": "x"}
    answer = notifier.site.ask("/subscribe", "POST", form, Host="127.0.0.1:9")
    assert (answer.code, notifier.mails.accepted) == (422, [])


def test_what_nobody_confirms_is_forgotten(notifier: Notifier) -> None:
    notifier.subscribe()
    link, served = notifier.link(), notifier.site.served
    notifier.clock.move(days=8)
    prune(served.database, served.chosen, notifier.clock())
    gone = notifier.site.ask(link, "POST", {"deed": "confirm"})
    assert (gone.code, "There is no subscription for this link" in gone.text) == (404, True)


def test_who_subscribes_leaves_what_others_have_still_to_confirm(notifier: Notifier) -> None:
    notifier.subscribe()
    link = notifier.link()
    notifier.subscribe(address="nour@ngo.example")
    assert "Confirmed" in notifier.site.ask(link, "POST", {"deed": "confirm"}).text


def test_a_paused_one_tells_later_what_came_in_meanwhile(notifier: Notifier) -> None:
    link = notifier.confirmed()
    assert notifier.change(1, "pause").code == 303
    notifier.clock.move(hours=1)
    notifier.collect(11, card=card(**SPAIN), title="Madrid and Rabat sign")
    assert notifier.send() == []
    assert "paused" in notifier.site.ask("/subscriptions").text
    assert "Resumed" in notifier.site.ask(link, "POST", {"deed": "resume"}).text
    ((_, mail),) = notifier.send()
    assert "Madrid and Rabat" in text_of(mail)


def test_one_click_of_a_mail_program_pauses(notifier: Notifier) -> None:
    link = notifier.confirmed()
    notifier.site.ask(link, "POST", {"List-Unsubscribe": "One-Click"})
    notifier.collect(11, card=card(**SPAIN))
    assert notifier.send() == []


def test_of_one_that_has_ended_nothing_is_kept(notifier: Notifier) -> None:
    link = notifier.confirmed()
    notifier.collect(11, card=card(**SPAIN))
    notifier.send()
    assert "All its data was deleted" in notifier.site.ask(link, "POST", {"deed": "end"}).text
    assert notifier.site.ask(link).code == 404
    served = notifier.site.served
    dumped = Path(served.database.url.removeprefix("sqlite:///"))
    with served.database.read() as s:
        assert user_subscriptions.everybodys(s) == []
    assert dumped.exists()
    notifier.collect(12, card=card(parties=("ES", "SN")))
    assert notifier.send() == []


@pytest.mark.parametrize("link", ["/mail/1.wrong", "/mail/1.", "/mail/x", "/mail/99999999999.a"])
def test_a_link_with_another_signature_shows_and_does_nothing(
    notifier: Notifier, link: str
) -> None:
    notifier.confirmed()
    for answer in (notifier.site.ask(link), notifier.site.ask(link, "POST", {"deed": "pause"})):
        assert answer.code == 404
        assert "amina" not in answer.text
    with notifier.site.served.database.read() as s:
        assert user_subscriptions.everybodys(s)[0].paused_at is None


def test_a_subscription_to_an_agreement_follows_it(notifier: Notifier) -> None:
    notifier.confirmed("?agreement=A2")
    notifier.collect(11, card=card(**SPAIN))
    assert notifier.send() == []
    step = card(parties=("IT", "TN"), topics=(Topic.LABOUR,))
    notifier.collect(12, card=step, title="Rome and Tunis sign on workers")
    ((_, mail),) = notifier.send()
    assert "Rome and Tunis sign on workers" in text_of(mail)
    assert "A2" in notifier.site.ask("/subscriptions").text


def test_a_filter_that_no_longer_fits_is_paused_and_said(notifier: Notifier) -> None:
    notifier.confirmed("?party=ES")
    with notifier.site.served.database.begin() as s:
        stored = user_subscriptions.everybodys(s)[0]
        user_subscriptions.end(s, stored.id)
        user_subscriptions.add(s, replace(stored, filter={"topics": ["tea"]}))
        user_subscriptions.add(s, replace(stored, filter={"rules": ["gone.away"]}))
    notifier.collect(11, card=card(**SPAIN))
    assert notifier.send() == []
    shown = notifier.site.ask("/subscriptions").text
    assert "paused, because its filter is no longer valid: topic: “tea”" in shown
    assert "there is no rule gone.away" in shown


def test_a_feed_has_an_address_that_nobody_can_guess_and_that_can_be_changed(
    notifier: Notifier,
) -> None:
    made = notifier.subscribe("?party=IT", kind="feed")
    match = re.search(r"http://[^<\s]+/feeds/[^<\s]+/feed\.atom", made.text)
    assert match, made.text
    path = urlsplit(match[0]).path
    feed = notifier.site.ask(path)
    assert (feed.code, "Tunis" in feed.text, "Nairobi" in feed.text) == (200, True, False)
    assert "<title>Accordwatch: Border talks</title>" in feed.text
    assert notifier.site.ask("/feeds/guess/feed.atom").code == 404
    again = notifier.change(1, "renew")
    assert notifier.site.ask(path).code == 404
    new = re.search(r"http://[^<\s]+/feeds/[^<\s]+/feed\.atom", again.text)
    assert new
    assert notifier.site.ask(urlsplit(new[0]).path).code == 200
    notifier.change(1, "pause")
    assert notifier.site.ask(urlsplit(new[0]).path).code == 404


def test_what_is_said_of_a_feed_has_no_time_at_which_it_would_be_sent(notifier: Notifier) -> None:
    notifier.subscribe("?party=IT", kind="feed", rate="daily")
    feed = notifier.site.ask("/subscriptions").text
    notifier.subscribe("?party=IT", rate="daily")
    both = notifier.site.ask("/subscriptions").text
    for term in ("<dt>Frequency", "<dt>Last sent", "<dt>Next", "<dt>Waiting to be sent"):
        assert (feed.count(term), both.count(term)) == (0, 1), term


def test_a_feed_is_a_search_that_was_kept_and_leads_back_to_it(notifier: Notifier) -> None:
    notifier.subscribe("?party=IT&agreement=A2", kind="feed")
    match = re.search(r'href="(/\?[^"]*party=IT[^"]*)"', notifier.site.ask("/subscriptions").text)
    assert match
    shown = notifier.site.ask(match[1].replace("&amp;", "&"))
    assert shown.code == 200
    assert "1 agreement<" in shown.text


def test_the_form_says_how_much_it_would_have_told(notifier: Notifier) -> None:
    shown = notifier.form("?party=IT").text
    assert "This subscription would have sent 1 item in the last 90 days." in shown
    assert "<bdi>Italy</bdi>" in shown
    assert "would have sent 0 items" in notifier.form("?party=ES").text


@pytest.mark.parametrize(
    "field",
    [{"rate": "weekly", "at": "25:00"}, {"timezone": "Mars/North"}, {"name": "  "}, {"kind": "x"}],
)
def test_a_form_that_cannot_be_is_shown_again_with_what_was_typed(
    notifier: Notifier, field: dict[str, str]
) -> None:
    answer = notifier.subscribe("?party=IT", **field)
    assert answer.code == 422
    assert 'role="alert"' in answer.text
    assert 'value="amina@ngo.example"' in answer.text
    assert "<bdi>Italy</bdi>" in answer.text


def test_a_mail_server_that_is_down_is_said_and_nothing_is_kept(notifier: Notifier) -> None:
    notifier.mails.replies.append("451 later")
    answer = notifier.subscribe()
    assert (answer.code, "could not be sent" in answer.text) == (422, True)
    with notifier.site.served.database.read() as s:
        assert user_subscriptions.everybodys(s) == []


def test_with_users_each_changes_their_own_and_who_leaves_takes_them_along(
    notifier: Notifier,
) -> None:
    database = notifier.site.served.database
    with database.begin() as s:
        users.add_user(s, "rita", Role.READER, "x", NOW)
        rita = users.user_named(s, "rita")
        assert rita
        number = user_subscriptions.add(s, kept_mail(user_id=rita[0].id, made_by="rita"))
    with database.begin() as s:
        users.remove_user(s, "rita")
    with database.read() as s:
        assert user_subscriptions.numbered(s, number) is None
