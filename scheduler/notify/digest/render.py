"""A digest as a mail: subject, plain text, and HTML that reads well in light and dark, on narrow
screens and from right to left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from css_inline import CSSInliner

from crawler.differences import Passage
from scheduler.notify.digest.build import OPERATOR, Digest, DigestItem
from scheduler.notify.digest.sentences import (
    TITLE_LENGTH,
    alive,
    answers,
    brief,
    headline,
    in_full,
    lines_shown,
    on_page,
    review_line,
    right_or_wrong,
    subject,
    subscription_name,
    summary,
    sure,
    title_of,
    unconfirmed_left,
)
from scheduler.views.entry import (
    because,
    expected_in_words,
    marked_translation,
    support_of,
    topics_in_words,
    translation_of,
)
from scheduler.views.verdicts import what_was_read
from scheduler.views.words.labels import Labels, direction_of, labels_of
from scheduler.views.words.lines import isolated, line, web_address
from scheduler.views.words.names import place_in
from scheduler.views.words.page import followed
from storage.records import NewsKind
from storage.search.document_rows import DocumentRow
from storage.subscription import Subscription

if TYPE_CHECKING:  # both are loaded for the first digest: most runs send none
    from jinja2 import Environment

MOST_PASSAGES = 5  # of a changed text; who wants the rest compares both versions
QUOTE_LENGTH = 600  # three or four sentences; more than that is no longer a quotation
# Gmail cuts a mail off at 102 KB of HTML. We show fewer reports of each agreement instead, and if
# that is not enough, fewer agreements.
MAIL_BYTES = 100_000
_INDENTS = re.compile(r"\n\s+")
# Reports of an agreement that are shown, at each attempt to make a mail shorter. A summit is
# reported by hundreds; the rest stands in the register.
MOST_REPORTS = 25
_FEWER_REPORTS = (5, 2, 1)


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


def render(
    digest: Digest, *unsubscribe_urls: str | None, most_bytes: int | None = MAIL_BYTES
) -> Rendered:
    """The mail. `unsubscribe_urls` (https: or mailto:) has the link that ends the subscription of
    each section. If the HTML has more than `most_bytes`, reports are left out, then the answers
    beside lines, and then agreements are cut to a line. With None nothing is left out.
    """
    labels = labels_of(digest.subscription.language)
    shown: dict[str, Any] = {
        "mail": digest,
        "unsubscribe_urls": unsubscribe_urls or (None,) * len(digest.sections),
        "labels": labels,
        "say": labels.say,
        "count": labels.count,
        "direction": labels.direction,
        "most_reports": MOST_REPORTS,
        "are_lines_answered": True,
    }
    if most_bytes is None:
        most = (len(item.reports) for section in digest.sections for item in section.items)
        shown["most_reports"] = max(most, default=0)
    html, left = _page(shown), digest
    for most_reports in _FEWER_REPORTS:
        if most_bytes is not None and len(html.encode()) > most_bytes:
            shown |= {"most_reports": most_reports, "are_lines_answered": most_reports > 1}
            html = _page(shown)
    while most_bytes is not None and len(html.encode()) > most_bytes and _in_full(left) > 1:
        fitting = _in_full(left) * most_bytes // len(html.encode())
        left = _cut(left, min(max(1, fitting), _in_full(left) - 1))
        shown["mail"] = left
        html = _page(shown)
    text = _templates().get_template("digest.txt.j2").render(shown)
    return Rendered(subject(digest, labels), text, html)


def _in_full(mail: Digest) -> int:
    return sum(len(digest.items) for digest in mail.sections)


def _cut(mail: Digest, most: int) -> Digest:
    """The mail with that many items in full, the first ones; the others get a line each."""
    sections = []
    for digest in mail.sections:
        items, rest = digest.items[:most], (*digest.items[most:], *digest.rest)
        most -= len(items)
        sections.append(replace(digest, items=items, rest=rest))
    return replace(sections[0], further=tuple(sections[1:]))


def _page(shown: Mapping[str, Any]) -> str:
    page = _templates().get_template("digest.html.j2").render(shown)
    return _INDENTS.sub("\n", _inliner().inline(page))


@cache
def _templates() -> Environment:
    """Return the templates, which fail on a name that nobody filled in."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("scheduler.notify.digest"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(TEMPLATE_FUNCTIONS)
    return environment


@cache
def _inliner() -> CSSInliner:
    """Return what moves styles into the elements that they are about."""
    # Mail programs drop <style>, or keep only its media rules, which serve dark mode and narrow
    # screens.
    return CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)


# --- what the templates call ----------------------------------------------------------------------


def in_one_line(parts: Iterable[str], labels: Labels) -> str:
    """The parts on one line of plain text, none of them changing the direction of another."""
    return " · ".join(isolated(part, labels.direction) for part in parts)


def marked_changes(passage: Passage, labels: Labels) -> str:
    """A passage on one line of plain text, marked as `wdiff` does."""
    marks = {"removed": "[-{}-]", "added": "{{+{}+}}"}
    texts = (
        marks.get(piece.change, "{}").format(line(piece.text, QUOTE_LENGTH)) for piece in passage
    )
    return in_one_line([" ".join(texts)], labels)


def change_line(subscription: Subscription, labels: Labels) -> str:
    """Where a subscription is changed; "" if a link in the mail leads there."""
    if subscription.manage:
        return ""
    if subscription.id == OPERATOR:
        return labels.say(
            "To change who is notified of problems: alerts.operator in accordwatch.yaml."
        )
    return labels.say(
        "To change or end it: the subscription “{id}” in accordwatch.yaml.", id=subscription.id
    )


def why_sent(digest: Digest, labels: Labels) -> str:
    name = isolated(subscription_name(digest), labels.direction)
    rate = labels.rate(digest.subscription.rate, digest.subscription.timezone)
    return labels.say(
        "You receive this because you are subscribed to “{name}”, {rate}.", name=name, rate=rate
    )


def mail_name(mail: Digest, labels: Labels) -> str:
    """The names of all subscriptions of a mail."""
    parts = [isolated(subscription_name(digest), labels.direction) for digest in mail.sections]
    return line(labels.say(", ").join(parts), TITLE_LENGTH)


def because_followed(digest: Digest, labels: Labels) -> str:
    what = followed(digest.subscription.filter, labels)
    return labels.say("Because you follow: {what}", what=what)


def told_above(digest: Digest, labels: Labels) -> str:
    """How many items of a section stand in an earlier one; "" without any."""
    if not digest.above:
        return ""
    return labels.count(
        "{n} agreement of this subscription is shown above",
        "{n} agreements of this subscription are shown above",
        digest.above,
    )


def kind_name(item: DigestItem, labels: Labels) -> str:
    """ "New stage"; "New stage: signed, 3 March 2026" if the entry has another status than that."""
    kind = labels.term("listed.update" if _is_of_list(item) else f"kinds.{item.kind}")
    step, agreement = item.other_step, item.agreement
    if step is None or step.status is None:
        return kind
    day = labels.say(", ") + labels.day(step.on) if step.on else ""
    return f"{kind}{labels.say(': ')}{labels.status(step.status, agreement.instrument)}{day}"


def _is_of_list(item: DigestItem) -> bool:
    """Whether a list had the agreement before a report was on its step."""
    return item.listed_since is not None and item.kind is NewsKind.NEW_STEP


def status_before(item: DigestItem, labels: Labels) -> str:
    step = item.other_step
    if step is not None:
        return (
            labels.say(
                "Uncertain: only one outlet reports it, so the status of the agreement does "
                "not take it into account."
            )
            if step in item.agreement.in_doubt
            else ""
        )
    if item.before is None or item.before == item.agreement.status:
        return ""
    return labels.say(
        "before: {status}", status=labels.status(item.before, item.agreement.instrument)
    )


def facts(item: DigestItem, labels: Labels) -> list[str]:
    agreement, listed = item.agreement, ""
    if _is_of_list(item):
        since, day = labels.day(item.listed_since), labels.day(item.reported_on)
        listed = labels.say("in a list since {since}, reported now: {day}", since=since, day=day)
    return _about(
        (
            place_in(labels.language, agreement.place, agreement.place_key),
            labels.day(agreement.event_date),
            expected_in_words(agreement.expected_on, labels),
            labels.say(", ").join(topics_in_words(agreement.topics, labels)),
            listed,
        )
    )


def about_quote(item: DigestItem, labels: Labels) -> list[str]:
    quoted = item.quoted
    return _about((quoted.outlet, _language(quoted.language, labels))) if quoted else []


def about_report(item: DigestItem, row: DocumentRow, labels: Labels) -> list[str]:
    """Its outlet, language and day; and the status that it reports, if the entry has another."""
    agreement, day = item.agreement, labels.day(row.published_on)
    own = next((step.status for step in agreement.history if row.id in step.document_ids), None)
    other = labels.status(own, agreement.instrument) if own and own is not agreement.status else ""
    return _about((row.outlet, _language(row.language, labels), day, other))


def about_waiting(row: DocumentRow, labels: Labels) -> list[str]:
    return _about((row.outlet, what_was_read(row.frame, labels)))


def about_line(item: DigestItem, labels: Labels) -> list[str]:
    """What stands behind the headline of an item that gets only a line."""
    expected = expected_in_words(item.agreement.expected_on, labels)
    day = labels.day(item.agreement.event_date)
    return [part for part in (day, expected, sure(item, labels), item.agreement_id) if part]


def url_of_line(item: DigestItem, page: str) -> str | None:
    urls = (on_page(item, page), *(web_address(row.url) for row in item.reports))
    return next(filter(None, urls), None)


def reported_by(item: DigestItem, labels: Labels) -> str:
    """Why an entry has its grade, as its page says it, and how many reports name its status."""
    if item.grounds is None:
        return ""
    sentence, step = because(item.grounds, labels), item.agreement.current
    own = [row for row in item.reports if step is not None and row.id in step.document_ids]
    support = support_of(step, own) if step else None
    if support is None:
        return sentence
    some, of = map(labels.number, support)
    return (
        f"{sentence} {labels.say('{some} of {all} reports name this status', some=some, all=of)}."
    )


def more_reports(item: DigestItem, hidden: int, labels: Labels, page: str) -> str:
    text = labels.count("and {n} more report", "and {n} more reports", hidden)
    if not item.agreement_id:
        return text
    where = on_page(item, page) or f"accordwatch show {item.agreement_id}"
    return f"{text}{labels.say(': ')}{where}"


def all_changes(document_id: int, labels: Labels, page: str) -> str:
    """Where more passages of a changed text are shown."""
    command = f"accordwatch document {document_id} --diff"
    where = f"{page}/documents/{document_id}" if page else command
    return f"{labels.say('Full list')}{labels.say(': ')}{where}"


def _language(code: str, labels: Labels) -> str:
    return "" if code == "und" else labels.language_name(code)


def _about(parts: Iterable[str | None]) -> list[str]:
    return [line(part, TITLE_LENGTH) for part in parts if part]


TEMPLATE_FUNCTIONS: Mapping[str, Any] = {
    function.__name__: function
    for function in (
        *(because_followed, mail_name, told_above),
        *(about_line, about_quote, about_report, about_waiting, alive, all_changes, answers, brief),
        *(change_line, direction_of, facts, headline, in_full, in_one_line),
        *(
            kind_name,
            line,
            lines_shown,
            marked_changes,
            marked_translation,
            more_reports,
            on_page,
            reported_by,
            review_line,
        ),
        *(right_or_wrong, status_before, subject, subscription_name, summary, sure, title_of),
        *(translation_of, unconfirmed_left, url_of_line, web_address, why_sent),
    )
} | {"QUOTE_LENGTH": QUOTE_LENGTH, "MOST_PASSAGES": MOST_PASSAGES}
