"""What a selection of the register comes to on two printed pages: each agreement with its status,
the sentence that reports it and who wrote that, under the filter and the day of print.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from scheduler.views.entry import direction_of_quote, stage_of, topics_in_words
from scheduler.views.register_entries import Entry, entries_of
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated, line
from scheduler.views.words.page import filters_in_words
from scheduler.views.words.phrases import in_words
from scheduler.web.site.context import Context, InContext
from scheduler.web.site.download import cited_address, permanent_address
from scheduler.web.site.gate import READER
from scheduler.web.site.parameters import Selection
from scheduler.web.site.selection import form_of, left_out
from storage.lists import queries
from storage.register.entry import Agreement
from storage.search.document_rows import rows_in_order

router = APIRouter(include_in_schema=False)

PATH = "/briefing"
MOST = 20  # agreements, with a quote each: two pages of A4
_LONGEST_QUOTE = 200  # characters: two lines


class Item(NamedTuple):
    """An agreement of a briefing, and below its quote whose sentence that is, its topics, and its
    address for others.
    """

    agreement: Agreement
    name: str
    quote: str
    direction: str
    texts: Sequence[str]


@router.get(PATH, dependencies=[READER])
def briefing(context: InContext, selection: Selection) -> Response:
    """The agreements of a selection reported last, as one hands them out."""
    words = context.words
    register = in_words(context.chosen.settings.dataset.register_name, words.language)
    with context.read() as s:
        listed = queries.as_listed(s, selection)
        agreements = queries.agreements(s, listed.filter, MOST)
        entries = entries_of(s, agreements, words.language)
        shown = form_of(context, selection, PATH, {}, files_of=listed) | {
            "items": [_item(context, entry) for entry in entries],
            "total": queries.count_agreements(s, listed.filter),
            "stages": _stages(agreements, words),
            "filtered_by": filters_in_words(selection.parameters, words),
            "register_name": isolated(register, words.direction),
            "printed_on": context.now().date(),
            "cited_at": cited_address(context, listed.address("/")),
            **left_out(s, selection, PATH),
        }
        return context.page(s, "register/briefing.html.j2", **shown)


def _item(context: Context, entry: Entry) -> Item:
    agreement, words = entry.agreement, context.words
    step = agreement.current
    rows = rows_in_order(entry.documents, step.document_ids) if step else []
    said = [isolated(name, words.direction) for row in rows[:1] if (name := row.outlet)]
    said += [words.day(row.published_on) for row in rows[:1] if row.published_on]
    comma = words.say(", ")
    texts = [comma.join(said), comma.join(topics_in_words(agreement.topics, words))]
    texts.append(permanent_address(context, f"/agreements/{agreement.id}"))
    return Item(
        agreement,
        entry.name,
        line(step.quote, _LONGEST_QUOTE) if step else "",
        direction_of_quote(step, rows) if step else "auto",
        list(filter(None, texts)),
    )


def _stages(agreements: Sequence[Agreement], words: Labels) -> list[tuple[str, str]]:
    """How many of them are at each stage, by its name."""
    stages = [stage_of(agreement.status) for agreement in agreements if agreement.status]
    return [
        (words.term(f"page.stages.{name}"), words.number(stages.count(name)))
        for name in dict.fromkeys(stages)
    ]
