"""The sentences of a digest in the language of its subscription, for all channels: subject,
headlines, counts, and how many sources were alive.
"""

from __future__ import annotations

from typing import NamedTuple

from scheduler.notify.digest.build import Digest, DigestItem
from scheduler.schedule.sources_due import NotAlive
from scheduler.views.entry import grade_name, titled
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import cut, isolated, line
from scheduler.views.words.names import joined_parties, name_of
from storage.records import NewsKind
from storage.search.document_rows import DocumentRow

SUBJECT_LENGTH = 120  # phones show 40 to 60 characters, programs about 100
_FIRST_LENGTH = 60  # of the first of several items, so that "and others" has room
TITLE_LENGTH = 160  # of documents and subscriptions
_SILENT_SHOWN = 6  # sources that are not alive; `sources list` shows all of them


def subject(mail: Digest, labels: Labels) -> str:
    """One line: the headline of an item alone; of several how many there are, and the first."""
    items = [item for digest in mail.sections for item in (*digest.items, *digest.rest)]
    page = f" ({mail.page}/{mail.pages})" if mail.pages > 1 else ""
    if len(items) == 1:
        return f"{line(headline(items[0], labels), SUBJECT_LENGTH)}{page}"
    if items:
        numbers = {kind: sum(item.kind is kind for item in items) for kind in NewsKind}
        kinds = [labels.count_of(f"counts.{kind}", n) for kind, n in numbers.items() if n]
        text = labels.count(
            "{counted}: {first} and another",
            "{counted}: {first} and others",
            len(items) - 1,
            counted=labels.say(", ").join(kinds),
            first=line(_short_name(items[0], labels), _FIRST_LENGTH),
        )
        return f"{line(text, SUBJECT_LENGTH)}{page}"
    digest = next(
        (section for section in mail.sections if section.unconfirmed or section.notices), mail
    )
    if digest.unconfirmed:
        said = labels.count_of("counts.unconfirmed", len(digest.unconfirmed))
        return line(f"{subscription_name(digest)}{labels.say(': ')}{said}", SUBJECT_LENGTH)
    if digest.notices:
        only = digest.notices[0] if len(digest.notices) == 1 else ""
        return line(
            only
            or labels.count(
                "{n} thing needs your attention",
                "{n} things need your attention",
                len(digest.notices),
            ),
            SUBJECT_LENGTH,
        )
    return line(labels.say("{name}: no results", name=subscription_name(digest)), SUBJECT_LENGTH)


def _short_name(item: DigestItem, labels: Labels) -> str:
    """ "Spain–Mauritania"; of a near miss "possibly: Spain–Mauritania"."""
    parties = joined_parties(item.agreement.parties, labels) if item.agreement.parties else ""
    return _with_doubt(item, item.given or parties or item_name(item, labels), labels)


def headline(item: DigestItem, labels: Labels) -> str:
    """ "Morocco–Niger declaration, 2025: signed", or the document's own title if no party is known.

    A near miss has no name yet: "possibly: Morocco and Niger: declaration signed".
    """
    return _with_doubt(item, _plain_headline(item, labels), labels)


def _with_doubt(item: DigestItem, text: str, labels: Labels) -> str:
    is_near = item.kind is NewsKind.NEAR_MISS
    return labels.say("possibly: {headline}", headline=text) if is_near else text


def item_name(item: DigestItem, labels: Labels) -> str:
    """What the agreement is called; the title of a document that belongs to none."""
    if item.agreement.id:
        return name_of(item.agreement, item.given, labels)
    return line(item.agreement.title, TITLE_LENGTH) or labels.say("untitled")


def _plain_headline(item: DigestItem, labels: Labels) -> str:
    agreement = item.agreement
    if agreement.id and (agreement.parties or item.given):
        return titled(agreement, item.given, agreement.status, labels)
    # else a headline, which has the status in its own words
    if agreement.id or not agreement.parties or item.kind is NewsKind.NEW_DOCUMENT:
        return item_name(item, labels)
    what = labels.instrument(agreement.instrument)
    status = f" {labels.status(agreement.status, agreement.instrument)}" if agreement.status else ""
    parties = labels.listed(labels.party(code) for code in agreement.parties)
    return cut(f"{parties}{labels.say(': ')}{what}{status}", TITLE_LENGTH)


def summary(digest: Digest, labels: Labels) -> str:
    """ "2 new agreements · 1 new step"."""
    return " · ".join(labels.count_of(f"counts.{kind}", n) for kind, n in digest.counts().items())


def alive(digest: Digest, labels: Labels) -> str:
    """ "Compiled from 1,240 documents of 148 of 154 sources", and how many sources are inactive,
    with a link to the page about them. Without a page it names them, since when and why. If
    documents were not counted: "148 of 154 sources active"; "" if sources were not either.
    """
    watched = digest.watched
    if watched is None:
        return ""
    number = labels.number(watched.alive)
    if watched.documents is None:
        return labels.count(
            "{alive} of {n} source active",
            "{alive} of {n} sources active",
            watched.sources,
            alive=number,
        )
    documents = labels.count("{n} document", "{n} documents", watched.documents)
    text = labels.count(
        "Compiled from {documents} of {alive} of {n} source",
        "Compiled from {documents} of {alive} of {n} sources",
        watched.sources,
        documents=documents,
        alive=number,
    )
    if not watched.silent:
        return text
    if page := digest.subscription.page:
        sources = labels.number(len(watched.silent))
        return labels.say(
            "{said}; inactive: {listed}", said=text, listed=f"{sources} ({page}/sources)"
        )
    shown = [_not_alive(one, labels) for one in watched.silent[:_SILENT_SHOWN]]
    more = len(watched.silent) - len(shown)
    listed = labels.listed(
        [*shown, *([labels.count("{n} more", "{n} more", more)] if more else [])]
    )
    return labels.say("{said}; inactive: {listed}", said=text, listed=listed)


def _not_alive(one: NotAlive, labels: Labels) -> str:
    name, since, reason = one
    name = isolated(name, labels.direction)
    text = labels.say("{name}, which never answered", name=name)
    if since is not None:
        text = labels.say("{name} since {day}", name=name, day=labels.day(since))
    why = labels.why_not_alive(reason)
    return labels.say("{said} ({why})", said=text, why=why) if why else text


def review_line(digest: Digest, labels: Labels) -> str:
    return (
        labels.count(
            "Waiting for review: {n} document",
            "Waiting for review: {n} documents",
            digest.review.waiting,
        )
        if digest.review
        else ""
    )


def in_full(digest: Digest, labels: Labels) -> str:
    """How to read all of the digest; "" if it was not claimed, since a preview has no number."""
    if not digest.digest_id:
        return ""
    page = digest.subscription.page
    where = f"{page}/changes" if page else f"accordwatch digest show {digest.digest_id}"
    return f"{labels.say('Full list')}{labels.say(': ')}{where}"


def lines_shown(digest: Digest) -> int:
    """How many unconfirmed items get a line: none where they are only counted."""
    return 0 if digest.subscription.unconfirmed == "count" else len(digest.unconfirmed)


def unconfirmed_left(digest: Digest, shown: int, labels: Labels) -> str:
    """How many unconfirmed items come after those that are `shown`, and where they stand; "" if
    none do.
    """
    left, page = len(digest.unconfirmed) - shown, digest.subscription.page
    if left <= 0:
        return ""
    said = labels.count_of("more" if shown else "counts.unconfirmed", left)
    hint = in_full(digest, labels)
    if page:
        hint = f"{labels.say('Full list')}{labels.say(': ')}{page}/?grade=unconfirmed"
    return " · ".join(filter(None, (said, hint)))


class Brief(NamedTuple):
    """An unconfirmed item in a line: its parties or name, the report whose headline tells it, and
    the outlet of that.
    """

    parties: str
    report: DocumentRow | None
    about: list[str]


def brief(item: DigestItem, labels: Labels) -> Brief:
    report = next((row for row in item.reports if row.id in item.news), item.quoted)
    unread = sure(item, labels) if item.is_unread else ""
    outlet = line(report.outlet, TITLE_LENGTH) if report and report.outlet else ""
    parties = item.given or labels.listed(map(labels.party, item.agreement.parties))
    return Brief(parties, report, [part for part in (outlet, unread) if part])


class AnswerLink(NamedTuple):
    """An answer about an entry by one click, with its label."""

    name: str
    word: str
    url: str


def right_or_wrong(digest: Digest, item: DigestItem, labels: Labels) -> list[AnswerLink]:
    """The two answers by one click, for a line."""
    return [answer for answer in answers(digest, item, labels) if answer.name != "correct"]


def title_of(row: DocumentRow, labels: Labels) -> str:
    return line(row.title, TITLE_LENGTH) or labels.say("untitled")


def on_page(item: DigestItem, page: str) -> str:
    return f"{page}/agreements/{item.agreement_id}" if page and item.agreement_id else ""


def answers(digest: Digest, item: DigestItem, labels: Labels) -> list[AnswerLink]:
    """The answers about an entry; none without links."""
    if digest.answering is None or item.agreement_id is None:
        return []
    links = digest.answering(item.agreement_id)
    return [AnswerLink(name, labels.term(f"answers.{name}"), url) for name, url in links]


def sure(item: DigestItem, labels: Labels) -> str:
    """Its grade: "unconfirmed, not read yet"; "" for a document outside the register."""
    if item.grade is None:
        return ""
    return (
        labels.say("unconfirmed, not read by the second reader yet")
        if item.is_unread
        else grade_name(item.grade, labels)
    )


def subscription_name(digest: Digest) -> str:
    return line(digest.subscription.name, TITLE_LENGTH) or digest.subscription.id
