"""Trials that forms of the page begin: where they are read, and what is answered meanwhile."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from scheduler.trials.beginning import begin
from scheduler.web.site.problems import NotHere
from scheduler.web.site.rendering import is_partial, served_by
from storage.trials import Trial, TrialKind, trial


def begun(
    request: Request, path: str, kind: TrialKind, asked: dict[str, Any], who: str
) -> Response | None:
    """To the page, below `path`, of a trial that begins now; None while another of its kind is at
    work.
    """
    served = served_by(request)
    number = begin(served.database, served.chosen.path, kind, asked, who, served.now)
    if number is None:
        return None
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}{path}/{number}", 303)


def trial_here(request: Request, number: int | None, kind: TrialKind) -> Trial:
    """The trial with this number. Raises NotHere."""
    with served_by(request).database.read() as s:
        found = trial(s, number) if number is not None else None
    if found is None or found.kind is not kind:
        raise NotHere
    return found


def told_to_script(request: Request, found: Trial) -> Response | None:
    """What the script on the page hears that asks whether the trial has ended; None where a person
    asks. It loads the page anew then.
    """
    if not is_partial(request):
        return None
    if found.is_at_work(served_by(request).now()):
        return Response(status_code=204)
    return Response(headers={"HX-Refresh": "true"})
