"""`classify`: judge documents and say why. Needs no configuration and no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration_if_any, one_worker, rules_spec
from scheduler.cli.output import print_jsonl, say, stdout
from scheduler.cli.places import Place, document_at, documents_at, extract_at, is_lines
from storage.addresses import canonical_url
from storage.errors import ConfigurationError
from storage.records import Document, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.judgement.judge import Rules
    from crawler.process.process import JudgedStory

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
    """Exit 0 whatever the verdict, 1 if a line of a .jsonl is no document."""
    from crawler.worker import load_spec

    chosen = configuration_if_any()
    if not is_lines(place):
        with one_worker(rules_spec(chosen)) as work:
            document = document_at(place, work)
            stories, verdict = work("judge_whole", document)
        _print(document, stories, verdict, format)
        return 0
    return _classify_lines(place, load_spec(rules_spec(chosen)), format)


def _classify_lines(place: str, rules: Rules, format: Shape) -> int:
    from crawler.process.process import judge_whole

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
        from scheduler.views.verdicts import round_up_row, verdict_row

        of_whole = verdict_row(document, verdict) if verdict else None
        print_jsonl([of_whole or round_up_row(document, stories)])
        return
    from scheduler.cli.explanation import explain, explain_round_up

    if verdict is not None:
        explain(stdout(), document, verdict)
        return
    judged_stories = [one for one in stories if one.verdict.outcome != "silent"]
    explain_round_up(stdout(), document, stories=len(stories), found=len(judged_stories))
    for one in judged_stories:
        explain(stdout(), one.document, one.verdict, span=(one.story.start, one.story.end))


# --- `extract` ------------------------------------------------------------------------------------


def extract(
    place: Place,
    /,
    *,
    url: Annotated[str | None, Parameter(help="Where the file came from.")] = None,
) -> None:
    if url is not None and canonical_url(url) is None:
        raise ConfigurationError(
            f"--url {url} is no address of the web, such as https://a.example/b"
        )
    with one_worker() as work:
        document = extract_at(place, work, url)
    row = {
        "title": document.title,
        "text": document.text,
        "published": document.published_on.isoformat() if document.published_on else None,
        "language": document.language,
        "author": document.author,
        "kind": document.kind,
    }
    print_jsonl([row])
