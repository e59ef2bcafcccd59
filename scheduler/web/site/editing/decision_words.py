"""Decisions as the page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.views.decisions import in_words, leading
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated, line
from scheduler.views.words.page import moment
from scheduler.web.site.access.gate import Visitor
from storage.register.records import Decision

UNDO = "/undo"  # what the token of every form that undoes is made for


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision as the page shows it. `token` is empty where it cannot be undone by who reads."""

    number: int
    said: str
    who: str
    when: str
    why: str
    undone: str
    agreements: Sequence[str]
    documents: Sequence[int]
    token: str


def decision_line(one: Decision, visitor: Visitor, may_undo: bool, words: Labels) -> DecisionLine:
    undone = ""
    if one.undone_at is not None:
        undone = words.say(
            "page.decisions.undone_by",
            who=isolated(line(one.undone_by or "", 80), words.direction),
            moment=moment(one.undone_at, words),
        )
    about = [found for found in (one.agreement_id, one.other_agreement_id) if found]
    is_open = may_undo and one.undone_at is None
    return DecisionLine(
        number=one.id,
        said=in_words(one, words),
        who=line(one.who, 80),
        when=moment(one.at, words),
        why=line(one.why, 500),
        undone=undone,
        agreements=about,
        documents=sorted(leading(one)),
        token=visitor.form_token(UNDO) if is_open else "",
    )
