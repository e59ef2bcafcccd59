"""A digest as a mail: subject, plain text, and HTML that reads well in light and dark, on narrow
screens and from right to left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from crawler.differences import Passage
from scheduler.notify.digest.build import OPERATOR, Digest, DigestItem, ReportLink
from scheduler.notify.digest.sentences import (
    TITLE_LENGTH,
    alive,
    answers,
    headline,
    in_full,
    on_page,
    review_line,
    subject,
    subscription_name,
    summary,
    sure,
)
from scheduler.views.entry import expected_in_words, topics_in_words
from scheduler.views.verdicts import what_was_read
from scheduler.views.words.labels import Labels, direction_of, labels_of
from scheduler.views.words.lines import isolated, line, percent, web_address
from scheduler.views.words.names import place_in
from storage.records import NewsKind
from storage.review.review_queue import QueuedDocument
from storage.subscription import Subscription

if TYPE_CHECKING:  # both are loaded for the first digest: most runs send none
    from css_inline import CSSInliner
    from jinja2 import Environment

_PASSAGES = 5  # of a changed text; who wants the rest compares both versions
_QUOTE_LENGTH = 600  # three or four sentences; more than that is no longer a quotation
# Gmail cuts a mail off at 102 KB of HTML. We show fewer reports of each agreement instead, and if
# that is not enough, fewer agreements.
MAIL_BYTES = 100_000
_INDENTS = re.compile(r"\n\s+")
# Reports of an agreement that are shown, at each attempt to make a mail shorter. A summit is
# reported by hundreds; the rest stands in the register.
_REPORTS_SHOWN = (25, 5, 2, 1)


View = dict[str, Any]  # a part of what the templates lay out


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


def render(
    digest: Digest, unsubscribe_url: str | None = None, *, most_bytes: int | None = MAIL_BYTES
) -> Rendered:
    """The mail. `unsubscribe_url` (https: or mailto:) is the link that ends the subscription. If
    the HTML has more than `most_bytes`, reports are left out, and then agreements are cut to a
    line. With None nothing is left out.
    """
    labels = labels_of(digest.subscription.language)
    if most_bytes is None:
        most_reports = max((len(item.reports) for item in digest.items), default=0)
        text, html = _bodies(digest, labels, unsubscribe_url, most_reports)
        return Rendered(subject(digest, labels), text, html)
    text, html = _bodies(digest, labels, unsubscribe_url, _REPORTS_SHOWN[0])
    for most_reports in _REPORTS_SHOWN[1:]:
        if len(html.encode()) > most_bytes:
            text, html = _bodies(digest, labels, unsubscribe_url, most_reports)
    shown = digest
    while len(html.encode()) > most_bytes and len(shown.items) > 1:
        fitting = len(shown.items) * most_bytes // len(html.encode())
        hidden = max(1, len(shown.items) - max(1, fitting))
        rest = (*shown.items[-hidden:], *shown.rest)
        shown = replace(shown, items=shown.items[:-hidden], rest=rest)
        text, html = _bodies(shown, labels, unsubscribe_url, _REPORTS_SHOWN[-1])
    return Rendered(subject(digest, labels), text, html)


def digest_view(
    digest: Digest,
    labels: Labels,
    unsubscribe_url: str | None = None,
    most_reports: int = _REPORTS_SHOWN[0],
) -> SimpleNamespace:
    """All texts of a mail, with at most `most_reports` reports of an agreement."""
    subscription = digest.subscription
    rtl = labels.direction == "rtl"
    review_place = f"{subscription.page}/review" if subscription.page else "accordwatch review"

    def isolated_parts(*parts: str) -> str:
        """The parts on one line of plain text, none of them changing the direction of another."""
        return " · ".join(isolated(part, labels.direction) for part in parts)

    def changed(passage: Sequence[tuple[str, str]]) -> str:
        """A passage on one line of plain text, marked as `wdiff` does."""
        marks = {"removed": "[-{}-]", "added": "{{+{}+}}"}
        return isolated_parts(" ".join(marks.get(how, "{}").format(text) for how, text in passage))

    return SimpleNamespace(
        language=labels.language,
        direction=labels.direction,
        start="right" if rtl else "left",
        end="left" if rtl else "right",
        name=subscription_name(digest),
        day=labels.weekday_and_day(digest.made_at, subscription.timezone),
        summary=summary(digest, labels),
        items=_item_views(digest, labels, most_reports),
        answers_label=labels.say("answers.ask"),
        notices=[line(notice, _QUOTE_LENGTH) for notice in digest.notices],
        notices_label=labels.say("kinds.source_health"),
        more=labels.count("more", len(digest.rest)) if digest.rest else "",
        rest=[_line_view(item, labels, subscription.page) for item in digest.rest],
        in_full=in_full(digest, labels),
        review=[_review_view(one, labels) for one in digest.review[1]] if digest.review else [],
        review_label=review_line(digest, labels),
        review_hint=labels.say("review_hint", where=review_place),
        nothing=labels.say("nothing") if digest.is_empty else "",
        nothing_hint=labels.say("nothing_hint"),
        alive=alive(digest, labels),
        why=labels.say(
            "why",
            name=isolated(subscription_name(digest), labels.direction),
            rate=labels.rate(subscription.rate, subscription.timezone),
        ),
        change=_change_line(subscription, labels),
        unsubscribe=labels.say("manage" if digest.subscription.manage else "unsubscribe"),
        unsubscribe_url=unsubscribe_url,
        changed=changed,
        isolated=isolated_parts,
    )


def _bodies(
    digest: Digest, labels: Labels, unsubscribe_url: str | None, most_reports: int
) -> tuple[str, str]:
    view = digest_view(digest, labels, unsubscribe_url, most_reports)
    text = _templates().get_template("digest.txt.j2").render(view=view)
    page = _templates().get_template("digest.html.j2").render(view=view)
    return text, _INDENTS.sub("\n", _inliner().inline(page))


@cache
def _templates() -> Environment:
    """Return the templates, which fail on a name that nobody filled in."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("scheduler.notify.digest"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _inliner() -> CSSInliner:
    """Return what moves styles into the elements that they are about."""
    from css_inline import CSSInliner

    # Mail programs drop <style>, or keep only its media rules, which serve dark mode and narrow
    # screens.
    return CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)


def _change_line(subscription: Subscription, labels: Labels) -> str:
    """Where a subscription is changed; "" if a link in the mail leads there."""
    if subscription.manage:
        return ""
    key = "change_alarms" if subscription.id == OPERATOR else "change"
    return labels.say(key, id=subscription.id)


def _item_views(digest: Digest, labels: Labels, most_reports: int) -> list[View]:
    """The items, and above the first unconfirmed one the heading of those, which come last."""
    items, page = digest.items, digest.subscription.page
    views = [
        {**_item_view(item, labels, most_reports, page), "answers": answers(digest, item, labels)}
        for item in items
    ]
    first = next((number for number, item in enumerate(items) if item.is_unconfirmed), None)
    if first is not None:
        views[first]["section"] = labels.say("grade.unconfirmed_section")
        views[first]["section_hint"] = labels.say("grade.unconfirmed_hint")
    return views


def _item_view(item: DigestItem, labels: Labels, most_reports: int, page: str) -> View:
    topics = labels.say("comma").join(topics_in_words(item.topics, labels))
    place = line(place_in(labels.language, item.place, item.place_key), TITLE_LENGTH)
    shown = item.reports[:most_reports]
    hidden = len(item.reports) - len(shown)
    listed = ""
    if item.listed_since and item.kind is NewsKind.NEW_STEP:
        since, day = labels.day(item.listed_since), labels.day(item.reported_on)
        listed = labels.say("listed.dates", since=since, day=day)
    before = ""
    if item.before and item.before != item.status:
        before = labels.status(item.before, item.instrument)
    # Outlets that report the status of the item; all of them if a curator decided on it.
    saying = [link for link in item.reports if link.reports_status] or item.reports
    outlets = {link.outlet or link.url for link in saying}
    return {
        "section": "",
        "section_hint": "",
        "grade": item.grade or "",
        "grade_label": sure(item, labels),
        "kind": item.kind.value,
        "kind_label": labels.say("listed.update" if listed else f"kinds.{item.kind}"),
        "headline": headline(item, labels),
        "before": labels.say("before", status=before) if before else "",
        "facts": [
            fact
            for fact in (
                place,
                labels.day(item.event_date),
                expected_in_words(item.expected_on, labels),
                topics,
                listed,
            )
            if fact
        ],
        "quote": line(item.quote, _QUOTE_LENGTH),
        "quote_direction": direction_of(item.quote_language),
        "quote_language": item.quote_language,
        "quote_about": _about((item.quote_outlet, _language(item.quote_language, labels))),
        "reports_label": labels.count("reported_by", len(outlets)),
        "reports": [_report_view(link, labels) for link in shown],
        "more_reports": _more_reports(item, hidden, labels, page) if hidden else "",
        "reference": labels.say("reference", id=item.agreement_id) if item.agreement_id else "",
        "reference_url": on_page(item, page),
        "changes_label": labels.say("changes"),
        "changes": [_change_view(*one, labels, page) for one in item.changes if one[-1]],
    }


def _report_view(link: ReportLink, labels: Labels) -> View:
    about = (link.outlet, _language(link.language, labels), labels.day(link.published_on))
    return _document_view(link, about, labels)


def _more_reports(item: DigestItem, hidden: int, labels: Labels, page: str) -> str:
    text = labels.count("more_reports", hidden)
    if not item.agreement_id:
        return text
    where = on_page(item, page) or f"accordwatch show {item.agreement_id}"
    return f"{text}{labels.say('colon')}{where}"


def _change_view(
    document_id: int, language: str, passages: Sequence[Passage], labels: Labels, page: str
) -> View:
    shown = [
        [(str(piece.change), line(piece.text, _QUOTE_LENGTH)) for piece in passage]
        for passage in passages[:_PASSAGES]
    ]
    rest = ""
    if len(passages) > _PASSAGES:
        rest = f"{labels.say('more_hint')}{labels.say('colon')}"
        command = f"accordwatch document {document_id} --diff"
        rest += f"{page}/documents/{document_id}" if page else command
    return {
        "direction": direction_of(language),
        "language": language,
        "passages": shown,
        "rest": rest,
    }


def _line_view(item: DigestItem, labels: Labels, page: str) -> View:
    urls = (on_page(item, page), *(web_address(link.url) for link in item.reports))
    url = next(filter(None, urls), None)
    about = (
        labels.day(item.event_date),
        expected_in_words(item.expected_on, labels),
        sure(item, labels),
        item.agreement_id,
    )
    return {"headline": headline(item, labels), "url": url, "about": list(filter(None, about))}


def _review_view(one: QueuedDocument, labels: Labels) -> View:
    likely = ""
    if one.probability is not None:
        likely = labels.say("review_likely", percent=percent(one.probability))
    about = (one.outlet, likely, what_was_read(one.frame, labels))
    return _document_view(one, about, labels)


def _document_view(
    one: QueuedDocument | ReportLink, about: Sequence[str | None], labels: Labels
) -> View:
    return {
        "title": line(one.title, TITLE_LENGTH) or labels.say("untitled"),
        "url": web_address(one.url),
        "about": _about(about),
        "direction": direction_of(one.language),
        "language": one.language,
    }


def _language(code: str, labels: Labels) -> str:
    return "" if code == "und" else labels.language_name(code)


def _about(parts: Sequence[str | None]) -> list[str]:
    return [line(part, TITLE_LENGTH) for part in parts if part]
