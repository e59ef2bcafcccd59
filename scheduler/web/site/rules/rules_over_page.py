"""A rule tried on what is stored before it goes live: what it would bring, and what would cease."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from scheduler.trials.of_rule import CHANGES, NEWEST, SHOWN
from scheduler.web.site.editing.acting import check_token
from scheduler.web.site.language import language_for
from scheduler.web.site.numbers import row_number
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.sources.trials import begun, told_to_script, trial_here
from scheduler.words.labels import direction_of
from scheduler.words.lines import line
from scheduler.words.page import words_of
from storage.trials import Trial, TrialKind

router = APIRouter(include_in_schema=False)

OVER = "/rules/over"
MOST_TEXT = 20_000
EXAMPLE = """\
schema: 1
concepts:
  my.words: {terms: {en: ["resettlement (deal|pact)"]}}
rules:
  - id: my-rule
    threshold: 2
    signals:
      - {id: said, near: [my.words, act.signed], within: 2 sentences, weight: 2, core: true}
"""


@router.get(OVER)
def form(request: Request) -> Response:
    """Ask for the rule."""
    return _page(request, "")


@router.post(OVER)
def attempt(
    request: Request, text: str = Form(""), token: str = Form("", max_length=64)
) -> Response:
    """Begin to try it, in a process of its own."""
    who = check_token(request, OVER, token)
    words = words_of(language_for(request))
    if not text.strip():
        return _page(request, text, fault=words.say("page.trials.rules.nothing"))
    if len(text) > MOST_TEXT:
        most = words.number(MOST_TEXT)
        return _page(request, text, fault=words.say("page.trials.rules.too_long", most=most))
    asked = {"text": text.replace("\r\n", "\n")}
    to_trial = begun(request, OVER, TrialKind.RULE, asked, who)
    return to_trial or _page(request, text, fault=words.say("page.trials.rules.busy"))


@router.get(f"{OVER}/{{trial}}")
def tried(request: Request, trial: str) -> Response:
    """What the trial found so far."""
    found = trial_here(request, row_number(trial), TrialKind.RULE)
    return told_to_script(request, found) or _page(request, found.asked["text"], found)


def _page(request: Request, text: str, trial: Trial | None = None, fault: str = "") -> Response:
    visitor, served, now = visitor_of(request), served_by(request), served_by(request).now()
    found = (trial.found if trial else None) or {}
    with served.database.read() as s:
        return page(
            request,
            s,
            "rules/over.html.j2",
            422 if fault else 200,
            text=text,
            trial=trial,
            is_at_work=trial is not None and trial.is_at_work(now),
            is_lost=trial is not None and trial.is_lost(now),
            found={"fault": "", **found},
            groups=_groups(found),
            fault=fault,
            example=EXAMPLE,
            newest=NEWEST,
            shown=min(SHOWN, len(found.get("rows", ()))),
            most_text=MOST_TEXT,
            token=visitor.form_token(OVER) if visitor.name is not None else "",
        )


def _groups(found: dict[str, Any]) -> list[tuple[str, int, list[dict[str, Any]]]]:
    """(change, how many, the documents that are shown) of each kind of change that there is."""

    def row(one: dict[str, Any]) -> dict[str, Any]:
        said = {"title": line(one["title"], 200), "direction": direction_of(one["language"])}
        return one | said

    rows = [row(one) for one in found.get("rows", ())]
    counts = found.get("counts", {})
    return [
        (change, counts[change], [one for one in rows if one["change"] == change])
        for change in CHANGES
        if change in counts
    ]
