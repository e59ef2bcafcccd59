"""`classify`: judge documents and say why. Needs no configuration and no database."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter


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
    format: Annotated[
        Literal["text", "jsonl"], Parameter(help="text explains; jsonl is for programs.")
    ] = "text",
) -> int:
    """Exit 0 whatever the verdict, 1 if a line of a .jsonl is no document."""
    from scheduler.cli.commands.judging.classification import classify_at  # with all that judges

    return classify_at(place, format)
