"""`classify`: judge documents and say why. Needs no configuration and no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration_if_any, configured_rules
from scheduler.cli.output import print_jsonl, say, stdout
from scheduler.cli.places import documents_at
from storage.records import Document, Verdict

if TYPE_CHECKING:
    from crawler.judgement.judge import Rules

Shape = Literal["text", "jsonl"]


def classify(
    place: Annotated[
        str,
        Parameter(
            help="A text, HTML or PDF file, an address, a .jsonl of documents, or - (stdin).",
            allow_leading_hyphen=True,
        ),
    ],
    /,
    *,
    format: Annotated[Shape, Parameter(help="text explains; jsonl is for programs.")] = "text",
) -> int:
    """Judge a document and say why.

    Exit 0 whatever the verdict, 1 if a line of a .jsonl is no document.
    """
    from crawler.judgement.judge import judge

    rules = _rules()
    faults = 0

    def on_fault(number: int, problem: str) -> None:
        nonlocal faults
        faults += 1
        if format == "jsonl":
            print_jsonl([{"line": number, "error": problem}])
        say(f"accordwatch: {problem}")

    for document in documents_at(place, on_fault):
        _print_verdict(document, judge(document, rules), format)
    return 1 if faults else 0


def _print_verdict(document: Document, verdict: Verdict, format: Shape) -> None:
    if format == "jsonl":
        from scheduler.verdict_json import verdict_row

        print_jsonl([verdict_row(document, verdict)])
    else:
        from scheduler.cli.explanation import explain

        explain(stdout(), document, verdict)


def _rules() -> Rules:
    """Today's rules: those of the configuration if there is one, else the shipped ones."""
    from crawler.judgement.judge import load_rules

    chosen = configuration_if_any()
    if chosen is None:
        return load_rules()
    return configured_rules(chosen)
