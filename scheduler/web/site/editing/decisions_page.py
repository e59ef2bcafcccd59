"""What persons decided about the register, and taking it back; and the pages behind the links of
mails, chat messages and feeds that say whether an entry is right.

To open such a link changes nothing, whoever or whatever opens it: only the button of its page
decides, and only about the entry as that page showed it.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from scheduler.decisions import curation
from scheduler.notify.answers import (
    ANSWERS,
    LASTS,
    LinkAnswer,
    LinkRefused,
    named_for_readers,
    receiver_signed,
)
from scheduler.views.decisions import leading
from scheduler.views.register_entries import named_entries
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated, line
from scheduler.views.words.page import moment
from scheduler.web.site.addresses import NotHere, client_of, row_number
from scheduler.web.site.context import UNDO, Context, InContext, Line, Word
from scheduler.web.site.editing.decision_forms import (
    answered_in_place,
    curator_for,
    is_unchanged,
    leave,
    read_seen,
    ruled_out_by,
    seen_now,
)
from scheduler.web.site.editing.review_page import reopened
from scheduler.web.site.gate import ANYBODY, EDITOR, READER
from storage.database.session import Session
from storage.lists import queries
from storage.notifications.receivers import Receiver, last_answer, note_answer
from storage.phrases import Phrase
from storage.register.agreements import load_agreements, resolve
from storage.register.agreements import number as agreement_number
from storage.register.decisions import (
    decider,
    deciders,
    decision,
    decisions_about,
    decisions_before,
)
from storage.register.entry import Agreement, Decision, DecisionKind
from storage.search import document_rows

router = APIRouter(include_in_schema=False)

PAGE = 40
SHOWN = 6  # documents of a decision that stand below it
_MOST_OF_ONE = 200  # decisions about one agreement
_LONGEST_TITLE = 80


@router.get("/decisions", dependencies=[READER])
def decisions(context: InContext, before: str = "", agreement: str = "", who: str = "") -> Response:
    """The log, newest first: of all agreements or of one, of all persons or of one."""
    words, last = context.words, row_number(before)
    with context.read() as s:
        by = decider(s, who) if who else None
        is_unknown, is_more = bool(who) and by is None, False
        if agreement:
            home = queries.agreement(s, agreement.upper())
            about = home.id if home else agreement.upper()
            log = decisions_about(s, about, _MOST_OF_ONE)
            if home is None and not log:
                raise NotHere
        else:
            log, about = decisions_before(s, last, PAGE + 1, by), ""
            is_more = len(log) > PAGE
        if is_unknown:
            log, is_more = [], False
        elif about and by:
            log = [one for one in log if by in (one.who, one.undone_by)]
        shown = log if about else log[:PAGE]
        named = {id for one in shown for id in (one.agreement_id, one.other_agreement_id) if id}
        agreements = load_agreements(s, map(agreement_number, sorted(named)))
        numbers = {number for one in shown for number in sorted(leading(one))[:SHOWN]}
        rows = document_rows.report_rows(s, numbers)
        return context.page(
            s,
            "editing/decisions.html.j2",
            422 if is_unknown else 200,
            about=about,
            by=by,
            unknown=line(who, 80) if is_unknown else "",
            people=deciders(s),
            path=f"/decisions?{urlencode({'who': by})}" if by else "/decisions",
            lines=shown,
            # What their agreements are called now; none for one that is gone.
            names={
                entry.agreement.id: entry.name
                for entry in named_entries(s, agreements, words.language)
            },
            titles={number: line(row.title, _LONGEST_TITLE) for number, row in rows.items()},
            older="?" + urlencode({"before": shown[-1].id} | ({"who": by} if by else {}))
            if is_more
            else None,
            is_first=last is None,
        )


@router.post("/decisions/{number}/undo", dependencies=[EDITOR])
def undo(
    context: InContext, number: str, back: Line = "", item: Word = "", token: Word = ""
) -> Response:
    who = context.check_decider(UNDO, token)
    words, decided = context.words, row_number(number)
    with context.begin() as s:
        original = decision(s, decided) if decided else None
        if original is None:
            raise NotHere
        if original.undone_at is not None:
            undone = words.say(
                "Decision {number} was undone already, by {who}, {moment}.",
                number=original.id,
                who=original.undone_by,
                moment=moment(original.undone_at, words),
            )
            raise HTTPException(409, undone)
        curation.undo(s, original.id, curator_for(context, who))
        home = queries.agreement(s, original.agreement_id or "")
    if item and context.is_partial:
        if item == (original.agreement_id or ""):
            return answered_in_place(context, item, original.id)
        return reopened(context, item, original.id)
    return leave(context, [original.id], home.id if home else "", back)


# --- answers by the links of mails, chat messages and feeds ---------------------------------------

PATH = f"{ANSWERS}/{{says}}/{{agreement_id}}/{{signature}}"
TAKE_BACK = "take_back"
_WHY = "answered by a link"  # stored as the reason, beside who received it
_MOST_OUTLETS = 5
_KINDS = {LinkAnswer.RIGHT: DecisionKind.CONFIRM, LinkAnswer.WRONG: DecisionKind.IRRELEVANT}


class _Link(NamedTuple):
    """What the address of such a link says."""

    says: str
    agreement_id: str
    signature: str


async def _link(says: str, agreement_id: str, signature: str) -> _Link:
    if says not in list(LinkAnswer):
        raise NotHere
    return _Link(says, agreement_id, signature)


InLink = Annotated[_Link, Depends(_link)]


class _Nothing(Exception):
    """Nothing can be decided by the link any more: a sentence that says why, and the status."""

    def __init__(self, code: int, sentence: Phrase) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


# Why a link decides nothing, with the status.
_OF_LINKS = {
    "unknown": (404, Phrase("This link is not valid. Nothing was changed.")),
    "expired": (
        410,
        Phrase(
            "This link has expired: such links are valid for {n} days. Nothing was changed.",
            n=LASTS.days,
        ),
    ),
    "left": (
        403,
        Phrase(
            "This link is no longer valid, since the subscription no longer goes to its receiver. "
            "Nothing was changed."
        ),
    ),
}


@router.get(PATH, dependencies=[ANYBODY])
def look(context: InContext, link: InLink) -> Response:
    """Show the entry, what would happen, and one button."""
    with context.read() as s:
        try:
            return _page(context, s, link, _receiver(context, s, link))
        except _Nothing as nothing:
            return _refused(context, nothing, link.agreement_id)


@router.post(PATH, dependencies=[ANYBODY])
def act(context: InContext, link: InLink, deed: Word = "", seen: Line = "") -> Response:
    """Decide. The signature in the address is what allows it, and `seen` says that the button was
    pressed on the page that shows the entry as it stands now. To send it again changes nothing.
    """
    done, (says, agreement_id, _) = "", link
    with context.begin() as s:
        try:
            receiver = _receiver(context, s, link)
            own, stamp = _own_answer(s, agreement_id, receiver), read_seen(seen)
            curator = curator_for(context, named_for_readers(receiver), _WHY)
            if deed == TAKE_BACK and own is not None and own.undone_at is None:
                curation.undo(s, own.id, curator)
                done = "taken_back"
            elif deed == says and (own is None or _may_answer_again(own, receiver)):
                if stamp is None or stamp[0] != agreement_id or not is_unchanged(s, stamp):
                    _standing(context, s, agreement_id)
                    return _page(context, s, link, receiver, "changed")
                right = says == LinkAnswer.RIGHT
                decide = curation.confirm if right else curation.set_no_agreement
                note_answer(s, decide(s, agreement_id, curator).number, receiver)
                done = says
            if done:
                what, address = f"{done} {agreement_id}", client_of(context.request)
                context.served.access_log.answered(what, receiver, address, context.now())
            return _page(context, s, link, receiver, done)
        except _Nothing as nothing:
            return _refused(context, nothing, agreement_id)


def _receiver(context: Context, s: Session, link: _Link) -> Receiver:
    """For whom a link is. Raises _Nothing if it is forged, too old, or nobody's any more."""
    chosen, now = context.chosen, context.now()
    try:
        return receiver_signed(s, chosen, link.agreement_id, link.signature, now)
    except LinkRefused as refused:
        raise _Nothing(*_OF_LINKS[refused.why]) from refused


def _own_answer(s: Session, agreement_id: str, receiver: Receiver) -> Decision | None:
    number = last_answer(s, receiver, agreement_id)
    return decision(s, number) if number else None


def _may_answer_again(own: Decision, receiver: Receiver) -> bool:
    """After taking an answer back oneself. What an editor undid, no old link decides again."""
    return own.undone_at is not None and own.undone_by == named_for_readers(receiver)


def _page(
    context: Context, s: Session, link: _Link, receiver: Receiver, done: str = ""
) -> Response:
    """The entry with the button, or what was answered. Raises _Nothing."""
    words, (says, agreement_id, _) = context.words, link
    own = _own_answer(s, agreement_id, receiver)
    shown: dict[str, Any] = {"entry": None, "seen": "", "answered": ""}
    if own is not None and own.undone_at is None:
        answer = next(one for one, kind in _KINDS.items() if kind is own.kind)
        word = words.term(f"answers.{answer}")
        at = moment(own.at, words)
        shown["answered"] = words.say(
            "Your answer was: {answer} ({moment}).", answer=word, moment=at
        )
    elif own is not None and not _may_answer_again(own, receiver):
        undone = Phrase(
            "An editor undid your answer ({moment}). Nothing was changed. To decide about the "
            "entry again, log in.",
            moment=moment(own.undone_at or own.at, words),
        )
        raise _Nothing(409, undone)
    else:
        agreement = _standing(context, s, agreement_id)
        shown |= _entry(s, agreement, words)
        shown["will"] = words.term(f"page.people.answer.{says}.will")
        shown["seen"] = seen_now(s, agreement, context.now())
    return context.page(
        None,
        "editing/answer.html.j2",
        409 if done == "changed" else 200,
        **shown,
        says=says,
        done=(),
        deed=done,
        refused="",
        address=context.request.url.path[len(context.root) :],
        id=agreement_id,
    )


def _standing(context: Context, s: Session, agreement_id: str) -> Agreement:
    """The entry. Raises _Nothing if it was merged or ruled out since the link was sent."""
    home = resolve(s, agreement_id)
    agreement = queries.agreement(s, agreement_id) if home == agreement_id else None
    if agreement is not None:
        return agreement
    if home is not None:
        form = "{id} is now part of {home}, since somebody merged the two. Nothing was changed."
        raise _Nothing(409, Phrase(form, id=agreement_id, home=home))
    out = ruled_out_by(s, agreement_id)
    if out is None:
        form = "{id} is no longer in the register. Nothing was changed."
        raise _Nothing(410, Phrase(form, id=agreement_id))
    form = (
        "{id} is no longer in the register: somebody decided that it is no agreement ({moment}). "
        "Nothing was changed."
    )
    at = moment(out.at, context.words)
    raise _Nothing(410, Phrase(form, id=agreement_id, moment=at))


def _entry(s: Session, agreement: Agreement, words: Labels) -> dict[str, Any]:
    """The entry in words, with the sentence that shows its last step, and who reports it."""
    (entry,) = named_entries(s, [agreement], words.language)
    step = agreement.history[-1] if agreement.history else None
    rows = document_rows.report_rows(s, agreement.report_ids)
    quoted = next((row for row in rows.values() if step and row.quote == step.quote), None)
    outlets = dict.fromkeys(
        isolated(line(row.outlet, 80), words.direction) for row in rows.values() if row.outlet
    )
    named = [*list(outlets)[:_MOST_OUTLETS], *(["…"] if len(outlets) > _MOST_OUTLETS else [])]
    return {"entry": entry, "step": step, "quoted": quoted, "outlets": words.listed(named)}


def _refused(context: Context, nothing: _Nothing, agreement_id: str) -> Response:
    return context.page(
        None,
        "editing/answer.html.j2",
        nothing.code,
        refused=nothing.sentence,
        # Who has a forged link learns nothing of what there is.
        id="" if nothing.code == 404 else agreement_id,
        done=(),
    )
