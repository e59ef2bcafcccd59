"""The documents of a place, judged, and why they were judged so, in words or as JSON lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from crawler.judgement.judge import Rules
from crawler.process.process import JudgedStory, judge_whole
from crawler.worker import load_spec
from scheduler.cli.context import configuration_if_any
from scheduler.cli.documents import document_at, documents_at
from scheduler.cli.explanation import explain, explain_round_up
from scheduler.cli.output import print_jsonl, say, stdout
from scheduler.cli.places import is_lines, one_worker
from scheduler.cli.rules import rules_spec
from scheduler.views.verdicts import round_up_row, verdict_row
from storage.records import Document, Verdict

Shape = Literal["text", "jsonl"]


def classify_at(place: str, format: Shape) -> int:
    """Print the verdicts. Returns 1 if a line of a .jsonl is no document, else 0."""
    chosen = configuration_if_any()
    if not is_lines(place):
        with one_worker(rules_spec(chosen)) as work:
            document = document_at(place, work)
            stories, verdict = work("judge_whole", document)
        _print(document, stories, verdict, format)
        return 0
    return _classify_lines(place, load_spec(rules_spec(chosen)), format)


def _classify_lines(place: str, rules: Rules, format: Shape) -> int:
    faults = 0

    def on_fault(number: int, problem: str) -> None:
        nonlocal faults
        faults += 1
        if format == "jsonl":
            print_jsonl([{"line": number, "error": problem}])
        say(f"accordwatch: {problem}")

    for document in documents_at(place, on_fault):
        stories, verdict = judge_whole(document, rules)
        _print(document, stories, verdict, format)
    return 1 if faults else 0


def _print(
    document: Document, stories: Sequence[JudgedStory], verdict: Verdict | None, format: Shape
) -> None:
    """Print a verdict, or a round-up with those of its stories that are reports or may be."""
    if format == "jsonl":
        of_whole = verdict_row(document, verdict) if verdict else None
        print_jsonl([of_whole or round_up_row(document, stories)])
        return
    if verdict is not None:
        explain(stdout(), document, verdict)
        return
    judged_stories = [story for story in stories if story.verdict.outcome != "silent"]
    explain_round_up(stdout(), document, stories=len(stories), found=len(judged_stories))
    for story in judged_stories:
        explain(stdout(), story.document, story.verdict, span=(story.story.start, story.story.end))
